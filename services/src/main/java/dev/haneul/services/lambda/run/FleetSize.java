package dev.haneul.services.lambda.run;

import java.time.Duration;

/**
 * How much the host bears.
 *
 * @param mostEnvironments at once, idle ones included
 * @param mostStarting at once: each start wants a CPU for a moment
 * @param mostMemoryMib sum of all memory sizes; one environment may always run
 * @param keepWarm how long an idle environment is kept
 */
public record FleetSize(int mostEnvironments, int mostStarting, long mostMemoryMib, Duration keepWarm) {}
