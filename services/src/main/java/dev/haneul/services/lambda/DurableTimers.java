package dev.haneul.services.lambda;

import dev.haneul.api.lambda.ErrorObject;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.DurableTables.Execution;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The timers of durable executions: waits, retries, callbacks, their own end, and the end of what is kept of them. */
final class DurableTimers implements Reconciler<Key> {
    private static final int BATCH = 500;

    private final Store store;
    private final Clock clock;

    DurableTimers(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "lambda.durable";
    }

    @Override
    public Next reconcile(Key key) {
        Optional<Execution> execution = get(key);
        if (execution.isEmpty()) {
            return Next.DONE;
        }
        Instant due = due(execution.get());
        Instant now = clock.instant();
        if (due.isAfter(now)) {
            return Next.at(due);
        }
        if (execution.get().end() != null) {
            remove(key);
            return Next.DONE;
        }
        store.write(tx -> DurableLedger.open(tx, key, now)
                .filter(DurableLedger::running)
                .ifPresent(ledger -> fire(ledger, execution.get())));
        return Next.after(Duration.ZERO);
    }

    private Optional<Execution> get(Key key) {
        return store.read(tx -> tx.get(DurableTables.EXECUTIONS, key)).map(Row::value);
    }

    /** When something is to be done about an execution. */
    private static Instant due(Execution execution) {
        if (execution.end() != null) {
            return execution.end().at().plus(Duration.ofDays(execution.start().retentionDays()));
        }
        return execution.progress().timers().values().stream()
                .min(Instant::compareTo)
                .filter(timer -> timer.isBefore(execution.deadline()))
                .orElse(execution.deadline());
    }

    private static void fire(DurableLedger ledger, Execution execution) {
        if (!execution.deadline().isAfter(ledger.now)) {
            ledger.end(
                    "TIMED_OUT",
                    null,
                    new ErrorObject()
                            .errorMessage("Execution timed out after "
                                    + execution.start().timeoutSeconds() + " seconds"));
        } else {
            ledger.due().forEach(id -> DurableUpdates.due(ledger, id));
        }
        ledger.save();
    }

    /** Forgets an execution, bit by bit: it is found until nothing else of it is left. */
    private void remove(Key key) {
        while (store.transact(tx -> some(tx, DurableTables.OPERATIONS, key) || some(tx, DurableTables.EVENTS, key))) {
            continue;
        }
        store.write(tx -> {
            some(tx, DurableTables.PAYLOADS, key);
            tx.delete(DurableTables.EXECUTIONS, key);
        });
    }

    private static <R> boolean some(WriteTx tx, Table<R> table, Key key) {
        List<Row<R>> rows = below(tx, table, key);
        rows.forEach(row -> tx.delete(table, row.key()));
        return !rows.isEmpty();
    }

    private static <R> List<Row<R>> below(ReadTx tx, Table<R> table, Key key) {
        return tx.range(table, key.scope(), key.id() + "/", key.id() + "0", BATCH);
    }
}
