package dev.haneul.services.events;

import com.fasterxml.jackson.databind.JsonNode;
import dev.haneul.delivery.EventPatterns;
import dev.haneul.delivery.Forwarded;
import dev.haneul.delivery.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event on a bus.
 *
 * @param tree as rules and targets see it
 * @param json the same as text
 * @param node the same as the pattern library wants it
 * @param received when the bus got it
 * @param forwarded what it keeps when a bus passes it on
 */
record Event(
        String id,
        Map<String, @Nullable Object> tree,
        String json,
        JsonNode node,
        Instant received,
        Forwarded forwarded) {
    /** Makes an event of its parts; {@code detail} is a JSON object. */
    static Event of(
            String id,
            String source,
            String detailType,
            String account,
            String region,
            Instant time,
            List<String> resources,
            Map<String, @Nullable Object> detail,
            Instant received) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("version", "0");
        tree.put("id", id);
        tree.put("detail-type", detailType);
        tree.put("source", source);
        tree.put("account", account);
        tree.put("time", time.truncatedTo(ChronoUnit.SECONDS).toString());
        tree.put("region", region);
        tree.put("resources", resources);
        tree.put("detail", detail);
        return of(tree, received);
    }

    /** An event as it was kept, e.g. in an archive. */
    static Event of(Map<String, @Nullable Object> tree, Instant received) {
        String json = Json.write(tree);
        JsonNode node = Objects.requireNonNull(EventPatterns.read(json), "an event is an object");
        String id = String.valueOf(tree.get("id"));
        Forwarded here = new Forwarded(
                id, String.valueOf(tree.get("account")), String.valueOf(tree.get("region")), false, false);
        return new Event(id, tree, json, node, received, here);
    }

    /** The same, that has come this far. */
    Event after(Forwarded steps) {
        return new Event(id, tree, json, node, received, steps);
    }

    String text(String field) {
        return String.valueOf(tree.get(field));
    }
}
