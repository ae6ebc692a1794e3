package dev.haneul.trials.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.iam.model.IamException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.sts.model.StsException;

/** Forged, expired and foreign signatures are refused with AWS's own codes, and nothing is stored. */
@ExtendWith(SharedRegion.class)
class SignatureTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private final String account = Accounts.fresh();
    private final String bucket = "signatures-" + account;
    private final URI endpoint;
    private Clients root;
    private S3Client s3;

    SignatureTest(URI endpoint) {
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
        http.close();
    }

    @Test
    void aPresignedUploadWithATamperedSignatureIsRefused() throws Exception {
        String url = presigned(root);
        char last = url.charAt(url.length() - 1);
        HttpResponse<String> answer = put(url.substring(0, url.length() - 1) + (last == '0' ? '1' : '0'));
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("<Code>SignatureDoesNotMatch</Code>");
        assertNothingStored();
    }

    @Test
    void aPresignedUploadToAnotherKeyIsRefused() throws Exception {
        HttpResponse<String> answer = put(presigned(root).replace("/photo.jpg", "/other.jpg"));
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("<Code>SignatureDoesNotMatch</Code>");
        assertNothingStored();
    }

    @Test
    void anExpiredUrlIsRefused() throws Exception {
        Clock hourAgo = Clock.fixed(Instant.now().minus(Duration.ofHours(1)), ZoneOffset.UTC);
        String url = new OldUrl(endpoint, account, "test", hourAgo).put(bucket, "photo.jpg", Duration.ofMinutes(5));
        HttpResponse<String> answer = put(url);
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body())
                .contains("<Code>AccessDenied</Code>")
                .contains("Request has expired")
                .contains("<ServerTime>");
        assertNothingStored();
    }

    @Test
    void theSameUrlWithinItsTimeIsTaken() throws Exception {
        Clock minuteAgo = Clock.fixed(Instant.now().minus(Duration.ofMinutes(1)), ZoneOffset.UTC);
        String url = new OldUrl(endpoint, account, "test", minuteAgo).put(bucket, "photo.jpg", Duration.ofMinutes(5));
        assertThat(put(url).statusCode()).isEqualTo(200);
    }

    @Test
    void anotherKeysSignatureIsRefused() throws Exception {
        try (Clients wrong = new Clients(endpoint, account, "not-the-secret")) {
            HttpResponse<String> answer = put(presigned(wrong));
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).contains("<Code>SignatureDoesNotMatch</Code>");
            assertNothingStored();
        }
    }

    @Test
    void anUnknownKeyIsRefusedByEachServiceInItsOwnWords() throws Exception {
        try (Clients unknown = new Clients(endpoint, "AKIAIOSFODNN7EXAMPLE", "secret")) {
            assertThatThrownBy(() -> unknown.s3().listBuckets()).isInstanceOfSatisfying(S3Exception.class, e -> {
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("InvalidAccessKeyId");
                assertThat(e.statusCode()).isEqualTo(403);
            });
            assertThatThrownBy(() -> unknown.sts().getCallerIdentity())
                    .isInstanceOfSatisfying(
                            StsException.class,
                            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("InvalidClientTokenId"));
            assertThatThrownBy(() -> unknown.iam().listUsers())
                    .isInstanceOfSatisfying(
                            IamException.class,
                            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("InvalidClientTokenId"));
        }
    }

    @Test
    void anotherAccountsRootMayNotWriteHere() throws Exception {
        try (Clients other = new Clients(endpoint, Accounts.fresh(), "test")) {
            HttpResponse<String> answer = put(presigned(other));
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).contains("<Code>AccessDenied</Code>");
            assertNothingStored();
        }
    }

    @Test
    void anUnsignedUploadIsRefused() throws Exception {
        HttpResponse<String> answer = put(endpoint + "/" + bucket + "/photo.jpg");
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("<Code>AccessDenied</Code>");
        assertNothingStored();
    }

    private String presigned(Clients clients) {
        return clients.presigner()
                .presignPutObject(request -> request.signatureDuration(Duration.ofMinutes(5))
                        .putObjectRequest(put -> put.bucket(bucket).key("photo.jpg")))
                .url()
                .toString();
    }

    private HttpResponse<String> put(String url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .PUT(HttpRequest.BodyPublishers.ofString("picture"))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private void assertNothingStored() {
        assertThat(s3.listObjectsV2(request -> request.bucket(bucket)).contents())
                .isEmpty();
    }
}
