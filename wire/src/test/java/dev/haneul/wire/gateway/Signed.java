package dev.haneul.wire.gateway;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner.AuthLocation;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/** A request signed by AWS's own signer, as it goes over the wire. */
record Signed(String method, String target, Map<String, String> headers, byte[] body) {
    /** What is to be signed, and how. */
    static final class Draft {
        private final String method;
        private final String url;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private byte[] body = new byte[0];
        private String service = "s3";
        private String region = "us-east-1";
        private String key = Fakes.KEY;
        private String secret = Fakes.SECRET;
        private @Nullable String token;
        private Instant at = Fixture.NOW;
        private boolean secure;
        private Consumer<SignRequest.Builder<AwsCredentialsIdentity>> more = request -> {};

        Draft(String method, String url) {
            this.method = method;
            this.url = url;
        }

        Draft header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        Draft body(String text) {
            return body(text.getBytes(StandardCharsets.UTF_8));
        }

        Draft body(byte[] bytes) {
            body = bytes;
            return this;
        }

        byte[] content() {
            return body;
        }

        Draft to(String signingName, String place) {
            service = signingName;
            region = place;
            return this;
        }

        Draft by(String accessKeyId, String secretKey) {
            key = accessKeyId;
            secret = secretKey;
            return this;
        }

        Draft session(String sessionToken) {
            key = Fakes.SESSION_KEY;
            token = sessionToken;
            return this;
        }

        Draft at(Instant moment) {
            at = moment;
            return this;
        }

        Draft with(Consumer<SignRequest.Builder<AwsCredentialsIdentity>> properties) {
            more = more.andThen(properties);
            return this;
        }

        /** As over TLS, where the signer lets payloads be unsigned; the request is the same. */
        Draft secure() {
            secure = true;
            return this;
        }

        /** In the query, good for this long. */
        Draft presigned(Duration life) {
            return secure().with(
                            request -> request.putProperty(AwsV4HttpSigner.AUTH_LOCATION, AuthLocation.QUERY_STRING)
                                    .putProperty(AwsV4HttpSigner.EXPIRATION_DURATION, life)
                                    .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, false));
        }

        Signed sign() {
            boolean objects = service.equals("s3");
            SdkHttpRequest.Builder unsigned = SdkHttpRequest.builder()
                    .method(SdkHttpMethod.fromValue(method))
                    .uri(URI.create(secure ? url.replaceFirst("^http:", "https:") : url));
            headers.forEach(unsigned::putHeader);
            AwsCredentialsIdentity identity = token == null
                    ? AwsCredentialsIdentity.create(key, secret)
                    : AwsSessionCredentialsIdentity.create(key, secret, token);
            byte[] content = body;
            SignRequest.Builder<AwsCredentialsIdentity> request = SignRequest.builder(identity)
                    .request(unsigned.build())
                    .payload(ContentStreamProvider.fromByteArray(content))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                    .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                    .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, !objects)
                    .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, !objects)
                    .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(at, ZoneOffset.UTC));
            more.accept(request);
            SignedRequest signed = AwsV4HttpSigner.create().sign(request.build());
            return of(signed);
        }

        private static Signed of(SignedRequest signed) {
            SdkHttpRequest request = signed.request();
            Map<String, String> headers = new LinkedHashMap<>();
            request.forEachHeader((name, values) -> headers.put(name, String.join(",", values)));
            String query = request.encodedQueryParameters().orElse("");
            String path = request.encodedPath().isEmpty() ? "/" : request.encodedPath();
            byte[] body;
            try (InputStream in = signed.payload()
                    .map(ContentStreamProvider::newStream)
                    .orElseGet(() -> new ByteArrayInputStream(new byte[0]))) {
                body = in.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new Signed(request.method().name(), query.isEmpty() ? path : path + "?" + query, headers, body);
        }
    }

    /** The same with a header set after signing. */
    Signed header(String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(headers);
        changed.put(name, value);
        return new Signed(method, target, changed, body);
    }

    /** The same with another body. */
    Signed body(byte[] other) {
        return new Signed(method, target, headers, other);
    }

    /** The same for another target. */
    Signed target(String other) {
        return new Signed(method, other, headers, body);
    }

    /** As it goes over the wire in HTTP/1.1; the server closes after its answer. */
    byte[] bytes() {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
        boolean host = false;
        boolean length = false;
        for (Map.Entry<String, String> header : headers.entrySet()) {
            host |= header.getKey().equalsIgnoreCase("host");
            boolean isLength = header.getKey().equalsIgnoreCase("content-length");
            length |= isLength;
            head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
        }
        if (!host) {
            throw new AssertionError("the signer signs the host");
        }
        if (!length && List.of("PUT", "POST").contains(method)) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        head.append("Connection: close\r\n\r\n");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head.toString().getBytes(StandardCharsets.UTF_8));
        out.writeBytes(body);
        return out.toByteArray();
    }
}
