package dev.haneul.kernel.time;

import java.time.Duration;

/** A clock that can be moved on: {@code haneul clock advance}. */
public interface SteerableClock extends Clock {
    /**
     * Moves the clock on; every timer that becomes due runs, in order of its moment.
     *
     * @throws IllegalArgumentException for a negative duration: clocks do not go back
     */
    void advance(Duration duration);
}
