package dev.haneul.bench;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Signed Invoke calls over one kept-alive connection, without an SDK's own milliseconds on top. */
final class LeanInvoke implements AutoCloseable {
    private static final byte[] EVENT = "{}".getBytes(StandardCharsets.UTF_8);
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
    private final URI endpoint;

    LeanInvoke(URI endpoint) {
        this.endpoint = endpoint;
    }

    int call(String function) throws IOException, InterruptedException {
        URI target = endpoint.resolve("/2015-03-31/functions/" + function + "/invocations");
        SdkHttpRequest plain = SdkHttpRequest.builder()
                .method(SdkHttpMethod.POST)
                .uri(target)
                .putHeader("Content-Type", "application/json")
                .build();
        SdkHttpRequest signed = signer.sign(r -> r.identity(AwsCredentialsIdentity.create("test", "test"))
                        .request(plain)
                        .payload((ContentStreamProvider) () -> new ByteArrayInputStream(EVENT))
                        .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, "lambda")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1"))
                .request();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(target).POST(HttpRequest.BodyPublishers.ofByteArray(EVENT));
        signed.forEachHeader((name, values) -> {
            if (!name.equalsIgnoreCase("Host")) {
                values.forEach(value -> request.header(name, value));
            }
        });
        HttpResponse<byte[]> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IOException(new String(answer.body(), StandardCharsets.UTF_8));
        }
        return answer.body().length;
    }

    @Override
    public void close() {
        http.close();
    }
}
