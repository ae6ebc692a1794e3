package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.Datapoint;
import dev.haneul.api.cloudwatch.GetMetricStatisticsInput;
import dev.haneul.api.cloudwatch.GetMetricStatisticsOutput;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.MetricStore.Name;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** GetMetricStatistics: one metric, period by period. */
final class GetMetricStatistics {
    private static final int DATAPOINTS = 1440;

    private final SeriesReader series;
    private final Clock clock;

    GetMetricStatistics(SeriesReader series, Clock clock) {
        this.series = series;
        this.clock = clock;
    }

    GetMetricStatisticsOutput get(GetMetricStatisticsInput in, Call call) {
        Map<String, Statistic> extended = extended(in);
        Instant now = clock.instant();
        checkPeriod(in.period(), "Period");
        if (!in.startTime().isBefore(in.endTime())) {
            throw CloudWatchFaults.value("The parameter StartTime must be less than the parameter EndTime.");
        }
        long from = roundedStart(in.startTime(), now, in.period());
        long to = in.endTime().toEpochMilli();
        long wanted = Math.ceilDiv(to - from, in.period() * 1000L);
        if (wanted > DATAPOINTS) {
            throw CloudWatchFaults.combination(
                    "You have requested up to %,d datapoints, which exceeds the limit of".formatted(wanted)
                            + " 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time"
                            + " range.");
        }
        Scope scope = new Scope(call.account(), call.region());
        Name name = new Name(in.namespace(), in.metricName(), PutMetricData.dimensions(in.dimensions(), "Dimensions"));
        List<Datapoint> points = new ArrayList<>();
        series.find(scope, name)
                .ifPresent(metric -> series.readByUnit(
                                scope, metric, new SeriesReader.Span(from, to, in.period(), in.unit()))
                        .values()
                        .forEach(units -> units.values()
                                .forEach(point -> points.add(datapoint(point, in.statistics(), extended)))));
        return new GetMetricStatisticsOutput().label(in.metricName()).datapoints(points);
    }

    private static Map<String, Statistic> extended(GetMetricStatisticsInput in) {
        if (in.statistics().isEmpty() && in.extendedStatistics().isEmpty()) {
            throw CloudWatchFaults.combination("Must specify either Statistics or ExtendedStatistics");
        }
        Map<String, Statistic> extended = new LinkedHashMap<>();
        for (String each : in.extendedStatistics()) {
            extended.put(
                    each,
                    Statistic.parse(each)
                            .filter(Statistic::extended)
                            .orElseThrow(() -> CloudWatchFaults.value(
                                    "The value " + each + " for parameter ExtendedStatistics is not supported.")));
        }
        return extended;
    }

    /** Periods are 1, 5, 10, 20 or 30 seconds or whole minutes. */
    static void checkPeriod(@Nullable Integer period, String at) {
        boolean sound = period != null
                && period > 0
                && (period % 60 == 0 || period == 1 || period == 5 || period == 10 || period == 20 || period == 30);
        if (!sound) {
            throw CloudWatchFaults.value("The parameter " + at + " must be 1, 5, 10, 20, 30, or a multiple of 60.");
        }
    }

    /**
     * A start as CloudWatch rounds it: to the minute, five minutes or hour by its age; to the period where that is less
     * than a minute.
     */
    static long roundedStart(Instant start, Instant now, int periodSeconds) {
        Duration age = Duration.between(start, now);
        long unit = age.compareTo(Duration.ofDays(63)) > 0
                ? Tier.HOUR.millis
                : age.compareTo(Duration.ofDays(15)) > 0 ? Tier.FIVE_MINUTES.millis : Tier.MINUTE.millis;
        if (periodSeconds < 60 && age.compareTo(Duration.ofHours(3)) <= 0) {
            unit = periodSeconds * 1000L;
        }
        return Math.floorDiv(start.toEpochMilli(), unit) * unit;
    }

    private static Datapoint datapoint(Point point, List<String> statistics, Map<String, Statistic> extended) {
        Datapoint out = new Datapoint()
                .timestamp(Instant.ofEpochMilli(point.timestampMillis()))
                .unit(point.unit());
        for (String each : statistics) {
            double value = Statistic.classic(each).orElseThrow().of(point).orElseThrow();
            switch (each) {
                case "SampleCount" -> out.sampleCount(value);
                case "Average" -> out.average(value);
                case "Sum" -> out.sum(value);
                case "Minimum" -> out.minimum(value);
                default -> out.maximum(value);
            }
        }
        Map<String, Double> more = new LinkedHashMap<>();
        extended.forEach((name, statistic) -> {
            OptionalDouble value = statistic.of(point);
            if (value.isPresent()) {
                more.put(name, value.getAsDouble());
            }
        });
        if (!more.isEmpty()) {
            out.extendedStatistics(more);
        }
        return out;
    }
}
