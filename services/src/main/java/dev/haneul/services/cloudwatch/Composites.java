package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.CompositeAlarm;
import dev.haneul.kernel.reconcile.Reconciler.Next;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.AlarmMessages.Before;
import dev.haneul.services.cloudwatch.CloudWatchTables.AlarmRow;
import dev.haneul.services.cloudwatch.CloudWatchTables.Suppression;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Composite alarms: their rule over the states of others, and the suppressor that holds their actions back. */
final class Composites {
    private static final int CHUNK = 500;
    private static final DateTimeFormatter LONG = DateTimeFormatter.ofPattern(
                    "EEEE dd MMMM, yyyy HH:mm:ss 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final Store store;
    private final Clock clock;
    private final AlarmChange changes;

    Composites(Store store, Clock clock, AlarmChange changes) {
        this.store = store;
        this.clock = clock;
        this.changes = changes;
    }

    /** The keys of all composite alarms of an account's region. */
    List<Key> all(Scope scope) {
        List<Key> found = new ArrayList<>();
        String from = "";
        List<Row<AlarmRow>> page;
        do {
            String first = from;
            page = store.read(tx -> tx.range(CloudWatchTables.ALARMS, scope, first, null, CHUNK));
            page.stream().filter(row -> row.value().composite() != null).forEach(row -> found.add(row.key()));
            from = page.isEmpty() ? "" : page.getLast().key().id() + "\u0000";
        } while (page.size() == CHUNK);
        return found;
    }

    /** One alarm's state by name or ARN; null where there is none. */
    static @Nullable String state(ReadTx tx, Scope scope, String nameOrArn) {
        String prefix = CloudWatchTables.alarmArn(scope, "");
        String name = nameOrArn.startsWith(prefix) ? nameOrArn.substring(prefix.length()) : nameOrArn;
        return name.isEmpty()
                ? null
                : tx.get(CloudWatchTables.ALARMS, scope.key(name))
                        .map(row -> AlarmView.of(row.value()).state())
                        .orElse(null);
    }

    private record Step(AlarmRow row, Next next) {}

    Next reconcile(Scope scope, AlarmRow known) {
        String name = AlarmView.of(known).name();
        Instant now = clock.instant();
        Step step = store.transact(tx -> {
            AlarmRow row = tx.get(CloudWatchTables.ALARMS, scope.key(name))
                    .map(Row::value)
                    .orElse(null);
            CompositeAlarm alarm = row == null ? null : row.composite();
            if (row == null || alarm == null) {
                return new Step(known, Next.DONE);
            }
            boolean holds =
                    AlarmRule.parse(Objects.requireNonNull(alarm.alarmRule())).holds(other -> state(tx, scope, other));
            String state = holds ? AlarmPlan.ALARM : AlarmPlan.OK;
            String suppressor = alarm.actionsSuppressor();
            String suppressing = suppressor == null ? null : state(tx, scope, suppressor);
            if (!state.equals(alarm.stateValue())) {
                String reason = alarm.alarmArn() + " transitioned to " + state + " at " + LONG.format(now);
                AlarmRow changed = AlarmView.inState(row, state, reason, "", now);
                boolean held = suppressor != null;
                AlarmRow written =
                        held ? changed.with(new Suppression(now, Objects.requireNonNull(alarm.stateValue()))) : changed;
                row = changes.state(tx, scope, row, written, now, !held);
            }
            return row.breaching() == null || suppressor == null
                    ? new Step(row, Next.DONE)
                    : suppressed(tx, scope, row, suppressing, now);
        });
        changes.wake(scope, step.row());
        return step.next();
    }

    /**
     * Actions wait: for the suppressor to alarm, as long as it alarms, and a while after it; then they are carried out.
     */
    private Step suppressed(
            dev.haneul.kernel.store.WriteTx tx, Scope scope, AlarmRow row, @Nullable String suppressing, Instant now) {
        CompositeAlarm alarm = AlarmView.copy(row.composite() == null ? new CompositeAlarm() : row.composite());
        Suppression held = row.breaching() == null ? new Suppression(now, "") : row.breaching();
        String by = alarm.actionsSuppressedBy();
        Key key = scope.key(Objects.requireNonNull(alarm.alarmName()));
        if (AlarmPlan.ALARM.equals(suppressing)) {
            if ("Alarm".equals(by)) {
                return new Step(row, Next.DONE);
            }
            alarm.actionsSuppressedBy("Alarm")
                    .actionsSuppressedReason(
                            "Actions suppressed by " + alarm.actionsSuppressor() + " which is in ALARM");
            AlarmRow kept = row.with(alarm).with(held);
            tx.put(CloudWatchTables.ALARMS, key, kept);
            return new Step(kept, Next.DONE);
        }
        boolean extending = "Alarm".equals(by) || "ExtensionPeriod".equals(by);
        Integer seconds = extending ? alarm.actionsSuppressorExtensionPeriod() : alarm.actionsSuppressorWaitPeriod();
        Instant since = "Alarm".equals(by) ? now : held.since();
        Instant due = since.plus(Duration.ofSeconds(seconds == null ? 0 : seconds));
        if (due.isAfter(now)) {
            String phase = extending ? "ExtensionPeriod" : "WaitPeriod";
            if (!phase.equals(by)) {
                alarm.actionsSuppressedBy(phase)
                        .actionsSuppressedReason("Actions suppressed by " + phase + " until " + LONG.format(due));
                AlarmRow kept = row.with(alarm).with(new Suppression(since, held.previous()));
                tx.put(CloudWatchTables.ALARMS, key, kept);
                return new Step(kept, Next.at(due));
            }
            return new Step(row, Next.at(due));
        }
        alarm.actionsSuppressedBy(null).actionsSuppressedReason(null);
        AlarmRow done = row.with(alarm).with((Suppression) null);
        tx.put(CloudWatchTables.ALARMS, key, done);
        AlarmRow told = changes.actions(tx, scope, done, new Before(held.previous(), "", null), now);
        return new Step(told, Next.DONE);
    }
}
