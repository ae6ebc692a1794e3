package dev.haneul.services.lambda;

import dev.haneul.api.lambda.DurableConfig;
import dev.haneul.api.lambda.ErrorObject;
import dev.haneul.api.lambda.Operation;
import dev.haneul.api.lambda.OperationUpdate;
import dev.haneul.api.runtime.Fault;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint may say, with AWS's words where it may not. Pure.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html">OperationUpdate</a>
 */
final class DurableRules {
    static final String EXECUTION = "EXECUTION";
    static final String CONTEXT = "CONTEXT";
    static final String STEP = "STEP";
    static final String WAIT = "WAIT";
    static final String CALLBACK = "CALLBACK";
    static final String CHAINED_INVOKE = "CHAINED_INVOKE";

    static final int MOST_OPERATIONS = 3000;
    static final int MOST_EVENTS = 25_000;
    static final long MOST_BYTES = 100L * 1024 * 1024;
    static final int LARGEST_OUTPUT_BYTES = 256 * 1024;
    static final int LARGEST_CHAINED_BYTES = 1024 * 1024;
    static final int LARGEST_RESULT_BYTES = 6 * 1024 * 1024;

    private static final int LARGEST_ERROR_BYTES = 32_768;
    private static final int DEFAULT_RETENTION_DAYS = 14;
    private static final Map<String, Set<String>> ACTIONS = Map.of(
            EXECUTION, Set.of("SUCCEED", "FAIL"),
            CONTEXT, Set.of("START", "SUCCEED", "FAIL"),
            STEP, Set.of("START", "SUCCEED", "FAIL", "RETRY"),
            WAIT, Set.of("START", "CANCEL"),
            CALLBACK, Set.of("START"),
            CHAINED_INVOKE, Set.of("START"));

    private DurableRules() {}

    /** The configuration of a new function, with AWS's default; null where it is not durable. */
    static @Nullable DurableConfig created(@Nullable DurableConfig wanted) {
        if (wanted == null) {
            return null;
        }
        if (wanted.executionTimeout() == null) {
            throw Problems.invalid(
                    "You cannot create a function with a durable configuration without an" + " executionTimeout");
        }
        return new DurableConfig()
                .executionTimeout(wanted.executionTimeout())
                .retentionPeriodInDays(Functions.or(wanted.retentionPeriodInDays(), DEFAULT_RETENTION_DAYS));
    }

    /** A changed configuration; a function is durable from its beginning or never. */
    static @Nullable DurableConfig updated(@Nullable DurableConfig before, @Nullable DurableConfig wanted) {
        if (wanted == null) {
            return before;
        }
        if (before == null) {
            throw Problems.invalid("Durable execution can be configured only when a function is created.");
        }
        return new DurableConfig()
                .executionTimeout(
                        wanted.executionTimeout() == null ? before.executionTimeout() : wanted.executionTimeout())
                .retentionPeriodInDays(
                        wanted.retentionPeriodInDays() == null
                                ? before.retentionPeriodInDays()
                                : wanted.retentionPeriodInDays());
    }

    /** Checks what concerns all updates of a checkpoint together. */
    static void together(List<OperationUpdate> updates, Function<String, Optional<Operation>> known) {
        Map<String, OperationUpdate> seen = new HashMap<>();
        for (int i = 0; i < updates.size(); i++) {
            OperationUpdate update = updates.get(i);
            if (update.type().equals(EXECUTION) && i < updates.size() - 1) {
                boolean twice = updates.get(updates.size() - 1).type().equals(EXECUTION);
                throw Problems.invalid(
                        twice
                                ? "Cannot checkpoint multiple EXECUTION updates."
                                : "EXECUTION checkpoint must be the last update.");
            }
            OperationUpdate before = seen.put(update.id(), update);
            if (before != null && !completes(before, update)) {
                throw Problems.invalid("Cannot update the same operation twice in a single request.");
            }
            String parent = update.parentId();
            if (parent != null && !isContext(parent, seen, known)) {
                throw Problems.invalid("Invalid parent operation id.");
            }
        }
    }

    /** A step or a context may begin and end in one checkpoint. */
    private static boolean completes(OperationUpdate first, OperationUpdate second) {
        return first.action().equals("START")
                && !second.action().equals("START")
                && first.type().equals(second.type())
                && (first.type().equals(STEP) || first.type().equals(CONTEXT));
    }

    private static boolean isContext(
            String id, Map<String, OperationUpdate> seen, Function<String, Optional<Operation>> known) {
        OperationUpdate here = seen.get(id);
        if (here != null) {
            return here.type().equals(CONTEXT);
        }
        return known.apply(id).filter(one -> one.type().equals(CONTEXT)).isPresent();
    }

    /** Checks one update against the operation as it is; null where it is new. */
    static void one(OperationUpdate update, @Nullable Operation current) {
        Set<String> actions = ACTIONS.get(update.type());
        if (actions == null) {
            throw Problems.invalid("Unknown operation type.");
        }
        if (!actions.contains(update.action())) {
            throw Problems.invalid("Invalid action for the given operation type.");
        }
        if (current != null && !current.type().equals(update.type())) {
            throw Problems.invalid("Operation type does not match the existing operation.");
        }
        sizes(update);
        if (update.action().equals("FAIL") && update.payload() != null) {
            throw Problems.invalid("Cannot provide a Payload for FAIL action.");
        }
        if (update.action().equals("SUCCEED") && update.error() != null) {
            throw Problems.invalid("Cannot provide an Error for SUCCEED action.");
        }
        switch (update.type()) {
            case STEP -> step(update, current);
            case CONTEXT -> context(update, current);
            case WAIT -> waiting(update, current);
            case CALLBACK -> fresh(update, current);
            case CHAINED_INVOKE -> {
                fresh(update, current);
                if (update.chainedInvokeOptions() == null) {
                    throw Problems.invalid("Invalid ChainedInvokeOptions for the given action.");
                }
            }
            default -> {}
        }
    }

    private static void step(OperationUpdate update, @Nullable Operation current) {
        String status = current == null ? "" : current.status();
        boolean open = current == null || status.equals("STARTED") || status.equals("READY");
        switch (update.action()) {
            case "START" -> {
                if (current != null && !status.equals("READY")) {
                    throw Problems.invalid("Invalid current STEP state to start.");
                }
            }
            case "RETRY" -> {
                if (!open) {
                    throw Problems.invalid("Invalid current STEP state to re-attempt.");
                }
                if (update.stepOptions() == null || update.stepOptions().nextAttemptDelaySeconds() == null) {
                    throw Problems.invalid("Invalid StepOptions for the given action.");
                }
                if (update.error() != null && update.payload() != null) {
                    throw Problems.invalid("Cannot provide both error and payload to RETRY a STEP.");
                }
            }
            default -> {
                if (!open) {
                    throw Problems.invalid("Invalid current STEP state to close.");
                }
            }
        }
    }

    private static void context(OperationUpdate update, @Nullable Operation current) {
        if (update.action().equals("START")) {
            fresh(update, current);
        } else if (current != null && !current.status().equals("STARTED")) {
            throw Problems.invalid("Invalid current CONTEXT state to close.");
        }
    }

    private static void waiting(OperationUpdate update, @Nullable Operation current) {
        if (update.action().equals("START")) {
            fresh(update, current);
            if (update.waitOptions() == null || update.waitOptions().waitSeconds() == null) {
                throw Problems.invalid("Invalid WaitOptions for the given action.");
            }
        } else if (current == null || !current.status().equals("STARTED")) {
            throw Problems.invalid("Cannot cancel a WAIT that does not exist or has already completed.");
        }
    }

    private static void fresh(OperationUpdate update, @Nullable Operation current) {
        if (current != null) {
            throw Problems.invalid("Cannot start a " + update.type() + " that already exist.");
        }
    }

    private static void sizes(OperationUpdate update) {
        error(update.error());
        boolean chained = update.type().equals(CHAINED_INVOKE);
        int most = chained
                ? LARGEST_CHAINED_BYTES
                : update.type().equals(EXECUTION) ? LARGEST_RESULT_BYTES : LARGEST_OUTPUT_BYTES;
        if (bytes(update.payload()) > most) {
            throw Problems.invalid(update.type() + (chained ? " input" : " output")
                    + " payload size must be less than or equal to " + most + " bytes.");
        }
    }

    /** Refuses an error object that is too large. */
    static void error(@Nullable ErrorObject error) {
        if (bytes(error) > LARGEST_ERROR_BYTES) {
            throw Problems.invalid("Error object size must be less than " + LARGEST_ERROR_BYTES + " bytes.");
        }
    }

    static int bytes(@Nullable String text) {
        return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    }

    static int bytes(@Nullable ErrorObject error) {
        if (error == null) {
            return 0;
        }
        int sum = bytes(error.errorMessage()) + bytes(error.errorType()) + bytes(error.errorData());
        for (String line : error.stackTrace()) {
            sum += bytes(line);
        }
        return sum;
    }

    /** Refuses what makes an execution larger than it may be. */
    static void within(int operations, long bytes) {
        if (operations > MOST_OPERATIONS) {
            throw Problems.invalid("Execution exceeded the maximum number of operations: " + MOST_OPERATIONS + ".");
        }
        if (bytes > MOST_BYTES) {
            throw Problems.invalid("Execution exceeded the maximum size of its state: " + MOST_BYTES + " bytes.");
        }
    }

    /** Refuses updates of an execution with a history that is too long: a step may be tried again and again. */
    static void history(int events) {
        if (events > MOST_EVENTS) {
            throw Problems.invalid("Execution exceeded the maximum number of history events: " + MOST_EVENTS + ".");
        }
    }

    static Fault badToken() {
        return Problems.invalid("Invalid Checkpoint Token"); // AWS's own SDKs look for these letters
    }
}
