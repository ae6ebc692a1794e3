package dev.haneul.services.lambda;

import dev.haneul.api.lambda.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.DurableTables.Past;
import dev.haneul.services.lambda.DurableTables.Reply;
import dev.haneul.services.lambda.DurableTables.Run;
import dev.haneul.services.lambda.DurableTables.Step;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The operations about durable executions. A checkpoint is durable when it is answered. */
final class DurableExecutions {
    private static final int PAGE = 100;
    private static final int LARGEST_PAGE = 1000;
    private static final int SCAN = 500;

    private final Store store;
    private final Clock clock;

    DurableExecutions(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    private static Optional<Row<DurableTables.Execution>> find(ReadTx tx, String arn, Call call) {
        return DurableReads.byArn(tx, arn)
                .filter(row -> row.key().account().equals(call.account())
                        && row.key().region().equals(call.region()));
    }

    private static Row<DurableTables.Execution> get(ReadTx tx, String arn, Call call) {
        return find(tx, arn, call).orElseThrow(() -> Problems.notFound("Durable Execution does not exist: " + arn));
    }

    CheckpointDurableExecutionResponse checkpoint(CheckpointDurableExecutionRequest in, Call call) {
        return store.transact(tx -> {
            DurableLedger ledger = find(tx, in.durableExecutionArn(), call)
                    .flatMap(row -> DurableLedger.open(tx, row.key(), clock.instant()))
                    .orElseThrow(DurableRules::badToken);
            long from = DurableEnvelope.sequence(ledger.start, in.checkpointToken());
            Reply reply = ledger.reply();
            boolean again =
                    reply != null && reply.from() == from && reply.clientToken().equals(in.clientToken());
            if (reply != null && again && ledger.sequence() == from + 1) {
                return answer(ledger, reply.operations());
            }
            if (!ledger.running() || ledger.run() == null || from != ledger.sequence()) {
                throw DurableRules.badToken();
            }
            DurableRules.together(in.updates(), id -> ledger.step(id).map(Step::shown));
            in.updates().forEach(update -> DurableUpdates.apply(ledger, update));
            if (ledger.running()) {
                ledger.due().forEach(id -> DurableUpdates.due(ledger, id));
            }
            List<String> told = ledger.told(Functions.or(in.clientToken(), ""), from);
            ledger.save();
            return answer(ledger, told);
        });
    }

    private static CheckpointDurableExecutionResponse answer(DurableLedger ledger, List<String> told) {
        List<Operation> operations = told.stream()
                .flatMap(id -> ledger.step(id).stream())
                .map(Step::shown)
                .toList();
        return new CheckpointDurableExecutionResponse()
                .checkpointToken(ledger.running() ? DurableEnvelope.token(ledger.start, ledger.sequence()) : null)
                .newExecutionState(new CheckpointUpdatedExecutionState().operations(operations));
    }

    GetDurableExecutionStateResponse state(GetDurableExecutionStateRequest in, Call call) {
        int from = number(in.marker());
        return store.read(tx -> {
            Row<DurableTables.Execution> row =
                    find(tx, in.durableExecutionArn(), call).orElseThrow(DurableRules::badToken);
            Run run = row.value().progress().run();
            long sequence = DurableEnvelope.sequence(row.value().start(), in.checkpointToken());
            if (run == null
                    || row.value().end() != null
                    || sequence < run.first()
                    || sequence > row.value().progress().sequence()) {
                throw DurableRules.badToken();
            }
            List<Operation> all = new ArrayList<>();
            all.add(DurableEnvelope.itself(row.value(), DurableReads.input(tx, row.key())));
            all.addAll(DurableReads.replayed(tx, row.key()));
            DurableEnvelope.Page page = DurableEnvelope.Page.of(all, from, limit(in.maxItems()), false);
            return new GetDurableExecutionStateResponse()
                    .operations(page.operations())
                    .nextMarker(page.next());
        });
    }

    GetDurableExecutionResponse get(GetDurableExecutionRequest in, Call call) {
        return store.read(tx -> {
            Row<DurableTables.Execution> row = get(tx, in.durableExecutionArn(), call);
            DurableTables.Execution one = row.value();
            DurableTables.End end = one.end();
            return new GetDurableExecutionResponse()
                    .durableExecutionArn(one.arn(row.key().scope()))
                    .durableExecutionName(one.start().name())
                    .functionArn(one.functionArn(row.key().scope()) + ":"
                            + one.start().version())
                    .version(one.start().version())
                    .inputPayload(DurableReads.input(tx, row.key()))
                    .result(DurableReads.result(tx, row.key()))
                    .error(end == null ? null : end.error())
                    .startTimestamp(one.start().at())
                    .status(one.status())
                    .endTimestamp(end == null ? null : end.at());
        });
    }

    GetDurableExecutionHistoryResponse history(GetDurableExecutionHistoryRequest in, Call call) {
        int limit = limit(in.maxItems());
        boolean newest = Boolean.TRUE.equals(in.reverseOrder());
        boolean data = !Boolean.FALSE.equals(in.includeExecutionData());
        int marker = number(in.marker());
        return store.read(tx -> {
            Key key = get(tx, in.durableExecutionArn(), call).key();
            String first = key.id() + "/";
            String last = key.id() + "0";
            List<Row<Past>> rows = newest
                    ? tx.rangeDescending(
                            DurableTables.EVENTS,
                            key.scope(),
                            first,
                            marker == 0
                                    ? last
                                    : DurableTables.eventKey(key, marker).id(),
                            limit + 1)
                    : tx.range(
                            DurableTables.EVENTS,
                            key.scope(),
                            DurableTables.eventKey(key, marker + 1).id(),
                            last,
                            limit + 1);
            boolean more = rows.size() > limit;
            List<Event> events = rows.stream()
                    .limit(limit)
                    .map(row -> row.value().event())
                    .map(event -> data ? event : DurableHistory.withoutData(event))
                    .toList();
            return new GetDurableExecutionHistoryResponse()
                    .events(events)
                    .nextMarker(
                            more ? String.valueOf(events.get(events.size() - 1).eventId()) : null);
        });
    }

    ListDurableExecutionsByFunctionResponse list(ListDurableExecutionsByFunctionRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        int limit = limit(in.maxItems());
        return store.read(tx -> {
            String version = Functions.find(tx, ref).version();
            List<dev.haneul.api.lambda.Execution> page = new ArrayList<>();
            String last = null;
            String from = marker(ref, in.marker());
            boolean newest = Boolean.TRUE.equals(in.reverseOrder());
            while (true) {
                List<Row<DurableTables.Execution>> rows = rows(tx, ref, from, newest);
                for (Row<DurableTables.Execution> row : rows) {
                    from = row.key().id();
                    if (!version.equals(row.value().start().version()) || !wanted(in, row.value())) {
                        continue;
                    }
                    if (page.size() == limit) {
                        return answer(page, last);
                    }
                    page.add(listed(row));
                    last = from;
                }
                if (rows.size() < SCAN) {
                    return answer(page, null);
                }
            }
        });
    }

    private static ListDurableExecutionsByFunctionResponse answer(
            List<dev.haneul.api.lambda.Execution> page, @Nullable String last) {
        return new ListDurableExecutionsByFunctionResponse()
                .durableExecutions(page)
                .nextMarker(last == null ? null : Base64.getEncoder().encodeToString(utf8(last)));
    }

    private static String marker(FunctionRef ref, @Nullable String marker) {
        if (marker == null || marker.isEmpty()) {
            return "";
        }
        try {
            String id = new String(Base64.getDecoder().decode(marker), StandardCharsets.UTF_8);
            if (id.startsWith(ref.name() + ":")) {
                return id;
            }
        } catch (IllegalArgumentException e) {
            throw Problems.invalid("Invalid marker.");
        }
        throw Problems.invalid("Invalid marker.");
    }

    private static List<Row<DurableTables.Execution>> rows(ReadTx tx, FunctionRef ref, String after, boolean newest) {
        String first = ref.name() + ":";
        String end = ref.name() + ";";
        return newest
                ? tx.rangeDescending(DurableTables.EXECUTIONS, ref.scope(), first, after.isEmpty() ? end : after, SCAN)
                : tx.range(DurableTables.EXECUTIONS, ref.scope(), after.isEmpty() ? first : after + "\0", end, SCAN);
    }

    private static boolean wanted(ListDurableExecutionsByFunctionRequest in, DurableTables.Execution one) {
        Instant at = one.start().at();
        return (in.durableExecutionName() == null
                        || in.durableExecutionName().equals(one.start().name()))
                && (in.statuses().isEmpty() || in.statuses().contains(one.status()))
                && (in.startedAfter() == null || at.isAfter(in.startedAfter()))
                && (in.startedBefore() == null || at.isBefore(in.startedBefore()));
    }

    private static dev.haneul.api.lambda.Execution listed(Row<DurableTables.Execution> row) {
        DurableTables.Execution one = row.value();
        DurableTables.End end = one.end();
        return new dev.haneul.api.lambda.Execution()
                .durableExecutionArn(one.arn(row.key().scope()))
                .durableExecutionName(one.start().name())
                .functionArn(
                        one.functionArn(row.key().scope()) + ":" + one.start().version())
                .status(one.status())
                .startTimestamp(one.start().at())
                .endTimestamp(end == null ? null : end.at());
    }

    /** Ends a running execution; one that is over stays as it is. */
    StopDurableExecutionResponse stop(StopDurableExecutionRequest in, Call call) {
        DurableRules.error(in.error());
        return store.transact(tx -> {
            Key key = get(tx, in.durableExecutionArn(), call).key();
            Instant now = clock.instant();
            DurableLedger ledger = DurableLedger.open(tx, key, now).orElseThrow();
            if (ledger.running()) {
                ErrorObject error = in.error() == null
                        ? new ErrorObject().errorMessage("Execution stopped by user request")
                        : in.error();
                ledger.end("STOPPED", null, error);
            }
            DurableTables.End end = ledger.save().end();
            return new StopDurableExecutionResponse().stopTimestamp(end == null ? now : end.at());
        });
    }

    SendDurableExecutionCallbackSuccessResponse succeed(SendDurableExecutionCallbackSuccessRequest in, Call call) {
        byte[] result = in.result();
        String text = result == null ? null : new String(result, StandardCharsets.UTF_8);
        callback(in.callbackId(), call, (ledger, step) -> ledger.callbackEnded(step, "SUCCEEDED", text, null));
        return new SendDurableExecutionCallbackSuccessResponse();
    }

    SendDurableExecutionCallbackFailureResponse fail(SendDurableExecutionCallbackFailureRequest in, Call call) {
        DurableRules.error(in.error());
        callback(in.callbackId(), call, (ledger, step) -> ledger.callbackEnded(step, "FAILED", null, in.error()));
        return new SendDurableExecutionCallbackFailureResponse();
    }

    SendDurableExecutionCallbackHeartbeatResponse beat(SendDurableExecutionCallbackHeartbeatRequest in, Call call) {
        callback(
                in.callbackId(),
                call,
                (ledger, step) -> ledger.timer(step.shown().id(), DurableUpdates.callbackDue(step, ledger.now)));
        return new SendDurableExecutionCallbackHeartbeatResponse();
    }

    private void callback(String id, Call call, BiConsumer<DurableLedger, Step> then) {
        String[] parts = callbackParts(id);
        store.write(tx -> {
            Key key = new Key(call.account(), call.region(), parts[0]);
            DurableLedger ledger = DurableLedger.open(tx, key, clock.instant()).orElseThrow(DurableExecutions::badId);
            Step step = open(tx, ledger, parts[1], id);
            then.accept(ledger, step);
            ledger.save();
        });
    }

    private static Step open(WriteTx tx, DurableLedger ledger, String operation, String id) {
        Step step = tx.get(DurableTables.OPERATIONS, DurableTables.operation(ledger.key, operation))
                .orElseThrow(DurableExecutions::badId)
                .value();
        CallbackDetails details = step.shown().callbackDetails();
        if (details == null || !id.equals(details.callbackId())) {
            throw badId();
        }
        boolean late = ledger.due().contains(operation);
        if (!ledger.running() || late || !step.shown().status().equals("STARTED")) {
            throw Fault.of(
                    new CallbackTimeoutException().type("User"),
                    "The callback is either timed out or already completed");
        }
        return step;
    }

    private static String[] callbackParts(String id) {
        try {
            String[] parts = new String(Base64.getDecoder().decode(id), StandardCharsets.UTF_8).split(" ", -1);
            if (parts.length == 3 && !parts[0].isEmpty() && !parts[1].isEmpty()) {
                return parts;
            }
        } catch (IllegalArgumentException e) {
            throw badId();
        }
        throw badId();
    }

    private static Fault badId() {
        return Problems.invalid("Invalid callback id");
    }

    private static int limit(@Nullable Integer wanted) {
        return wanted == null || wanted == 0 ? PAGE : Math.min(wanted, LARGEST_PAGE);
    }

    private static int number(@Nullable String marker) {
        if (marker == null || marker.isEmpty()) {
            return 0;
        }
        if (!marker.matches("[0-9]{1,9}")) {
            throw Problems.invalid("Invalid marker.");
        }
        return Integer.parseInt(marker);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
