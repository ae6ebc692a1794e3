package dev.haneul.services.lambda.run;

import dev.haneul.delivery.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a later server must know of an environment's extensions to go on with them. Its text is kept in the environment's
 * {@link Passport}.
 *
 * @param started whether the environment had started: one that had not is not worth taking over
 * @param known those that had registered
 */
record ExtensionNotes(boolean started, List<One> known) {
    ExtensionNotes {
        known = List.copyOf(known);
    }

    /**
     * One extension.
     *
     * @param id which it was given when it registered
     * @param pending the event that it has yet to fetch; null where it has had all
     * @param subscriptions to telemetry, as it asked for them
     */
    record One(
            String id,
            String name,
            boolean external,
            List<String> events,
            @Nullable String pending,
            List<Asked> subscriptions) {
        One {
            events = List.copyOf(events);
            subscriptions = List.copyOf(subscriptions);
        }
    }

    /**
     * A request for telemetry.
     *
     * @param logs whether by the Logs API
     * @param body of the request
     */
    record Asked(boolean logs, String body) {}

    String text() {
        List<Object> all = new ArrayList<>();
        for (One one : known) {
            Map<String, @Nullable Object> tree = new LinkedHashMap<>();
            tree.put("id", one.id);
            tree.put("name", one.name);
            tree.put("external", one.external);
            tree.put("events", one.events);
            tree.put("pending", one.pending);
            tree.put(
                    "asked",
                    one.subscriptions.stream()
                            .map(asked -> Map.of("logs", asked.logs, "body", asked.body))
                            .toList());
            all.add(tree);
        }
        Map<String, @Nullable Object> root = new LinkedHashMap<>();
        root.put("started", started);
        root.put("known", all);
        return Json.write(root);
    }

    /** Empty where the text was cut short or never written. */
    static Optional<ExtensionNotes> parse(String text) {
        Map<String, @Nullable Object> root = Json.object(text).orElse(null);
        if (root == null || !(root.get("known") instanceof List<?> all)) {
            return Optional.empty();
        }
        List<One> known = new ArrayList<>();
        for (Object each : all) {
            if (!(each instanceof Map<?, ?> one)) {
                return Optional.empty();
            }
            Object pending = one.get("pending");
            List<Asked> asked = new ArrayList<>();
            for (Object request : one.get("asked") instanceof List<?> list ? list : List.of()) {
                if (request instanceof Map<?, ?> tree) {
                    asked.add(new Asked(Boolean.TRUE.equals(tree.get("logs")), String.valueOf(tree.get("body"))));
                }
            }
            List<String> events = new ArrayList<>();
            if (one.get("events") instanceof List<?> list) {
                list.forEach(event -> events.add(String.valueOf(event)));
            }
            known.add(new One(
                    String.valueOf(one.get("id")),
                    String.valueOf(one.get("name")),
                    Boolean.TRUE.equals(one.get("external")),
                    events,
                    pending == null ? null : String.valueOf(pending),
                    asked));
        }
        return Optional.of(new ExtensionNotes(Boolean.TRUE.equals(root.get("started")), known));
    }
}
