package dev.haneul.kernel.usage;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adds up usage and writes it, once a minute. Facts are kept for 62 days. */
public final class UsageMeter implements Usage, Reconciler<String>, AutoCloseable {
    /** The facts; ids begin with the hour, so that those of a time are one stretch. */
    public static final Table<UsageFact> FACTS = Table.of("usage.fact", RecordCodecs.of(UsageFact.class));

    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final Duration KEPT = Duration.ofDays(62);
    private static final int MAX_SLOTS = 20_000;
    private static final int PAGE = 1000;

    private final Store store;
    private final Clock clock;
    private Map<Slot, Double> running = new HashMap<>();
    private Instant pruned = Instant.MIN;
    private Driver.@Nullable Waker<String> waker;

    private record Slot(What what, Instant hour) {
        Key key() {
            String id = hour + "/" + what.service() + "/" + what.usageType() + "/" + what.resource();
            return new Key(what.account(), what.region(), id);
        }

        UsageFact none() {
            return new UsageFact(
                    what.account(),
                    what.region(),
                    what.service(),
                    what.usageType(),
                    what.resource(),
                    0,
                    what.unit(),
                    hour,
                    hour.plus(1, ChronoUnit.HOURS));
        }
    }

    /** Opens the table of facts. */
    public UsageMeter(Store store, Clock clock) {
        store.open(List.of(FACTS), List.of());
        this.store = store;
        this.clock = clock;
    }

    /** Joins the driver before it starts. */
    public void join(Driver driver) {
        waker = driver.add(this, 1);
        waker.wake("minute");
    }

    @Override
    public void add(What what, double quantity) {
        Slot slot = new Slot(what, clock.instant().truncatedTo(ChronoUnit.HOURS));
        boolean full;
        synchronized (this) {
            running.merge(slot, quantity, Double::sum);
            full = running.size() == MAX_SLOTS;
        }
        Driver.Waker<String> joined = waker;
        if (full && joined != null) {
            joined.wake("minute");
        }
    }

    @Override
    public String name() {
        return "usage.meter";
    }

    @Override
    public Next reconcile(String key) {
        flush();
        Instant now = clock.instant();
        if (pruned.isBefore(now.minus(1, ChronoUnit.DAYS))) {
            prune(now.minus(KEPT));
            pruned = now;
        }
        return Next.after(PERIOD);
    }

    /** Writes what has come together. Where the store refuses, it comes together further. */
    public void flush() {
        Map<Slot, Double> taken;
        synchronized (this) {
            taken = running;
            running = new HashMap<>();
        }
        if (taken.isEmpty()) {
            return;
        }
        boolean written = false;
        try {
            store.write(tx -> taken.forEach((slot, quantity) -> write(tx, slot, quantity)));
            written = true;
        } finally {
            if (!written) {
                synchronized (this) {
                    taken.forEach((slot, quantity) -> running.merge(slot, quantity, Double::sum));
                }
            }
        }
    }

    private static void write(WriteTx tx, Slot slot, double quantity) {
        UsageFact before = tx.get(FACTS, slot.key()).map(Row::value).orElse(slot.none());
        tx.put(FACTS, slot.key(), before.plus(quantity));
    }

    private void prune(Instant before) {
        Key after = null;
        List<Row<UsageFact>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(FACTS, from, PAGE));
            List<Key> old = page.stream()
                    .filter(row -> row.value().end().isBefore(before))
                    .map(Row::key)
                    .toList();
            if (!old.isEmpty()) {
                store.write(tx -> old.forEach(key -> tx.delete(FACTS, key)));
            }
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == PAGE);
    }

    /** Writes what is left. */
    @Override
    public void close() {
        flush();
    }
}
