package dev.haneul.services.lambda.runtimes;

import dev.haneul.engines.WorkloadSpec.Mount;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a function's runtime is started.
 *
 * @param command program and arguments
 * @param environment variables that are the runtime's own
 * @param mounts what it needs to see
 * @param version for INIT_START, e.g. {@code python:3.11.7}
 * @param warning a sentence for the function's log, null where all is as asked for
 */
public record RuntimePlan(
        List<String> command,
        Map<String, String> environment,
        List<Mount> mounts,
        String version,
        @Nullable String warning) {
    public RuntimePlan {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        mounts = List.copyOf(mounts);
    }
}
