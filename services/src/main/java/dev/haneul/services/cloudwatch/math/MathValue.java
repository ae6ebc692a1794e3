package dev.haneul.services.cloudwatch.math;

import java.util.List;
import java.util.SortedMap;

/** What an expression comes to. */
public sealed interface MathValue {
    /** One number, the same at all times. */
    record Scalar(double value) implements MathValue {}

    /**
     * A time series.
     *
     * @param label what it is called where the client gives no label
     * @param points by epoch milliseconds
     */
    record Series(String label, int periodSeconds, SortedMap<Long, Double> points) implements MathValue {
        /** The same under another name. */
        public Series labelled(String other) {
            return new Series(other, periodSeconds, points);
        }
    }

    /** Several time series. */
    record Many(List<Series> all) implements MathValue {
        public Many {
            all = List.copyOf(all);
        }
    }

    /** A text in quotes, or a word such as REPEAT. */
    record Text(String text) implements MathValue {}
}
