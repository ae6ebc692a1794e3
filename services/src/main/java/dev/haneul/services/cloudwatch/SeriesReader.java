package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.Metric;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.cloudwatch.CloudWatchTables.MetricRow;
import dev.haneul.services.cloudwatch.MetricStore.Name;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a metric period by period. */
final class SeriesReader {
    private final Store store;
    private final MetricStore metrics;

    SeriesReader(Store store, MetricStore metrics) {
        this.store = store;
        this.metrics = metrics;
    }

    /**
     * What to read: periods that begin at {@code from} and every {@code periodSeconds} from there, before {@code to}.
     *
     * @param unit only values of this unit; null for all
     */
    record Span(
            long fromMillis,
            long toMillis,
            int periodSeconds,
            @Nullable String unit) {
        long periodMillis() {
            return periodSeconds * 1000L;
        }

        private long start(long millis) {
            return fromMillis + Math.floorDiv(millis - fromMillis, periodMillis()) * periodMillis();
        }
    }

    /** The metric of this name; empty where nothing was ever put. */
    Optional<MetricRow> find(Scope scope, Name name) {
        return store.read(
                tx -> tx.get(CloudWatchTables.METRICS, name.key(scope)).map(Row::value));
    }

    static Name name(Metric metric) {
        return new Name(
                metric.namespace() == null ? "" : metric.namespace(),
                metric.metricName() == null ? "" : metric.metricName(),
                PutMetricData.dimensions(metric.dimensions(), "Metric"));
    }

    /** A metric's periods by their beginning, all units together. Periods without values are not there. */
    TreeMap<Long, Point> read(Scope scope, MetricRow metric, Span span) {
        TreeMap<Long, Bucket> buckets = new TreeMap<>();
        TreeMap<Long, Point> points = new TreeMap<>();
        metrics.read(scope, metric, span.fromMillis(), span.toMillis(), span.periodMillis(), point -> {
            if (span.unit() == null || span.unit().equals(point.unit())) {
                buckets.computeIfAbsent(span.start(point.timestampMillis()), any -> new Bucket())
                        .add(point);
            }
        });
        buckets.forEach((start, bucket) -> points.put(start, bucket.point(start, "None")));
        return points;
    }

    /** A metric's periods by their beginning, then by unit. */
    TreeMap<Long, Map<String, Point>> readByUnit(Scope scope, MetricRow metric, Span span) {
        TreeMap<Long, Map<String, Bucket>> buckets = new TreeMap<>();
        metrics.read(scope, metric, span.fromMillis(), span.toMillis(), span.periodMillis(), point -> {
            if (span.unit() == null || span.unit().equals(point.unit())) {
                buckets.computeIfAbsent(span.start(point.timestampMillis()), any -> new TreeMap<>())
                        .computeIfAbsent(point.unit(), any -> new Bucket())
                        .add(point);
            }
        });
        TreeMap<Long, Map<String, Point>> points = new TreeMap<>();
        buckets.forEach((start, units) -> {
            Map<String, Point> told = new TreeMap<>();
            units.forEach((unit, bucket) -> told.put(unit, bucket.point(start, unit)));
            points.put(start, told);
        });
        return points;
    }
}
