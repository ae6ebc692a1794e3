package dev.haneul.kernel.metrics;

import dev.haneul.kernel.store.Scope;
import java.time.Instant;
import java.util.Map;

/**
 * Where rooms tell what they measure. Quick and from any thread; what is told is gathered for some seconds, so a crash
 * loses the last of it.
 */
@FunctionalInterface
public interface Metrics {
    /** For those whose measurements nobody keeps. */
    Metrics NONE = (what, at, value, times) -> {};

    /**
     * What is measured.
     *
     * @param namespace e.g. {@code AWS/Lambda}
     * @param dimensions by name
     * @param unit as CloudWatch names it, e.g. {@code Count}, {@code Milliseconds}
     */
    record What(Scope scope, String namespace, String name, Map<String, String> dimensions, String unit) {
        public What {
            dimensions = Map.copyOf(dimensions);
        }
    }

    /** Adds a value that was measured so often at this moment. */
    void add(What what, Instant at, double value, double times);

    /** Adds a value that was measured once. */
    default void add(What what, Instant at, double value) {
        add(what, at, value, 1);
    }
}
