package dev.haneul.services.cloudwatch;

import dev.haneul.kernel.metrics.MetricBuffer;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.CloudWatchTables.MetricRow;
import dev.haneul.services.cloudwatch.MetricStore.Given;
import dev.haneul.services.cloudwatch.MetricStore.Name;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Sorts points to their metrics soon after they came, rolls them up once a day, forgets metrics 455 days after their
 * last point, and writes what the region's own services measured, every ten seconds.
 */
final class Sorter {
    private static final Duration GATHER = Duration.ofSeconds(10);
    private static final Duration SORT = Duration.ofMinutes(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration KEPT = Duration.ofDays(455);
    private static final Duration PAST = Duration.ofDays(14);
    private static final Duration FUTURE = Duration.ofHours(2);
    private static final int CHUNK = 500;

    private final Store store;
    private final MetricStore metrics;
    private final MetricBuffer measured;
    private final Clock clock;
    private final Map<Scope, Instant> lastSorted = new ConcurrentHashMap<>();
    private Driver.@Nullable Waker<Scope> waker;

    Sorter(Store store, MetricStore metrics, MetricBuffer measured, Clock clock) {
        this.store = store;
        this.metrics = metrics;
        this.measured = measured;
        this.clock = clock;
    }

    void join(Driver driver) {
        waker = driver.add(new Sorting(), 2);
        for (Row<?> row : all()) {
            waker.wake(row.key().scope());
        }
        driver.add(new Gathering(), 1).wake("gather");
        driver.add(new Upkeep(), 1).wake("day");
    }

    private List<Row<CloudWatchTables.SortedRow>> all() {
        List<Row<CloudWatchTables.SortedRow>> found = new ArrayList<>();
        @Nullable Key after = null;
        List<Row<CloudWatchTables.SortedRow>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(CloudWatchTables.SORTED, from, CHUNK));
            found.addAll(page);
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == CHUNK);
        return found;
    }

    /** Points came. */
    void wake(Scope scope) {
        Driver.Waker<Scope> joined = waker;
        if (joined != null) {
            joined.wake(scope);
        }
    }

    /** Writes what has been measured. */
    void gather() {
        Map<Scope, List<Given>> byScope = new HashMap<>();
        Instant now = clock.instant();
        for (MetricBuffer.Gathered each : measured.drain()) {
            var what = each.what();
            if (each.minute().isBefore(now.minus(PAST)) || each.minute().isAfter(now.plus(FUTURE))) {
                continue;
            }
            Name name = new Name(what.namespace(), what.name(), new TreeMap<>(what.dimensions()));
            Point point = Point.of(each.minute().toEpochMilli(), what.unit(), new TreeMap<>(each.values()));
            byScope.computeIfAbsent(what.scope(), any -> new ArrayList<>()).add(new Given(name, point, false));
        }
        byScope.forEach((scope, points) -> {
            for (int i = 0; i < points.size(); i += CHUNK) {
                metrics.put(scope, points.subList(i, Math.min(points.size(), i + CHUNK)));
            }
            wake(scope);
        });
    }

    private final class Gathering implements Reconciler<String> {
        @Override
        public String name() {
            return "cloudwatch.gather";
        }

        @Override
        public Next reconcile(String key) {
            gather();
            return Next.after(GATHER);
        }
    }

    private final class Sorting implements Reconciler<Scope> {
        @Override
        public String name() {
            return "cloudwatch.sort";
        }

        /** A minute's points at once, unless many came. */
        @Override
        public Next reconcile(Scope scope) {
            Instant now = clock.instant();
            Instant due = lastSorted.getOrDefault(scope, Instant.EPOCH).plus(SORT);
            if (due.isAfter(now) && !metrics.crowded(scope)) {
                return Next.at(due);
            }
            lastSorted.put(scope, now);
            return metrics.sort(scope) ? Next.after(Duration.ZERO) : Next.DONE;
        }
    }

    private final class Upkeep implements Reconciler<String> {
        @Override
        public String name() {
            return "cloudwatch.upkeep";
        }

        @Override
        public Next reconcile(String key) {
            Instant old = clock.instant().minus(KEPT);
            @Nullable Key after = null;
            List<Row<MetricRow>> page;
            do {
                Key from = after;
                page = store.read(tx -> tx.all(CloudWatchTables.METRICS, from, CHUNK));
                for (Row<MetricRow> row : page) {
                    Scope scope = row.key().scope();
                    if (row.value().lastMillis() < old.toEpochMilli()) {
                        store.write(tx -> tx.delete(CloudWatchTables.METRICS, row.key()));
                        metrics.delete(scope, row.value().log());
                    } else {
                        metrics.rollUp(scope, row.value().log());
                    }
                }
                after = page.isEmpty() ? null : page.getLast().key();
            } while (page.size() == CHUNK);
            AlarmHistory.prune(store, clock.instant());
            return Next.after(DAY);
        }
    }
}
