package dev.haneul.services.applicationautoscaling;

import dev.haneul.api.applicationautoscaling.DeleteScheduledActionRequest;
import dev.haneul.api.applicationautoscaling.PutScheduledActionRequest;
import dev.haneul.api.applicationautoscaling.ScalableTargetAction;
import dev.haneul.api.applicationautoscaling.ScheduledAction;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.schedule.ScheduleExpression;
import dev.haneul.services.applicationautoscaling.ScalingTables.ActionRow;
import dev.haneul.services.applicationautoscaling.ScalingTables.Resource;
import dev.haneul.services.applicationautoscaling.ScalingTables.TargetRow;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Scheduled actions: kept, and carried out when they are due by setting their target's bounds. */
final class ScheduledActions implements Reconciler<Key> {
    private static final int MOST = 200;
    private static final int PAGE = 500;

    private final Store store;
    private final Clock clock;
    private final TargetReconciler targets;
    private Driver.@Nullable Waker<Key> waker;

    ScheduledActions(Store store, Clock clock, TargetReconciler targets) {
        this.store = store;
        this.clock = clock;
        this.targets = targets;
    }

    void join(Driver driver) {
        waker = driver.add(this, 2);
        Key after = null;
        List<Row<ActionRow>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(ScalingTables.ACTIONS, from, PAGE));
            page.forEach(row -> wake(row.key()));
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == PAGE);
    }

    private void wake(Key key) {
        Driver.Waker<Key> joined = waker;
        if (joined != null) {
            joined.wake(key);
        }
    }

    /** Makes an action or changes what is given of one. */
    void put(PutScheduledActionRequest in, Resource resource, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        Key key = scope.key(resource.childId(in.scheduledActionName()));
        Instant now = clock.instant();
        store.write(tx -> {
            if (tx.get(ScalingTables.TARGETS, scope.key(resource.rowId())).isEmpty()) {
                throw ScalingFaults.noTarget(resource);
            }
            Optional<ActionRow> before = tx.get(ScalingTables.ACTIONS, key).map(Row::value);
            String from = resource.childId("");
            if (before.isEmpty()
                    && tx.range(ScalingTables.ACTIONS, scope, from, from + '\uffff', MOST)
                                    .size()
                            == MOST) {
                throw ScalingFaults.limit("Number of scheduled actions per scalable target cannot exceed " + MOST);
            }
            ActionRow row = row(in, resource, before.orElse(null), now);
            tx.put(ScalingTables.ACTIONS, key, row.withNext(next(row, now).orElse(null)));
        });
        wake(key);
    }

    private static ActionRow row(
            PutScheduledActionRequest in, Resource resource, @Nullable ActionRow before, Instant now) {
        ScalableTargetAction bounds = in.scalableTargetAction();
        String schedule = in.schedule() != null ? in.schedule() : before == null ? null : before.schedule();
        Integer min = bounds == null ? (before == null ? null : before.min()) : bounds.minCapacity();
        Integer max = bounds == null ? (before == null ? null : before.max()) : bounds.maxCapacity();
        if (schedule == null) {
            throw ScalingFaults.validation("Schedule is required");
        }
        if (min == null && max == null) {
            throw ScalingFaults.validation("MinCapacity or MaxCapacity is required in ScalableTargetAction");
        }
        if (min != null && max != null && min > max) {
            throw ScalingFaults.validation("Maximum capacity cannot be less than minimum capacity");
        }
        if (ScheduleExpression.parse(schedule).isEmpty()) {
            throw ScalingFaults.validation("Schedule expression must have the form 'at(yyyy-mm-ddThh:mm:ss)',"
                    + " 'rate(valueunit)' or 'cron(fields)': " + schedule);
        }
        String zone = in.timezone() != null ? in.timezone() : before == null ? null : before.zone();
        check(zone);
        Instant start = in.startTime() != null ? in.startTime() : before == null ? null : before.start();
        Instant end = in.endTime() != null ? in.endTime() : before == null ? null : before.end();
        if (start != null && end != null && !end.isAfter(start)) {
            throw ScalingFaults.validation("EndTime must be after StartTime");
        }
        return new ActionRow(
                resource,
                in.scheduledActionName(),
                before == null ? UUID.randomUUID().toString() : before.arnId(),
                UUID.randomUUID().toString(),
                schedule,
                zone,
                start,
                end,
                min,
                max,
                before == null ? now : before.created(),
                null);
    }

    private static void check(@Nullable String zone) {
        try {
            if (zone != null && ZoneId.of(zone).getId().isEmpty()) {
                throw new DateTimeException("no zone");
            }
        } catch (DateTimeException unknown) {
            throw ScalingFaults.validation("Timezone is not valid: " + zone);
        }
    }

    /** When it is due after a moment: within its start and end. */
    static Optional<Instant> next(ActionRow row, Instant after) {
        ZoneId zone = row.zone() == null ? ZoneOffset.UTC : ZoneId.of(row.zone());
        Instant start = row.start();
        Instant end = row.end();
        Instant from = start != null && start.isAfter(after) ? start.minusMillis(1) : after;
        return ScheduleExpression.parse(row.schedule())
                .flatMap(expression -> expression.next(from, start == null ? row.created() : start, zone))
                .filter(moment -> end == null || !moment.isAfter(end));
    }

    void delete(DeleteScheduledActionRequest in, Resource resource, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        store.write(tx -> {
            if (!tx.delete(ScalingTables.ACTIONS, scope.key(resource.childId(in.scheduledActionName())))) {
                throw ScalingFaults.noAction(resource, in.scheduledActionName());
            }
        });
    }

    static ScheduledAction told(Scope scope, ActionRow row) {
        return new ScheduledAction()
                .scheduledActionName(row.name())
                .scheduledActionARN(ScalingTables.actionArn(scope, row))
                .serviceNamespace(row.resource().namespace())
                .schedule(row.schedule())
                .timezone(row.zone())
                .resourceId(row.resource().id())
                .scalableDimension(row.resource().dimension())
                .startTime(row.start())
                .endTime(row.end())
                .scalableTargetAction(
                        new ScalableTargetAction().minCapacity(row.min()).maxCapacity(row.max()))
                .creationTime(row.created());
    }

    @Override
    public String name() {
        return "applicationautoscaling.action";
    }

    @Override
    public Next reconcile(Key key) {
        Instant now = clock.instant();
        Optional<ActionRow> left = store.transact(tx -> {
            Optional<ActionRow> row = tx.get(ScalingTables.ACTIONS, key).map(Row::value);
            Instant due = row.map(ActionRow::next).orElse(null);
            if (row.isEmpty() || due == null || due.isAfter(now)) {
                return row;
            }
            carryOut(tx, key.scope(), row.get(), now);
            // What came due while the region was down happens once.
            ActionRow after = row.get().withNext(next(row.get(), now).orElse(null));
            tx.put(ScalingTables.ACTIONS, key, after);
            return Optional.of(after);
        });
        left.ifPresent(row -> targets.wake(key.scope().key(row.resource().rowId())));
        Instant next = left.map(ActionRow::next).orElse(null);
        return next == null ? Next.DONE : Next.at(next);
    }

    private static void carryOut(WriteTx tx, Scope scope, ActionRow action, Instant now) {
        Key key = scope.key(action.resource().rowId());
        Optional<TargetRow> target = tx.get(ScalingTables.TARGETS, key).map(Row::value);
        if (target.isEmpty() || Boolean.TRUE.equals(target.get().suspended().scheduledScalingSuspended())) {
            return;
        }
        int min = action.min() == null ? target.get().min() : action.min();
        int max = action.max() == null ? target.get().max() : action.max();
        // One bound alone may pass the other, which goes along then.
        int most = action.max() == null ? Math.max(min, max) : max;
        int least = action.min() == null ? Math.min(min, most) : min;
        tx.put(ScalingTables.TARGETS, key, target.get().withBounds(least, most));
        String what = action.max() == null
                ? "min capacity to " + least
                : action.min() == null
                        ? "max capacity to " + most
                        : "min capacity to " + least + " and max capacity to " + most;
        Activities.bounds(tx, scope, action.resource(), what, action.name(), now);
    }
}
