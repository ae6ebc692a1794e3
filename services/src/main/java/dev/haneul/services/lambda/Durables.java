package dev.haneul.services.lambda;

import dev.haneul.api.lambda.DurableConfig;
import dev.haneul.api.lambda.DurableExecutionAlreadyStartedException;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.DurableTables.Execution;
import dev.haneul.services.lambda.DurableTables.Parent;
import dev.haneul.services.lambda.DurableTables.Start;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.Invoke.Work;
import dev.haneul.services.lambda.run.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Where invocations of durable functions begin executions, and wait for their ends.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html">Invoking durable Lambda functions</a>
 */
final class Durables {
    private static final int LONGEST_SYNCHRONOUS_SECONDS = 900;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(LONGEST_SYNCHRONOUS_SECONDS + 30L);
    private static final long LOOK_MILLIS = 5000;
    private static final int DEFAULT_RETENTION_DAYS = 14;

    private final Store store;
    private final Clock clock;
    private final ConcurrentHashMap<Key, CompletableFuture<Boolean>> waits = new ConcurrentHashMap<>();

    Durables(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    static boolean is(FunctionConfiguration at) {
        return at.durableConfig() != null;
    }

    /** An execution and its key. */
    record Begun(Key key, Execution execution) {}

    /** {@code lambda:Invoke} of a durable function. */
    InvocationResponse invoke(FunctionRef ref, Found found, InvocationRequest in, String type, Work work) {
        requireQualified(ref);
        boolean synchronous = type.equals(Invoke.REQUEST_RESPONSE);
        if (synchronous) {
            requireShort(found);
        }
        InvocationResponse out = new InvocationResponse();
        if (type.equals(Invoke.DRY_RUN)) {
            return out.statusCode(204).executedVersion(found.version());
        }
        Begun begun = start(ref, found, in.durableExecutionName(), work, synchronous ? null : work.requestId());
        out.durableExecutionArn(begun.execution.arn(ref.scope()));
        if (!synchronous) {
            return out.statusCode(202);
        }
        Outcome outcome = await(begun.key);
        return out.statusCode(200)
                .executedVersion(found.version())
                .functionError(outcome.failed() ? "Unhandled" : null)
                .payload(outcome.payload());
    }

    /** Runs an execution to its end, for whom only the outcome counts: event sources, function URLs. */
    Outcome run(FunctionRef ref, Found found, Work work) {
        requireQualified(ref);
        requireShort(found);
        return await(start(ref, found, null, work, null).key);
    }

    static void requireQualified(FunctionRef ref) {
        if (ref.qualifier() == null) {
            throw Problems.invalid("You cannot invoke a durable function using an unqualified ARN.");
        }
    }

    private static void requireShort(Found found) {
        DurableConfig config = found.configuration().durableConfig();
        if (config != null && Functions.or(config.executionTimeout(), 0) > LONGEST_SYNCHRONOUS_SECONDS) {
            throw Problems.invalid("You cannot synchronously invoke a durable function with an executionTimeout greater"
                    + " than 15 minutes.");
        }
    }

    /** Begins an execution, or finds the one that was begun under this name with the same input. */
    private Begun start(FunctionRef ref, Found found, @Nullable String name, Work work, @Nullable String event) {
        String input = new String(work.payload(), StandardCharsets.UTF_8);
        return store.transact(tx -> {
            Optional<Row<Execution>> before = name == null ? Optional.empty() : DurableReads.byName(tx, ref, name);
            if (before.isPresent()) {
                Execution known = before.get().value();
                if (known.start().version().equals(found.version())
                        && known.start().inputDigest().equals(Digests.hex(input))) {
                    return new Begun(before.get().key(), known);
                }
                throw Fault.of(
                        new DurableExecutionAlreadyStartedException().type("User"),
                        "Execution already started: " + known.arn(ref.scope()));
            }
            Wanted wanted = new Wanted(name, input, work.trace(), work.tenant(), null, event);
            return begin(tx, ref, found, wanted, clock.instant());
        });
    }

    /** What an execution is begun with; see {@link Start}. @param name null for one of its own */
    record Wanted(
            @Nullable String name,
            String input,
            @Nullable String trace,
            @Nullable String tenant,
            @Nullable Parent parent,
            @Nullable String event) {}

    static Begun begin(WriteTx tx, FunctionRef ref, Found found, Wanted wanted, Instant now) {
        DurableConfig config = found.configuration().durableConfig();
        String id = UUID.randomUUID().toString();
        Start start = new Start(
                ref.name(),
                found.version(),
                wanted.name == null ? UUID.randomUUID().toString() : wanted.name,
                id,
                UUID.randomUUID().toString(),
                now,
                config == null ? LONGEST_SYNCHRONOUS_SECONDS : Functions.or(config.executionTimeout(), 1),
                config == null
                        ? DEFAULT_RETENTION_DAYS
                        : Functions.or(config.retentionPeriodInDays(), DEFAULT_RETENTION_DAYS),
                Digests.hex(wanted.input),
                wanted.trace,
                wanted.tenant,
                wanted.parent,
                wanted.event);
        Key key = ref.scope().key(DurableTables.id(ref.name(), now, id));
        return new Begun(key, DurableLedger.begin(tx, key, start, wanted.input).save());
    }

    /** An execution changed. */
    void changed(Key key, boolean ended) {
        if (ended) {
            CompletableFuture<Boolean> wait = waits.remove(key);
            if (wait != null) {
                wait.complete(true);
            }
        }
    }

    /** Waits for the end of an execution. */
    private Outcome await(Key key) {
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        CompletableFuture<Boolean> wait = waits.computeIfAbsent(key, one -> new CompletableFuture<>());
        while (System.nanoTime() < end) {
            Optional<Execution> now =
                    store.read(tx -> tx.get(DurableTables.EXECUTIONS, key)).map(Row::value);
            if (now.isEmpty()) {
                throw Problems.service("The execution was removed.");
            }
            if (now.get().end() != null) {
                waits.remove(key, wait);
                return outcome(key, now.get());
            }
            try {
                wait.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                continue; // what was removed tells nobody
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Problems.service("The region is stopping.");
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        throw Problems.service("The execution did not end within 15 minutes.");
    }

    private Outcome outcome(Key key, Execution execution) {
        if (execution.status().equals("SUCCEEDED")) {
            String result = store.read(tx -> Optional.ofNullable(DurableReads.result(tx, key)))
                    .filter(text -> !text.isEmpty())
                    .orElse("null");
            return ended(Outcome.Kind.SUCCESS, result.getBytes(StandardCharsets.UTF_8));
        }
        DurableTables.End end = execution.end();
        return ended(Outcome.Kind.ERROR, DurableEnvelope.write(end == null ? null : end.error()));
    }

    private static Outcome ended(Outcome.Kind kind, byte[] payload) {
        String error = kind == Outcome.Kind.SUCCESS ? null : "Unhandled";
        return new Outcome(kind, payload, error, new byte[0], false, 0, null, 0, 0, 0, null);
    }
}
