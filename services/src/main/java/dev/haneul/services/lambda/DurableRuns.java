package dev.haneul.services.lambda;

import dev.haneul.api.lambda.ErrorObject;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.DurableEnvelope.Answer;
import dev.haneul.services.lambda.DurableTables.Execution;
import dev.haneul.services.lambda.DurableTables.Run;
import dev.haneul.services.lambda.DurableTables.Start;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.Invoke.Work;
import dev.haneul.services.lambda.run.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Invokes the functions of durable executions, one invocation of an execution at a time. What a function answers counts
 * only for the invocation the execution waits for; a token of an earlier one is of no use.
 */
final class DurableRuns implements Reconciler<Key> {
    /** AWS gives up "after about nine" failures in a row. */
    private static final int MOST_FAILURES = 9;

    private static final int MOST_OPERATIONS_AT_ONCE = 1000;
    private static final Duration WHEN_BUSY = Duration.ofSeconds(2);

    private final Store store;
    private final Clock clock;
    private final Invoke invoke;
    private volatile boolean stopping;

    DurableRuns(Store store, Clock clock, Invoke invoke) {
        this.store = store;
        this.clock = clock;
        this.invoke = invoke;
    }

    void stopping() {
        stopping = true;
    }

    @Override
    public String name() {
        return "lambda.durable-runs";
    }

    @Override
    public Next reconcile(Key key) {
        Optional<Execution> now =
                store.read(tx -> tx.get(DurableTables.EXECUTIONS, key)).map(Row::value);
        if (stopping
                || now.isEmpty()
                || now.get().end() != null
                || !now.get().progress().wanted()) {
            return Next.DONE;
        }
        Instant notBefore = now.get().progress().notBefore();
        if (notBefore.isAfter(clock.instant())) {
            return Next.at(notBefore);
        }
        String requestId = UUID.randomUUID().toString();
        Optional<byte[]> envelope = store.transact(tx -> begin(tx, key, requestId));
        envelope.ifPresent(payload -> run(key, now.get().start(), requestId, payload));
        return Next.after(Duration.ZERO);
    }

    /** Begins an invocation: from now on its token is the one that counts. */
    private Optional<byte[]> begin(WriteTx tx, Key key, String requestId) {
        Optional<DurableLedger> open =
                DurableLedger.open(tx, key, clock.instant()).filter(one -> one.running() && one.run() == null);
        if (open.isEmpty()) {
            return Optional.empty();
        }
        DurableLedger ledger = open.get();
        ledger.begin(requestId);
        Execution execution = ledger.save();
        List<dev.haneul.api.lambda.Operation> all = new ArrayList<>();
        all.add(DurableEnvelope.itself(execution, DurableReads.input(tx, key)));
        all.addAll(DurableReads.replayed(tx, key));
        return Optional.of(DurableEnvelope.write(
                execution.arn(key.scope()),
                DurableEnvelope.token(ledger.start, ledger.sequence()),
                DurableEnvelope.Page.of(all, 0, MOST_OPERATIONS_AT_ONCE, true)));
    }

    private void run(Key key, Start start, String requestId, byte[] payload) {
        FunctionRef ref = new FunctionRef(key.account(), key.region(), start.function(), start.version());
        boolean told = false;
        try {
            Found found = invoke.find(ref);
            Work work = new Work(requestId, payload, null, false, null, start.trace(), start.tenant());
            settle(key, requestId, invoke.runOnce(ref, found, work));
            told = true;
        } catch (Fault fault) {
            if (!stopping) {
                store.write(tx -> under(tx, key, requestId).ifPresent(ledger -> refused(ledger, fault)));
            }
            told = true;
        } finally {
            if (!told && !stopping) {
                lost(key, requestId); // what is thrown is a fault of ours: it is tried again, and not left for ever
            }
        }
    }

    private static void refused(DurableLedger ledger, Fault fault) {
        boolean lasting = fault.sender() && fault.status() != 429 && fault.status() != 409;
        ledger.over(ledger.now.plus(WHEN_BUSY), ledger.failures());
        if (lasting) {
            ledger.end("FAILED", null, new ErrorObject().errorType(fault.code()).errorMessage(fault.message()));
        }
        ledger.save();
    }

    private static Optional<DurableLedger> under(WriteTx tx, Key key, String requestId, Instant now) {
        return DurableLedger.open(tx, key, now)
                .filter(ledger ->
                        ledger.run() != null && ledger.run().requestId().equals(requestId));
    }

    private Optional<DurableLedger> under(WriteTx tx, Key key, String requestId) {
        return under(tx, key, requestId, clock.instant());
    }

    /** Nobody knows what became of an invocation: the function is invoked again. */
    void lost(Key key, String requestId) {
        store.write(tx -> under(tx, key, requestId).ifPresent(ledger -> {
            ledger.over(ledger.now.plus(WHEN_BUSY), ledger.failures());
            ledger.save();
        }));
    }

    /** Takes in what a function answered. */
    void settle(Key key, String requestId, Outcome outcome) {
        if (stopping && outcome.failed()) {
            return; // it was taken away, and is invoked again after the next start
        }
        settle(store, clock.instant(), key, requestId, outcome);
    }

    static void settle(Store store, Instant now, Key key, String requestId, Outcome outcome) {
        store.write(tx -> under(tx, key, requestId, now).ifPresent(ledger -> {
            settle(ledger, outcome);
            ledger.save();
        }));
    }

    private static void settle(DurableLedger ledger, Outcome outcome) {
        Run run = ledger.run();
        ErrorObject error = outcome.failed() ? DurableEnvelope.failure(outcome.payload()) : null;
        Answer answer = outcome.failed() ? new Answer("", null, null) : DurableEnvelope.read(outcome.payload());
        if (error == null) {
            error = wrong(ledger, answer);
        }
        if (run != null) {
            ledger.record(ledger.history().invoked(run, error));
        }
        if (!ledger.running()) {
            ledger.over(null, 0);
        } else if (error != null) {
            failed(ledger, error);
        } else {
            ledger.over(null, 0);
            switch (answer.status()) {
                case "SUCCEEDED" -> ledger.end("SUCCEEDED", answer.result(), null);
                case "FAILED" ->
                    ledger.end("FAILED", null, answer.error() == null ? new ErrorObject() : answer.error());
                default -> unlessStuck(ledger);
            }
        }
    }

    private static void failed(DurableLedger ledger, ErrorObject error) {
        int failures = ledger.failures() + 1;
        ledger.over(ledger.now.plusSeconds(1L << Math.min(failures - 1, 8)), failures);
        if (failures >= MOST_FAILURES) {
            ledger.end("FAILED", null, error);
        }
    }

    /** An answer that none is; null where there is nothing wrong. */
    private static @Nullable ErrorObject wrong(DurableLedger ledger, Answer answer) {
        String what = switch (answer.status()) {
            case "SUCCEEDED" ->
                answer.error() != null
                        ? "Cannot provide an Error for SUCCEEDED status."
                        : DurableRules.bytes(answer.result()) > DurableRules.LARGEST_RESULT_BYTES
                                ? "Execution output payload size must be less than or equal to "
                                        + DurableRules.LARGEST_RESULT_BYTES + " bytes."
                                : null;
            case "FAILED" -> answer.result() == null ? null : "Cannot provide a Result for FAILED status.";
            case "PENDING" -> null;
            default -> "Invalid Status in invocation output.";
        };
        return what == null || !ledger.running()
                ? null
                : new ErrorObject().errorType("InvalidParameterValueException").errorMessage(what);
    }

    private static void unlessStuck(DurableLedger ledger) {
        if (!ledger.wanted() && !ledger.pending()) {
            ledger.end(
                    "FAILED",
                    null,
                    new ErrorObject()
                            .errorType("InvalidParameterValueException")
                            .errorMessage("Cannot return PENDING status with no pending operations."));
        }
    }
}
