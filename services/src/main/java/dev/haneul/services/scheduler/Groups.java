package dev.haneul.services.scheduler;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.scheduler.*;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.scheduler.SchedulerTables.GroupRow;
import dev.haneul.services.scheduler.SchedulerTables.ScheduleRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Groups: made, told, tagged; one that is deleted takes its schedules with it, piece by piece. */
final class Groups implements Reconciler<Key> {
    private static final int MOST_GROUPS = 500;
    private static final int MOST_TAGS = 200;
    private static final int CHUNK = 500;

    private final Store store;
    private final Clock clock;
    private Driver.@Nullable Waker<Key> waker;

    Groups(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    void join(Driver driver) {
        Driver.Waker<Key> made = driver.add(this, 1);
        waker = made;
        store.read(tx -> tx.all(SchedulerTables.GROUPS, null, 10_000)).forEach(row -> made.wake(row.key()));
    }

    /** The group, which must be there and stay. */
    static GroupRow require(ReadTx tx, Scope scope, String group) {
        if (group.equals(SchedulerTables.DEFAULT_GROUP)) {
            return new GroupRow(group, ScheduleGroupState.ACTIVE, null, Map.of(), Instant.EPOCH, Instant.EPOCH);
        }
        return tx.get(SchedulerTables.GROUPS, scope.key(group))
                .map(Row::value)
                .orElseThrow(() -> SchedulerFaults.noGroup(group));
    }

    CreateScheduleGroupOutput create(CreateScheduleGroupInput in, Scope scope) {
        Instant now = clock.instant();
        GroupRow row = new GroupRow(
                in.name(), ScheduleGroupState.ACTIVE, in.clientToken(), tags(Map.of(), in.tags()), now, now);
        store.write(tx -> {
            GroupRow before = tx.get(SchedulerTables.GROUPS, scope.key(in.name()))
                    .map(Row::value)
                    .orElse(null);
            boolean same = before != null
                    && before.clientToken() != null
                    && before.clientToken().equals(in.clientToken());
            if (same) {
                return;
            }
            if (before != null || in.name().equals(SchedulerTables.DEFAULT_GROUP)) {
                throw SchedulerFaults.conflict("Schedule group " + in.name() + " already exists.");
            }
            if (tx.range(SchedulerTables.GROUPS, scope, "", null, MOST_GROUPS).size() == MOST_GROUPS) {
                throw SchedulerFaults.quota("The maximum number of schedule groups is " + MOST_GROUPS + ".");
            }
            tx.put(SchedulerTables.GROUPS, scope.key(in.name()), row);
        });
        return new CreateScheduleGroupOutput().scheduleGroupArn(SchedulerTables.groupArn(scope, in.name()));
    }

    void delete(String group, Scope scope) {
        if (group.equals(SchedulerTables.DEFAULT_GROUP)) {
            throw SchedulerFaults.validation("The default schedule group cannot be deleted.");
        }
        Key key = scope.key(group);
        store.write(tx ->
                tx.put(SchedulerTables.GROUPS, key, require(tx, scope, group).deleting(clock.instant())));
        Driver.Waker<Key> driver = waker;
        if (driver != null) {
            driver.wake(key);
        }
    }

    GetScheduleGroupOutput get(String group, Scope scope) {
        GroupRow row = store.read(tx -> require(tx, scope, group));
        return new GetScheduleGroupOutput()
                .arn(SchedulerTables.groupArn(scope, group))
                .name(group)
                .state(row.state())
                .creationDate(row.created())
                .lastModificationDate(row.modified());
    }

    /** All groups whose names begin so, the default one first. */
    List<ScheduleGroupSummary> list(String prefix, Scope scope) {
        List<ScheduleGroupSummary> found = new ArrayList<>();
        store.read(tx -> {
            if (SchedulerTables.DEFAULT_GROUP.startsWith(prefix)) {
                found.add(summary(scope, require(tx, scope, SchedulerTables.DEFAULT_GROUP)));
            }
            tx.range(SchedulerTables.GROUPS, scope, prefix, null, MOST_GROUPS).stream()
                    .map(Row::value)
                    .filter(row -> row.name().startsWith(prefix))
                    .forEach(row -> found.add(summary(scope, row)));
            return found;
        });
        return found;
    }

    private static ScheduleGroupSummary summary(Scope scope, GroupRow row) {
        return new ScheduleGroupSummary()
                .arn(SchedulerTables.groupArn(scope, row.name()))
                .name(row.name())
                .state(row.state())
                .creationDate(row.created())
                .lastModificationDate(row.modified());
    }

    private static Map<String, String> tags(Map<String, String> before, List<Tag> added) {
        Map<String, String> tags = new LinkedHashMap<>(before);
        added.forEach(tag -> tags.put(tag.key(), tag.value()));
        if (tags.size() > MOST_TAGS) {
            throw SchedulerFaults.validation("A resource can have at most " + MOST_TAGS + " tags.");
        }
        return tags;
    }

    private static String tagged(String arn, Scope scope) {
        String prefix = SchedulerTables.groupArn(scope, "");
        if (!arn.startsWith(prefix)) {
            throw SchedulerFaults.validation("Invalid ARN: only schedule groups carry tags.");
        }
        return arn.substring(prefix.length());
    }

    void tag(TagResourceInput in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String group = tagged(in.resourceArn(), scope);
        store.write(tx -> {
            GroupRow row = require(tx, scope, group);
            tx.put(
                    SchedulerTables.GROUPS,
                    scope.key(group),
                    row.withTags(tags(row.tags(), in.tags()), clock.instant()));
        });
    }

    void untag(UntagResourceInput in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String group = tagged(in.resourceArn(), scope);
        store.write(tx -> {
            GroupRow row = require(tx, scope, group);
            Map<String, String> tags = new LinkedHashMap<>(row.tags());
            in.tagKeys().forEach(tags::remove);
            tx.put(SchedulerTables.GROUPS, scope.key(group), row.withTags(tags, clock.instant()));
        });
    }

    List<Tag> tags(String arn, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        List<Tag> found = new ArrayList<>();
        store.read(tx -> require(tx, scope, tagged(arn, scope)))
                .tags()
                .forEach((key, value) -> found.add(new Tag().key(key).value(value)));
        return found;
    }

    @Override
    public String name() {
        return "scheduler.groups";
    }

    /** Removes a deleted group's schedules and then the group. */
    @Override
    public Next reconcile(Key key) {
        boolean more = store.<Boolean>transact(tx -> {
            GroupRow row = tx.get(SchedulerTables.GROUPS, key).map(Row::value).orElse(null);
            if (row == null || !row.state().equals(ScheduleGroupState.DELETING)) {
                return false;
            }
            List<Row<ScheduleRow>> rows =
                    tx.range(SchedulerTables.SCHEDULES, key.scope(), row.name() + "/", row.name() + "0", CHUNK);
            for (Row<ScheduleRow> each : rows) {
                tx.delete(SchedulerTables.SCHEDULES, each.key());
                tx.delete(SchedulerTables.FIRES, each.key());
            }
            if (rows.size() < CHUNK) {
                tx.delete(SchedulerTables.GROUPS, key);
                return false;
            }
            return true;
        });
        return more ? Next.after(Duration.ZERO) : Next.DONE;
    }
}
