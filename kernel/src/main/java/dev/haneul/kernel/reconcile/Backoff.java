package dev.haneul.kernel.reconcile;

import java.time.Duration;

/**
 * How long to pause after failures: doubling, bounded, with jitter so that what failed together does not come back
 * together.
 *
 * @param first the pause after the first failure
 * @param most the longest pause
 */
record Backoff(Duration first, Duration most) {
    static final Backoff DEFAULT = new Backoff(Duration.ofMillis(200), Duration.ofMinutes(1));
    private static final int MOST_DOUBLINGS = 30;

    /**
     * The pause.
     *
     * @param failures in a row, from 1
     * @param random 0 to 1; the pause is half to all of the doubled one
     */
    Duration pause(int failures, double random) {
        long doubled = first.toMillis() << Math.min(failures - 1, MOST_DOUBLINGS);
        long bounded = Math.min(doubled, most.toMillis());
        return Duration.ofMillis(Math.round(bounded * (0.5 + random / 2)));
    }

    /** Whether the failure with this number is told with its stack: the first, second, fourth, eighth … */
    static boolean worthTelling(int failures) {
        return Integer.bitCount(failures) == 1;
    }
}
