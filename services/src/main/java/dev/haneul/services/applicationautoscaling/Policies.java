package dev.haneul.services.applicationautoscaling;

import dev.haneul.api.applicationautoscaling.Alarm;
import dev.haneul.api.applicationautoscaling.DeleteScalingPolicyRequest;
import dev.haneul.api.applicationautoscaling.PolicyType;
import dev.haneul.api.applicationautoscaling.PutScalingPolicyRequest;
import dev.haneul.api.applicationautoscaling.PutScalingPolicyResponse;
import dev.haneul.api.applicationautoscaling.ScalingPolicy;
import dev.haneul.api.applicationautoscaling.StepAdjustment;
import dev.haneul.api.applicationautoscaling.StepScalingPolicyConfiguration;
import dev.haneul.api.applicationautoscaling.TargetTrackingScalingPolicyConfiguration;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Faults;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.applicationautoscaling.ScalingTables.PolicyRow;
import dev.haneul.services.applicationautoscaling.ScalingTables.Resource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** Scaling policies: checked, kept, told. */
final class Policies {
    private static final int MOST = 50;
    private static final String STEP = PolicyType.STEP_SCALING;

    private final Store store;
    private final Clock clock;
    private final PolicyAlarms alarms;

    Policies(Store store, Clock clock, PolicyAlarms alarms) {
        this.store = store;
        this.clock = clock;
        this.alarms = alarms;
    }

    /** The policies of a target. */
    static List<PolicyRow> of(Store store, Scope scope, Resource resource) {
        return store.read(tx -> of(tx, scope, resource));
    }

    static List<PolicyRow> of(ReadTx tx, Scope scope, Resource resource) {
        String from = resource.childId("");
        return tx.range(ScalingTables.POLICIES, scope, from, from + '\uffff', MOST).stream()
                .map(Row::value)
                .toList();
    }

    PutScalingPolicyResponse put(PutScalingPolicyRequest in, Resource resource, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        check(in, resource);
        Key key = scope.key(resource.childId(in.policyName()));
        PolicyRow row = store.transact(tx -> {
            if (tx.get(ScalingTables.TARGETS, scope.key(resource.rowId())).isEmpty()) {
                throw ScalingFaults.noTarget(resource);
            }
            Optional<PolicyRow> before = tx.get(ScalingTables.POLICIES, key).map(Row::value);
            if (before.isEmpty() && of(tx, scope, resource).size() >= MOST) {
                throw ScalingFaults.limit("Number of scaling policies per scalable target cannot exceed " + MOST);
            }
            if (before.isPresent() && (before.get().tracking() == null) != isStep(in)) {
                throw ScalingFaults.validation("The policy type of a scaling policy cannot be changed");
            }
            PolicyRow made = new PolicyRow(
                    resource,
                    in.policyName(),
                    before.map(PolicyRow::arnId).orElse(UUID.randomUUID().toString()),
                    before.map(PolicyRow::alarmId).orElse(UUID.randomUUID().toString()),
                    in.stepScalingPolicyConfiguration(),
                    in.targetTrackingScalingPolicyConfiguration(),
                    before.map(PolicyRow::created).orElse(clock.instant()));
            tx.put(ScalingTables.POLICIES, key, made);
            return made;
        });
        List<Alarm> made = alarms.put(scope, row, Neighbours.call(scope, clock.instant()));
        return new PutScalingPolicyResponse()
                .policyARN(ScalingTables.policyArn(scope, row))
                .alarms(made);
    }

    private static boolean isStep(PutScalingPolicyRequest in) {
        return in.policyType() == null || in.policyType().equals(STEP);
    }

    private static void check(PutScalingPolicyRequest in, Resource resource) {
        if (PolicyType.PREDICTIVE_SCALING.equals(in.policyType())) {
            throw Faults.notImplemented("applicationautoscaling", "PutScalingPolicy with PredictiveScaling");
        }
        StepScalingPolicyConfiguration step = in.stepScalingPolicyConfiguration();
        TargetTrackingScalingPolicyConfiguration tracking = in.targetTrackingScalingPolicyConfiguration();
        if (isStep(in)) {
            if (step == null || tracking != null) {
                throw ScalingFaults.validation("StepScalingPolicyConfiguration is required for StepScaling policies");
            }
            check(step);
        } else {
            if (tracking == null || step != null) {
                throw ScalingFaults.validation(
                        "TargetTrackingScalingPolicyConfiguration is required for TargetTrackingScaling policies");
            }
            PolicyAlarms.check(resource, tracking);
        }
    }

    private static void check(StepScalingPolicyConfiguration step) {
        if (step.adjustmentType() == null) {
            throw ScalingFaults.validation("AdjustmentType must be specified");
        }
        if (step.stepAdjustments().isEmpty()) {
            throw ScalingFaults.validation("There must be at least one StepAdjustment");
        }
        List<StepAdjustment> steps = step.stepAdjustments();
        for (StepAdjustment each : steps) {
            Double lower = each.metricIntervalLowerBound();
            Double upper = each.metricIntervalUpperBound();
            if (lower == null && upper == null && steps.size() > 1) {
                throw ScalingFaults.validation("StepAdjustment intervals can't overlap");
            }
            if (lower != null && upper != null && lower >= upper) {
                throw ScalingFaults.validation("MetricIntervalLowerBound must be less than MetricIntervalUpperBound");
            }
        }
        if (steps.stream()
                                .filter(each -> each.metricIntervalLowerBound() == null)
                                .count()
                        > 1
                || steps.stream()
                                .filter(each -> each.metricIntervalUpperBound() == null)
                                .count()
                        > 1) {
            throw ScalingFaults.validation(
                    "At most one StepAdjustment may have an unspecified lower bound, and one an unspecified upper bound");
        }
    }

    void delete(DeleteScalingPolicyRequest in, Resource resource, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        Key key = scope.key(resource.childId(in.policyName()));
        PolicyRow row = store.transact(tx -> {
            PolicyRow found = tx.get(ScalingTables.POLICIES, key)
                    .map(Row::value)
                    .orElseThrow(() -> ScalingFaults.noPolicy(resource, in.policyName()));
            tx.delete(ScalingTables.POLICIES, key);
            return found;
        });
        alarms.delete(row, Neighbours.call(scope, clock.instant()));
    }

    /** With the alarms that name it. */
    ScalingPolicy told(Scope scope, PolicyRow row) {
        List<Alarm> watching = alarms.of(scope, row, Neighbours.call(scope, clock.instant())).stream()
                .map(PolicyAlarms::told)
                .toList();
        return new ScalingPolicy()
                .policyARN(ScalingTables.policyArn(scope, row))
                .policyName(row.name())
                .serviceNamespace(row.resource().namespace())
                .resourceId(row.resource().id())
                .scalableDimension(row.resource().dimension())
                .policyType(row.tracking() == null ? STEP : PolicyType.TARGET_TRACKING_SCALING)
                .stepScalingPolicyConfiguration(row.step())
                .targetTrackingScalingPolicyConfiguration(row.tracking())
                .alarms(watching)
                .creationTime(Objects.requireNonNull(row.created()));
    }
}
