package dev.haneul.services.lambda;

import dev.haneul.api.lambda.Operation;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.lambda.DurableTables.Execution;
import dev.haneul.services.lambda.DurableTables.Step;
import dev.haneul.services.lambda.DurableTables.Text;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds executions and reads what belongs to them. */
final class DurableReads {
    private static final Pattern ARN = Pattern.compile("arn:[a-zA-Z0-9-]+:lambda:([a-zA-Z0-9-]+):(\\d{12}):function:"
            + "([a-zA-Z0-9_-]+):(\\$LATEST|[0-9]+)/durable-execution/([a-zA-Z0-9_-]+)/([a-zA-Z0-9_-]+)");
    private static final int SAME_NAME = 10;

    private DurableReads() {}

    /** The execution with this ARN. */
    static Optional<Row<Execution>> byArn(ReadTx tx, String arn) {
        Matcher form = ARN.matcher(arn);
        if (!form.matches()) {
            return Optional.empty();
        }
        String name = DurableTables.nameOf(form.group(3), form.group(5));
        Scope scope = new Scope(form.group(2), form.group(1));
        return tx.find(DurableTables.EXECUTIONS, scope, DurableTables.NAME_INDEX, name, "", SAME_NAME).stream()
                .filter(row -> row.value().start().id().equals(form.group(6)))
                .filter(row -> row.value().start().version().equals(form.group(4)))
                .findFirst();
    }

    /** The execution of this name. */
    static Optional<Row<Execution>> byName(ReadTx tx, FunctionRef ref, String name) {
        return tx
                .find(
                        DurableTables.EXECUTIONS,
                        ref.scope(),
                        DurableTables.NAME_INDEX,
                        DurableTables.nameOf(ref.name(), name),
                        "",
                        1)
                .stream()
                .findFirst();
    }

    /** Its operations, in the order they began. */
    static List<Step> steps(ReadTx tx, Key key) {
        return tx
                .range(
                        DurableTables.OPERATIONS,
                        key.scope(),
                        key.id() + "/",
                        key.id() + "0",
                        DurableRules.MOST_OPERATIONS + 1)
                .stream()
                .map(Row::value)
                .sorted(Comparator.comparingInt(Step::sequence))
                .toList();
    }

    /** Its operations that a replay needs: what is below an ended context is left out, unless it asked for it. */
    static List<Operation> replayed(ReadTx tx, Key key) {
        List<Step> steps = steps(tx, key);
        Map<String, Operation> all = new HashMap<>();
        steps.forEach(step -> all.put(step.shown().id(), step.shown()));
        List<Operation> needed = new ArrayList<>();
        for (Step step : steps) {
            if (!folded(step.shown(), all)) {
                needed.add(step.shown());
            }
        }
        return needed;
    }

    private static boolean folded(Operation operation, Map<String, Operation> all) {
        String parent = operation.parentId();
        for (int depth = 0; parent != null && depth < DurableRules.MOST_OPERATIONS; depth++) {
            Operation context = all.get(parent);
            if (context == null) {
                return false;
            }
            boolean kept = context.contextDetails() != null
                    && Boolean.TRUE.equals(context.contextDetails().replayChildren());
            if (!context.status().equals("STARTED") && !kept) {
                return true;
            }
            parent = context.parentId();
        }
        return false;
    }

    static String input(ReadTx tx, Key key) {
        return tx.get(DurableTables.PAYLOADS, DurableTables.input(key))
                .map(row -> row.value().text())
                .orElse("{}");
    }

    static @Nullable String result(ReadTx tx, Key key) {
        return tx.get(DurableTables.PAYLOADS, DurableTables.result(key))
                .map(Row::value)
                .map(Text::text)
                .orElse(null);
    }
}
