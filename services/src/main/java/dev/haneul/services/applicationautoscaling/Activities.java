package dev.haneul.services.applicationautoscaling;

import dev.haneul.api.applicationautoscaling.ScalingActivity;
import dev.haneul.api.applicationautoscaling.ScalingActivityStatusCode;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.applicationautoscaling.ScalingTables.ActivityRow;
import dev.haneul.services.applicationautoscaling.ScalingTables.Resource;
import dev.haneul.services.applicationautoscaling.ScalingTables.TargetRow;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What was done, for six weeks on AWS; here the newest few hundred of each target. */
final class Activities {
    private static final int KEPT = 300;
    private static final int SURPLUS = 100;

    private Activities() {}

    /** A capacity that was set, or could not be. */
    static void capacity(
            WriteTx tx,
            Scope scope,
            TargetRow target,
            ScalingPlan.Change change,
            Instant started,
            @Nullable String failure) {
        String service = target.resource().namespace();
        add(
                tx,
                scope,
                target.resource(),
                new ScalingActivity()
                        .description("Setting desired count to " + change.capacity() + ".")
                        .cause(change.cause())
                        .statusCode(
                                failure == null
                                        ? ScalingActivityStatusCode.SUCCESSFUL
                                        : ScalingActivityStatusCode.FAILED)
                        .statusMessage(
                                failure == null
                                        ? "Successfully set desired count to " + change.capacity()
                                                + ". Change successfully fulfilled by " + service + "."
                                        : "Failed to set desired count to " + change.capacity() + ". Reason: "
                                                + failure),
                started);
    }

    /** Bounds that a scheduled action has set. */
    static void bounds(WriteTx tx, Scope scope, Resource resource, String what, String action, Instant at) {
        add(
                tx,
                scope,
                resource,
                new ScalingActivity()
                        .description("Setting " + what)
                        .cause("scheduled action name " + action + " was triggered")
                        .statusCode(ScalingActivityStatusCode.SUCCESSFUL)
                        .statusMessage("Successfully set " + what),
                at);
    }

    private static void add(WriteTx tx, Scope scope, Resource resource, ScalingActivity activity, Instant at) {
        String id = UUID.randomUUID().toString();
        activity.activityId(id)
                .serviceNamespace(resource.namespace())
                .resourceId(resource.id())
                .scalableDimension(resource.dimension())
                .startTime(at)
                .endTime(at);
        tx.put(
                ScalingTables.ACTIVITIES,
                ScalingTables.activityKey(scope, resource, at, id),
                new ActivityRow(resource, activity));
        String from = resource.childId("");
        List<Row<ActivityRow>> all = tx.range(ScalingTables.ACTIVITIES, scope, from, from + '\uffff', KEPT + SURPLUS);
        all.stream().skip(KEPT).forEach(row -> tx.delete(ScalingTables.ACTIVITIES, row.key()));
    }
}
