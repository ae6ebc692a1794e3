package dev.haneul.services.cloudtrail;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudtrail.TrailTables.LogRow;
import dev.haneul.services.cloudtrail.record.EventRecord;
import dev.haneul.services.cloudtrail.record.OperationKinds;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hears of every call and keeps its event. The caller's thread makes the event and queues it; the driver writes what is
 * queued, many events with one wait for the disk. Where more is queued than may be, callers write it themselves: the
 * queue is bounded, and nothing is dropped but what the disk refuses.
 */
public final class Recorder implements Dispatcher.Audit, Reconciler<String>, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Recorder.class.getName());
    private static final String WRITE = "write";
    private static final long MOST_QUEUED_BYTES = 8 << 20;
    private static final int MOST_APPENDED_BYTES = 8 << 20;
    private static final int OVERHEAD_BYTES = 64;
    private static final String OURSELVES = "cloudtrail.amazonaws.com";

    private final Store store;
    private final Segments segments;
    private final Clock clock;
    private final ConcurrentLinkedQueue<EventRecord> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final ReentrantLock writing = new ReentrantLock();
    private final Set<Key> known = ConcurrentHashMap.newKeySet();
    private volatile DataWanted wanted = (account, region) -> false;
    private volatile Written written = (log, events) -> {};
    private volatile Driver.@Nullable Waker<String> writer;

    /** Whether a logging trail of this account wants any data events of this region. */
    @FunctionalInterface
    interface DataWanted {
        boolean test(String account, String region);
    }

    /** Hears of events that have just been written to a log. */
    @FunctionalInterface
    interface Written {
        void accept(Key log, List<Segments.Item> events);
    }

    /** Opens the room's tables. */
    public Recorder(Store store, Segments segments, Clock clock) {
        store.open(TrailTables.ALL, List.of());
        this.store = store;
        this.segments = segments;
        this.clock = clock;
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {
        writer = driver.add(this, 1);
    }

    void wanting(DataWanted test) {
        wanted = test;
    }

    void telling(Written listener) {
        written = listener;
    }

    @Override
    public void record(
            OperationShape operation, Struct input, @Nullable Struct output, Call call, @Nullable Fault fault) {
        try {
            if (call.account().isEmpty() || OperationKinds.silent(operation)) {
                return;
            }
            boolean data = OperationKinds.dataType(operation) != null;
            if (data && (!wanted.test(call.account(), call.region()) || isOurs(call))) {
                return;
            }
            keep(EventRecord.of(operation, input, new EventRecord.Outcome(output, fault), call, clock.instant()));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "the event of " + operation + " is lost", e);
        }
    }

    /** What delivers events must not make new ones for ever. */
    private static boolean isOurs(Call call) {
        return call.principal().type() == Principal.Type.SERVICE
                && call.principal().arn().equals(OURSELVES);
    }

    private void keep(EventRecord event) {
        long bytes = queuedBytes.addAndGet(event.stored().length + OVERHEAD_BYTES);
        queue.add(event);
        if (bytes > MOST_QUEUED_BYTES) {
            flush();
        } else if (woken.compareAndSet(false, true)) {
            Driver.Waker<String> waker = writer;
            if (waker != null) {
                waker.wake(WRITE);
            }
        }
    }

    @Override
    public String name() {
        return "cloudtrail.writer";
    }

    @Override
    public Next reconcile(String key) {
        flush();
        return Next.DONE;
    }

    /** Writes what is queued; when this returns, every event that was queued before is on disk. */
    void flush() {
        writing.lock();
        try {
            woken.set(false);
            Map<Key, List<Segments.Item>> batches = new LinkedHashMap<>();
            EventRecord event = queue.poll();
            while (event != null) {
                queuedBytes.addAndGet(-(event.stored().length + OVERHEAD_BYTES));
                Key log = new Key(
                        event.account(),
                        event.region(),
                        event.management() ? TrailTables.MANAGEMENT : TrailTables.DATA);
                batches.computeIfAbsent(log, any -> new ArrayList<>())
                        .add(new Segments.Item(event.timeMillis(), event.stored()));
                event = queue.poll();
            }
            batches.forEach(this::write);
        } finally {
            writing.unlock();
        }
    }

    private void write(Key log, List<Segments.Item> items) {
        try {
            if (!known.contains(log)) {
                store.write(tx -> {
                    if (tx.get(TrailTables.LOGS, log).isEmpty()) {
                        tx.put(TrailTables.LOGS, log, new LogRow(clock.instant()));
                    }
                });
                known.add(log);
            }
            String name = TrailTables.log(log.scope(), log.id());
            int from = 0;
            int bytes = 0;
            for (int i = 0; i < items.size(); i++) {
                bytes += items.get(i).body().length + OVERHEAD_BYTES;
                if (bytes > MOST_APPENDED_BYTES || i == items.size() - 1) {
                    segments.append(name, items.subList(from, i + 1));
                    from = i + 1;
                    bytes = 0;
                }
            }
            written.accept(log, items);
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, items.size() + " events of " + log + " are lost", e);
        }
    }

    /** Forgets the events of an account (of all for null). */
    void reset(@Nullable String account) {
        writing.lock();
        try {
            queue.removeIf(event -> {
                boolean gone = account == null || event.account().equals(account);
                if (gone) {
                    queuedBytes.addAndGet(-(event.stored().length + OVERHEAD_BYTES));
                }
                return gone;
            });
            known.removeIf(key -> account == null || key.account().equals(account));
            String prefix = TrailTables.logsOf(account);
            segments.deleteIf(name -> name.startsWith(prefix));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            writing.unlock();
        }
    }

    /** Writes what is left. Close it before the segments. */
    @Override
    public void close() {
        flush();
    }
}
