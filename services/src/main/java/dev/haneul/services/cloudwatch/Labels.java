package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.Dimension;
import dev.haneul.api.cloudwatch.MetricDataQuery;
import dev.haneul.api.cloudwatch.MetricStat;
import dev.haneul.services.cloudwatch.math.MathValue.Series;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Labels with dynamic parts, such as {@code ${MAX}} or {@code ${PROP('MetricName')}}. */
final class Labels {
    private static final Pattern PART = Pattern.compile("\\$\\{([A-Z_]+)(?:\\('([^']{1,255})'\\))?\\}");

    private Labels() {}

    static String of(MetricDataQuery query, Series series, String own) {
        String label = query.label();
        if (label == null) {
            return own;
        }
        Matcher parts = PART.matcher(label);
        StringBuilder out = new StringBuilder();
        while (parts.find()) {
            String text = part(parts.group(1), parts.group(2), query, series, own);
            parts.appendReplacement(out, Matcher.quoteReplacement(text == null ? parts.group() : text));
        }
        return parts.appendTail(out).toString();
    }

    private static @Nullable String part(
            String name, @Nullable String argument, MetricDataQuery query, Series series, String own) {
        SortedMap<Long, Double> points = series.points();
        if (name.equals("LABEL")) {
            return own.equals(query.label()) ? series.label().equals(query.label()) ? query.id() : series.label() : own;
        }
        if (name.equals("PROP") && argument != null) {
            return property(argument, query);
        }
        if (points.isEmpty()) {
            return name.equals("DATAPOINT_COUNT") ? "0" : "--";
        }
        Collection<Double> values = points.values();
        double sum = values.stream().mapToDouble(each -> each).sum();
        Map.Entry<Long, Double> least =
                points.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
        Map.Entry<Long, Double> most = points.entrySet().stream()
                .max(Map.Entry.comparingByValue(Comparator.naturalOrder()))
                .orElseThrow();
        double first = Objects.requireNonNull(points.get(points.firstKey()));
        double last = Objects.requireNonNull(points.get(points.lastKey()));
        return switch (name) {
            case "AVG" -> number(sum / values.size());
            case "SUM" -> number(sum);
            case "MIN" -> number(least.getValue());
            case "MAX" -> number(most.getValue());
            case "FIRST" -> number(first);
            case "LAST" -> number(last);
            case "DATAPOINT_COUNT" -> Integer.toString(values.size());
            case "FIRST_LAST_RANGE" -> number(last - first);
            case "MIN_MAX_RANGE" -> number(most.getValue() - least.getValue());
            case "MIN_TIME" -> Instant.ofEpochMilli(least.getKey()).toString();
            case "MAX_TIME" -> Instant.ofEpochMilli(most.getKey()).toString();
            case "FIRST_TIME" -> Instant.ofEpochMilli(points.firstKey()).toString();
            case "LAST_TIME" -> Instant.ofEpochMilli(points.lastKey()).toString();
            default -> null;
        };
    }

    private static @Nullable String property(String name, MetricDataQuery query) {
        MetricStat stat = query.metricStat();
        if (stat == null) {
            return null;
        }
        return switch (name) {
            case "MetricName" -> stat.metric().metricName();
            case "Namespace" -> stat.metric().namespace();
            case "Stat" -> stat.stat();
            case "Period" -> String.valueOf(stat.period());
            default ->
                stat.metric().dimensions().stream()
                        .filter(each -> name.equals("Dim." + each.name()))
                        .map(Dimension::value)
                        .findFirst()
                        .orElse(null);
        };
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
