package dev.haneul.services.lambda.run;

import java.time.Duration;
import java.time.Instant;

/**
 * When to do what is of use later, so that it does not take the CPU from what is wanted now. Pure.
 *
 * @param quiet how long nothing may have started
 * @param patience how long to wait for that at most
 */
record Calm(Duration quiet, Duration patience) {
    /**
     * The moment to begin.
     *
     * @param stirred when something last started
     * @param since since when it has been waited
     */
    Instant next(Instant stirred, Instant since) {
        Instant latest = since.plus(patience);
        if (stirred.isBefore(since.minus(quiet))) {
            return since;
        }
        Instant quieted = stirred.plus(quiet);
        return quieted.isBefore(latest) ? quieted : latest;
    }
}
