package dev.haneul.services.scheduler;

import dev.haneul.api.scheduler.ActionAfterCompletion;
import dev.haneul.api.scheduler.FlexibleTimeWindowMode;
import dev.haneul.api.scheduler.ScheduleState;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.schedule.ScheduleExpression;
import dev.haneul.services.scheduler.SchedulerTables.FireRow;
import dev.haneul.services.scheduler.SchedulerTables.ScheduleRow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Runs schedules: one step a time, the moment due next in the store. */
final class Runs implements Reconciler<Key> {
    private static final int PAGE = 500;
    private static final int CONCURRENCY = 8;

    private final Store store;
    private final Clock clock;
    private final DeliveryQueue queue;
    private Driver.@Nullable Waker<Key> waker;

    Runs(Store store, Clock clock, DeliveryQueue queue) {
        this.store = store;
        this.clock = clock;
        this.queue = queue;
    }

    void join(Driver driver) {
        Driver.Waker<Key> made = driver.add(this, CONCURRENCY);
        waker = made;
        Key after = null;
        List<Row<ScheduleRow>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(SchedulerTables.SCHEDULES, from, PAGE));
            for (Row<ScheduleRow> row : page) {
                made.wake(row.key());
                after = row.key();
            }
        } while (page.size() == PAGE);
    }

    void changed(Key schedule) {
        Driver.Waker<Key> driver = waker;
        if (driver != null) {
            driver.wake(schedule);
        }
    }

    @Override
    public String name() {
        return "scheduler.schedules";
    }

    /** When a schedule is due after a moment: within its start and end. */
    static Optional<Instant> next(ScheduleRow row, Instant after) {
        ScheduleExpression expression =
                ScheduleExpression.parse(row.expression()).orElse(null);
        if (expression == null) {
            return Optional.empty();
        }
        ZoneId zone = row.zone() == null ? ZoneOffset.UTC : ZoneId.of(row.zone());
        if (expression instanceof ScheduleExpression.At at) {
            // Start and end mean nothing to what happens once.
            return at.next(after, row.created(), zone);
        }
        Instant start = row.start();
        Instant anchor = start == null ? row.modified() : start;
        Instant from = start != null && start.isAfter(after) ? start.minusSeconds(1) : after;
        Instant end = row.end();
        return expression.next(from, anchor, zone).filter(moment -> end == null || !moment.isAfter(end));
    }

    @Override
    public Next reconcile(Key key) {
        ScheduleRow row = store.read(tx -> tx.get(SchedulerTables.SCHEDULES, key))
                .map(Row::value)
                .orElse(null);
        FireRow fire = store.read(tx -> tx.get(SchedulerTables.FIRES, key))
                .map(Row::value)
                .orElse(null);
        if (row == null || !row.state().equals(ScheduleState.ENABLED)) {
            if (fire != null) {
                store.write(tx -> tx.delete(SchedulerTables.FIRES, key));
            }
            return Next.DONE;
        }
        Instant now = clock.instant();
        FireRow going = fire != null && fire.serial().equals(row.serial()) ? fire : null;
        if (going != null && going.due().isAfter(now)) {
            return Next.at(going.due());
        }
        String execution = going == null ? "" : execution(key, going);
        Firing firing = going == null ? null : Firing.of(key.scope(), row, going.scheduled(), execution);
        // A schedule that was just written may be due at its very start; later ones come after the last.
        Instant after = going == null ? row.modified().minusMillis(1) : now;
        FireRow next = next(row, after)
                .map(moment -> new FireRow(row.serial(), moment, within(row, moment)))
                .orElse(null);
        boolean kept = store.<Boolean>transact(tx -> {
            boolean same = tx.get(SchedulerTables.SCHEDULES, key)
                    .map(Row::value)
                    .filter(found -> found.serial().equals(row.serial()))
                    .isPresent();
            if (!same) {
                return false;
            }
            if (firing != null) {
                queue.put(tx, key.scope(), firing.parcel(), firing.policy(), execution);
            }
            if (next != null) {
                tx.put(SchedulerTables.FIRES, key, next);
            } else {
                tx.delete(SchedulerTables.FIRES, key);
                if (ActionAfterCompletion.DELETE.equals(row.afterCompletion())) {
                    tx.delete(SchedulerTables.SCHEDULES, key);
                }
            }
            return true;
        });
        if (!kept) {
            return Next.after(Duration.ZERO);
        }
        if (firing != null) {
            queue.wake(key.scope(), firing.parcel().arn());
        }
        return next == null ? Next.DONE : Next.at(next.due());
    }

    /** A moment in the flexible window, the same each time it is asked. */
    private static Instant within(ScheduleRow row, Instant moment) {
        Integer minutes = row.window().maximumWindowInMinutes();
        if (!FlexibleTimeWindowMode.FLEXIBLE.equals(row.window().mode()) || minutes == null) {
            return moment;
        }
        long seed = (row.serial() + moment).hashCode();
        return moment.plusSeconds(new SplittableRandom(seed).nextLong(minutes * 60L));
    }

    private static String execution(Key key, FireRow fire) {
        String text = key + " " + fire.serial() + " " + fire.scheduled();
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }
}
