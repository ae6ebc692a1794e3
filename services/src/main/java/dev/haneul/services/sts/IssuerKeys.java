package dev.haneul.services.sts;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;

/**
 * The keys issuers publish: found through their {@code .well-known/openid-configuration}, kept for a while. What is
 * fetched is bounded in time and size, and no redirect is followed.
 */
final class IssuerKeys {
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final Duration AT_MOST_EVERY = Duration.ofSeconds(5);
    private static final int ISSUERS = 200;
    private static final int STEP_MILLIS = 3000;
    private static final long WHOLE_NANOS = 6_000_000_000L;
    private static final int LARGEST_BYTES = 256 * 1024;

    private final Map<String, Known> cache = new ConcurrentHashMap<>();

    private record Known(JWKSet keys, Instant fetched) {}

    /**
     * An issuer's keys, fetched anew where they are old or lack the wanted one.
     *
     * @param thumbprints SHA-1 fingerprints of certificates that may vouch for the issuer's host beside public ones
     */
    JWKSet of(String issuer, List<String> thumbprints, @Nullable String keyId, Instant now) {
        String id = issuer + " " + String.join(",", thumbprints);
        Known known = cache.get(id);
        if (known != null) {
            boolean lacks = keyId != null && known.keys().getKeyByKeyId(keyId) == null;
            Instant until = known.fetched().plus(lacks ? AT_MOST_EVERY : KEPT);
            if (now.isBefore(until)) {
                return known.keys();
            }
        }
        JWKSet fetched = fetch(issuer, thumbprints);
        if (cache.size() >= ISSUERS) {
            cache.clear();
        }
        cache.put(id, new Known(fetched, now));
        return fetched;
    }

    private static JWKSet fetch(String issuer, List<String> thumbprints) {
        try {
            String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
            Map<String, Object> about =
                    JSONObjectUtils.parse(get(base + "/.well-known/openid-configuration", thumbprints));
            if (!(about.get("jwks_uri") instanceof String keys) || !issuer.equals(about.get("issuer"))) {
                throw StsFaults.invalidIdentity("The identity provider's configuration is not that of " + issuer);
            }
            return JWKSet.parse(get(keys, thumbprints));
        } catch (ParseException e) {
            throw StsFaults.invalidIdentity("Couldn't retrieve verification key from your identity provider, please"
                    + " reference AssumeRoleWithWebIdentity documentation for requirements");
        } catch (IOException | URISyntaxException | GeneralSecurityException | RuntimeException e) {
            if (e instanceof dev.haneul.api.runtime.Fault fault) {
                throw fault;
            }
            throw StsFaults.unreachable("Could not reach the identity provider " + issuer);
        }
    }

    private static String get(String address, List<String> thumbprints)
            throws IOException, URISyntaxException, GeneralSecurityException {
        URI uri = new URI(address);
        String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
        boolean here = host.equals("localhost") || host.endsWith(".localhost") || host.startsWith("127.");
        if (!"https".equals(uri.getScheme()) && !(here && "http".equals(uri.getScheme()))) {
            throw new IOException("neither https nor on this machine");
        }
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        try {
            if (connection instanceof HttpsURLConnection secure && !thumbprints.isEmpty()) {
                secure.setSSLSocketFactory(ThumbprintTrust.sockets(thumbprints));
            }
            connection.setInstanceFollowRedirects(false);
            connection.setConnectTimeout(STEP_MILLIS);
            connection.setReadTimeout(STEP_MILLIS);
            if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
                throw new IOException("answered " + connection.getResponseCode());
            }
            try (InputStream in = connection.getInputStream()) {
                return bounded(in);
            }
        } finally {
            connection.disconnect();
        }
    }

    private static String bounded(InputStream in) throws IOException {
        long deadline = System.nanoTime() + WHOLE_NANOS;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        int read;
        while ((read = in.read(buffer)) >= 0) {
            out.write(buffer, 0, read);
            if (out.size() > LARGEST_BYTES || System.nanoTime() > deadline) {
                throw new IOException("too much or too slow");
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
