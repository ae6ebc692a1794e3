package dev.haneul.services.logs.insights;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An event, or a line of statistics: values by name. What a JSON message holds is found when asked for. */
public final class InsightsRow {
    private final Map<String, Object> values = new HashMap<>();
    private final Function<String, Map<String, String>> discover;
    private @Nullable Map<String, String> discovered;

    /** @param discover the fields of a message */
    public InsightsRow(Function<String, Map<String, String>> discover) {
        this.discover = discover;
    }

    /** Sets a value: a String, Double, Boolean, or {@link Moment}. */
    public InsightsRow set(String name, @Nullable Object value) {
        if (value == null) {
            values.remove(name);
        } else {
            values.put(name, value);
        }
        return this;
    }

    /** A moment in epoch milliseconds, told as a date. */
    public record Moment(long millis) {}

    @Nullable
    Object get(String name) {
        Object known = values.get(name);
        if (known != null || name.startsWith("@")) {
            return known;
        }
        if (discovered == null) {
            discovered = values.get("@message") instanceof String message ? discover.apply(message) : Map.of();
        }
        return discovered.get(name);
    }
}
