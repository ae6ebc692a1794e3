package dev.haneul.services.lambda;

import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.DurableTables.End;
import dev.haneul.services.lambda.DurableTables.Execution;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * AWS/Lambda's metrics of durable executions: their begin and end, what they came to, and, each minute while any run,
 * how many of an account do.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/durable-monitoring.html">Monitoring durable functions</a>
 */
final class DurableMetrics implements Reconciler<Scope> {
    /** AWS's defaults, from "Lambda quotas". */
    private static final double MOST_RUNNING = 5_000_000;

    private static final double MOST_IN_LARGE_REGIONS = 10_000_000;
    private static final Set<String> LARGE_REGIONS = Set.of("us-east-1", "us-west-2", "eu-west-1");

    private static final Duration BETWEEN_COUNTS = Duration.ofMinutes(1);
    private static final int SCAN = 1000;
    private static final Map<String, String> ENDS = Map.of(
            "SUCCEEDED", "DurableExecutionSucceeded",
            "FAILED", "DurableExecutionFailed",
            "STOPPED", "DurableExecutionStopped",
            "TIMED_OUT", "DurableExecutionTimedOut");

    private final Store store;
    private final Metrics metrics;
    private final Clock clock;
    private final Map<Scope, Set<Key>> running = new ConcurrentHashMap<>();

    DurableMetrics(Store store, Metrics metrics, Clock clock) {
        this.store = store;
        this.metrics = metrics;
        this.clock = clock;
    }

    void join(Driver driver) {
        Driver.Waker<Scope> counting = driver.add(this, 1);
        driver.follow("lambda.durable-metrics", Set.of(DurableTables.EXECUTIONS.name()), change -> {
            changed(change);
            counting.wake(change.key().scope());
        });
        Key after = null;
        while (true) {
            Key from = after;
            List<Row<Execution>> rows = store.read(tx -> tx.all(DurableTables.EXECUTIONS, from, SCAN));
            rows.stream().filter(row -> row.value().end() == null).forEach(row -> running(row.key(), true));
            if (rows.size() < SCAN) {
                break;
            }
            after = rows.getLast().key();
        }
        running.keySet().forEach(counting::wake);
    }

    @Override
    public String name() {
        return "lambda.durable-count";
    }

    /** Counts the executions of an account that run. Zero is told once. */
    @Override
    public Next reconcile(Scope scope) {
        int count = running.getOrDefault(scope, Set.of()).size();
        Instant now = clock.instant();
        add(scope, List.of(Map.of()), "ApproximateRunningDurableExecutions", "Count", now, count);
        double most = LARGE_REGIONS.contains(scope.region()) ? MOST_IN_LARGE_REGIONS : MOST_RUNNING;
        double used = 100 * count / most;
        add(scope, List.of(Map.of()), "ApproximateRunningDurableExecutionsUtilization", "Percent", now, used);
        return count == 0 ? Next.DONE : Next.after(BETWEEN_COUNTS);
    }

    private void running(Key key, boolean now) {
        Set<Key> known = running.computeIfAbsent(key.scope(), scope -> ConcurrentHashMap.newKeySet());
        if (now) {
            known.add(key);
        } else {
            known.remove(key);
        }
    }

    private void changed(Change change) {
        Execution before = change.before(DurableTables.EXECUTIONS.codec()).orElse(null);
        Execution after = change.after(DurableTables.EXECUTIONS.codec()).orElse(null);
        running(change.key(), after != null && after.end() == null);
        if (after == null) {
            return; // forgotten
        }
        Scope scope = change.key().scope();
        List<Map<String, String>> all = LambdaMetrics.dimensions(
                after.start().functionArn(scope) + ":" + after.start().version(), "");
        if (before == null) {
            add(scope, all, "DurableExecutionStarted", "Count", after.start().at(), 1);
        }
        End end = after.end();
        if (end != null && (before == null || before.end() == null)) {
            ended(scope, all, after, end);
        }
    }

    private void ended(Scope scope, List<Map<String, String>> all, Execution what, End end) {
        String name = ENDS.get(end.status());
        if (name != null) {
            add(scope, all, name, "Count", end.at(), 1);
        }
        double millis = Duration.between(what.start().at(), end.at()).toMillis();
        add(scope, all, "DurableExecutionDuration", "Milliseconds", end.at(), millis);
        add(
                scope,
                all,
                "DurableExecutionOperations",
                "Count",
                end.at(),
                what.progress().operations());
        add(
                scope,
                all,
                "DurableExecutionStorageWrittenBytes",
                "Bytes",
                end.at(),
                what.progress().bytes());
    }

    private void add(Scope scope, List<Map<String, String>> all, String name, String unit, Instant at, double value) {
        for (Map<String, String> dimensions : all) {
            metrics.add(new Metrics.What(scope, LambdaMetrics.NAMESPACE, name, dimensions, unit), at, value);
        }
    }
}
