package dev.haneul.services.cloudwatch;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.AlarmMessages.Before;
import dev.haneul.services.cloudwatch.CloudWatchTables.AlarmRow;
import dev.haneul.services.cloudwatch.CloudWatchTables.Suppression;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Has muted actions carried out once nothing mutes their alarm any more, if it is still in the state they were muted in.
 * Looks each minute, as windows are of whole minutes, and when a rule changes.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-mute-rules-behaviour.html">How alarm
 *     mute rules work</a>
 */
final class MuteReconciler implements Reconciler<Key> {
    private static final int CHUNK = 500;

    private final Store store;
    private final Clock clock;
    private final AlarmChange changes;

    MuteReconciler(Store store, Clock clock, AlarmChange changes) {
        this.store = store;
        this.clock = clock;
        this.changes = changes;
    }

    void join(Driver driver) {
        Driver.Waker<Key> waker = driver.add(this, 1);
        wake(waker, key -> true);
        driver.follow(
                "cloudwatch.mutes", Set.of(CloudWatchTables.ALARMS.name(), CloudWatchTables.MUTES.name()), change -> {
                    if (change.source().equals(CloudWatchTables.MUTES.name())) {
                        wake(waker, key -> key.scope().equals(change.key().scope()));
                    } else if (held(change)) {
                        waker.wake(change.key());
                    }
                });
    }

    private static boolean held(Change change) {
        return change.after(CloudWatchTables.ALARMS.codec())
                .filter(row -> row.muted() != null)
                .isPresent();
    }

    /** Wakes the alarms whose actions are held back. */
    private void wake(Driver.Waker<Key> waker, Predicate<Key> which) {
        Key after = null;
        List<Row<AlarmRow>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(CloudWatchTables.ALARMS, from, CHUNK));
            page.stream()
                    .filter(row -> row.value().muted() != null && which.test(row.key()))
                    .forEach(row -> waker.wake(row.key()));
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == CHUNK);
    }

    @Override
    public String name() {
        return "cloudwatch.mute";
    }

    @Override
    public Next reconcile(Key key) {
        Instant now = clock.instant();
        Optional<AlarmRow> told = store.transact(tx -> {
            AlarmRow row = tx.get(CloudWatchTables.ALARMS, key).map(Row::value).orElse(null);
            Suppression held = row == null ? null : row.muted();
            if (row == null
                    || held == null
                    || Mutes.muted(tx, key.scope(), AlarmView.of(row).name(), now)) {
                return Optional.ofNullable(row);
            }
            AlarmRow free = row.muting(null);
            tx.put(CloudWatchTables.ALARMS, key, free);
            return Optional.of(changes.actions(tx, key.scope(), free, new Before(held.previous(), "", null), now));
        });
        if (told.isEmpty()) {
            return Next.DONE;
        }
        if (told.get().muted() != null) {
            return Next.at(now.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES));
        }
        changes.wake(key.scope(), told.get());
        return Next.DONE;
    }
}
