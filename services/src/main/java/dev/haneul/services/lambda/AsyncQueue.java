package dev.haneul.services.lambda;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.LambdaTables.Event;
import dev.haneul.storage.BlobRef;
import dev.haneul.storage.Blobs;
import dev.haneul.storage.Draft;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The queue of asynchronous invocations: durable when accepted, worked through by a few slots per function, in the
 * order events are due. A slot takes one event at a time. An event that was being worked on when the server died is due
 * still: it is held while an environment that was taken over works on it, and otherwise run again: at least once.
 */
final class AsyncQueue implements Reconciler<AsyncQueue.Slot> {
    private static final int HOLD_PAGE = 1000;

    private final Store store;
    private final Blobs blobs;
    private final Clock clock;
    private final EventRun run;
    private final int slots;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Key> taken = new HashSet<>();
    private final Map<Slot, Boolean> busy = new HashMap<>();
    private Driver.@Nullable Waker<Slot> waker;

    /** One of a function's workers. */
    record Slot(String account, String region, String function, int number) {
        Scope scope() {
            return new Scope(account, region);
        }
    }

    /** Works on one event until it is dealt with or put off. */
    interface EventRun {
        void run(Key key, Event event) throws InterruptedException;
    }

    /** @param slots how many events of one function are worked on at once */
    AsyncQueue(Store store, Blobs blobs, Clock clock, EventRun run, int slots) {
        this.store = store;
        this.blobs = blobs;
        this.clock = clock;
        this.run = run;
        this.slots = slots;
    }

    void wakenBy(Driver.Waker<Slot> driverWaker) {
        waker = driverWaker;
    }

    /** Accepts an event: it is on disk when this returns. */
    void add(FunctionRef ref, Invoke.Work work) {
        Instant now = clock.instant();
        String qualifier = Functions.or(ref.qualifier(), "");
        try (Draft draft = blobs.draft()) {
            draft.write(work.payload(), 0, work.payload().length);
            BlobRef blob = draft.seal();
            Event event = new Event(
                    ref.name(),
                    qualifier,
                    work.requestId(),
                    blob,
                    work.context(),
                    Functions.or(work.trace(), Invoke.newTraceId()),
                    now,
                    now,
                    0,
                    0,
                    work.tenant());
            store.write(tx -> {
                Functions.get(tx, ref);
                blobs.keep(tx, ref.account(), blob);
                tx.put(LambdaTables.EVENTS, key(ref.scope(), event), event);
            });
        } catch (IOException e) {
            throw Problems.service("The event could not be stored: " + e.getMessage());
        }
        wakeIdleSlot(ref.account(), ref.region(), ref.name());
    }

    /**
     * Takes an event out of the slots' reach, because an environment that was taken over works on it; until {@link
     * #letGo}. Before {@link #resume}.
     *
     * @return empty where there is no such event any more
     */
    Optional<Row<Event>> hold(FunctionRef ref, String requestId) {
        String from = ref.name() + ":";
        while (true) {
            String after = from;
            List<Row<Event>> rows =
                    store.read(tx -> tx.range(LambdaTables.EVENTS, ref.scope(), after, ref.name() + ";", HOLD_PAGE));
            for (Row<Event> row : rows) {
                if (row.value().requestId().equals(requestId)) {
                    lock.lock();
                    try {
                        taken.add(row.key());
                    } finally {
                        lock.unlock();
                    }
                    return Optional.of(row);
                }
            }
            if (rows.size() < HOLD_PAGE) {
                return Optional.empty();
            }
            from = rows.getLast().key().id() + "\0";
        }
    }

    /** What was held is settled, or is to be run again. */
    void letGo(FunctionRef ref, Key key) {
        lock.lock();
        try {
            taken.remove(key);
        } finally {
            lock.unlock();
        }
        wakeIdleSlot(ref.account(), ref.region(), ref.name());
    }

    /** Wakes the functions that have events from before a restart. */
    void resume() {
        Key after = null;
        String last = "";
        while (true) {
            Key from = after;
            List<Row<Event>> rows = store.read(tx -> tx.all(LambdaTables.EVENTS, from, 1000));
            if (rows.isEmpty()) {
                return;
            }
            for (Row<Event> row : rows) {
                String function = row.key().scope() + row.value().function();
                if (!function.equals(last)) {
                    wakeIdleSlot(
                            row.key().account(), row.key().region(), row.value().function());
                    last = function;
                }
            }
            after = rows.getLast().key();
        }
    }

    static Key key(Scope scope, Event event) {
        return scope.key(LambdaTables.eventId(event.function(), event.dueAt(), event.requestId()));
    }

    @Override
    public String name() {
        return "lambda.events";
    }

    @Override
    public Next reconcile(Slot slot) throws InterruptedException {
        Row<Event> claimed;
        lock.lockInterruptibly();
        try {
            List<Row<Event>> first = store.read(tx ->
                    tx.range(LambdaTables.EVENTS, slot.scope(), slot.function + ":", slot.function + ";", slots + 1));
            claimed = first.stream()
                    .filter(row -> !taken.contains(row.key()))
                    .findFirst()
                    .orElse(null);
            if (claimed == null) {
                return Next.DONE;
            }
            Instant due = claimed.value().dueAt();
            if (due.isAfter(clock.instant())) {
                return Next.at(due);
            }
            taken.add(claimed.key());
            busy.put(slot, true);
        } finally {
            lock.unlock();
        }
        wakeIdleSlot(slot.account, slot.region, slot.function); // there may be work for another
        try {
            run.run(claimed.key(), claimed.value());
        } finally {
            lock.lock();
            try {
                taken.remove(claimed.key());
                busy.remove(slot);
            } finally {
                lock.unlock();
            }
        }
        return Next.after(java.time.Duration.ZERO);
    }

    private void wakeIdleSlot(String account, String region, String function) {
        Driver.Waker<Slot> driver = waker;
        if (driver == null) {
            throw new IllegalStateException("nobody works on events");
        }
        Slot idle = null;
        lock.lock();
        try {
            for (int i = 0; i < slots && idle == null; i++) {
                Slot slot = new Slot(account, region, function, i);
                idle = busy.containsKey(slot) ? null : slot;
            }
        } finally {
            lock.unlock();
        }
        if (idle != null) {
            driver.wake(idle);
        }
    }
}
