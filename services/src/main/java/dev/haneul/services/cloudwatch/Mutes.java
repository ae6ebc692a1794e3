package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.AlarmMuteRuleSummary;
import dev.haneul.api.cloudwatch.GetAlarmMuteRuleOutput;
import dev.haneul.api.cloudwatch.ListAlarmMuteRulesInput;
import dev.haneul.api.cloudwatch.ListAlarmMuteRulesOutput;
import dev.haneul.api.cloudwatch.MuteTargets;
import dev.haneul.api.cloudwatch.PutAlarmMuteRuleInput;
import dev.haneul.api.cloudwatch.Rule;
import dev.haneul.api.cloudwatch.Schedule;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.CloudWatchTables.MuteRow;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rules that mute alarms: their states change as ever, their actions wait for the end of the window.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-mute-rules.html">Alarm Mute Rules</a>
 */
final class Mutes {
    private static final int PAGE = 50;
    private static final int CHUNK = 500;
    private static final String ACTIVE = "ACTIVE";

    private final Store store;
    private final Clock clock;
    private final Pager pager;

    Mutes(Store store, Clock clock, Pager pager) {
        this.store = store;
        this.clock = clock;
        this.pager = pager;
    }

    private static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    /** Whether any rule mutes an alarm now. */
    static boolean muted(ReadTx tx, Scope scope, String alarm, Instant now) {
        String from = "";
        List<Row<MuteRow>> page;
        do {
            page = tx.range(CloudWatchTables.MUTES, scope, from, null, CHUNK);
            for (Row<MuteRow> row : page) {
                if (row.value().alarms().contains(alarm)
                        && status(row.value(), now).equals(ACTIVE)) {
                    return true;
                }
            }
            from = page.isEmpty() ? "" : page.getLast().key().id() + "\u0000";
        } while (page.size() == CHUNK);
        return false;
    }

    private static MuteWindow window(MuteRow row) {
        return MuteWindow.parse(row.expression(), row.duration(), row.zone())
                .orElseThrow(() -> new IllegalStateException("the mute rule " + row.name() + " has no schedule"));
    }

    private static String status(MuteRow row, Instant now) {
        Instant start = row.start();
        Instant expire = row.expire();
        MuteWindow window = window(row);
        if (expire != null && !expire.isAfter(now) || window.over(now)) {
            return "EXPIRED";
        }
        return window.open(now) && (start == null || !start.isAfter(now)) ? ACTIVE : "SCHEDULED";
    }

    void put(PutAlarmMuteRuleInput in, Call call) {
        Schedule schedule = in.rule().schedule();
        if (MuteWindow.parse(schedule.expression(), schedule.duration(), schedule.timezone())
                .isEmpty()) {
            throw CloudWatchFaults.validation(
                    "The schedule of the mute rule is not valid: an expression cron(Minutes Hours"
                            + " Day-of-month Month Day-of-week) or at(yyyy-MM-ddThh:mm), a duration from PT1M to P15D and a time"
                            + " zone are wanted.");
        }
        if (in.startDate() != null
                && in.expireDate() != null
                && !in.expireDate().isAfter(in.startDate())) {
            throw CloudWatchFaults.validation("ExpireDate must be after StartDate.");
        }
        MuteTargets targets = in.muteTargets();
        List<String> alarms = targets == null ? List.of() : targets.alarmNames();
        Scope scope = scope(call);
        store.write(tx -> {
            for (String alarm : alarms) {
                if (tx.get(CloudWatchTables.ALARMS, scope.key(alarm)).isEmpty()) {
                    throw CloudWatchFaults.validation("Alarm " + alarm + " does not exist");
                }
            }
            Map<String, String> given = new LinkedHashMap<>();
            in.tags().forEach(tag -> given.put(tag.key(), tag.value()));
            Map<String, String> tags = tx.get(CloudWatchTables.MUTES, scope.key(in.name()))
                    .map(row -> row.value().tags())
                    .orElse(given);
            MuteRow row = new MuteRow(
                    in.name(),
                    in.description(),
                    schedule.expression(),
                    schedule.duration(),
                    schedule.timezone(),
                    List.copyOf(alarms),
                    in.startDate(),
                    in.expireDate(),
                    clock.instant(),
                    tags);
            tx.put(CloudWatchTables.MUTES, scope.key(in.name()), row);
        });
    }

    private static String type(MuteRow row) {
        return window(row).once().isPresent() ? "ONE_TIME" : "RECURRING";
    }

    GetAlarmMuteRuleOutput get(String name, Call call) {
        MuteRow row = store.read(
                        tx -> tx.get(CloudWatchTables.MUTES, scope(call).key(name)))
                .map(Row::value)
                .orElseThrow(CloudWatchFaults::noResource);
        return new GetAlarmMuteRuleOutput()
                .name(row.name())
                .alarmMuteRuleArn(CloudWatchTables.muteArn(scope(call), row.name()))
                .description(row.description())
                .rule(new Rule()
                        .schedule(new Schedule()
                                .expression(row.expression())
                                .duration(row.duration())
                                .timezone(row.zone() == null ? "UTC" : row.zone())))
                .muteTargets(new MuteTargets().alarmNames(row.alarms()))
                .startDate(row.start())
                .expireDate(row.expire())
                .status(status(row, clock.instant()))
                .lastUpdatedTimestamp(row.updated())
                .muteType(type(row));
    }

    ListAlarmMuteRulesOutput list(ListAlarmMuteRulesInput in, Call call) {
        Scope scope = scope(call);
        Instant now = clock.instant();
        String alarm = in.alarmName();
        int limit = in.maxRecords() == null ? PAGE : in.maxRecords();
        Page<MuteRow> page = store.read(tx -> {
            if (alarm != null
                    && tx.get(CloudWatchTables.ALARMS, scope.key(alarm)).isEmpty()) {
                throw CloudWatchFaults.noResource();
            }
            return pager.rows(
                    tx,
                    CloudWatchTables.MUTES,
                    scope,
                    row -> (alarm == null || row.alarms().contains(alarm))
                            && (in.statuses().isEmpty() || in.statuses().contains(status(row, now))),
                    "mutes " + scope + alarm + in.statuses(),
                    in.nextToken(),
                    limit);
        });
        return new ListAlarmMuteRulesOutput()
                .alarmMuteRuleSummaries(page.items().stream()
                        .map(row -> new AlarmMuteRuleSummary()
                                .alarmMuteRuleArn(CloudWatchTables.muteArn(scope, row.name()))
                                .expireDate(row.expire())
                                .status(status(row, now))
                                .muteType(type(row))
                                .lastUpdatedTimestamp(row.updated()))
                        .toList())
                .nextToken(page.next());
    }

    /** Removes a rule; one that is not there is none the less removed. */
    void delete(String name, Call call) {
        store.write(tx -> tx.delete(CloudWatchTables.MUTES, scope(call).key(name)));
    }
}
