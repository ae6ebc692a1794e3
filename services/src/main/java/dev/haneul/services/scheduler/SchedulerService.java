package dev.haneul.services.scheduler;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.scheduler.*;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.SdkActions;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.schedule.ScheduleExpression;
import dev.haneul.services.scheduler.SchedulerTables.ScheduleRow;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** EventBridge Scheduler's API. */
public final class SchedulerService implements SchedulerApi {
    private static final int PAGE = 100;
    private static final int CONCURRENCY = 32;
    private static final int SLOTS = 4;

    private final Store store;
    private final Clock clock;
    private final Targets targets;
    private final Tokens tokens;
    private final DeliveryQueue queue;
    private final Groups groups;
    private final Runs runs;

    /**
     * Makes the service and opens its tables.
     *
     * @param targets hands over what is due
     * @param folderKey the data folder's key, under which page tokens are sealed
     */
    public SchedulerService(Store store, Clock clock, Targets targets, byte[] folderKey) {
        store.open(SchedulerTables.ALL, List.of());
        this.store = store;
        this.clock = clock;
        this.targets = targets;
        this.tokens = new Tokens(Tokens.derive(folderKey, "scheduler tokens"));
        this.queue = new DeliveryQueue("scheduler.delivery", store, clock, targets::send, SLOTS);
        this.groups = new Groups(store, clock);
        this.runs = new Runs(store, clock, queue);
    }

    /** Joins the driver that fires schedules; before the driver starts. */
    public void join(Driver driver) {
        queue.join(driver, CONCURRENCY);
        groups.join(driver);
        runs.join(driver);
    }

    private static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    private static String group(@Nullable String name) {
        return name == null ? SchedulerTables.DEFAULT_GROUP : name;
    }

    @Override
    public CreateScheduleOutput createSchedule(CreateScheduleInput in, Call call) {
        Scope scope = scope(call);
        Instant now = clock.instant();
        ScheduleRow row = row(in, now);
        check(row, scope, now);
        Key key = SchedulerTables.scheduleKey(scope, row.group(), row.name());
        store.write(tx -> {
            if (Groups.require(tx, scope, row.group()).state().equals(ScheduleGroupState.DELETING)) {
                throw SchedulerFaults.conflict("Schedule group " + row.group() + " is being deleted.");
            }
            ScheduleRow before =
                    tx.get(SchedulerTables.SCHEDULES, key).map(Row::value).orElse(null);
            if (before == null) {
                tx.put(SchedulerTables.SCHEDULES, key, row);
            } else if (in.clientToken() == null || !in.clientToken().equals(before.clientToken())) {
                throw SchedulerFaults.conflict("Schedule " + row.name() + " already exists.");
            }
        });
        runs.changed(key);
        return new CreateScheduleOutput().scheduleArn(SchedulerTables.arn(scope, row));
    }

    private static ScheduleRow row(CreateScheduleInput in, Instant now) {
        return new ScheduleRow(
                group(in.groupName()),
                in.name(),
                UUID.randomUUID().toString(),
                in.clientToken(),
                in.description(),
                in.scheduleExpression(),
                in.scheduleExpressionTimezone(),
                in.startDate(),
                in.endDate(),
                in.state() == null ? ScheduleState.ENABLED : in.state(),
                in.flexibleTimeWindow(),
                in.kmsKeyArn(),
                in.actionAfterCompletion(),
                in.target(),
                now,
                now);
    }

    /** Refuses what AWS refuses; asks STS whether the role can be assumed. */
    private void check(ScheduleRow row, Scope scope, Instant now) {
        if (ScheduleExpression.parse(row.expression()).isEmpty()) {
            throw SchedulerFaults.validation("Invalid Schedule Expression " + row.expression() + ".");
        }
        String zone = row.zone();
        try {
            boolean unused = zone != null && ZoneId.of(zone).getRules().isFixedOffset();
        } catch (DateTimeException e) {
            throw SchedulerFaults.validation("The time zone you provided is not valid: " + zone);
        }
        boolean flexible = FlexibleTimeWindowMode.FLEXIBLE.equals(row.window().mode());
        if (flexible == (row.window().maximumWindowInMinutes() == null)) {
            throw SchedulerFaults.validation(
                    flexible
                            ? "FlexibleTimeWindow.MaximumWindowInMinutes must be set when Mode is FLEXIBLE."
                            : "FlexibleTimeWindow.MaximumWindowInMinutes must not be set when Mode is OFF.");
        }
        Instant start = row.start();
        Instant end = row.end();
        if (end != null && (!end.isAfter(now) || start != null && !end.isAfter(start))) {
            throw SchedulerFaults.validation("The EndDate you specify must be in the future and after the StartDate.");
        }
        Target target = row.target();
        Arn arn = Arn.parse(target.arn()).orElse(null);
        if (arn == null) {
            throw SchedulerFaults.validation("Provided Arn is not in correct format.");
        }
        if (arn.service().equals("scheduler") && SdkActions.find(target.arn()).isEmpty()) {
            throw SchedulerFaults.validation(target.arn() + " is not a supported target.");
        }
        boolean json = target.input() == null || Json.read(target.input()).isPresent();
        if (!json && (arn.service().equals("scheduler") || arn.service().equals("lambda"))) {
            throw SchedulerFaults.validation("Invalid RequestJson provided. Reason The request is not valid JSON.");
        }
        try {
            targets.requireAssumable(Firing.sender(scope, row.group(), target), scope.region());
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            throw SchedulerFaults.validation(
                    "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.");
        }
    }

    @Override
    public UpdateScheduleOutput updateSchedule(UpdateScheduleInput in, Call call) {
        Scope scope = scope(call);
        Instant now = clock.instant();
        // An update is a whole new schedule: what is left out goes back to its default.
        ScheduleRow row = row(
                new CreateScheduleInput()
                        .name(in.name())
                        .groupName(in.groupName())
                        .clientToken(in.clientToken())
                        .description(in.description())
                        .scheduleExpression(in.scheduleExpression())
                        .scheduleExpressionTimezone(in.scheduleExpressionTimezone())
                        .startDate(in.startDate())
                        .endDate(in.endDate())
                        .state(in.state())
                        .flexibleTimeWindow(in.flexibleTimeWindow())
                        .kmsKeyArn(in.kmsKeyArn())
                        .actionAfterCompletion(in.actionAfterCompletion())
                        .target(in.target()),
                now);
        check(row, scope, now);
        Key key = SchedulerTables.scheduleKey(scope, row.group(), row.name());
        store.write(tx -> {
            ScheduleRow before = tx.get(SchedulerTables.SCHEDULES, key)
                    .map(Row::value)
                    .orElseThrow(() -> SchedulerFaults.noSchedule(row.name()));
            tx.put(SchedulerTables.SCHEDULES, key, createdAt(row, before.created()));
        });
        runs.changed(key);
        return new UpdateScheduleOutput().scheduleArn(SchedulerTables.arn(scope, row));
    }

    private static ScheduleRow createdAt(ScheduleRow row, Instant created) {
        return new ScheduleRow(
                row.group(),
                row.name(),
                row.serial(),
                row.clientToken(),
                row.description(),
                row.expression(),
                row.zone(),
                row.start(),
                row.end(),
                row.state(),
                row.window(),
                row.kmsKey(),
                row.afterCompletion(),
                row.target(),
                created,
                row.modified());
    }

    @Override
    public DeleteScheduleOutput deleteSchedule(DeleteScheduleInput in, Call call) {
        Key key = SchedulerTables.scheduleKey(scope(call), group(in.groupName()), in.name());
        store.write(tx -> {
            if (!tx.delete(SchedulerTables.SCHEDULES, key)) {
                throw SchedulerFaults.noSchedule(in.name());
            }
        });
        runs.changed(key);
        return new DeleteScheduleOutput();
    }

    @Override
    public GetScheduleOutput getSchedule(GetScheduleInput in, Call call) {
        Scope scope = scope(call);
        ScheduleRow row = store.read(tx -> tx.get(
                        SchedulerTables.SCHEDULES,
                        SchedulerTables.scheduleKey(scope, group(in.groupName()), in.name())))
                .map(Row::value)
                .orElseThrow(() -> SchedulerFaults.noSchedule(in.name()));
        return new GetScheduleOutput()
                .arn(SchedulerTables.arn(scope, row))
                .name(row.name())
                .groupName(row.group())
                .description(row.description())
                .scheduleExpression(row.expression())
                .scheduleExpressionTimezone(Objects.requireNonNullElse(row.zone(), "UTC"))
                .startDate(row.start())
                .endDate(row.end())
                .state(row.state())
                .flexibleTimeWindow(row.window())
                .kmsKeyArn(row.kmsKey())
                .actionAfterCompletion(
                        row.afterCompletion() == null ? ActionAfterCompletion.NONE : row.afterCompletion())
                .target(row.target())
                .creationDate(row.created())
                .lastModificationDate(row.modified());
    }

    @Override
    public ListSchedulesOutput listSchedules(ListSchedulesInput in, Call call) {
        Scope scope = scope(call);
        String prefix = in.namePrefix() == null ? "" : in.namePrefix();
        String idPrefix = in.groupName() == null ? "" : in.groupName() + "/" + prefix;
        int limit = in.maxResults() == null ? PAGE : Math.min(in.maxResults(), PAGE);
        String context = "scheduler schedules " + scope + idPrefix + "|" + prefix + "|" + in.state();
        String from = in.nextToken() == null
                ? idPrefix
                : tokens.open(context, in.nextToken()).orElseThrow(SchedulerFaults::badToken) + "\u0000";
        return store.read(tx -> {
            List<ScheduleSummary> found = new ArrayList<>();
            String start = from;
            String last = from;
            while (true) {
                List<Row<ScheduleRow>> rows = tx.range(SchedulerTables.SCHEDULES, scope, start, null, 500);
                for (Row<ScheduleRow> each : rows) {
                    if (!each.key().id().startsWith(idPrefix)) {
                        return new ListSchedulesOutput().schedules(found);
                    }
                    ScheduleRow row = each.value();
                    boolean wanted = row.name().startsWith(prefix)
                            && (in.state() == null || in.state().equals(row.state()));
                    if (wanted && found.size() == limit) {
                        return new ListSchedulesOutput().schedules(found).nextToken(tokens.seal(context, last));
                    }
                    if (wanted) {
                        found.add(summary(scope, row));
                    }
                    last = each.key().id();
                }
                if (rows.size() < 500) {
                    return new ListSchedulesOutput().schedules(found);
                }
                start = last + "\u0000";
            }
        });
    }

    private static ScheduleSummary summary(Scope scope, ScheduleRow row) {
        return new ScheduleSummary()
                .arn(SchedulerTables.arn(scope, row))
                .name(row.name())
                .groupName(row.group())
                .state(row.state())
                .target(new TargetSummary().arn(row.target().arn()))
                .creationDate(row.created())
                .lastModificationDate(row.modified());
    }

    @Override
    public CreateScheduleGroupOutput createScheduleGroup(CreateScheduleGroupInput in, Call call) {
        return groups.create(in, scope(call));
    }

    @Override
    public DeleteScheduleGroupOutput deleteScheduleGroup(DeleteScheduleGroupInput in, Call call) {
        groups.delete(in.name(), scope(call));
        return new DeleteScheduleGroupOutput();
    }

    @Override
    public GetScheduleGroupOutput getScheduleGroup(GetScheduleGroupInput in, Call call) {
        return groups.get(in.name(), scope(call));
    }

    @Override
    public ListScheduleGroupsOutput listScheduleGroups(ListScheduleGroupsInput in, Call call) {
        List<ScheduleGroupSummary> all = groups.list(in.namePrefix() == null ? "" : in.namePrefix(), scope(call));
        String context = "scheduler groups " + scope(call) + in.namePrefix();
        int from = in.nextToken() == null
                ? 0
                : Integer.parseInt(tokens.open(context, in.nextToken()).orElseThrow(SchedulerFaults::badToken));
        int start = Math.min(from, all.size());
        int end = Math.min(start + (in.maxResults() == null ? PAGE : in.maxResults()), all.size());
        return new ListScheduleGroupsOutput()
                .scheduleGroups(all.subList(start, end))
                .nextToken(end < all.size() ? tokens.seal(context, Integer.toString(end)) : null);
    }

    @Override
    public ListTagsForResourceOutput listTagsForResource(ListTagsForResourceInput in, Call call) {
        return new ListTagsForResourceOutput().tags(groups.tags(in.resourceArn(), call));
    }

    @Override
    public TagResourceOutput tagResource(TagResourceInput in, Call call) {
        groups.tag(in, call);
        return new TagResourceOutput();
    }

    @Override
    public UntagResourceOutput untagResource(UntagResourceInput in, Call call) {
        groups.untag(in, call);
        return new UntagResourceOutput();
    }
}
