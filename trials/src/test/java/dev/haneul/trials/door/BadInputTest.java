package dev.haneul.trials.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.iam.model.CreateRoleRequest;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.CreateFunctionRequest;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.S3Object;

/** What a careless or hostile client sends: AWS's error, and nothing half-made. */
@ExtendWith(SharedRegion.class)
class BadInputTest {
    private static final String TRUST = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";

    private final String account = Accounts.fresh();
    private final String bucket = "bad-input-" + account;
    private final URI endpoint;
    private final Clients root;
    private final S3Client s3;

    BadInputTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.s3 = root.s3();
    }

    @BeforeEach
    void makeTheBucket() {
        s3.createBucket(request -> request.bucket(bucket));
    }

    @AfterEach
    void close() throws Exception {
        root.close();
    }

    @Test
    void anEmptyUploadIsAnObject() {
        s3.putObject(request -> request.bucket(bucket).key("empty"), RequestBody.empty());
        assertThat(s3.headObject(request -> request.bucket(bucket).key("empty")).contentLength())
                .isZero();
    }

    @Test
    void everyOddKeyComesBackAsItWas() {
        List<String> odd = List.of(
                "plain",
                "with space",
                "plus+and%percent",
                "a//b///c",
                "dots/../not/./resolved",
                "한글/ключ/🎈",
                "q?uestion&amp;=#hash",
                "quote'\"<>",
                "tab\tand\u0001control",
                "~tilde!$()*,;:@[]{}|^`\\");
        for (String key : odd) {
            s3.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromString(key));
        }
        for (String key : odd) {
            assertThat(s3.getObjectAsBytes(request -> request.bucket(bucket).key(key))
                            .asUtf8String())
                    .isEqualTo(key);
        }
        // XML 1.0 has no control characters, so clients that may meet some ask for encoded keys.
        assertThat(s3.listObjectsV2(request -> request.bucket(bucket).encodingType(EncodingType.URL))
                        .contents())
                .extracting(S3Object::key)
                .containsExactlyInAnyOrderElementsOf(odd);
    }

    @Test
    void aKeyThatIsTooLongIsRefused() {
        refused(() -> s3.getObject(request -> request.bucket(bucket).key("k".repeat(1025))), "KeyTooLongError", 400);
    }

    @Test
    void aWrongChecksumStoresNothing() {
        refused(
                () -> s3.putObject(
                        request -> request.bucket(bucket)
                                .key("k")
                                .checksumSHA256("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                        RequestBody.fromString("x")),
                "BadDigest",
                400);
        assertNothingStored();
    }

    @Test
    void aHugeHeaderIsRefused() throws IOException {
        String answer = exchange("GET /" + bucket + " HTTP/1.1\r\nHost: s3.localhost\r\nX-Huge: " + "h".repeat(70_000)
                + "\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("<Code>RequestHeaderSectionTooLarge</Code>");
    }

    @Test
    void aTruncatedBodyStoresNothing() throws IOException {
        URI url = URI.create(root.presigner()
                .presignPutObject(request -> request.signatureDuration(Duration.ofMinutes(5))
                        .putObjectRequest(put -> put.bucket(bucket).key("cut")))
                .url()
                .toString());
        String head = "PUT " + url.getRawPath() + "?" + url.getRawQuery() + " HTTP/1.1\r\nHost: " + url.getAuthority()
                + "\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n";
        exchange(head + "only this much");
        assertNothingStored();
    }

    @Test
    void anUnknownRuntimeIsRefused() {
        refused(
                () -> create(root.lambda(), "cobol85", "app.handler", Zips.of("app.py", "x")),
                "InvalidParameterValueException",
                400);
    }

    @Test
    void whatIsNoZipIsRefused() {
        refused(
                () -> create(root.lambda(), HostRuntimes.python(), "app.handler", SdkBytes.fromUtf8String("no zip")),
                "InvalidParameterValueException",
                400);
    }

    @Test
    void aZipWithoutTheHandlerFailsEachInvocationInAwsWords() {
        LambdaClient lambda = root.lambda();
        create(lambda, HostRuntimes.python(), "nothere.handler", Zips.of("app.py", "x = 1"));
        InvokeResponse answer = lambda.invoke(request -> request.functionName("bad"));
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        assertThat(answer.payload().asUtf8String())
                .contains("Runtime.ImportModuleError")
                .contains("nothere");
    }

    private void create(LambdaClient lambda, String runtime, String handler, SdkBytes zip) {
        String role = root.iam()
                .createRole(CreateRoleRequest.builder()
                        .roleName("bad")
                        .assumeRolePolicyDocument(TRUST)
                        .build())
                .role()
                .arn();
        lambda.createFunction(CreateFunctionRequest.builder()
                .functionName("bad")
                .runtime(runtime)
                .handler(handler)
                .role(role)
                .code(code -> code.zipFile(zip))
                .build());
    }

    private void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String code, int status) {
        assertThatThrownBy(call).isInstanceOfSatisfying(AwsServiceException.class, e -> {
            assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code);
            assertThat(e.statusCode()).isEqualTo(status);
        });
    }

    /** Sends these bytes, says that no more will come, and answers what came back. */
    private String exchange(String request) throws IOException {
        try (Socket socket = new Socket(endpoint.getHost(), endpoint.getPort())) {
            socket.setSoTimeout(30_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.UTF_8));
            out.flush();
            socket.shutdownOutput();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void assertNothingStored() {
        assertThat(s3.listObjectsV2(request -> request.bucket(bucket)).contents())
                .isEmpty();
    }
}
