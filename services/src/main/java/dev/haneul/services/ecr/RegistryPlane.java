package dev.haneul.services.ecr;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ecr.LoginTokens.Login;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The registries, to {@code docker}, {@code podman}, {@code skopeo} and their like: who calls, whose registry is meant,
 * and which route answers. See the OCI distribution specification, 1.1, and AWS, "Private registry authentication".
 */
final class RegistryPlane implements DataPlane {
    static final String LINK = "X-Haneul-Link=";
    private static final String ROOT = "/v2/";
    private static final Duration PATIENCE = Duration.ofHours(12);
    private static final String NAME =
            "([a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*)";
    private static final Pattern ROUTE =
            Pattern.compile("/v2/" + NAME + "/(blobs/uploads|blobs|manifests|tags|referrers)(?:/([^/]*))?");
    private static final int LONGEST_PATH = 2048;

    private final Clock clock;
    private final LoginTokens tokens;
    private final BlobRoutes blobs;
    private final ManifestRoutes manifests;

    RegistryPlane(Clock clock, LoginTokens tokens, BlobRoutes blobs, ManifestRoutes manifests) {
        this.clock = clock;
        this.tokens = tokens;
        this.blobs = blobs;
        this.manifests = manifests;
    }

    /** Requests of other services below the same path are signed; registries' never are. */
    @Override
    public boolean claims(Exchange exchange) {
        String path = exchange.path();
        String authorization = exchange.header("authorization");
        return (path.startsWith(ROOT) || path.equals("/v2"))
                && (authorization == null || !authorization.startsWith("AWS4-"))
                && !exchange.query().contains("X-Amz-Signature=");
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        RegistryAnswer answer = new RegistryAnswer(exchange);
        try {
            route(exchange, answer);
        } catch (Fault fault) {
            answer.fault(fault);
        }
    }

    private void route(Exchange exchange, RegistryAnswer answer) throws IOException {
        String path = exchange.path();
        if (path.length() > LONGEST_PATH) {
            throw RegistryAnswer.error("NAME_INVALID", 400, "the path is too long");
        }
        if (exchange.query().startsWith(LINK)) {
            linked(exchange, answer);
            return;
        }
        Login login = login(exchange, answer);
        if (login == null) {
            return;
        }
        if (path.equals("/v2") || path.equals(ROOT)) {
            answer.json(200, Map.of(), Map.of());
            return;
        }
        Matcher found = ROUTE.matcher(path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
        if (!found.matches()) {
            throw RegistryAnswer.error("NAME_INVALID", 404, "invalid repository name or path");
        }
        Asked asked = asked(exchange, found.group(1), login);
        String last = found.group(3) == null ? "" : found.group(3);
        switch (found.group(2)) {
            case "blobs/uploads" -> blobs.upload(asked, last, answer);
            case "blobs" -> blobs.blob(asked, last, answer);
            case "manifests" -> manifests.manifest(asked, last, answer);
            case "tags" -> manifests.tags(asked, last, answer);
            default -> manifests.referrers(asked, last, answer);
        }
    }

    /**
     * A request that is understood.
     *
     * @param name the repository as the path names it, for links
     */
    record Asked(Exchange exchange, Key repository, String name, Call call, Map<String, String> query) {
        String method() {
            return exchange.method();
        }

        boolean head() {
            return method().equals("HEAD");
        }
    }

    private Asked asked(Exchange exchange, String name, Login login) {
        RegistryNames.Named named = RegistryNames.ofPath(name);
        Scope host = RegistryNames.ofHost(exchange.host());
        if (host != null && !host.region().equals(login.region())) {
            throw RegistryAnswer.error("DENIED", 403, "Your authorization token is of another region. Reauthenticate.");
        }
        Scope registry = named.registry() != null
                ? named.registry()
                : host != null ? host : new Scope(login.principal().account(), login.region());
        Call call = call(exchange, login.principal(), registry);
        return new Asked(exchange, registry.key(named.repository()), name, call, query(exchange.query()));
    }

    private Call call(Exchange exchange, Principal principal, Scope registry) {
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.headers().forEach((name, values) -> headers.put(name, String.join(",", values)));
        headers.remove("authorization");
        return new Call(
                principal,
                registry.account(),
                registry.region(),
                exchange.requestId(),
                clock.instant().plus(PATIENCE),
                new Call.Origin(
                        exchange.remoteAddress(),
                        headers.getOrDefault("user-agent", ""),
                        exchange.secure(),
                        exchange.endpoint(),
                        headers));
    }

    static Map<String, String> query(String query) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String pair : query.split("&", 20)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                found.put(pair.substring(0, equals), decoded(pair.substring(equals + 1)));
            }
        }
        return found;
    }

    private static String decoded(String value) {
        try {
            return java.net.URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw RegistryAnswer.error("UNSUPPORTED", 400, "the query is not percent-encoded as it should be");
        }
    }

    /** Who is logged in; null where the answer is that somebody must. */
    private @Nullable Login login(Exchange exchange, RegistryAnswer answer) throws IOException {
        String token = password(exchange.header("authorization"));
        Login login = token == null ? null : tokens.open(token).orElse(null);
        if (login == null) {
            answer.challenge();
            return null;
        }
        Instant now = clock.instant();
        if (!now.isBefore(login.expires())) {
            throw RegistryAnswer.error(
                    "DENIED", 403, "Your authorization token has expired. Reauthenticate and try again.");
        }
        return login;
    }

    private static @Nullable String password(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return null;
        }
        try {
            byte[] plain = Base64.getDecoder().decode(authorization.substring(6).strip());
            String text = new String(plain, StandardCharsets.UTF_8);
            return text.startsWith("AWS:") ? text.substring("AWS:".length()) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** A link GetDownloadUrlForLayer has given out. */
    private void linked(Exchange exchange, RegistryAnswer answer) throws IOException {
        String link = decoded(exchange.query().substring(LINK.length()));
        Matcher found = ROUTE.matcher(exchange.path());
        if (!found.matches()
                || !found.group(2).equals("blobs")
                || found.group(3) == null
                || !tokens.opens(link, exchange.path(), clock.instant())) {
            throw RegistryAnswer.error("DENIED", 403, "the link is not valid, or not any more");
        }
        Scope registry = RegistryNames.ofPath(found.group(1)).registry();
        if (registry == null) {
            throw RegistryAnswer.error("NAME_INVALID", 404, "invalid repository name");
        }
        Key repository = registry.key(RegistryNames.ofPath(found.group(1)).repository());
        blobs.bytes(exchange, repository, found.group(3), answer);
    }
}
