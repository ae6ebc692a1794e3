package dev.haneul.services.scheduler;

import dev.haneul.api.scheduler.FlexibleTimeWindow;
import dev.haneul.api.scheduler.Target;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Scheduler's durable state. The default group has no record. */
final class SchedulerTables {
    static final String DEFAULT_GROUP = "default";

    /** A group. */
    record GroupRow(
            String name,
            String state,
            @Nullable String clientToken,
            Map<String, String> tags,
            Instant created,
            Instant modified) {
        GroupRow withTags(Map<String, String> other, Instant now) {
            return new GroupRow(name, state, clientToken, other, created, now);
        }

        GroupRow deleting(Instant now) {
            return new GroupRow(name, "DELETING", clientToken, tags, created, now);
        }
    }

    /** A schedule; {@code serial} tells its versions apart. */
    record ScheduleRow(
            String group,
            String name,
            String serial,
            @Nullable String clientToken,
            @Nullable String description,
            String expression,
            @Nullable String zone,
            @Nullable Instant start,
            @Nullable Instant end,
            String state,
            FlexibleTimeWindow window,
            @Nullable String kmsKey,
            @Nullable String afterCompletion,
            Target target,
            Instant created,
            Instant modified) {
        String id() {
            return group + "/" + name;
        }
    }

    /**
     * When a schedule is due.
     *
     * @param serial the version of the schedule that was reckoned with
     * @param scheduled the moment its expression says
     * @param due that moment, or one within the flexible window after it
     */
    record FireRow(String serial, Instant scheduled, Instant due) {}

    static final Table<GroupRow> GROUPS = Table.of("scheduler.group", RecordCodecs.of(GroupRow.class));
    static final Table<ScheduleRow> SCHEDULES = Table.of("scheduler.schedule", RecordCodecs.of(ScheduleRow.class));
    static final Table<FireRow> FIRES = Table.of("scheduler.fire", RecordCodecs.of(FireRow.class));

    static final List<Table<?>> ALL = List.of(GROUPS, SCHEDULES, FIRES);

    private SchedulerTables() {}

    static Key scheduleKey(Scope scope, String group, String name) {
        return scope.key(group + "/" + name);
    }

    static String arn(Scope scope, ScheduleRow row) {
        return Arn.of("scheduler", scope.region(), scope.account(), "schedule/" + row.id())
                .toString();
    }

    static String groupArn(Scope scope, String group) {
        return Arn.of("scheduler", scope.region(), scope.account(), "schedule-group/" + group)
                .toString();
    }
}
