package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.sqs.SqsContext.Queue;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * AWS/SQS's metrics: what is sent, received and deleted, and each minute how much there is, for the queues that were used
 * within six hours.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html">Available
 *     metrics</a>
 */
final class SqsMetrics implements Reconciler<String> {
    private static final String NAMESPACE = "AWS/SQS";
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration ACTIVE = Duration.ofHours(6);
    private static final int MOST_ACTIVE = 10_000;

    private final SqsContext sqs;
    private final Metrics metrics;
    private final Map<Key, Instant> active = new ConcurrentHashMap<>();

    SqsMetrics(SqsContext sqs, Metrics metrics) {
        this.sqs = sqs;
        this.metrics = metrics;
    }

    void count(String name, String url, Call call, double value) {
        Key key = SqsTables.ofUrl(url, call);
        Instant now = sqs.clock().instant();
        if (active.size() < MOST_ACTIVE || active.containsKey(key)) {
            active.put(key, now);
        }
        add(key, name, now, value);
    }

    private void add(Key key, String name, Instant at, double value) {
        Scope scope = key.scope();
        metrics.add(new Metrics.What(scope, NAMESPACE, name, Map.of("QueueName", key.id()), "Count"), at, value);
    }

    @Override
    public String name() {
        return "sqs.metrics";
    }

    @Override
    public Next reconcile(String key) {
        Instant now = sqs.clock().instant();
        active.values().removeIf(last -> last.isBefore(now.minus(ACTIVE)));
        Set<Key> known = Set.copyOf(active.keySet());
        for (Key each : known) {
            sqs.find(each).ifPresent(queue -> gauge(queue, now));
        }
        return Next.after(MINUTE);
    }

    private void gauge(Queue queue, Instant now) {
        LiveQueue.Counts counts = sqs.live().of(queue.row()).counts(queue.retentionMillis());
        add(queue.key(), "ApproximateNumberOfMessagesVisible", now, counts.visible());
        add(queue.key(), "ApproximateNumberOfMessagesNotVisible", now, counts.inFlight());
        add(queue.key(), "ApproximateNumberOfMessagesDelayed", now, counts.delayed());
    }
}
