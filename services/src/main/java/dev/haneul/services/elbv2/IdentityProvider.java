package dev.haneul.services.elbv2;

import dev.haneul.delivery.Json;
import dev.haneul.delivery.Outgoing;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Asks an OpenID Connect provider: for tokens, and what it knows of a user. */
final class IdentityProvider {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_BYTES = 64 * 1024;

    private final Outgoing out = new Outgoing(PATIENCE);

    /** A provider did not answer as it should; the code is an access log's. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;
        private final String code;

        Failure(int status, String code) {
            super(code, null, false, false);
            this.status = status;
            this.code = code;
        }

        /** What the client is answered. */
        int status() {
            return status;
        }

        String code() {
            return code;
        }
    }

    /**
     * Tokens for a code, or for a refresh token.
     *
     * @param form what the grant needs
     */
    Map<String, @Nullable Object> tokens(Map<String, String> settings, Map<String, String> form) throws Failure {
        String credentials = encoded(settings.get("ClientId")) + ":" + encoded(settings.get("ClientSecret"));
        HttpRequest request = request(settings.get("TokenEndpoint"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.US_ASCII)))
                .POST(HttpRequest.BodyPublishers.ofString(form(form)))
                .build();
        String text = text(request, "AuthTokenEp");
        return Json.object(text).orElseThrow(() -> new Failure(500, "AuthInvalidTokenResponse"));
    }

    /** What the provider tells of a user. */
    Map<String, @Nullable Object> claims(Map<String, String> settings, String accessToken) throws Failure {
        HttpRequest request = request(settings.get("UserInfoEndpoint"))
                .header("Authorization", "Bearer " + accessToken)
                .GET()
                .build();
        return Json.object(text(request, "AuthUserinfoEp"))
                .orElseThrow(() -> new Failure(500, "AuthInvalidUserinfoResponse"));
    }

    private static HttpRequest.Builder request(@Nullable String endpoint) {
        return HttpRequest.newBuilder(URI.create(String.valueOf(endpoint)))
                .timeout(PATIENCE)
                .header("Accept", "application/json");
    }

    private String text(HttpRequest request, String step) throws Failure {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            HttpResponse<java.io.InputStream> response = out.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (java.io.InputStream body = response.body()) {
                byte[] bytes = TimedBody.read(body, MOST_BYTES, deadline);
                if (bytes.length > MOST_BYTES) {
                    throw new Failure(401, "AuthUserinfoResponseSizeExceeded");
                }
                if (response.statusCode() / 100 == 4) {
                    throw new Failure(561, step + "RequestFailed");
                }
                if (response.statusCode() / 100 != 2) {
                    throw new Failure(500, step + "RequestFailed");
                }
                return new String(bytes, StandardCharsets.UTF_8);
            }
        } catch (HttpTimeoutException e) {
            throw new Failure(500, step + "RequestTimeout");
        } catch (IOException e) {
            throw new Failure(500, step + "RequestFailed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(500, step + "RequestFailed");
        }
    }

    static String encoded(@Nullable String text) {
        return URLEncoder.encode(String.valueOf(text), StandardCharsets.UTF_8);
    }

    static String form(Map<String, String> values) {
        StringJoiner all = new StringJoiner("&");
        values.forEach((name, value) -> all.add(encoded(name) + "=" + encoded(value)));
        return all.toString();
    }
}
