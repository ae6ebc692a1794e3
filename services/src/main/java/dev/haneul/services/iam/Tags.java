package dev.haneul.services.iam;

import dev.haneul.api.iam.Tag;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tags of IAM's entities: at most fifty, their keys unique whatever their case. */
final class Tags {
    private static final int LIMIT = 50;

    private Tags() {}

    static Map<String, String> of(List<Tag> tags) {
        return with(Map.of(), tags);
    }

    /** These tags with more; a tag whose key is there already takes its place. */
    static Map<String, String> with(Map<String, String> tags, List<Tag> more) {
        Map<String, String> changed = new LinkedHashMap<>(tags);
        Map<String, String> given = new LinkedHashMap<>();
        for (Tag tag : more) {
            if (tag.key().regionMatches(true, 0, "aws:", 0, 4)) {
                throw IamFaults.invalidInput("Tag keys may not start with the reserved prefix aws:");
            }
            if (given.put(IamTables.id(tag.key()), "") != null) {
                throw IamFaults.invalidInput(
                        "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
            }
            changed.keySet().removeIf(key -> key.equalsIgnoreCase(tag.key()));
            changed.put(tag.key(), tag.value() == null ? "" : tag.value());
        }
        if (changed.size() > LIMIT) {
            throw IamFaults.limit("The number of tags has reached the maximum limit.");
        }
        return changed;
    }

    static Map<String, String> without(Map<String, String> tags, List<String> keys) {
        Map<String, String> changed = new LinkedHashMap<>(tags);
        keys.forEach(gone -> changed.keySet().removeIf(key -> key.equalsIgnoreCase(gone)));
        return changed;
    }

    static List<Tag> list(Map<String, String> tags) {
        return tags.entrySet().stream()
                .map(tag -> new Tag().key(tag.getKey()).value(tag.getValue()))
                .toList();
    }
}
