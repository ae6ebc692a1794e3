package dev.haneul.services.logs;

import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.MetricFilter;
import dev.haneul.api.logs.SubscriptionFilter;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.LogsTables.StreamRow;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Everybody who takes events as they are put: live tails, metric filters, subscriptions, embedded metrics, AWS/Logs'
 * own metrics.
 */
record Intake(
        LogsContext logs,
        LiveTails tails,
        MetricFilters metricFilters,
        Subscriptions subscriptions,
        EmbeddedMetrics embedded,
        DataProtection protection,
        Metrics metrics) {
    private record Filters(List<MetricFilter> metric, List<SubscriptionFilter> subscription) {}

    /** Events that are on disk. */
    void offer(Scope scope, StreamRow stream, List<InputLogEvent> events, long bytes, long ingestedMillis) {
        List<InputLogEvent> shown = protection.masked(scope, stream.group(), events);
        tails.offer(scope, stream, shown, ingestedMillis);
        Filters filters = logs.store()
                .read(tx -> new Filters(
                        MetricFilters.of(tx, scope, stream.group()), Subscriptions.of(tx, scope, stream.group())));
        metricFilters.offer(scope, filters.metric(), events);
        embedded.offer(scope, events);
        Instant now = Instant.ofEpochMilli(ingestedMillis);
        for (Map<String, String> dimensions :
                List.of(Map.<String, String>of(), Map.of("LogGroupName", stream.group()))) {
            metrics.add(
                    new Metrics.What(scope, "AWS/Logs", "IncomingLogEvents", dimensions, "None"), now, events.size());
            metrics.add(new Metrics.What(scope, "AWS/Logs", "IncomingBytes", dimensions, "Bytes"), now, bytes);
        }
        subscriptions.offer(scope, filters.subscription(), stream, shown);
    }
}
