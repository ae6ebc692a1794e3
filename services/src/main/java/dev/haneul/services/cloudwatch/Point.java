package dev.haneul.services.cloudwatch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Values of one unit at one moment, or within one bucket of a roll-up.
 *
 * @param values how often each value came; empty where only the set's statistics are known
 * @param opaque whether some of it came as a statistic set, so that no percentiles can be told
 */
record Point(
        long timestampMillis,
        String unit,
        double count,
        double sum,
        double min,
        double max,
        SortedMap<Double, Double> values,
        boolean opaque) {
    private static final int DOUBLES = 4 * Double.BYTES;

    /** A point of values that came so often. */
    static Point of(long timestampMillis, String unit, SortedMap<Double, Double> values) {
        double count = 0;
        double sum = 0;
        for (var each : values.entrySet()) {
            count += each.getValue();
            sum += each.getKey() * each.getValue();
        }
        return new Point(timestampMillis, unit, count, sum, values.firstKey(), values.lastKey(), values, false);
    }

    /** A point of a statistic set; where all its values are equal they are known. */
    static Point ofSet(long timestampMillis, String unit, double count, double sum, double min, double max) {
        TreeMap<Double, Double> values = new TreeMap<>();
        boolean known = min == max;
        if (known) {
            values.put(min, count);
        }
        return new Point(timestampMillis, unit, count, sum, min, max, values, !known);
    }

    /** The bytes it takes in {@link #write}. */
    int size() {
        return 1 + unit.length() + DOUBLES + 1 + Integer.BYTES + values.size() * 2 * Double.BYTES;
    }

    void write(ByteBuffer out) {
        out.put((byte) unit.length()).put(unit.getBytes(StandardCharsets.US_ASCII));
        out.putDouble(count).putDouble(sum).putDouble(min).putDouble(max);
        out.put((byte) (opaque ? 1 : 0)).putInt(values.size());
        values.forEach((value, times) -> out.putDouble(value).putDouble(times));
    }

    static Point read(long timestampMillis, ByteBuffer in) {
        byte[] unit = new byte[in.get()];
        in.get(unit);
        double count = in.getDouble();
        double sum = in.getDouble();
        double min = in.getDouble();
        double max = in.getDouble();
        boolean opaque = in.get() != 0;
        TreeMap<Double, Double> values = new TreeMap<>();
        for (int left = in.getInt(); left > 0; left--) {
            values.put(in.getDouble(), in.getDouble());
        }
        return new Point(
                timestampMillis, new String(unit, StandardCharsets.US_ASCII), count, sum, min, max, values, opaque);
    }
}
