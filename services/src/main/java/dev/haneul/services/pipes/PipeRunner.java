package dev.haneul.services.pipes;

import dev.haneul.api.pipes.PipeState;
import dev.haneul.api.pipes.RequestedPipeState;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.EventPatterns;
import dev.haneul.delivery.QueueReader;
import dev.haneul.delivery.Sender;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.pipes.PipesTables.PipeRow;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings pipes to the state that is wished, and runs those that are to run: one batch a step. */
final class PipeRunner implements Reconciler<Key> {
    static final String HOST = "pipes.amazonaws.com";
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final Duration TROUBLED = Duration.ofSeconds(10);
    private static final int CONCURRENCY = 32;
    private static final int PAGE = 500;
    private static final int DEFAULT_BATCH = 10;

    private static final System.Logger LOG = System.getLogger(PipeRunner.class.getName());

    private final Store store;
    private final Clock clock;
    private final Caller neighbours;
    private final Targets targets;
    private final EventPatterns patterns = new EventPatterns();
    private Driver.@Nullable Waker<Key> waker;

    PipeRunner(Store store, Clock clock, Caller neighbours, Targets targets) {
        this.store = store;
        this.clock = clock;
        this.neighbours = neighbours;
        this.targets = targets;
    }

    void join(Driver driver) {
        Driver.Waker<Key> made = driver.add(this, CONCURRENCY);
        waker = made;
        Key after = null;
        List<Row<PipeRow>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(PipesTables.PIPES, from, PAGE));
            for (Row<PipeRow> row : page) {
                made.wake(row.key());
                after = row.key();
            }
        } while (page.size() == PAGE);
    }

    void changed(Key pipe) {
        Driver.Waker<Key> driver = waker;
        if (driver != null) {
            driver.wake(pipe);
        }
    }

    @Override
    public String name() {
        return "pipes.pipes";
    }

    @Override
    public Next reconcile(Key key) {
        PipeRow pipe =
                store.read(tx -> tx.get(PipesTables.PIPES, key)).map(Row::value).orElse(null);
        if (pipe == null) {
            return Next.DONE;
        }
        return switch (pipe.current()) {
            case PipeState.DELETING -> {
                store.write(tx -> tx.delete(PipesTables.PIPES, key));
                yield Next.DONE;
            }
            case PipeState.CREATING -> arrive(key, pipe, PipeState.CREATE_FAILED);
            case PipeState.UPDATING -> arrive(key, pipe, PipeState.UPDATE_FAILED);
            case PipeState.STARTING -> arrive(key, pipe, PipeState.START_FAILED);
            case PipeState.STOPPING -> arrive(key, pipe, PipeState.STOP_FAILED);
            case PipeState.RUNNING -> run(key, pipe);
            default -> Next.DONE;
        };
    }

    private static Sender sender(Key key, PipeRow pipe) {
        return Sender.service(HOST, key.account(), PipesTables.arn(key.scope(), pipe.name()))
                .under(pipe.plan().role());
    }

    /** Ends a passing state: running or stopped, or failed where the role cannot be assumed. */
    private Next arrive(Key key, PipeRow pipe, String failure) {
        boolean runs = pipe.desired().equals(RequestedPipeState.RUNNING);
        PipeRow next = pipe.in(runs ? PipeState.RUNNING : PipeState.STOPPED, null);
        try {
            if (runs) {
                targets.requireAssumable(sender(key, pipe), key.region());
            }
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            next = pipe.in(failure, "The role cannot be assumed by EventBridge Pipes: " + fault.message());
        }
        PipeRow settled = next;
        boolean moved = store.<Boolean>transact(tx -> {
            boolean same = tx.get(PipesTables.PIPES, key)
                    .filter(row -> row.value().equals(pipe))
                    .isPresent();
            if (same) {
                tx.put(PipesTables.PIPES, key, settled);
            }
            return same;
        });
        return moved && !settled.current().equals(PipeState.RUNNING) ? Next.DONE : Next.after(Duration.ZERO);
    }

    private Next run(Key key, PipeRow pipe) {
        Arn source = Arn.parse(pipe.plan().source()).orElse(null);
        if (source == null) {
            return Next.DONE;
        }
        Sender sender = sender(key, pipe);
        QueueReader from = new QueueReader(neighbours, source);
        try {
            Call call = targets.call(sender, source.account(), source.region());
            List<QueueReader.Item> items = from.poll(batchSize(pipe), call);
            if (items.isEmpty()) {
                return Next.after(IDLE);
            }
            Passage passage = new Passage(
                    targets, patterns, pipe, PipesTables.arn(key.scope(), pipe.name()), sender, clock.instant());
            Passage.Result result = passage.pass(items);
            if (!result.settled().isEmpty()) {
                from.remove(
                        result.settled().stream().map(QueueReader.Item::handle).toList(),
                        targets.call(sender, source.account(), source.region()));
            }
            if (result.trouble() == null) {
                return Next.after(Duration.ZERO);
            }
            LOG.log(System.Logger.Level.DEBUG, "pipe " + pipe.name() + ": " + result.trouble());
            return Next.after(IDLE);
        } catch (Fault fault) {
            // The source or the role does not answer now: what was taken comes back by itself.
            LOG.log(System.Logger.Level.DEBUG, "pipe " + pipe.name() + ": " + fault.message());
            return Next.after(TROUBLED);
        }
    }

    private static int batchSize(PipeRow pipe) {
        var queue = pipe.plan().sourceParameters().sqsQueueParameters();
        Integer size = queue == null ? null : queue.batchSize();
        return size == null ? DEFAULT_BATCH : size;
    }
}
