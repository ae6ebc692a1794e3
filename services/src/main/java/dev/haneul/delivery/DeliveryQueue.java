package dev.haneul.delivery;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Parcels that wait to be handed over: durable when the transaction that put them in has returned, tried at least once,
 * in the order in which they are due, by a few slots a target. So a target that is slow or dead holds up nobody else,
 * and only targets, not parcels, cost memory.
 */
public final class DeliveryQueue implements Reconciler<DeliveryQueue.Slot> {
    private static final int PAGE = 100;
    /** A dead letter whose queue does not take it just now is tried this often. */
    private static final DeliveryPolicy LETTERS = new DeliveryPolicy(Duration.ofHours(24), 185, null);

    private static final System.Logger LOG = System.getLogger(DeliveryQueue.class.getName());

    private final String name;
    private final Store store;
    private final Clock clock;
    private final Function<Parcel, Outcome> targets;
    private final Table<Waiting> table;
    private final int slots;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Key> taken = new HashSet<>();
    private final Set<Slot> busy = new HashSet<>();
    private Driver.@Nullable Waker<Slot> waker;
    private volatile Watcher watcher = (scope, tried, trouble) -> {};

    /**
     * A parcel that waits.
     *
     * @param since when it was put in
     * @param attempts made so far
     */
    public record Waiting(Parcel parcel, DeliveryPolicy policy, Instant since, int attempts) {}

    /** One of a target's workers. */
    public record Slot(Scope scope, String target, int number) {}

    /** Hears how it ended with each parcel, when that is on disk. Must not throw, and not keep its caller for long. */
    @FunctionalInterface
    public interface Watcher {
        /**
         * @param tried the parcel, with the attempts that were made
         * @param trouble why it was given up; null where the target took it
         */
        void ended(Scope scope, Waiting tried, @Nullable String trouble);
    }

    /**
     * Makes a queue and opens its table.
     *
     * @param name unique in the region, e.g. {@code events.delivery}: the name of the table and of the reconciler
     * @param targets hands over: {@link Targets#send}
     * @param slots how many parcels of one target are handed over at once; 1 keeps their order while nothing fails
     */
    public DeliveryQueue(String name, Store store, Clock clock, Function<Parcel, Outcome> targets, int slots) {
        this.name = name;
        this.store = store;
        this.clock = clock;
        this.targets = targets;
        this.slots = slots;
        this.table = Table.of(name, RecordCodecs.of(Waiting.class));
        store.open(List.of(table), List.of());
    }

    /** Has somebody hear how it ends with parcels; before the queue joins the driver. */
    public void watch(Watcher hearing) {
        watcher = hearing;
    }

    private void tell(Scope scope, Waiting tried, DeliveryPlan plan) {
        switch (plan) {
            case DeliveryPlan.Taken taken -> watcher.ended(scope, tried, null);
            case DeliveryPlan.GiveUp lost -> watcher.ended(scope, tried, lost.code() + ": " + lost.message());
            case DeliveryPlan.Retry retry -> {}
        }
    }

    /**
     * Joins the driver before it starts; takes up what an earlier run left.
     *
     * @param concurrency how many parcels are handed over at once, of all targets
     */
    public void join(Driver driver, int concurrency) {
        waker = driver.add(this, concurrency);
        Key after = null;
        while (true) {
            Key from = after;
            List<Row<Waiting>> next = store.read(tx -> tx.all(table, from, 1));
            if (next.isEmpty()) {
                return;
            }
            Key key = next.getFirst().key();
            String target = key.id().substring(0, key.id().indexOf(':'));
            wakeIdle(key.scope(), target);
            // Straight to the next target, however many parcels of this one there are.
            after = key.scope().key(target + ";");
        }
    }

    /**
     * Puts a parcel in, as part of a transaction; call {@link #wake} when it has returned.
     *
     * @param scope whose parcel it is
     * @param id names the parcel: putting the same in again while it waits and was not tried changes nothing. Unique
     *     where null
     */
    public void put(WriteTx tx, Scope scope, Parcel parcel, DeliveryPolicy policy, @Nullable String id) {
        put(tx, scope, new Waiting(parcel, policy, clock.instant(), 0), clock.instant(), id);
    }

    private void put(WriteTx tx, Scope scope, Waiting waiting, Instant due, @Nullable String id) {
        String tail = id == null ? UUID.randomUUID().toString() : id;
        String when = "%015d".formatted(Math.max(0, due.toEpochMilli()));
        tx.put(table, scope.key(target(waiting.parcel().arn()) + ":" + when + ":" + tail), waiting);
    }

    /** Has a target's parcels handed over soon. */
    public void wake(Scope scope, String arn) {
        wakeIdle(scope, target(arn));
    }

    /** Puts a parcel in and has it handed over soon; it is on disk when this returns. */
    public void add(Scope scope, Parcel parcel, DeliveryPolicy policy) {
        store.write(tx -> put(tx, scope, parcel, policy, null));
        wake(scope, parcel.arn());
    }

    /**
     * Hands over at once, and puts in only what the target did not take: for who can repeat what a crash loses, e.g.
     * from the feed, and whose targets are quick.
     */
    public void offer(Scope scope, Parcel parcel, DeliveryPolicy policy) {
        Instant now = clock.instant();
        Waiting tried = new Waiting(parcel, policy, now, 1);
        DeliveryPlan plan = plan(tried, targets.apply(parcel));
        if (!(plan instanceof DeliveryPlan.Taken)) {
            store.transact(tx -> settle(tx, scope, tried, plan)).ifPresent(queue -> wake(scope, queue));
            wake(scope, parcel.arn());
        }
        tell(scope, tried, plan);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Next reconcile(Slot slot) throws InterruptedException {
        Row<Waiting> claimed = null;
        lock.lockInterruptibly();
        try {
            List<Row<Waiting>> first = store.read(
                    tx -> tx.range(table, slot.scope(), slot.target() + ":", slot.target() + ";", slots + 1));
            for (Row<Waiting> row : first) {
                if (!taken.contains(row.key())) {
                    claimed = row;
                    break;
                }
            }
            if (claimed == null) {
                return Next.DONE;
            }
            Instant due = due(claimed.key());
            if (due.isAfter(clock.instant())) {
                return Next.at(due);
            }
            taken.add(claimed.key());
            busy.add(slot);
        } finally {
            lock.unlock();
        }
        try {
            wakeIdle(slot.scope(), slot.target()); // there may be work for another
            attempt(claimed);
        } finally {
            lock.lock();
            try {
                taken.remove(claimed.key());
                busy.remove(slot);
            } finally {
                lock.unlock();
            }
        }
        return Next.after(Duration.ZERO);
    }

    private void attempt(Row<Waiting> row) {
        Waiting waiting = row.value();
        Scope scope = row.key().scope();
        Optional<DeliveryPlan.GiveUp> expired =
                DeliveryPlan.expired(waiting.policy(), waiting.since(), waiting.attempts(), clock.instant());
        Waiting tried;
        DeliveryPlan plan;
        if (expired.isPresent()) {
            tried = waiting;
            plan = expired.get();
        } else {
            tried = new Waiting(waiting.parcel(), waiting.policy(), waiting.since(), waiting.attempts() + 1);
            plan = plan(tried, targets.apply(waiting.parcel()));
        }
        Optional<String> letter = store.transact(tx -> {
            // A reset may have removed it meanwhile: then nothing is left of it.
            return tx.delete(table, row.key()) ? settle(tx, scope, tried, plan) : Optional.<String>empty();
        });
        letter.ifPresent(queue -> wake(scope, queue));
        tell(scope, tried, plan);
    }

    private DeliveryPlan plan(Waiting tried, Outcome outcome) {
        double random = ThreadLocalRandom.current().nextDouble();
        return DeliveryPlan.after(outcome, tried.policy(), tried.since(), tried.attempts(), clock.instant(), random);
    }

    /** Does what the plan says; answers the queue that gets a dead letter. */
    private Optional<String> settle(WriteTx tx, Scope scope, Waiting tried, DeliveryPlan plan) {
        return switch (plan) {
            case DeliveryPlan.Taken taken -> Optional.empty();
            case DeliveryPlan.Retry retry -> {
                int attempts = retry.counted() ? tried.attempts() : Math.max(0, tried.attempts() - 1);
                put(tx, scope, new Waiting(tried.parcel(), tried.policy(), tried.since(), attempts), retry.due(), null);
                yield Optional.empty();
            }
            case DeliveryPlan.GiveUp lost -> {
                DeliveryPolicy.DeadLetter letter = tried.policy().letter();
                if (letter == null) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            name + " drops what " + tried.parcel().arn() + " did not take: " + lost.code() + ": "
                                    + lost.message());
                    yield Optional.empty();
                }
                put(
                        tx,
                        scope,
                        new Waiting(parcel(letter, tried, lost), LETTERS, clock.instant(), 0),
                        clock.instant(),
                        null);
                yield Optional.of(letter.queue());
            }
        };
    }

    private static Parcel parcel(DeliveryPolicy.DeadLetter letter, Waiting tried, DeliveryPlan.GiveUp lost) {
        Map<String, String> attributes = new HashMap<>(letter.attributes());
        attributes.put("ERROR_CODE", lost.code());
        attributes.put("ERROR_MESSAGE", lost.message().isEmpty() ? lost.code() : lost.message());
        if (lost.exhausted() != DeliveryPlan.Exhausted.NONE) {
            attributes.put("EXHAUSTED_RETRY_CONDITION", lost.exhausted().condition());
        }
        attributes.put("RETRY_ATTEMPTS", Integer.toString(Math.max(0, tried.attempts() - 1)));
        return new Parcel(letter.queue(), letter.body(), letter.sender(), Parcel.Manner.PLAIN.with(attributes));
    }

    private void wakeIdle(Scope scope, String target) {
        Driver.Waker<Slot> driver = waker;
        if (driver == null) {
            throw new IllegalStateException(name + " has not joined a driver");
        }
        Slot idle = null;
        lock.lock();
        try {
            for (int i = 0; i < slots && idle == null; i++) {
                Slot slot = new Slot(scope, target, i);
                idle = busy.contains(slot) ? null : slot;
            }
        } finally {
            lock.unlock();
        }
        if (idle != null) {
            driver.wake(idle);
        }
    }

    /** What the ids of a target's parcels begin with. */
    private static String target(String arn) {
        return UUID.nameUUIDFromBytes(arn.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static Instant due(Key key) {
        int from = key.id().indexOf(':') + 1;
        return Instant.ofEpochMilli(Long.parseLong(key.id(), from, key.id().indexOf(':', from), 10));
    }

    /** How many parcels wait in this share of the region, at most a hundred; for tests. */
    public int waiting(Scope scope) {
        return store.<Integer>read(tx -> tx.range(table, scope, "", null, PAGE).size());
    }
}
