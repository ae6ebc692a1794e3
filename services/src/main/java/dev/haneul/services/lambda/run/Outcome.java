package dev.haneul.services.lambda.run;

import org.jspecify.annotations.Nullable;

/**
 * What became of an invocation that a function was given.
 *
 * @param kind in a word
 * @param payload the result, or AWS's error document
 * @param errorType of a failure, null for a success
 * @param tail the last 4 KB of its log, empty where they were not asked for
 * @param cold whether the environment was started for it
 * @param durationMicros of the invocation itself
 * @param initMicros of the start before it, null where there was none or it failed
 * @param provision null where nothing is kept ready for the function
 * @param extensionsMicros how long extensions worked on after it
 */
public record Outcome(
        Kind kind,
        byte[] payload,
        @Nullable String errorType,
        byte[] tail,
        boolean cold,
        long durationMicros,
        @Nullable Long initMicros,
        long billedMillis,
        long peakMemoryMib,
        long extensionsMicros,
        @Nullable Provision provision) {
    /**
     * How a function's provisioned concurrency was used.
     *
     * @param served whether it ran in an environment that was kept ready; else all of those were busy
     * @param busy environments kept ready that run something, this invocation counted
     * @param ready environments kept ready, busy or not
     */
    public record Provision(boolean served, int busy, int ready) {}

    /** The ways an invocation ends. */
    public enum Kind {
        SUCCESS,
        /** The handler failed, and its runtime told so. */
        ERROR,
        TIMEOUT,
        /** The runtime ended. */
        EXIT,
        OUT_OF_MEMORY
    }

    public boolean failed() {
        return kind != Kind.SUCCESS;
    }
}
