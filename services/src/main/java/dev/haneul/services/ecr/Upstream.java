package dev.haneul.services.ecr;

import dev.haneul.delivery.Json;
import dev.haneul.delivery.Outgoing;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Another registry, asked over the distribution API, with a token where it wants one. */
final class Upstream {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int MOST_REDIRECTS = 5;
    private static final int MOST_TOKEN_BYTES = 1 << 16;
    private static final Pattern CHALLENGE = Pattern.compile("(\\w+)=\"([^\"]*)\"");
    private static final String ACCEPT = String.join(
            ",",
            List.of(
                    Manifest.OCI_INDEX,
                    Manifest.OCI_MANIFEST,
                    Manifest.DOCKER_LIST,
                    Manifest.DOCKER_MANIFEST,
                    Manifest.OCI_ARTIFACT));

    private final Outgoing http;
    private final URI base;
    private final @Nullable Login login;
    private @Nullable String authorization;

    /** User name and password. */
    record Login(String user, String password) {
        String basic() {
            byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            return "Basic " + Base64.getEncoder().encodeToString(pair);
        }
    }

    /** A manifest as it stands there. */
    record Found(String text, @Nullable String mediaType) {}

    Upstream(Outgoing http, URI base, @Nullable Login login) {
        this.http = http;
        this.base = base;
        this.login = login;
    }

    /** Asks whether it speaks the distribution API and lets us in; an error where it does not. */
    void greet() throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = get("/v2/", "");
        answer.body().close();
        requireOk(answer);
    }

    /** A manifest; empty where there is none. */
    Optional<Found> manifest(String repository, String reference) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = get("/v2/" + repository + "/manifests/" + reference, repository);
        try (InputStream body = answer.body()) {
            if (answer.statusCode() == 404) {
                return Optional.empty();
            }
            requireOk(answer);
            byte[] bytes = body.readNBytes(Manifest.MAX_BYTES + 1);
            if (bytes.length > Manifest.MAX_BYTES) {
                throw new IOException("the manifest is too large");
            }
            String type = answer.headers()
                    .firstValue("content-type")
                    .map(each -> each.split(";", 2)[0].strip())
                    .orElse(null);
            return Optional.of(new Found(new String(bytes, StandardCharsets.UTF_8), type));
        }
    }

    /** A blob's bytes. Close them. */
    InputStream blob(String repository, String digest) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = get("/v2/" + repository + "/blobs/" + digest, repository);
        if (answer.statusCode() != 200) {
            answer.body().close();
        }
        requireOk(answer);
        return answer.body();
    }

    private static void requireOk(HttpResponse<?> answer) throws IOException {
        if (answer.statusCode() != 200) {
            throw new IOException("the upstream answered " + answer.statusCode());
        }
    }

    private HttpResponse<InputStream> get(String path, String repository) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = followed(base.resolve(path));
        if (answer.statusCode() == 401 && authorization == null) {
            answer.body().close();
            authorization =
                    answered(answer.headers().firstValue("www-authenticate").orElse(""), repository);
            answer = followed(base.resolve(path));
        }
        return answer;
    }

    /** Blobs often lie elsewhere; the word that opens the registry is not told there. */
    private HttpResponse<InputStream> followed(URI first) throws IOException, InterruptedException {
        URI at = first;
        for (int hop = 0; hop < MOST_REDIRECTS; hop++) {
            HttpRequest.Builder request = HttpRequest.newBuilder(at)
                    .timeout(TIMEOUT)
                    .header("Accept", ACCEPT)
                    .GET();
            boolean same = String.valueOf(at.getAuthority()).equals(base.getAuthority());
            if (same && authorization != null) {
                request.header("Authorization", authorization);
            }
            HttpResponse<InputStream> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            String location = answer.headers().firstValue("location").orElse("");
            if (answer.statusCode() < 300 || answer.statusCode() > 399 || location.isEmpty()) {
                return answer;
            }
            answer.body().close();
            at = at.resolve(location);
        }
        throw new IOException("the upstream redirects too often");
    }

    private String answered(String challenge, String repository) throws IOException, InterruptedException {
        if (challenge.startsWith("Basic") && login != null) {
            return login.basic();
        }
        String realm = "";
        String service = "";
        Matcher pairs = CHALLENGE.matcher(challenge);
        while (pairs.find()) {
            realm = pairs.group(1).equals("realm") ? pairs.group(2) : realm;
            service = pairs.group(1).equals("service") ? pairs.group(2) : service;
        }
        if (!challenge.startsWith("Bearer") || realm.isEmpty()) {
            throw new IOException("the upstream wants a login");
        }
        String scope = repository.isEmpty()
                ? ""
                : "&scope=" + URLEncoder.encode("repository:" + repository + ":pull", StandardCharsets.UTF_8);
        URI tokens = URI.create(realm + "?service=" + URLEncoder.encode(service, StandardCharsets.UTF_8) + scope);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(tokens).timeout(TIMEOUT).GET();
        if (login != null) {
            request.header("Authorization", login.basic());
        }
        HttpResponse<InputStream> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            requireOk(answer);
            String text = new String(body.readNBytes(MOST_TOKEN_BYTES), StandardCharsets.UTF_8);
            Object token = Json.object(text)
                    .map(each -> each.get("token") == null ? each.get("access_token") : each.get("token"))
                    .orElse(null);
            if (!(token instanceof String given)) {
                throw new IOException("the upstream gave no token");
            }
            return "Bearer " + given;
        }
    }
}
