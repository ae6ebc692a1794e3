package dev.haneul.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;

/** Durations of one thing done many times. */
final class Samples {
    private final List<Long> nanos = new ArrayList<>();

    void add(long durationNanos) {
        nanos.add(durationNanos);
    }

    /** Runs a step so many times after a few unmeasured rounds. */
    static Samples of(int warmUps, int rounds, Callable<?> step) throws Exception {
        for (int i = 0; i < warmUps; i++) {
            step.call();
        }
        Samples samples = new Samples();
        for (int i = 0; i < rounds; i++) {
            long started = System.nanoTime();
            step.call();
            samples.add(System.nanoTime() - started);
        }
        return samples;
    }

    /** The samples of several clients as one. */
    static Samples together(List<Samples> several) {
        Samples all = new Samples();
        several.forEach(one -> all.nanos.addAll(one.nanos));
        return all;
    }

    int count() {
        return nanos.size();
    }

    /** The value below which this percentage of the samples lies, in milliseconds. */
    double millis(double percentile) {
        List<Long> sorted = new ArrayList<>(nanos);
        Collections.sort(sorted);
        int index = (int) Math.ceil(percentile / 100 * sorted.size()) - 1;
        return sorted.get(Math.max(0, index)) / 1e6;
    }
}
