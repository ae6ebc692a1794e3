package dev.haneul.services.cloudwatch;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Adds points up. Distinct values are bounded: where there are too many, neighbours become their mean. */
final class Bucket {
    private static final int VALUES = 2_000;

    private double count;
    private double sum;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;
    private TreeMap<Double, Double> values = new TreeMap<>();
    private boolean opaque;

    void add(Point point) {
        count += point.count();
        sum += point.sum();
        min = Math.min(min, point.min());
        max = Math.max(max, point.max());
        opaque |= point.opaque();
        for (Map.Entry<Double, Double> each : point.values().entrySet()) {
            values.merge(each.getKey(), each.getValue(), Double::sum);
        }
        if (values.size() > VALUES) {
            values = halved(values);
        }
    }

    private static TreeMap<Double, Double> halved(SortedMap<Double, Double> all) {
        TreeMap<Double, Double> out = new TreeMap<>();
        double held = 0;
        double times = 0;
        for (Map.Entry<Double, Double> each : all.entrySet()) {
            if (times > 0) {
                double both = times + each.getValue();
                double mean = held + (each.getKey() - held) * (each.getValue() / both);
                out.merge(mean, both, Double::sum);
                times = 0;
            } else {
                held = each.getKey();
                times = each.getValue();
            }
        }
        if (times > 0) {
            out.merge(held, times, Double::sum);
        }
        return out;
    }

    Point point(long timestampMillis, String unit) {
        return new Point(timestampMillis, unit, count, sum, min, max, values, opaque);
    }
}
