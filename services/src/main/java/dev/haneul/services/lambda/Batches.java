package dev.haneul.services.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import dev.haneul.delivery.EventPatterns;
import dev.haneul.services.lambda.EventSource.Item;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Batches of records: which of them a filter takes, the event they make, and what a function says of them. Pure. */
final class Batches {
    /** What fits a synchronous invocation, with room for the event's frame. */
    private static final int LARGEST_BYTES = 6 * 1024 * 1024 - 64;

    private Batches() {}

    /** The event, as JSON. */
    static byte[] event(List<Item> items) {
        return dev.haneul.delivery.Json.write(
                        Map.of("Records", items.stream().map(Item::tree).toList()))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The trace header of the first record that has one; null for none. */
    static @Nullable String trace(List<Item> items) {
        for (Item item : items) {
            if (item.tree().get("attributes") instanceof Map<?, ?> attributes
                    && attributes.get("AWSTraceHeader") instanceof String trace) {
                return trace;
            }
        }
        return null;
    }

    /** How many of these, from the first, make an event that a function may be given; one at least. */
    static int fitting(List<Item> items) {
        long bytes = 0;
        for (int i = 0; i < items.size(); i++) {
            bytes += dev.haneul.delivery.Json.write(items.get(i).tree()).getBytes(StandardCharsets.UTF_8).length + 1L;
            if (bytes > LARGEST_BYTES && i > 0) {
                return i;
            }
        }
        return items.size();
    }

    /** Whether a record meets one of the patterns; all do where there is none. A body that is JSON is looked into. */
    static boolean taken(Item item, List<String> filters, EventPatterns patterns) {
        if (filters.isEmpty()) {
            return true;
        }
        Map<String, @Nullable Object> tree = new LinkedHashMap<>(item.tree());
        if (tree.get("body") instanceof String body) {
            dev.haneul.delivery.Json.object(body).ifPresent(object -> tree.put("body", object));
        }
        JsonNode event = EventPatterns.read(dev.haneul.delivery.Json.write(tree));
        return event != null && filters.stream().anyMatch(filter -> patterns.matches(filter, event));
    }

    /**
     * The records that a function's report does not name, which are done with: none where the report is no good, as if
     * the function had failed. See "Implementing partial batch responses".
     */
    static List<Item> done(List<Item> items, byte[] report) {
        String text = new String(report, StandardCharsets.UTF_8);
        if (text.isBlank() || text.strip().equals("null") || text.strip().equals("\"\"")) {
            return items;
        }
        Optional<Map<String, @Nullable Object>> object = dev.haneul.delivery.Json.object(text);
        if (object.isEmpty()) {
            return List.of();
        }
        Object failures = object.get().get("batchItemFailures");
        if (failures == null) {
            return object.get().isEmpty() || object.get().containsKey("batchItemFailures") ? items : List.of();
        }
        if (!(failures instanceof List<?> list)) {
            return List.of();
        }
        Set<String> known = new HashSet<>();
        items.forEach(item -> known.add(item.id()));
        Set<String> failed = new HashSet<>();
        for (Object one : list) {
            Object id = one instanceof Map<?, ?> map ? map.get("itemIdentifier") : null;
            if (!(id instanceof String name) || !known.contains(name)) {
                return List.of();
            }
            failed.add(name);
        }
        List<Item> done = new ArrayList<>(items);
        done.removeIf(item -> failed.contains(item.id()));
        return done;
    }
}
