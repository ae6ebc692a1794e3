package dev.haneul.services.logs.insights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A statistic over rows. Memory is bounded: beyond so many values, percentiles are of a sample. */
final class Aggregate {
    static final Set<String> NAMES = Set.of(
            "count",
            "count_distinct",
            "sum",
            "avg",
            "min",
            "max",
            "pct",
            "median",
            "stddev",
            "earliest",
            "latest",
            "sortsfirst",
            "sortslast");
    private static final int VALUES = 20_000;

    private final Spec spec;
    private final List<Double> values = new ArrayList<>();
    private final Set<String> distinct = new HashSet<>();
    private long count;
    private double sum;
    private double squares;
    private @Nullable Object least;
    private @Nullable Object most;
    private @Nullable Object first;
    private @Nullable Object last;
    private double firstAt = Double.POSITIVE_INFINITY;
    private double lastAt = Double.NEGATIVE_INFINITY;
    private int stride = 1;

    /**
     * What is computed.
     *
     * @param of null for {@code count(*)}
     * @param percent of {@code pct}
     */
    record Spec(String function, @Nullable Expr of, double percent, String name) {}

    Aggregate(Spec spec) {
        this.spec = spec;
    }

    void add(InsightsRow row) {
        Expr of = spec.of();
        Object value = of == null ? Boolean.TRUE : of.of(row);
        if (value == null) {
            return;
        }
        count++;
        switch (spec.function()) {
            case "count" -> {}
            case "count_distinct" -> {
                if (distinct.size() < VALUES) {
                    distinct.add(Expr.text(value));
                }
            }
            case "earliest", "latest" -> byTime(value, Expr.number(row.get("@timestamp")));
            case "sortsfirst", "sortslast" -> extremes(value);
            default -> {
                Double number = Expr.number(value);
                if (number != null) {
                    sum += number;
                    squares += number * number;
                    extremes(number);
                    keep(number);
                } else {
                    count--;
                }
            }
        }
    }

    private void byTime(Object value, @Nullable Double at) {
        double time = at == null ? 0 : at;
        if (time < firstAt) {
            firstAt = time;
            first = value;
        }
        if (time >= lastAt) {
            lastAt = time;
            last = value;
        }
    }

    private void extremes(Object value) {
        least = least == null || Expr.compare(value, least) < 0 ? value : least;
        most = most == null || Expr.compare(value, most) > 0 ? value : most;
    }

    private void keep(double number) {
        boolean needed = spec.function().equals("pct") || spec.function().equals("median");
        if (!needed || count % stride != 0) {
            return;
        }
        values.add(number);
        if (values.size() > VALUES) {
            for (int i = 0; i < values.size() / 2; i++) {
                values.set(i, values.get(2 * i));
            }
            values.subList(values.size() / 2, values.size()).clear();
            stride *= 2;
        }
    }

    @Nullable
    Object value() {
        return switch (spec.function()) {
            case "count" -> (double) count;
            case "count_distinct" -> (double) distinct.size();
            case "sum" -> count == 0 ? null : sum;
            case "avg" -> count == 0 ? null : sum / count;
            case "stddev" ->
                count == 0 ? null : Math.sqrt(Math.max(0, squares / count - (sum / count) * (sum / count)));
            case "min", "sortsfirst" -> least;
            case "max", "sortslast" -> most;
            case "earliest" -> first;
            case "latest" -> last;
            default -> percentile();
        };
    }

    private @Nullable Double percentile() {
        if (values.isEmpty()) {
            return null;
        }
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        double rank = spec.percent() / 100 * (sorted.size() - 1);
        int below = (int) Math.floor(rank);
        int above = (int) Math.ceil(rank);
        return sorted.get(below) + (rank - below) * (sorted.get(above) - sorted.get(below));
    }
}
