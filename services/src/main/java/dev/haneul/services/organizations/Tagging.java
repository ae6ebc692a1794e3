package dev.haneul.services.organizations;

import dev.haneul.api.organizations.Tag;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tags of whatever an organisation holds. */
final class Tagging {
    private static final int LIMIT = 50;

    private Tagging() {}

    static void put(Draft draft, String id, List<Tag> tags) {
        if (tags.isEmpty()) {
            return;
        }
        Map<String, String> all = draft.tags.computeIfAbsent(id, _ -> new LinkedHashMap<>());
        tags.forEach(tag -> all.put(tag.key(), tag.value()));
        if (all.size() > LIMIT) {
            throw OrganizationFaults.constraint(
                    "MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.");
        }
    }

    static List<Tag> of(OrganizationRow row, String id) {
        return row.tags().getOrDefault(id, Map.of()).entrySet().stream()
                .map(tag -> new Tag().key(tag.getKey()).value(tag.getValue()))
                .toList();
    }
}
