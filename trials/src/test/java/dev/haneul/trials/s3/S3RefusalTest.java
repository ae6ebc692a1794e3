package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** An upload that is refused before its body is read says why, to each of the HTTP clients the SDK comes with. */
@ExtendWith(SharedRegion.class)
class S3RefusalTest {
    private final URI endpoint;
    private final String account = Accounts.fresh();
    private final String bucket = "refused-" + account;
    private final PutObjectRequest refused = PutObjectRequest.builder()
            .bucket(bucket)
            .key("k")
            .acl(ObjectCannedACL.PUBLIC_READ)
            .build();

    S3RefusalTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 200_000, 4_000_000})
    void theReasonComesThrough(int bytes) {
        for (SdkHttpClient http : List.of(UrlConnectionHttpClient.create(), ApacheHttpClient.create())) {
            try (http;
                    S3Client s3 = client(http, account)) {
                s3.createBucket(request -> request.bucket(bucket));
                expectReason(s3, bytes);
                // The connection is as good as before.
                s3.putObject(request -> request.bucket(bucket).key("k"), RequestBody.fromBytes(new byte[bytes]));
                s3.deleteObject(request -> request.bucket(bucket).key("k"));
                s3.deleteBucket(request -> request.bucket(bucket));
            }
        }
    }

    private void expectReason(S3Client s3, int bytes) {
        S3Exception reason = catchThrowableOfType(
                S3Exception.class, () -> s3.putObject(refused, RequestBody.fromBytes(new byte[bytes])));
        assertThat(reason.statusCode()).isEqualTo(400);
        assertThat(reason.awsErrorDetails().errorCode()).isEqualTo("AccessControlListNotSupported");
    }

    @Test
    void aLargeBodyIsRefusedAtOnceAndApacheReadsWhy() {
        try (SdkHttpClient http = ApacheHttpClient.create();
                S3Client s3 = client(http, account)) {
            s3.createBucket(request -> request.bucket(bucket));
            expectReason(s3, 20 << 20);
        }
    }

    @Test
    void strangersAreToldWhoTheyAreNot() {
        try (SdkHttpClient http = UrlConnectionHttpClient.create();
                S3Client s3 = client(http, "AKIAIOSFODNN7EXAMPLE")) {
            S3Exception reason = catchThrowableOfType(
                    S3Exception.class, () -> s3.putObject(refused, RequestBody.fromBytes(new byte[20_000])));
            assertThat(reason.awsErrorDetails().errorCode()).isEqualTo("InvalidAccessKeyId");
        }
    }

    @Test
    void nettyReadsWhy() {
        try (S3AsyncClient s3 = S3AsyncClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(credentials(account))
                .build()) {
            s3.createBucket(request -> request.bucket(bucket)).join();
            CompletionException failed = catchThrowableOfType(
                    CompletionException.class,
                    () -> s3.putObject(refused, AsyncRequestBody.fromBytes(new byte[2 << 20]))
                            .join());
            assertThat(failed.getCause())
                    .isInstanceOfSatisfying(
                            S3Exception.class,
                            reason -> assertThat(reason.awsErrorDetails().errorCode())
                                    .isEqualTo("AccessControlListNotSupported"));
        }
    }

    private S3Client client(SdkHttpClient http, String accessKeyId) {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .httpClient(http)
                .credentialsProvider(credentials(accessKeyId))
                .build();
    }

    private static StaticCredentialsProvider credentials(String accessKeyId) {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKeyId, "test"));
    }
}
