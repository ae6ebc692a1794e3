package dev.haneul.services.lambda;

import dev.haneul.api.lambda.ErrorObject;
import dev.haneul.api.lambda.Event;
import dev.haneul.api.lambda.Operation;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Durable state of durable executions. An execution's id is its function's name, the moment it began and an id of its
 * own, so that a function's executions stand in the order they began; all that belongs to it has an id that goes on
 * after a slash.
 */
final class DurableTables {
    static final String NAME_INDEX = "name";
    static final String RUNNING = "RUNNING";

    /** Executions, by {@link #id}; found by {@code function/name} too. */
    static final Table<Execution> EXECUTIONS = Table.of(
            "lambda.durable_execution",
            RecordCodecs.of(Execution.class),
            new Table.Index<>(NAME_INDEX, one -> List.of(nameOf(one.start.function, one.start.name))));

    /** Operations, by {@code execution/operation}. */
    static final Table<Step> OPERATIONS = Table.of("lambda.durable_operation", RecordCodecs.of(Step.class));

    /** Their history, by {@link #eventKey}. */
    static final Table<Past> EVENTS = Table.of("lambda.durable_event", RecordCodecs.of(Past.class));

    /** Inputs and results, by {@code execution/input} and {@code execution/result}. */
    static final Table<Text> PAYLOADS = Table.of("lambda.durable_payload", RecordCodecs.of(Text.class));

    static final List<Table<?>> TABLES = List.of(EXECUTIONS, OPERATIONS, EVENTS, PAYLOADS);

    private DurableTables() {}

    /** A durable execution. @param end null while it runs */
    record Execution(
            Start start, Progress progress, @Nullable End end) {
        String status() {
            return end == null ? RUNNING : end.status;
        }

        /** When it ends at the latest. */
        Instant deadline() {
            return start.at.plusSeconds(start.timeoutSeconds);
        }

        String arn(Scope scope) {
            return start.arn(scope);
        }

        String functionArn(Scope scope) {
            return start.functionArn(scope);
        }
    }

    /**
     * What never changes of it.
     *
     * @param secret part of its tokens, so that nobody makes one up
     * @param inputDigest tells another input under the same name
     * @param trace the trace header it began with; null for none
     * @param tenant whom it is for; null where tenants are not told apart
     * @param parent whose chained invocation it is; null for none
     * @param event the request that began it asynchronously; null where somebody waits for its end
     */
    record Start(
            String function,
            String version,
            String name,
            String id,
            String secret,
            Instant at,
            int timeoutSeconds,
            int retentionDays,
            String inputDigest,
            @Nullable String trace,
            @Nullable String tenant,
            @Nullable Parent parent,
            @Nullable String event) {
        String arn(Scope scope) {
            return functionArn(scope) + ":" + version + "/durable-execution/" + name + "/" + id;
        }

        String functionArn(Scope scope) {
            return "arn:aws:lambda:" + scope.region() + ":" + scope.account() + ":function:" + function;
        }
    }

    /** The operation that waits for an execution. @param execution its id, in the same account and region */
    record Parent(String execution, String operation) {}

    /**
     * How far it is.
     *
     * @param sequence of the newest checkpoint token
     * @param bytes that were checkpointed so far
     * @param run the invocation under way; null for none
     * @param wanted whether the function is to be invoked
     * @param notBefore when, at the earliest
     * @param failures invocations that failed, since the last one that did not
     * @param timers when operations are due, by their ids
     * @param untold operations that changed and that the function has not been told of
     * @param chained operations whose function is to be invoked
     * @param reply to the last checkpoint, for a client that asks again
     */
    record Progress(
            long sequence,
            int operations,
            long bytes,
            int events,
            @Nullable Run run,
            boolean wanted,
            Instant notBefore,
            int failures,
            Map<String, Instant> timers,
            List<String> untold,
            List<String> chained,
            @Nullable Reply reply) {}

    /** An invocation. @param first sequence of the token it was given */
    record Run(String requestId, long first, Instant startedAt) {}

    /** The answer to a checkpoint. @param from the sequence of the token it used up */
    record Reply(String clientToken, long from, List<String> operations) {}

    /** How it ended. */
    record End(String status, Instant at, @Nullable ErrorObject error) {}

    /**
     * An operation.
     *
     * @param shown as the API shows it
     * @param sequence its place in the order operations began
     * @param heartbeatSeconds a callback's; 0 for none
     * @param timeoutAt a callback's; null for none
     * @param target what a chained invocation invokes; null for other operations
     * @param tenant whom a chained invocation is for; null for nobody
     * @param input of a chained invocation; null for none
     */
    record Step(
            Operation shown,
            int sequence,
            int heartbeatSeconds,
            @Nullable Instant timeoutAt,
            @Nullable String target,
            @Nullable String tenant,
            @Nullable String input) {
        static Step of(Operation shown) {
            return new Step(shown, 0, 0, null, null, null, null);
        }

        Step with(Operation other) {
            return new Step(other, sequence, heartbeatSeconds, timeoutAt, target, tenant, input);
        }

        Step at(int place) {
            return new Step(shown, place, heartbeatSeconds, timeoutAt, target, tenant, input);
        }
    }

    /** Something that happened. */
    record Past(Event event) {}

    /** JSON as it was given. */
    record Text(String text) {}

    /** An execution's id. */
    static String id(String function, Instant at, String id) {
        return function + ":" + String.format("%015d", at.toEpochMilli()) + ":" + id;
    }

    /** What an execution is found by. */
    static String nameOf(String function, String name) {
        return function + "/" + name;
    }

    static Key operation(Key execution, String operation) {
        return execution.scope().key(execution.id() + "/" + operation);
    }

    static Key input(Key execution) {
        return execution.scope().key(execution.id() + "/input");
    }

    static Key result(Key execution) {
        return execution.scope().key(execution.id() + "/result");
    }

    /** Events in the order they happened. */
    static Key eventKey(Key execution, int number) {
        return execution.scope().key(execution.id() + "/" + String.format("%09d", number));
    }
}
