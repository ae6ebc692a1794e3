package dev.haneul.services.lambda;

import dev.haneul.delivery.Json.Document;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a function returned, as the HTTP response it stands for: payload format 2.0, or the prelude of a streamed one.
 *
 * @param headers names in lower case
 */
record UrlAnswer(int status, Map<String, List<String>> headers, byte[] body) {
    private static final Set<String> OURS = Set.of("connection", "content-length", "transfer-encoding", "keep-alive");
    private static final String CONTENT_TYPE = "content-type";
    private static final String JSON = "application/json";

    /** Reads a whole result; empty where it is no response, which is answered with 502. */
    static Optional<UrlAnswer> of(byte[] payload) {
        String text = new String(payload, StandardCharsets.UTF_8);
        Map<String, ?> object = dev.haneul.delivery.Json.object(text).orElse(null);
        if (object == null || !object.containsKey("statusCode")) {
            Optional<Document> any = dev.haneul.delivery.Json.read(text);
            return any.map(_ -> new UrlAnswer(200, Map.of(CONTENT_TYPE, List.of(JSON)), payload));
        }
        try {
            Map<String, List<String>> headers = headers(object);
            headers.putIfAbsent(CONTENT_TYPE, List.of(JSON));
            return Optional.of(new UrlAnswer(status(object.get("statusCode")), headers, body(object)));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    /** Reads what a streamed HTTP response begins with; empty where it is malformed. */
    static Optional<UrlAnswer> ofPrelude(byte[] prelude) {
        Map<String, ?> object = dev.haneul.delivery.Json.object(new String(prelude, StandardCharsets.UTF_8))
                .orElse(null);
        if (object == null) {
            return Optional.empty();
        }
        try {
            Object status = object.get("statusCode");
            Map<String, List<String>> headers = headers(object);
            headers.putIfAbsent(CONTENT_TYPE, List.of("application/octet-stream"));
            return Optional.of(new UrlAnswer(status == null ? 200 : status(status), headers, new byte[0]));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private static int status(@Nullable Object given) {
        String text = given instanceof Number || given instanceof String ? String.valueOf(given) : "";
        if (!text.matches("[1-5][0-9]{2}")) {
            throw new IllegalArgumentException("no status: " + given);
        }
        return Integer.parseInt(text);
    }

    private static byte[] body(Map<String, ?> object) {
        Object body = object.get("body");
        if (body == null) {
            return new byte[0];
        }
        boolean base64 = Boolean.TRUE.equals(object.get("isBase64Encoded"));
        if (!(body instanceof String text)) {
            if (base64) {
                throw new IllegalArgumentException("no Base64");
            }
            return dev.haneul.delivery.Json.write(body).getBytes(StandardCharsets.UTF_8);
        }
        return base64 ? Base64.getDecoder().decode(text) : text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, List<String>> headers(Map<String, ?> object) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        if (object.get("headers") instanceof Map<?, ?> given) {
            given.forEach((name, value) -> {
                String lower = String.valueOf(name).toLowerCase(Locale.ROOT);
                if (!OURS.contains(lower)) {
                    headers.put(clean(lower), List.of(clean(String.valueOf(value))));
                }
            });
        }
        if (object.get("cookies") instanceof List<?> cookies && !cookies.isEmpty()) {
            List<String> lines = new ArrayList<>(headers.getOrDefault("set-cookie", List.of()));
            cookies.forEach(cookie -> lines.add(clean(String.valueOf(cookie))));
            headers.put("set-cookie", lines);
        }
        return headers;
    }

    private static String clean(String text) {
        if (text.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
            throw new IllegalArgumentException("a header with a line end");
        }
        return text;
    }
}
