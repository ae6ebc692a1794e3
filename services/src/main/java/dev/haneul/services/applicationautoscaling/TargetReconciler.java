package dev.haneul.services.applicationautoscaling;

import dev.haneul.api.applicationautoscaling.TargetTrackingScalingPolicyConfiguration;
import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.applicationautoscaling.ScalingPlan.Vote;
import dev.haneul.services.applicationautoscaling.ScalingTables.PolicyRow;
import dev.haneul.services.applicationautoscaling.ScalingTables.TargetRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks at a target, its policies and their alarms, and sets the capacity that the plan says. */
final class TargetReconciler implements Reconciler<Key> {
    /** As long as an alarm lasts, its action is repeated every minute. */
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final int CHUNK = 500;

    private final Store store;
    private final Clock clock;
    private final EcsServices services;
    private final PolicyAlarms alarms;
    private Driver.@Nullable Waker<Key> waker;

    TargetReconciler(Store store, Clock clock, EcsServices services, PolicyAlarms alarms) {
        this.store = store;
        this.clock = clock;
        this.services = services;
        this.alarms = alarms;
    }

    void join(Driver driver) {
        waker = driver.add(this, 2);
        Key after = null;
        List<Row<TargetRow>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(ScalingTables.TARGETS, from, CHUNK));
            page.forEach(row -> wake(row.key()));
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == CHUNK);
        driver.follow("applicationautoscaling.alarms", Set.of(ServiceEvent.TOPIC.name()), this::heard);
    }

    void wake(Key key) {
        Driver.Waker<Key> joined = waker;
        if (joined != null) {
            joined.wake(key);
        }
    }

    /** An alarm changed: the targets of its account and region look at theirs. */
    private void heard(Change change) {
        Optional<ServiceEvent> event = change.after(ServiceEvent.TOPIC.codec());
        if (event.filter(each -> each.source().equals("aws.cloudwatch")).isEmpty()) {
            return;
        }
        Scope scope = change.key().scope();
        String from = "";
        List<Row<TargetRow>> page;
        do {
            String start = from;
            page = store.read(tx -> tx.range(ScalingTables.TARGETS, scope, start, null, CHUNK));
            page.forEach(row -> wake(row.key()));
            from = page.isEmpty() ? from : page.getLast().key().id() + '\0';
        } while (page.size() == CHUNK);
    }

    @Override
    public String name() {
        return "applicationautoscaling.target";
    }

    @Override
    public Next reconcile(Key key) {
        Optional<TargetRow> found =
                store.read(tx -> tx.get(ScalingTables.TARGETS, key).map(Row::value));
        if (found.isEmpty()) {
            return Next.DONE;
        }
        Scope scope = key.scope();
        TargetRow target = found.get();
        Call call = Neighbours.call(scope, clock.instant());
        Optional<Integer> capacity = services.capacity(target.resource(), call);
        if (capacity.isPresent()) {
            Instant now = clock.instant();
            ScalingPlan.State state = state(target, capacity.get(), now);
            ScalingPlan.of(state, votes(scope, target, now, call))
                    .ifPresent(change -> carryOut(key, state, change, call));
        }
        return Next.after(MINUTE);
    }

    private static ScalingPlan.State state(TargetRow target, int capacity, Instant now) {
        return new ScalingPlan.State(
                capacity,
                target.min(),
                target.max(),
                Boolean.TRUE.equals(target.suspended().dynamicScalingOutSuspended()),
                Boolean.TRUE.equals(target.suspended().dynamicScalingInSuspended()),
                target.lastOut(),
                target.outBase(),
                target.lastIn(),
                now);
    }

    private List<Vote> votes(Scope scope, TargetRow target, Instant now, Call call) {
        List<Vote> votes = new ArrayList<>();
        for (PolicyRow policy : Policies.of(store, scope, target.resource())) {
            List<MetricAlarm> watching = alarms.of(scope, policy, call).stream()
                    .filter(alarm -> !Boolean.FALSE.equals(alarm.actionsEnabled()))
                    .filter(alarm -> !alarms.muted(alarm, call))
                    .toList();
            TargetTrackingScalingPolicyConfiguration tracking = policy.tracking();
            if (tracking != null) {
                votes.add(tracking(policy, tracking, watching, now, call));
            } else {
                watching.stream()
                        .filter(TargetReconciler::rings)
                        .forEach(alarm -> alarms.value(alarm, now, call)
                                .ifPresent(value -> votes.add(new Vote.Step(
                                        cause(alarm, policy),
                                        Objects.requireNonNull(policy.step()),
                                        value - Objects.requireNonNull(alarm.threshold())))));
            }
        }
        return votes;
    }

    private Vote tracking(
            PolicyRow policy,
            TargetTrackingScalingPolicyConfiguration tracking,
            List<MetricAlarm> watching,
            Instant now,
            Call call) {
        Optional<MetricAlarm> high = ringing(watching, PolicyAlarms.highName(policy));
        Optional<MetricAlarm> low = ringing(watching, PolicyAlarms.lowName(policy));
        Optional<MetricAlarm> one = high.or(() -> low);
        OptionalDouble value = one.map(alarm -> alarms.value(alarm, now, call)).orElse(OptionalDouble.empty());
        return new Vote.Tracking(
                one.map(alarm -> cause(alarm, policy)).orElse(""),
                high.isPresent() && value.isPresent(),
                low.isPresent() && value.isPresent(),
                value.orElse(0),
                tracking.targetValue(),
                !Boolean.TRUE.equals(tracking.disableScaleIn()),
                ScalingPlan.cooldown(tracking.scaleOutCooldown()),
                ScalingPlan.cooldown(tracking.scaleInCooldown()));
    }

    private static Optional<MetricAlarm> ringing(List<MetricAlarm> alarms, String name) {
        return alarms.stream()
                .filter(alarm -> name.equals(alarm.alarmName()) && rings(alarm))
                .findFirst();
    }

    private static boolean rings(MetricAlarm alarm) {
        return "ALARM".equals(alarm.stateValue());
    }

    private static String cause(MetricAlarm alarm, PolicyRow policy) {
        return "monitor alarm " + alarm.alarmName() + " in state ALARM triggered policy " + policy.name();
    }

    /** Sets the capacity first: a crash before the activity is written leaves a capacity that the next look finds right. */
    private void carryOut(Key key, ScalingPlan.State state, ScalingPlan.Change change, Call call) {
        Instant started = clock.instant();
        @Nullable String failure = null;
        TargetRow target = store.<Optional<TargetRow>>read(
                        tx -> tx.get(ScalingTables.TARGETS, key).map(Row::value))
                .orElse(null);
        if (target == null) {
            return;
        }
        try {
            services.set(target.resource(), change.capacity(), call);
        } catch (Fault refused) {
            failure = String.valueOf(refused.getMessage());
        }
        @Nullable String told = failure;
        store.write(tx -> {
            Optional<TargetRow> now = tx.get(ScalingTables.TARGETS, key).map(Row::value);
            now.ifPresent(row -> Activities.capacity(tx, key.scope(), row, change, started, told));
            if (told == null && change.dynamic()) {
                now.map(row -> moved(row, state, change, started))
                        .ifPresent(row -> tx.put(ScalingTables.TARGETS, key, row));
            }
        });
    }

    private static TargetRow moved(TargetRow row, ScalingPlan.State state, ScalingPlan.Change change, Instant at) {
        if (change.capacity() < state.capacity()) {
            return row.lowered(at);
        }
        return row.raised(at, change.base());
    }
}
