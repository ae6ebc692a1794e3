package dev.haneul.services.lambda;

import dev.haneul.api.lambda.EphemeralStorage;
import dev.haneul.api.lambda.LoggingConfig;
import dev.haneul.api.lambda.TracingConfig;
import dev.haneul.services.lambda.run.JavaTrainer;
import dev.haneul.services.lambda.runtimes.RuntimeName;
import dev.haneul.services.lambda.runtimes.Runtimes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a function's configuration may be, with AWS's words where it may not. See "Lambda quotas". */
final class ConfigurationRules {
    static final int DEFAULT_MEMORY_MIB = 128;
    static final int DEFAULT_TIMEOUT_SECONDS = 3;
    static final int DEFAULT_EPHEMERAL_MIB = 512;

    private static final int MOST_MEMORY_MIB = 10_240;
    private static final int LONGEST_TIMEOUT_SECONDS = 900;
    private static final int ENVIRONMENT_BYTES = 4096;

    /** Variables that Lambda sets itself. */
    private static final Set<String> RESERVED = Set.of(
            "_HANDLER",
            "_X_AMZN_TRACE_ID",
            "AWS_DEFAULT_REGION",
            "AWS_REGION",
            "AWS_EXECUTION_ENV",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "AWS_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_LAMBDA_RUNTIME_API",
            "LAMBDA_TASK_ROOT",
            "LAMBDA_RUNTIME_DIR");

    private ConfigurationRules() {}

    /** A runtime that AWS has and this host runs. */
    static RuntimeName runtime(String name, Runtimes runtimes, JavaTrainer trainer) {
        RuntimeName runtime = RuntimeName.of(name)
                .orElseThrow(() -> Problems.invalid("Value " + name
                        + " at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: ["
                        + String.join(", ", offered()) + "] or be a valid ARN"));
        if (runtime.retired()) {
            throw Problems.invalid("The runtime parameter of " + name
                    + " is no longer supported for creating or updating AWS Lambda functions. We recommend you use a"
                    + " supported runtime while creating or updating functions.");
        }
        if (runtimes.choose(runtime).isEmpty()) {
            throw Problems.invalid(runtimes.missing(runtime));
        }
        try {
            runtimes.prepare(runtime);
            trainer.train(runtime);
        } catch (java.io.IOException e) {
            throw Problems.service("The runtime " + name + " could not be prepared: " + e.getMessage());
        }
        return runtime;
    }

    static void memory(@Nullable Integer memoryMib) {
        if (memoryMib != null && (memoryMib < DEFAULT_MEMORY_MIB || memoryMib > MOST_MEMORY_MIB)) {
            throw Problems.validation("Value '" + memoryMib + "' at 'memorySize' failed to satisfy constraint: "
                    + (memoryMib < DEFAULT_MEMORY_MIB
                            ? "Member must have value greater than or equal to " + DEFAULT_MEMORY_MIB
                            : "Member must have value less than or equal to " + MOST_MEMORY_MIB));
        }
    }

    static void timeout(@Nullable Integer seconds) {
        if (seconds != null && (seconds < 1 || seconds > LONGEST_TIMEOUT_SECONDS)) {
            throw Problems.validation("Value '" + seconds + "' at 'timeout' failed to satisfy constraint: "
                    + (seconds < 1
                            ? "Member must have value greater than or equal to 1"
                            : "Member must have value less than or equal to " + LONGEST_TIMEOUT_SECONDS));
        }
    }

    static void variables(Map<String, String> variables) {
        Set<String> taken = new TreeSet<>(variables.keySet());
        taken.retainAll(RESERVED);
        if (!taken.isEmpty()) {
            throw Problems.invalid("Lambda was unable to configure your environment variables because the environment"
                    + " variables you have provided contains reserved keys that are currently not supported for"
                    + " modification. Reserved keys used in this request: " + String.join(", ", taken));
        }
        String measured = Json.write(variables);
        if (measured.getBytes(StandardCharsets.UTF_8).length > ENVIRONMENT_BYTES) {
            throw Problems.invalid("Lambda was unable to configure your environment variables because the environment"
                    + " variables you have provided exceeded the 4KB limit. String measured: " + measured);
        }
    }

    static void ephemeral(@Nullable EphemeralStorage storage) {
        if (storage != null && (storage.size() < DEFAULT_EPHEMERAL_MIB || storage.size() > 10_240)) {
            throw Problems.validation("Value '" + storage.size()
                    + "' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value between "
                    + DEFAULT_EPHEMERAL_MIB + " and 10240");
        }
    }

    static void architectures(List<String> architectures) {
        if (architectures.size() > 1) {
            throw Problems.validation("Value '[" + String.join(", ", architectures)
                    + "]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal"
                    + " to 1");
        }
        for (String architecture : architectures) {
            if (!architecture.equals("x86_64") && !architecture.equals("arm64")) {
                throw Problems.validation("Value '[" + architecture
                        + "]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member"
                        + " must satisfy enum value set: [x86_64, arm64], Member must not be null]");
            }
        }
    }

    /** Parts of a configuration that stand in the API and are not built. */
    static void built(@Nullable TracingConfig tracing, @Nullable LoggingConfig logging) {
        if (tracing != null && "Active".equals(tracing.mode())) {
            throw Problems.notBuilt("TracingConfig with Mode=Active");
        }
        if (logging != null
                && !"JSON".equals(logging.logFormat())
                && (logging.applicationLogLevel() != null || logging.systemLogLevel() != null)) {
            throw Problems.invalid("The LogLevel is not supported when LogFormat is set to \"Text\". Remove the"
                    + " LogLevel from your request or change the LogFormat to \"JSON\" and try again.");
        }
    }

    private static List<String> offered() {
        return dev.haneul.api.lambda.LambdaRuntime.VALUES.stream()
                .filter(name -> RuntimeName.of(name)
                        .filter(runtime -> !runtime.retired())
                        .isPresent())
                .toList();
    }
}
