package dev.haneul.services.applicationautoscaling;

import dev.haneul.api.applicationautoscaling.ScalingActivity;
import dev.haneul.api.applicationautoscaling.StepScalingPolicyConfiguration;
import dev.haneul.api.applicationautoscaling.SuspendedState;
import dev.haneul.api.applicationautoscaling.TargetTrackingScalingPolicyConfiguration;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Application Auto Scaling's durable state. What belongs to a target has an id that begins with the target's. */
final class ScalingTables {
    /** What is scaled: a dimension of a resource of a service. */
    record Resource(String namespace, String id, String dimension) {
        /** The id of its row, and with a line break after it the beginning of those of its policies and actions. */
        String rowId() {
            return namespace + '\n' + id + '\n' + dimension;
        }

        String childId(String name) {
            return rowId() + '\n' + name;
        }
    }

    /**
     * A scalable target.
     *
     * @param arnId the last part of its ARN
     * @param lastOut when its capacity was last raised by a policy, null for never
     * @param outBase the capacity before that
     * @param lastIn when its capacity was last lowered by a policy, null for never
     */
    record TargetRow(
            Resource resource,
            String arnId,
            int min,
            int max,
            SuspendedState suspended,
            Map<String, String> tags,
            Instant created,
            @Nullable Instant lastOut,
            int outBase,
            @Nullable Instant lastIn) {
        TargetRow withBounds(int least, int most) {
            return new TargetRow(resource, arnId, least, most, suspended, tags, created, lastOut, outBase, lastIn);
        }

        TargetRow withSuspended(SuspendedState other) {
            return new TargetRow(resource, arnId, min, max, other, tags, created, lastOut, outBase, lastIn);
        }

        TargetRow withTags(Map<String, String> other) {
            return new TargetRow(resource, arnId, min, max, suspended, other, created, lastOut, outBase, lastIn);
        }

        TargetRow raised(Instant at, int from) {
            return new TargetRow(resource, arnId, min, max, suspended, tags, created, at, from, lastIn);
        }

        TargetRow lowered(Instant at) {
            return new TargetRow(resource, arnId, min, max, suspended, tags, created, lastOut, outBase, at);
        }
    }

    /**
     * A policy: one of the two configurations.
     *
     * @param alarmId what tells the names of its own alarms apart
     */
    record PolicyRow(
            Resource resource,
            String name,
            String arnId,
            String alarmId,
            @Nullable StepScalingPolicyConfiguration step,
            @Nullable TargetTrackingScalingPolicyConfiguration tracking,
            Instant created) {}

    /**
     * A scheduled action.
     *
     * @param serial tells its versions apart
     * @param next when it is due, null for never again
     */
    record ActionRow(
            Resource resource,
            String name,
            String arnId,
            String serial,
            String schedule,
            @Nullable String zone,
            @Nullable Instant start,
            @Nullable Instant end,
            @Nullable Integer min,
            @Nullable Integer max,
            Instant created,
            @Nullable Instant next) {
        ActionRow withNext(@Nullable Instant other) {
            return new ActionRow(resource, name, arnId, serial, schedule, zone, start, end, min, max, created, other);
        }
    }

    /** Something that was done, newest first. */
    record ActivityRow(Resource resource, ScalingActivity activity) {}

    static final Table<TargetRow> TARGETS = Table.of("applicationautoscaling.target", RecordCodecs.of(TargetRow.class));
    static final Table<PolicyRow> POLICIES =
            Table.of("applicationautoscaling.policy", RecordCodecs.of(PolicyRow.class));
    static final Table<ActionRow> ACTIONS = Table.of("applicationautoscaling.action", RecordCodecs.of(ActionRow.class));
    static final Table<ActivityRow> ACTIVITIES =
            Table.of("applicationautoscaling.activity", RecordCodecs.of(ActivityRow.class));

    static final List<Table<?>> ALL = List.of(TARGETS, POLICIES, ACTIONS, ACTIVITIES);

    private ScalingTables() {}

    static String targetArn(Scope scope, TargetRow row) {
        return arn("application-autoscaling", scope, "scalable-target/" + row.arnId());
    }

    static String policyArn(Scope scope, PolicyRow row) {
        return arn(
                "autoscaling",
                scope,
                "scalingPolicy:" + row.arnId() + tail(row.resource()) + ":policyName/" + row.name());
    }

    static String actionArn(Scope scope, ActionRow row) {
        return arn(
                "autoscaling",
                scope,
                "scheduledAction:" + row.arnId() + tail(row.resource()) + ":scheduledActionName/" + row.name());
    }

    private static String tail(Resource resource) {
        return ":resource/" + resource.namespace() + '/' + resource.id();
    }

    private static String arn(String service, Scope scope, String rest) {
        return "arn:aws:" + service + ':' + scope.region() + ':' + scope.account() + ':' + rest;
    }

    /** The id of an activity: those of a target stand together, newest first. */
    static Key activityKey(Scope scope, Resource resource, Instant at, String id) {
        return scope.key(resource.childId(String.format("%019d", Long.MAX_VALUE - at.toEpochMilli()) + id));
    }
}
