package dev.haneul.kernel.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The region's time. Every timer goes by it, so that advancing a virtual clock moves spot notices, keep-warm, alarms,
 * cool-downs, token expiry and billing hours alike.
 */
public interface Clock extends InstantSource {
    /** Runs a task once when this clock reaches the moment (at once where it has passed). The task must be quick. */
    Timer at(Instant moment, Runnable task);

    /** Runs a task once when this much of this clock's time has passed. */
    default Timer after(Duration delay, Runnable task) {
        return at(instant().plus(delay), task);
    }

    /** A timer that can be called off. */
    interface Timer {
        /** Calls it off; nothing happens where it has run. */
        void cancel();
    }
}
