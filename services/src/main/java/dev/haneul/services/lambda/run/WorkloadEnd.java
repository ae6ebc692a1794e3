package dev.haneul.services.lambda.run;

import dev.haneul.engines.Workload;
import java.time.Instant;

/**
 * What an environment has used, told when it has ended.
 *
 * @param workload the engine's name for it
 * @param ahead whether its runtime was booted before its function was known
 * @param startedAt by the host's clock, as is the end
 */
public record WorkloadEnd(
        Target target, String workload, boolean ahead, Instant startedAt, Instant endedAt, Workload.Usage usage) {
    /** Hears of ends. */
    @FunctionalInterface
    public interface Ear {
        void ended(WorkloadEnd end);
    }
}
