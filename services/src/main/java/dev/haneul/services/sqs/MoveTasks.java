package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.sqs.*;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.sqs.LiveQueue.Received;
import dev.haneul.services.sqs.SqsContext.Queue;
import dev.haneul.services.sqs.SqsTables.MoveRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Message move tasks: messages of a dead-letter queue go back. See StartMessageMoveTask in the API reference. */
final class MoveTasks implements Reconciler<Key> {
    private static final int MOST_PER_SECOND = 500;
    private static final int CHUNK = 10;
    private static final int MOST_TOLD = 10;
    private static final int PAGE = 1000;
    private static final long HOLD_MILLIS = 60_000;
    private static final long FOREVER_MILLIS = 1_209_600_000L;
    private static final String RUNNING = "RUNNING";

    private final SqsContext sqs;
    private final Receiving receiving;
    private Driver.@Nullable Waker<Key> waker;

    MoveTasks(SqsContext sqs, Receiving receiving) {
        this.sqs = sqs;
        this.receiving = receiving;
    }

    void join(Driver driver) {
        Driver.Waker<Key> added = driver.add(this, 2);
        waker = added;
        sqs.store().read(tx -> tx.all(SqsTables.MOVES, null, PAGE)).forEach(row -> added.wake(row.key()));
    }

    StartMessageMoveTaskResult start(StartMessageMoveTaskRequest in, Call call) {
        Key source = owned(in.sourceArn(), call);
        String destination = in.destinationArn();
        if (destination != null
                && SqsTables.ofArn(destination).flatMap(sqs::find).isEmpty()) {
            throw dev.haneul.api.runtime.Fault.of(
                    new ResourceNotFoundException(),
                    "The resource that you specified for the DestinationArn parameter doesn't exist.");
        }
        Integer rate = in.maxNumberOfMessagesPerSecond();
        if (rate != null && (rate < 1 || rate > MOST_PER_SECOND)) {
            throw SqsFaults.parameter("MaxNumberOfMessagesPerSecond", rate, "Must be between 1 and 500, if provided.");
        }
        Queue queue = sqs.find(source).orElseThrow(SqsFaults::noSource);
        long toMove = sqs.live().of(queue.row()).counts(queue.retentionMillis()).visible();
        Key key = source.scope().key(UUID.randomUUID().toString());
        sqs.store().write(tx -> {
            if (tx.find(SqsTables.QUEUES, source.scope(), "target", in.sourceArn(), "", 1)
                    .isEmpty()) {
                throw SqsFaults.invalid("Source queue must be configured as a Dead Letter Queue.");
            }
            if (of(tx, source, in.sourceArn()).stream()
                    .anyMatch(row -> row.value().status().equals(RUNNING))) {
                throw SqsFaults.unsupported(
                        "There is already a task running. Only one active task is allowed for a source"
                                + " queue arn at a given time.");
            }
            tx.put(
                    SqsTables.MOVES,
                    key,
                    new MoveRow(in.sourceArn(), destination, rate, RUNNING, sqs.nowMillis(), 0, toMove, null));
        });
        Driver.Waker<Key> wake = waker;
        if (wake != null) {
            wake.wake(key);
        }
        return new StartMessageMoveTaskResult().taskHandle(handle(key));
    }

    private Key owned(String arn, Call call) {
        Key key = SqsTables.ofArn(arn)
                .orElseThrow(() -> SqsFaults.parameter("SourceArn", arn, "The ARN is not a queue's."));
        if (!key.account().equals(call.account())
                || !key.region().equals(call.region())
                || sqs.find(key).isEmpty()) {
            throw SqsFaults.noSource();
        }
        return key;
    }

    private static List<Row<MoveRow>> of(ReadTx tx, Key source, String arn) {
        return tx.find(SqsTables.MOVES, source.scope(), "source", arn, "", PAGE);
    }

    private String handle(Key key) {
        return sqs.tokens().seal("move", key.account() + "/" + key.region() + "/" + key.id());
    }

    CancelMessageMoveTaskResult cancel(CancelMessageMoveTaskRequest in, Call call) {
        String[] parts = sqs.tokens()
                .open("move", in.taskHandle())
                .orElseThrow(SqsFaults::noTask)
                .split("/", -1);
        Key key = new Key(parts[0], parts[1], parts[2]);
        if (!key.account().equals(call.account())) {
            throw SqsFaults.noTask();
        }
        MoveRow after = sqs.store().transact(tx -> {
            MoveRow row = tx.get(SqsTables.MOVES, key).map(Row::value).orElseThrow(SqsFaults::noTask);
            if (!row.status().equals(RUNNING)) {
                throw SqsFaults.unsupported("Only active tasks can be cancelled.");
            }
            MoveRow cancelled = row.with("CANCELLED", row.moved(), null);
            tx.put(SqsTables.MOVES, key, cancelled);
            return cancelled;
        });
        return new CancelMessageMoveTaskResult().approximateNumberOfMessagesMoved(after.moved());
    }

    ListMessageMoveTasksResult list(ListMessageMoveTasksRequest in, Call call) {
        Key source = owned(in.sourceArn(), call);
        int most = in.maxResults() == null ? 1 : in.maxResults();
        if (most < 1 || most > MOST_TOLD) {
            throw SqsFaults.parameter("MaxResults", most, "Must be between 1 and 10, if provided.");
        }
        List<ListMessageMoveTasksResultEntry> told = new ArrayList<>();
        sqs.store().read(tx -> of(tx, source, in.sourceArn())).stream()
                .sorted(Comparator.comparingLong(
                                (Row<MoveRow> row) -> row.value().startedMillis())
                        .reversed())
                .limit(most)
                .forEach(row -> told.add(told(row)));
        return new ListMessageMoveTasksResult().results(told);
    }

    private ListMessageMoveTasksResultEntry told(Row<MoveRow> row) {
        MoveRow task = row.value();
        return new ListMessageMoveTasksResultEntry()
                .taskHandle(task.status().equals(RUNNING) ? handle(row.key()) : null)
                .status(task.status())
                .sourceArn(task.sourceArn())
                .destinationArn(task.destinationArn())
                .maxNumberOfMessagesPerSecond(task.perSecond())
                .approximateNumberOfMessagesMoved(task.moved())
                .approximateNumberOfMessagesToMove(task.toMove())
                .failureReason(task.failure())
                .startedTimestamp(task.startedMillis());
    }

    @Override
    public String name() {
        return "sqs.moves";
    }

    @Override
    public Next reconcile(Key key) throws InterruptedException {
        MoveRow task = sqs.store()
                .read(tx -> tx.get(SqsTables.MOVES, key))
                .map(Row::value)
                .orElse(null);
        if (task == null || !task.status().equals(RUNNING)) {
            return Next.DONE;
        }
        Queue source = SqsTables.ofArn(task.sourceArn()).flatMap(sqs::find).orElse(null);
        if (source == null) {
            return settle(key, 0, "FAILED", "AWS.SimpleQueueService.NonExistentQueue");
        }
        int budget = task.perSecond() == null ? MOST_PER_SECOND : task.perSecond();
        int moved = 0;
        while (moved < budget) {
            List<Received> taken = sqs.live()
                    .of(source.row())
                    .receive(new LiveQueue.Want(
                            Math.min(CHUNK, budget - moved), HOLD_MILLIS, 0, FOREVER_MILLIS, Integer.MAX_VALUE, null));
            if (taken.isEmpty()) {
                return settle(key, moved, "COMPLETED", null);
            }
            for (Received each : taken) {
                String arn = task.destinationArn() != null
                        ? task.destinationArn()
                        : each.message().deadSource();
                Queue to = arn == null
                        ? null
                        : SqsTables.ofArn(arn).flatMap(sqs::find).orElse(null);
                if (to == null) {
                    return settle(key, moved, "FAILED", "CouldNotDetermineMessageSource");
                }
                receiving.move(source, to, List.of(each), null);
                moved++;
            }
        }
        settle(key, moved, RUNNING, null);
        return Next.after(task.perSecond() == null ? Duration.ZERO : Duration.ofSeconds(1));
    }

    /** Writes how far it is; what was cancelled meanwhile stays so. */
    private Next settle(Key key, int moved, String status, @Nullable String why) {
        sqs.store()
                .write(tx -> tx.get(SqsTables.MOVES, key).map(Row::value).ifPresent(task -> {
                    String now = task.status().equals(RUNNING) ? status : task.status();
                    tx.put(SqsTables.MOVES, key, task.with(now, task.moved() + moved, why));
                }));
        return Next.DONE;
    }
}
