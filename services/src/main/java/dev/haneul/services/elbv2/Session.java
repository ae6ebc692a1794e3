package dev.haneul.services.elbv2;

import dev.haneul.delivery.Json;
import dev.haneul.edge.http.Headers;
import dev.haneul.kernel.Tokens;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is logged in, as the client carries it: sealed, in cookies of which each holds a part.
 *
 * @param ends when the client must log in anew
 * @param stale when the provider is asked for the claims again; {@code ends} where it gave no means to
 * @param claims JSON, as the provider told them
 */
record Session(
        Instant ends,
        Instant stale,
        String subject,
        String claims,
        String accessToken,
        @Nullable String refreshToken) {
    private static final int MOST_PARTS = 4;
    private static final int PART_CHARS = 4000;

    /**
     * The session of a request; empty where it has none that is good now.
     *
     * @param context whom the session is with: it opens with the same only
     */
    static Optional<Session> of(Headers headers, String cookie, Tokens tokens, String context, Instant now) {
        StringBuilder sealed = new StringBuilder();
        for (int i = 0; i < MOST_PARTS; i++) {
            String part = cookie(headers, cookie + "-" + i);
            if (part == null) {
                break;
            }
            sealed.append(part);
        }
        return sealed.isEmpty()
                ? Optional.empty()
                : tokens.open(context, sealed.toString())
                        .flatMap(Json::object)
                        .map(Session::read)
                        .filter(each -> each.ends().isAfter(now));
    }

    private static Session read(Map<String, @Nullable Object> map) {
        Object refresh = map.get("refresh");
        return new Session(
                Instant.ofEpochSecond(Long.parseLong(String.valueOf(map.get("ends")))),
                Instant.ofEpochSecond(Long.parseLong(String.valueOf(map.get("stale")))),
                String.valueOf(map.get("subject")),
                String.valueOf(map.get("claims")),
                String.valueOf(map.get("access")),
                refresh == null ? null : String.valueOf(refresh));
    }

    /** A cookie's value; null where the request has none of that name. */
    static @Nullable String cookie(Headers headers, String name) {
        for (String line : headers.all("cookie")) {
            for (String part : line.split(";", -1)) {
                String pair = part.trim();
                if (pair.startsWith(name + "=")) {
                    return pair.substring(name.length() + 1);
                }
            }
        }
        return null;
    }

    /**
     * Adds the cookies that carry it.
     *
     * @return false where it is too large to be carried
     */
    boolean keep(Headers answer, String cookie, Tokens tokens, String context, String expires) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("ends", ends.getEpochSecond());
        map.put("stale", stale.getEpochSecond());
        map.put("subject", subject);
        map.put("claims", claims);
        map.put("access", accessToken);
        map.put("refresh", refreshToken);
        String sealed = tokens.seal(context, Json.write(map));
        if (sealed.length() > MOST_PARTS * PART_CHARS) {
            return false;
        }
        for (int i = 0; i * PART_CHARS < sealed.length(); i++) {
            String part = sealed.substring(i * PART_CHARS, Math.min(sealed.length(), (i + 1) * PART_CHARS));
            answer.add(
                    "Set-Cookie",
                    cookie + "-" + i + "=" + part + "; Expires=" + expires + "; Path=/; Secure; HttpOnly");
        }
        return true;
    }
}
