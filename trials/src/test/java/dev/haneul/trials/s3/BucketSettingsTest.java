package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CORSRule;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.ObjectOwnership;
import software.amazon.awssdk.services.s3.model.Payer;
import software.amazon.awssdk.services.s3.model.RequestPayer;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What a bucket's configurations do to requests: CORS, websites, ACLs, who pays, replication. */
@ExtendWith(SharedRegion.class)
class BucketSettingsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final URI endpoint;
    private final String account = Accounts.fresh();
    private final Clients clients;
    private final S3Client s3;
    private final String bucket = "settings-" + UUID.randomUUID();

    BucketSettingsTest(URI endpoint) {
        this.endpoint = endpoint;
        this.clients = new Clients(endpoint, account, "test");
        this.s3 = clients.s3();
    }

    @BeforeEach
    void create() {
        s3.createBucket(request -> request.bucket(bucket));
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private void openToAcls() {
        s3.putPublicAccessBlock(request -> request.bucket(bucket)
                .publicAccessBlockConfiguration(
                        block -> block.blockPublicAcls(false).ignorePublicAcls(false)));
        s3.putBucketOwnershipControls(request -> request.bucket(bucket)
                .ownershipControls(
                        controls -> controls.rules(rule -> rule.objectOwnership(ObjectOwnership.OBJECT_WRITER))));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void browsersAreToldWhatTheBucketAllows() throws Exception {
        URI object = URI.create(endpoint + "/" + bucket + "/page");
        HttpRequest.Builder preflight = HttpRequest.newBuilder(object)
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .header("Origin", "https://app.example.com")
                .header("Access-Control-Request-Method", "PUT")
                .header("Access-Control-Request-Headers", "x-amz-meta-a");
        HttpResponse<String> before = send(preflight);
        assertThat(before.statusCode()).isEqualTo(403);
        assertThat(before.body()).contains("<Code>AccessForbidden</Code>", "CORS is not enabled for this bucket.");

        s3.putBucketCors(request -> request.bucket(bucket)
                .corsConfiguration(cors -> cors.corsRules(CORSRule.builder()
                        .allowedOrigins("https://*.example.com")
                        .allowedMethods("PUT", "GET")
                        .allowedHeaders("x-amz-*")
                        .exposeHeaders("ETag")
                        .maxAgeSeconds(60)
                        .build())));

        HttpResponse<String> allowed = send(preflight);
        assertThat(allowed.statusCode()).isEqualTo(200);
        assertThat(allowed.headers().firstValue("Access-Control-Allow-Origin")).contains("https://app.example.com");
        assertThat(allowed.headers().firstValue("Access-Control-Allow-Methods")).contains("PUT, GET");
        assertThat(allowed.headers().firstValue("Access-Control-Allow-Headers")).contains("x-amz-meta-a");
        assertThat(allowed.headers().firstValue("Access-Control-Max-Age")).contains("60");

        HttpResponse<String> read = send(HttpRequest.newBuilder(object).header("Origin", "https://app.example.com"));
        assertThat(read.headers().firstValue("Access-Control-Expose-Headers")).contains("ETag");
        HttpResponse<String> stranger = send(HttpRequest.newBuilder(object).header("Origin", "https://evil.test"));
        assertThat(stranger.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void aclsDecideWhoReads() throws Exception {
        openToAcls();
        s3.putObject(
                request -> request.bucket(bucket).key("open").acl(ObjectCannedACL.PUBLIC_READ),
                RequestBody.fromString("for all"));
        s3.putObject(request -> request.bucket(bucket).key("closed"), RequestBody.fromString("mine"));

        assertThat(send(HttpRequest.newBuilder(URI.create(endpoint + "/" + bucket + "/open")))
                        .body())
                .isEqualTo("for all");
        assertThat(send(HttpRequest.newBuilder(URI.create(endpoint + "/" + bucket + "/closed")))
                        .statusCode())
                .isEqualTo(403);
        assertThat(s3.getObjectAcl(request -> request.bucket(bucket).key("open"))
                        .grants())
                .anyMatch(grant -> "http://acs.amazonaws.com/groups/global/AllUsers"
                        .equals(grant.grantee().uri()));

        try (Clients others = new Clients(endpoint, Accounts.fresh(), "test")) {
            S3Client other = others.s3();
            String id = other.listBuckets().owner().id();
            s3.putObjectAcl(request -> request.bucket(bucket).key("closed").grantRead("id=" + id));
            assertThat(other.getObjectAsBytes(request -> request.bucket(bucket).key("closed"))
                            .asUtf8String())
                    .isEqualTo("mine");
            refused(
                    403,
                    "AccessDenied",
                    () -> other.getObjectAcl(request -> request.bucket(bucket).key("closed")));

            s3.putBucketAcl(request -> request.bucket(bucket).grantWrite("id=" + id));
            other.putObject(request -> request.bucket(bucket).key("theirs"), RequestBody.fromString("theirs"));
            refused(
                    403,
                    "AccessDenied",
                    () -> s3.getObjectAsBytes(request -> request.bucket(bucket).key("theirs")));
            assertThat(other.getObjectAsBytes(request -> request.bucket(bucket).key("theirs"))
                            .asUtf8String())
                    .isEqualTo("theirs");
        }
    }

    @Test
    void bucketsOfTodayKnowNoAcls() {
        s3.putObject(request -> request.bucket(bucket).key("k"), RequestBody.fromString("x"));
        refused(
                400,
                "AccessControlListNotSupported",
                () -> s3.putObjectAcl(request -> request.bucket(bucket).key("k").acl(ObjectCannedACL.PUBLIC_READ)));
        s3.putBucketOwnershipControls(request -> request.bucket(bucket)
                .ownershipControls(
                        controls -> controls.rules(rule -> rule.objectOwnership(ObjectOwnership.OBJECT_WRITER))));
        refused(
                403,
                "AccessDenied",
                () -> s3.putObjectAcl(request -> request.bucket(bucket).key("k").acl(ObjectCannedACL.PUBLIC_READ)));
    }

    private static void refused(int status, String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(S3Exception.class, fault -> {
            assertThat(fault.awsErrorDetails().errorCode()).as(fault.toString()).isEqualTo(code);
            assertThat(fault.statusCode()).isEqualTo(status);
        });
    }

    @Test
    void servesAWebsite() throws Exception {
        openToAcls();
        s3.putPublicAccessBlock(request ->
                request.bucket(bucket).publicAccessBlockConfiguration(block -> block.blockPublicPolicy(false)));
        s3.putBucketPolicy(request -> request.bucket(bucket)
                .policy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
                        + "\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::" + bucket + "/*\"}]}"));
        s3.putBucketWebsite(request -> request.bucket(bucket)
                .websiteConfiguration(site -> site.indexDocument(index -> index.suffix("index.html"))
                        .errorDocument(error -> error.key("error.html"))
                        .routingRules(rule -> rule.condition(condition -> condition.keyPrefixEquals("old/"))
                                .redirect(redirect -> redirect.replaceKeyPrefixWith("new/")))));
        for (String key : new String[] {"index.html", "docs/index.html", "error.html"}) {
            s3.putObject(
                    request -> request.bucket(bucket).key(key).contentType("text/html"), RequestBody.fromString(key));
        }
        s3.putObject(
                request -> request.bucket(bucket).key("moved").websiteRedirectLocation("/docs/"),
                RequestBody.fromString(""));
        String dashed = bucket + ".s3-website-us-east-1.localhost";

        assertThat(page(dashed, "/"))
                .startsWith("HTTP/1.1 200")
                .contains("text/html")
                .endsWith("index.html");
        assertThat(page(bucket + ".s3-website.us-east-1.localhost", "/docs/")).endsWith("docs/index.html");
        assertThat(page(dashed, "/docs")).startsWith("HTTP/1.1 302").containsIgnoringCase("Location: /docs/");
        assertThat(page(dashed, "/none")).startsWith("HTTP/1.1 404").endsWith("error.html");
        assertThat(page(dashed, "/old/a b".replace(" ", "%20")))
                .startsWith("HTTP/1.1 301")
                .containsIgnoringCase("Location: http://" + dashed + "/new/a%20b");
        assertThat(page(dashed, "/moved")).startsWith("HTTP/1.1 301").containsIgnoringCase("Location: /docs/");
        s3.deleteBucketWebsite(request -> request.bucket(bucket));
        assertThat(page(dashed, "/")).startsWith("HTTP/1.1 404").contains("<li>Code: NoSuchWebsiteConfiguration</li>");
    }

    /** The answer to a GET by a Host header. */
    private String page(String host, String path) throws IOException {
        try (Socket socket = new Socket(endpoint.getHost(), endpoint.getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            return answer.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    void requesterPaysOrIsRefused() throws Exception {
        s3.putObject(request -> request.bucket(bucket).key("k"), RequestBody.fromString("x"));
        String policy =
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"%s\"},"
                        + "\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::" + bucket + "/*\"}]}";
        String stranger = Accounts.fresh();
        s3.putBucketPolicy(request -> request.bucket(bucket).policy(policy.formatted(stranger)));
        s3.putBucketRequestPayment(request ->
                request.bucket(bucket).requestPaymentConfiguration(payment -> payment.payer(Payer.REQUESTER)));

        try (Clients others = new Clients(endpoint, stranger, "test")) {
            S3Client other = others.s3();
            refused(
                    403,
                    "AccessDenied",
                    () -> other.getObjectAsBytes(
                            request -> request.bucket(bucket).key("k")));
            assertThat(other.getObjectAsBytes(
                                    request -> request.bucket(bucket).key("k").requestPayer(RequestPayer.REQUESTER))
                            .response()
                            .requestChargedAsString())
                    .isEqualTo("requester");
        }
        assertThat(s3.getObjectAsBytes(request -> request.bucket(bucket).key("k"))
                        .asUtf8String())
                .isEqualTo("x");
    }
}
