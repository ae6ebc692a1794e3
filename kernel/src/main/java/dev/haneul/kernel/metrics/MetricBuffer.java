package dev.haneul.kernel.metrics;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gathers measurements by minute until they are taken. Bounded: beyond so many series, or distinct values within a
 * series' minute, values are dropped or rounded to two digits.
 */
public final class MetricBuffer implements Metrics {
    private static final int SERIES = 20_000;
    private static final int VALUES = 300;
    private static final double DIGITS = 100;

    private Map<Slot, TreeMap<Double, Double>> held = new HashMap<>();
    private long dropped;

    private record Slot(What what, Instant minute) {}

    /**
     * The values of one series within one minute.
     *
     * @param values how often each value was measured
     */
    public record Gathered(What what, Instant minute, Map<Double, Double> values) {}

    @Override
    public synchronized void add(What what, Instant at, double value, double times) {
        if (!Double.isFinite(value) || !(times > 0)) {
            return;
        }
        Slot slot = new Slot(what, at.truncatedTo(ChronoUnit.MINUTES));
        TreeMap<Double, Double> values = held.get(slot);
        if (values == null) {
            if (held.size() >= SERIES) {
                dropped++;
                return;
            }
            values = new TreeMap<>();
            held.put(slot, values);
        }
        boolean fits = values.size() < VALUES || values.containsKey(value);
        values.merge(fits ? value : rounded(value), times, Double::sum);
    }

    /** Two digits that count: at most some thousand different ones even over a wide range. */
    private static double rounded(double value) {
        if (value == 0) {
            return 0;
        }
        double scale = Math.pow(10, Math.floor(Math.log10(Math.abs(value))));
        return Math.round(value / scale * DIGITS / 10) * scale / DIGITS * 10;
    }

    /** Takes what has come together. */
    public List<Gathered> drain() {
        Map<Slot, TreeMap<Double, Double>> taken;
        long lost;
        synchronized (this) {
            taken = held;
            held = new HashMap<>();
            lost = dropped;
            dropped = 0;
        }
        if (lost > 0) {
            System.getLogger(MetricBuffer.class.getName())
                    .log(System.Logger.Level.WARNING, "{0} measurements were dropped: too many series", lost);
        }
        List<Gathered> gathered = new ArrayList<>(taken.size());
        taken.forEach((slot, values) -> gathered.add(new Gathered(slot.what(), slot.minute(), values)));
        return gathered;
    }
}
