package dev.haneul.services.elbv2;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Outgoing;
import dev.haneul.services.elbv2.IdentityProvider.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys that issuers of tokens publish at their JWKS endpoints, kept for a while. What is fetched is bounded in time,
 * size and number, as AWS bounds it, and no redirect is followed. An endpoint is asked by one at a time, and again only
 * after a pause, whatever tokens come.
 */
final class PublishedKeys {
    /** AWS does not tell how long it keeps keys. */
    private static final Duration KEPT = Duration.ofMinutes(10);

    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final int MOST_ENDPOINTS = 200;
    private static final int MOST_BYTES = 150 * 1024;
    private static final int MOST_KEYS = 10;
    private static final int LEAST_MODULUS_BITS = 2048;
    private static final int MOST_MODULUS_BITS = 8192;
    private static final int MOST_EXPONENT_BITS = 64;

    /** The one that was asked for longest ago goes first. */
    private final Map<String, Endpoint> endpoints = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Endpoint> eldest) {
            return size() > MOST_ENDPOINTS;
        }
    };

    private final Duration patience;
    private final Outgoing out;

    /** Waits so long for an endpoint's whole answer. */
    PublishedKeys(Duration patience) {
        this.patience = patience;
        this.out = new Outgoing(patience);
    }

    /** A key that RS256 signatures can be checked by; it may have no id. */
    record Key(@Nullable String id, RSAPublicKey key) {}

    /**
     * The keys at an endpoint that a token with this key id may be signed by; all of them where it has none.
     *
     * @throws Failure where the endpoint does not tell any
     */
    List<Key> of(String endpoint, @Nullable String id, Instant now) throws Failure {
        Endpoint asked;
        synchronized (endpoints) {
            asked = endpoints.computeIfAbsent(endpoint, Endpoint::new);
        }
        return asked.keys(id, now);
    }

    /** What is known of an endpoint. */
    private record Known(
            List<Key> keys,
            Instant fetched,
            Instant tried,
            @Nullable Failure trouble) {
        private static final Known NOTHING = new Known(List.of(), Instant.MIN, Instant.MIN, null);

        boolean fresh(Instant now) {
            return fetched.isAfter(now.minus(KEPT));
        }

        List<Key> named(@Nullable String id) {
            return id == null
                    ? keys
                    : keys.stream().filter(each -> id.equals(each.id())).toList();
        }
    }

    private final class Endpoint {
        private final String address;
        private volatile Known known = Known.NOTHING;

        Endpoint(String address) {
            this.address = address;
        }

        /** Where the keys are known nobody waits, so that strange tokens do not hold up good ones. */
        List<Key> keys(@Nullable String id, Instant now) throws Failure {
            Known seen = known;
            if (lacks(seen, id, now)) {
                synchronized (this) {
                    seen = known;
                    if (lacks(seen, id, now) && !seen.tried().isAfter(now.minus(PAUSE))) {
                        seen = asked(seen, now);
                        known = seen;
                    }
                }
            }
            if (!seen.fresh(now)) {
                Failure trouble = seen.trouble();
                throw trouble == null ? new Failure(500, "JWKSRequestFailed") : trouble;
            }
            return seen.named(id);
        }

        private static boolean lacks(Known seen, @Nullable String id, Instant now) {
            return !seen.fresh(now) || seen.named(id).isEmpty();
        }

        /** An endpoint that fails takes nothing back of what it told before. */
        private Known asked(Known before, Instant now) {
            try {
                return new Known(parsed(fetched(address)), now, now, null);
            } catch (Failure e) {
                return new Known(before.keys(), before.fetched(), now, e);
            }
        }
    }

    private String fetched(String address) throws Failure {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(address))
                    .timeout(patience)
                    .header("Accept", "application/json")
                    .GET()
                    .build();
            HttpResponse<InputStream> response = out.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new Failure(500, "JWKSRequestFailed");
                }
                byte[] bytes = TimedBody.read(body, MOST_BYTES, deadline);
                if (bytes.length > MOST_BYTES) {
                    throw new Failure(500, "JWKSResponseSizeExceeded");
                }
                return new String(bytes, StandardCharsets.UTF_8);
            }
        } catch (HttpTimeoutException e) {
            throw new Failure(500, "JWKSRequestTimeout");
        } catch (IOException | IllegalArgumentException e) {
            throw new Failure(500, "JWKSRequestFailed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(500, "JWKSRequestFailed");
        }
    }

    private static List<Key> parsed(String text) throws Failure {
        Object all = Json.object(text)
                .orElseThrow(() -> new Failure(500, "JWKSResponseFormatInvalid"))
                .get("keys");
        if (!(all instanceof List<?> listed)) {
            throw new Failure(500, "JWKSResponseFormatInvalid");
        }
        if (listed.size() > MOST_KEYS) {
            throw new Failure(500, "JWKSResponseSizeExceeded");
        }
        List<Key> keys = new ArrayList<>();
        for (Object each : listed) {
            RSAPublicKey key = each instanceof Map<?, ?> jwk && forSignatures(jwk) ? key(jwk) : null;
            if (key != null) {
                keys.add(new Key(((Map<?, ?>) each).get("kid") instanceof String id ? id : null, key));
            }
        }
        return List.copyOf(keys);
    }

    private static boolean forSignatures(Map<?, ?> jwk) {
        Object use = jwk.get("use");
        Object algorithm = jwk.get("alg");
        return "RSA".equals(jwk.get("kty"))
                && (use == null || use.equals("sig"))
                && (algorithm == null || algorithm.equals("RS256"));
    }

    /** Null for one that is too weak, or too long to be reckoned with. */
    private static @Nullable RSAPublicKey key(Map<?, ?> jwk) {
        if (!(jwk.get("n") instanceof String n) || !(jwk.get("e") instanceof String e)) {
            return null;
        }
        try {
            RSAPublicKey key = new RSAKey.Builder(new Base64URL(n), new Base64URL(e))
                    .build()
                    .toRSAPublicKey();
            int bits = key.getModulus().bitLength();
            boolean fits = bits >= LEAST_MODULUS_BITS && bits <= MOST_MODULUS_BITS;
            return fits && key.getPublicExponent().bitLength() <= MOST_EXPONENT_BITS ? key : null;
        } catch (JOSEException | RuntimeException notOne) {
            return null;
        }
    }
}
