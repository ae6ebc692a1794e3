package dev.haneul.codegen.model;

import dev.haneul.codegen.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Corrections to an imported model: {@code {"patches": [{"reason": …, "merge": {…}}]}}. Each {@code merge} is a JSON
 * merge patch (RFC 7396) of the whole file: objects merge, null removes, everything else replaces. A patch that changes nothing is an error: the model has caught up with it.
 */
final class Patches {
    private Patches() {}

    static Map<String, @Nullable Object> apply(
            Map<String, @Nullable Object> model, Map<String, @Nullable Object> file, String name) {
        Map<String, @Nullable Object> patched = model;
        for (Object entry : Json.array(file, "patches")) {
            Map<String, @Nullable Object> patch = Json.object(entry);
            String reason = Json.string(patch, "reason");
            if (reason == null || reason.isBlank() || !patch.containsKey("merge")) {
                throw new IllegalArgumentException(name + ": a patch needs a reason and a merge");
            }
            Map<String, @Nullable Object> merged = merge(patched, Json.object(patch, "merge"));
            if (merged.equals(patched)) {
                throw new IllegalArgumentException(name + ": a patch changes nothing any more: " + reason);
            }
            patched = merged;
        }
        return patched;
    }

    private static Map<String, @Nullable Object> merge(
            Map<String, @Nullable Object> target, Map<String, @Nullable Object> patch) {
        Map<String, @Nullable Object> merged = new LinkedHashMap<>(target);
        patch.forEach((key, value) -> {
            if (value == null) {
                merged.remove(key);
            } else if (value instanceof Map) {
                merged.put(key, merge(Json.object(merged, key), Json.object(value)));
            } else {
                merged.put(key, value);
            }
        });
        return merged;
    }
}
