package dev.haneul.services.lambda;

import dev.haneul.api.lambda.DeleteFunctionRequest;
import dev.haneul.api.lambda.ErrorObject;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.DurableTables.Execution;
import dev.haneul.services.lambda.LambdaTables.Alias;
import dev.haneul.services.lambda.LambdaTables.Event;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.services.lambda.LambdaTables.Version;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code lambda:DeleteFunction}: a function with all that belongs to it, or one published version. */
final class DeleteFunction {
    private static final int BATCH = 1000;

    private final Store store;
    private final CodeSource source;
    private final UpdateFunction.Retirement retirement;
    private final VpcInterfaces networks;
    private final Clock clock;

    DeleteFunction(
            Store store, Clock clock, CodeSource source, UpdateFunction.Retirement retirement, VpcInterfaces networks) {
        this.clock = clock;
        this.networks = networks;
        this.store = store;
        this.source = source;
        this.retirement = retirement;
    }

    void delete(DeleteFunctionRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        String qualifier = ref.qualifier();
        if (FunctionRef.LATEST.equals(qualifier)) {
            throw Problems.invalid("$LATEST version cannot be deleted without deleting the function.");
        }
        Set<String> packages =
                store.transact(tx -> qualifier == null ? all(tx, ref) : oneVersion(tx, ref.with(null), qualifier));
        retirement.formerStatesOf(ref);
        networks.changed(ref.with(null));
        packages.forEach(id -> source.forget(store, id));
    }

    private Set<String> oneVersion(WriteTx tx, FunctionRef ref, String qualifier) {
        Functions.get(tx, ref);
        if (!Functions.isNumber(qualifier)) {
            throw Problems.invalid("Deletion of aliases is not currently supported.");
        }
        List<String> users = new ArrayList<>();
        for (Row<Alias> alias :
                tx.range(LambdaTables.ALIASES, ref.scope(), ref.name() + ":", ref.name() + ";", BATCH)) {
            if (Aliases.refersTo(alias.value().configuration(), qualifier)) {
                users.add(String.valueOf(alias.value().configuration().name()));
            }
        }
        if (!users.isEmpty()) {
            throw Problems.conflict("Unable to delete version because the following aliases reference it: " + users);
        }
        Key key = ref.versionKey(Long.parseLong(qualifier));
        Set<String> packages = new HashSet<>();
        tx.get(LambdaTables.VERSIONS, key).ifPresent(row -> {
            packages.addAll(row.value().code().folders());
            source.release(tx, ref, row.value().code());
            tx.delete(LambdaTables.VERSIONS, key);
            tx.delete(LambdaTables.POLICIES, ref.with(qualifier).qualifiedKey());
            tx.delete(LambdaTables.INVOKE_CONFIGS, ref.with(qualifier).qualifiedKey());
            tx.delete(LambdaTables.PROVISIONED, ref.with(qualifier).qualifiedKey());
        });
        return packages;
    }

    private Set<String> all(WriteTx tx, FunctionRef ref) {
        Function function = Functions.get(tx, ref);
        Set<String> packages = new HashSet<>(function.code().folders());
        source.release(tx, ref, function.code());
        tx.delete(LambdaTables.FUNCTIONS, ref.key());
        tx.delete(LambdaTables.POLICIES, ref.key());
        tx.delete(LambdaTables.SETTINGS, ref.key());
        for (Row<Version> row : removeAll(tx, LambdaTables.VERSIONS, ref)) {
            packages.addAll(row.value().code().folders());
            source.release(tx, ref, row.value().code());
        }
        for (Row<Event> row : removeAll(tx, LambdaTables.EVENTS, ref)) {
            source.releasePayload(tx, ref, row.value().payload());
        }
        removeAll(tx, LambdaTables.ALIASES, ref);
        removeAll(tx, LambdaTables.POLICIES, ref);
        removeAll(tx, LambdaTables.INVOKE_CONFIGS, ref);
        removeAll(tx, LambdaTables.URLS, ref);
        removeAll(tx, LambdaTables.PROVISIONED, ref);
        executions(tx, ref);
        return packages;
    }

    /** Whoever waits for an execution as a chained invocation hears that it is over. */
    private void executions(WriteTx tx, FunctionRef ref) {
        ErrorObject gone = new ErrorObject().errorMessage("Function deleted: " + ref.arn());
        String from = ref.name() + ":";
        while (true) {
            List<Row<Execution>> rows = tx.range(DurableTables.EXECUTIONS, ref.scope(), from, ref.name() + ";", BATCH);
            for (Row<Execution> row : rows) {
                from = row.key().id() + "\0";
                if (row.value().end() == null && row.value().start().parent() != null) {
                    DurableLedger.open(tx, row.key(), clock.instant())
                            .ifPresent(ledger -> ledger.end("FAILED", null, gone));
                }
            }
            if (rows.size() < BATCH) {
                break;
            }
        }
        DurableTables.TABLES.forEach(table -> removeAll(tx, table, ref));
    }

    /** Removes every record whose id begins with the function's name and a colon. */
    private static <R> List<Row<R>> removeAll(WriteTx tx, Table<R> table, FunctionRef ref) {
        List<Row<R>> removed = new ArrayList<>();
        while (true) {
            List<Row<R>> rows = tx.range(table, ref.scope(), ref.name() + ":", ref.name() + ";", BATCH);
            if (rows.isEmpty()) {
                return removed;
            }
            for (Row<R> row : rows) {
                tx.delete(table, row.key());
            }
            removed.addAll(rows);
        }
    }
}
