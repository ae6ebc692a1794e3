package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.Dimension;
import dev.haneul.api.cloudwatch.EntityMetricData;
import dev.haneul.api.cloudwatch.MetricDatum;
import dev.haneul.api.cloudwatch.PutMetricDataInput;
import dev.haneul.api.cloudwatch.StatisticSet;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.MetricStore.Given;
import dev.haneul.services.cloudwatch.MetricStore.Name;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** PutMetricData: a request is checked as a whole, then all of it is kept. */
final class PutMetricData {
    private static final int DATUMS = 1000;
    private static final int DIMENSIONS = 30;
    private static final int VALUES = 150;
    private static final double LARGEST = Math.pow(2, 360);
    private static final Duration PAST = Duration.ofDays(14);
    private static final Duration FUTURE = Duration.ofHours(2);

    private final MetricStore metrics;
    private final Sorter sorter;
    private final Clock clock;

    PutMetricData(MetricStore metrics, Sorter sorter, Clock clock) {
        this.metrics = metrics;
        this.sorter = sorter;
        this.clock = clock;
    }

    void put(PutMetricDataInput in, Call call) {
        if (in.namespace().startsWith("AWS/") && call.principal().type() != Principal.Type.SERVICE) {
            throw CloudWatchFaults.value("The value AWS/ for parameter Namespace is invalid.");
        }
        List<MetricDatum> data = new ArrayList<>(in.metricData());
        for (EntityMetricData each : in.entityMetricData()) {
            data.addAll(each.metricData());
        }
        if (data.isEmpty()) {
            throw CloudWatchFaults.missing("The parameter MetricData is required.");
        }
        if (data.size() > DATUMS) {
            throw CloudWatchFaults.validation("1 validation error detected: Value at 'metricData' failed to satisfy"
                    + " constraint: Member must have length less than or equal to " + DATUMS);
        }
        Instant now = clock.instant();
        List<Given> given = new ArrayList<>(data.size());
        for (int i = 0; i < data.size(); i++) {
            given.add(given(in.namespace(), data.get(i), "MetricData.member." + (i + 1), now));
        }
        Scope scope = new Scope(call.account(), call.region());
        metrics.put(scope, given);
        sorter.wake(scope);
    }

    private static Given given(String namespace, MetricDatum datum, String at, Instant now) {
        Instant time = datum.timestamp() == null ? now : datum.timestamp();
        if (time.isBefore(now.minus(PAST))) {
            throw CloudWatchFaults.value(
                    "The parameter " + at + ".Timestamp must specify a time no more than two weeks in the past.");
        }
        if (time.isAfter(now.plus(FUTURE))) {
            throw CloudWatchFaults.value(
                    "The parameter " + at + ".Timestamp must specify a time no more than two hours in the future.");
        }
        Integer resolution = datum.storageResolution();
        if (resolution != null && resolution != 1 && resolution != 60) {
            throw CloudWatchFaults.value(
                    "The value " + resolution + " for parameter " + at + ".StorageResolution is invalid.");
        }
        String unit = datum.unit() == null ? "None" : datum.unit();
        Name name = new Name(namespace, datum.metricName(), dimensions(datum.dimensions(), at));
        long second = Math.floorDiv(time.toEpochMilli(), 1000L) * 1000;
        return new Given(name, point(datum, second, unit, at), resolution != null && resolution == 1);
    }

    /** Checked dimensions, sorted by name. */
    static TreeMap<String, String> dimensions(List<Dimension> dimensions, String at) {
        if (dimensions.size() > DIMENSIONS) {
            throw CloudWatchFaults.value("The collection " + at + ".Dimensions must not have a size greater than 30.");
        }
        TreeMap<String, String> sorted = new TreeMap<>();
        for (int i = 0; i < dimensions.size(); i++) {
            Dimension each = dimensions.get(i);
            requirePrintable(each.name(), at + ".Dimensions.member." + (i + 1) + ".Name");
            requirePrintable(each.value(), at + ".Dimensions.member." + (i + 1) + ".Value");
            if (sorted.put(each.name(), each.value()) != null) {
                throw CloudWatchFaults.value("No dimension name can be specified more than once: " + each.name());
            }
        }
        return sorted;
    }

    private static void requirePrintable(String text, String at) {
        boolean odd = text.isBlank() || text.chars().anyMatch(c -> c < ' ' || c > '~');
        if (odd || (at.endsWith("Name") && text.startsWith(":"))) {
            throw CloudWatchFaults.value("The value " + text + " for parameter " + at + " is invalid.");
        }
    }

    private static Point point(MetricDatum datum, long millis, String unit, String at) {
        StatisticSet set = datum.statisticValues();
        boolean single = datum.value() != null;
        boolean many = !datum.values().isEmpty();
        exclusive(single, many, at + ".Value", at + ".Values");
        exclusive(single, set != null, at + ".Value", at + ".StatisticValues");
        exclusive(many, set != null, at + ".Values", at + ".StatisticValues");
        if (set != null) {
            return ofSet(set, millis, unit, at);
        }
        TreeMap<Double, Double> values = new TreeMap<>();
        if (single) {
            values.put(number(datum.value(), at + ".Value"), 1.0);
        } else if (many) {
            arrays(datum, values, at);
        } else {
            throw CloudWatchFaults.missing("At least one of the parameters " + at + ".Value, " + at + ".Values or " + at
                    + ".StatisticValues must be specified.");
        }
        return Point.of(millis, unit, values);
    }

    private static void arrays(MetricDatum datum, TreeMap<Double, Double> values, String at) {
        List<Double> counts = datum.counts();
        if (datum.values().size() > VALUES) {
            throw CloudWatchFaults.value("The collection " + at + ".Values must not have a size greater than 150.");
        }
        if (!counts.isEmpty() && counts.size() != datum.values().size()) {
            throw CloudWatchFaults.value(
                    "The parameters " + at + ".Values and " + at + ".Counts must be of the same size.");
        }
        for (int i = 0; i < datum.values().size(); i++) {
            String member = ".member." + (i + 1);
            double value = number(datum.values().get(i), at + ".Values" + member);
            double times = counts.isEmpty() ? 1 : number(counts.get(i), at + ".Counts" + member);
            if (times < 0) {
                throw CloudWatchFaults.value(
                        "The value " + times + " for parameter " + at + ".Counts" + member + " is invalid.");
            }
            if (times > 0) {
                values.merge(value, times, Double::sum);
            }
        }
        if (values.isEmpty()) {
            throw CloudWatchFaults.value("The counts of " + at + ".Counts are all zero.");
        }
    }

    private static Point ofSet(StatisticSet set, long millis, String unit, String at) {
        String in = at + ".StatisticValues";
        double count = number(set.sampleCount(), in + ".SampleCount");
        double sum = number(set.sum(), in + ".Sum");
        double min = number(set.minimum(), in + ".Minimum");
        double max = number(set.maximum(), in + ".Maximum");
        if (count <= 0) {
            throw CloudWatchFaults.value("The parameter " + in + ".SampleCount must be greater than 0.");
        }
        if (min > max) {
            throw CloudWatchFaults.combination("The parameter " + in
                    + ".Maximum must be greater than or equal to the parameter " + in + ".Minimum.");
        }
        return Point.ofSet(millis, unit, count, sum, min, max);
    }

    private static void exclusive(boolean one, boolean other, String oneName, String otherName) {
        if (one && other) {
            throw CloudWatchFaults.combination("The parameters " + oneName + " and " + otherName
                    + " are mutually exclusive and you have specified both.");
        }
    }

    private static double number(@Nullable Double value, String at) {
        if (value == null) {
            throw CloudWatchFaults.missing("The parameter " + at + " is required.");
        }
        if (!Double.isFinite(value) || Math.abs(value) > LARGEST) {
            throw CloudWatchFaults.value("The value " + value + " for parameter " + at + " is invalid.");
        }
        return value;
    }
}
