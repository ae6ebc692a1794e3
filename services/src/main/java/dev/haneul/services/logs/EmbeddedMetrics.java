package dev.haneul.services.logs;

import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.store.Scope;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Metrics that log events carry in the Embedded Metric Format. An event that is not in the format is only an event.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html">The
 *     format</a>
 */
final class EmbeddedMetrics {
    private static final int METRICS = 100;
    private static final int DIMENSIONS = 30;
    private static final int VALUES = 100;
    private static final int LONGEST = 1024;

    private final Metrics metrics;

    EmbeddedMetrics(Metrics metrics) {
        this.metrics = metrics;
    }

    /** Takes what was just put. */
    void offer(Scope scope, List<InputLogEvent> events) {
        for (InputLogEvent event : events) {
            if (event.message().contains("\"_aws\"")) {
                Map<String, ?> tree = Json.object(event.message()).orElse(null);
                if (tree != null && tree.get("_aws") instanceof Map<?, ?> head) {
                    Instant at = head.get("Timestamp") instanceof Number millis
                            ? Instant.ofEpochMilli(millis.longValue())
                            : Instant.ofEpochMilli(event.timestamp());
                    if (head.get("CloudWatchMetrics") instanceof List<?> directives) {
                        directives.forEach(each -> directive(scope, each, tree, at));
                    }
                }
            }
        }
    }

    private void directive(Scope scope, @Nullable Object directive, Map<String, ?> tree, Instant at) {
        if (!(directive instanceof Map<?, ?> map)
                || !(map.get("Namespace") instanceof String namespace)
                || namespace.isBlank()
                || namespace.startsWith("AWS/")
                || !(map.get("Metrics") instanceof List<?> defined)
                || defined.size() > METRICS) {
            return;
        }
        List<?> sets = map.get("Dimensions") instanceof List<?> given && !given.isEmpty() ? given : List.of(List.of());
        for (Object set : sets) {
            Map<String, String> dimensions = dimensions(set, tree);
            if (dimensions == null) {
                continue;
            }
            for (Object each : defined) {
                if (each instanceof Map<?, ?> one && one.get("Name") instanceof String name) {
                    String unit = one.get("Unit") instanceof String text ? text : "None";
                    values(new Metrics.What(scope, namespace, name, dimensions, unit), tree.get(name), at);
                }
            }
        }
    }

    /** Null where a dimension's value is missing or odd. */
    private static @Nullable Map<String, String> dimensions(@Nullable Object set, Map<String, ?> tree) {
        if (!(set instanceof List<?> names) || names.size() > DIMENSIONS) {
            return null;
        }
        Map<String, String> found = new HashMap<>();
        for (Object name : names) {
            if (!(tree.get(String.valueOf(name)) instanceof String value)
                    || value.isEmpty()
                    || value.length() > LONGEST) {
                return null;
            }
            found.put(String.valueOf(name), value);
        }
        return found;
    }

    private void values(Metrics.What what, @Nullable Object value, Instant at) {
        if (value instanceof Number number) {
            metrics.add(what, at, number.doubleValue());
        } else if (value instanceof List<?> list && list.size() <= VALUES) {
            for (Object each : list) {
                if (each instanceof Number number) {
                    metrics.add(what, at, number.doubleValue());
                }
            }
        }
    }
}
