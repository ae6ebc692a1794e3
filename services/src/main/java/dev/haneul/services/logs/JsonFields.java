package dev.haneul.services.logs;

import dev.haneul.delivery.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields of a message that is, or ends in, a JSON object: {@code a.b}, {@code list.0}. At most 1,000 of them. */
final class JsonFields {
    private static final int MOST = 1000;

    private JsonFields() {}

    static Map<String, String> of(String message) {
        int start = message.indexOf('{');
        Map<String, String> found = new LinkedHashMap<>();
        if (start >= 0 && message.stripTrailing().endsWith("}")) {
            Json.object(message.substring(start)).ifPresent(tree -> flatten("", tree, found));
        }
        return found;
    }

    private static void flatten(
            String path, @org.jspecify.annotations.Nullable Object value, Map<String, String> found) {
        if (found.size() >= MOST) {
            return;
        }
        switch (value) {
            case null -> {}
            case Map<?, ?> map ->
                map.forEach((key, inner) -> flatten(path.isEmpty() ? "" + key : path + "." + key, inner, found));
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    flatten(path + "." + i, list.get(i), found);
                }
            }
            case Boolean flag -> found.put(path, flag ? "1" : "0");
            default -> found.put(path, String.valueOf(value));
        }
    }
}
