package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.CompositeAlarm;
import dev.haneul.api.cloudwatch.DescribeAlarmsForMetricInput;
import dev.haneul.api.cloudwatch.DescribeAlarmsForMetricOutput;
import dev.haneul.api.cloudwatch.DescribeAlarmsInput;
import dev.haneul.api.cloudwatch.DescribeAlarmsOutput;
import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.api.cloudwatch.SetAlarmStateInput;
import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.CloudWatchTables.AlarmRow;
import dev.haneul.services.cloudwatch.CloudWatchTables.HistoryRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Alarms told, switched, set and removed. */
final class Alarms {
    private static final int PAGE = 50;
    private static final int MOST_DELETED = 100;
    private static final int CHUNK = 1000;

    private final Store store;
    private final Clock clock;
    private final Pager pager;
    private final AlarmChange changes;

    Alarms(Store store, Clock clock, Pager pager, AlarmChange changes) {
        this.store = store;
        this.clock = clock;
        this.pager = pager;
        this.changes = changes;
    }

    private static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    DescribeAlarmsOutput describe(DescribeAlarmsInput in, Call call) {
        Scope scope = scope(call);
        if (!in.alarmNames().isEmpty() && in.alarmNamePrefix() != null) {
            throw CloudWatchFaults.combination("AlarmNames and AlarmNamePrefix cannot be used together.");
        }
        Set<String> children = in.childrenOfAlarmName() == null ? null : children(scope, in.childrenOfAlarmName());
        List<String> types = in.alarmTypes().isEmpty()
                        && in.alarmNames().isEmpty()
                        && children == null
                        && in.parentsOfAlarmName() == null
                ? List.of(AlarmView.METRIC)
                : in.alarmTypes();
        String question = "alarms " + scope + in.alarmNames() + in.alarmNamePrefix() + types + in.stateValue()
                + in.actionPrefix() + in.childrenOfAlarmName() + in.parentsOfAlarmName();
        int limit = in.maxRecords() == null ? PAGE : in.maxRecords();
        Page<AlarmRow> page = store.read(tx -> pager.rows(
                tx,
                CloudWatchTables.ALARMS,
                scope,
                row -> {
                    AlarmView alarm = AlarmView.of(row);
                    CompositeAlarm composite = row.composite();
                    boolean parent = in.parentsOfAlarmName() == null
                            || composite != null && names(scope, composite).contains(in.parentsOfAlarmName());
                    return (in.alarmNames().isEmpty() || in.alarmNames().contains(alarm.name()))
                            && (in.alarmNamePrefix() == null || alarm.name().startsWith(in.alarmNamePrefix()))
                            && (types.isEmpty() || types.contains(alarm.kind()))
                            && (in.stateValue() == null || in.stateValue().equals(alarm.state()))
                            && (in.actionPrefix() == null || acts(alarm, in.actionPrefix()))
                            && (children == null || children.contains(alarm.name()))
                            && parent;
                },
                question,
                in.nextToken(),
                limit));
        return new DescribeAlarmsOutput()
                .metricAlarms(page.items().stream()
                        .map(AlarmRow::metric)
                        .filter(Objects::nonNull)
                        .toList())
                .compositeAlarms(page.items().stream()
                        .map(AlarmRow::composite)
                        .filter(Objects::nonNull)
                        .toList())
                .nextToken(page.next());
    }

    private static boolean acts(AlarmView alarm, String prefix) {
        List<String> all = new ArrayList<>(alarm.okActions());
        all.addAll(alarm.alarmActions());
        all.addAll(alarm.insufficientDataActions());
        return all.stream().anyMatch(each -> each.startsWith(prefix));
    }

    private Set<String> children(Scope scope, String name) {
        return store.read(tx -> tx.get(CloudWatchTables.ALARMS, scope.key(name)))
                .map(row -> row.value().composite())
                .map(composite -> names(scope, composite))
                .orElse(Set.of());
    }

    private static Set<String> names(Scope scope, CompositeAlarm composite) {
        String prefix = CloudWatchTables.alarmArn(scope, "");
        Set<String> found = new java.util.HashSet<>();
        for (String each :
                AlarmRule.parse(Objects.requireNonNull(composite.alarmRule())).alarms()) {
            found.add(each.startsWith(prefix) ? each.substring(prefix.length()) : each);
        }
        return found;
    }

    DescribeAlarmsForMetricOutput describeForMetric(DescribeAlarmsForMetricInput in, Call call) {
        Map<String, String> dimensions = PutMetricData.dimensions(in.dimensions(), "Dimensions");
        List<MetricAlarm> found = new ArrayList<>();
        String from = "";
        List<Row<AlarmRow>> page;
        do {
            String first = from;
            page = store.read(tx -> tx.range(CloudWatchTables.ALARMS, scope(call), first, null, CHUNK));
            for (Row<AlarmRow> row : page) {
                MetricAlarm alarm = row.value().metric();
                if (alarm != null && watches(alarm, in, dimensions)) {
                    found.add(alarm);
                }
            }
            from = page.isEmpty() ? "" : page.getLast().key().id() + "\u0000";
        } while (page.size() == CHUNK);
        return new DescribeAlarmsForMetricOutput().metricAlarms(found);
    }

    private static boolean watches(MetricAlarm alarm, DescribeAlarmsForMetricInput in, Map<String, String> dimensions) {
        Map<String, String> own = new TreeMap<>();
        alarm.dimensions().forEach(each -> own.put(each.name(), each.value()));
        return in.metricName().equals(alarm.metricName())
                && in.namespace().equals(alarm.namespace())
                && own.equals(dimensions)
                && (in.statistic() == null || in.statistic().equals(alarm.statistic()))
                && (in.extendedStatistic() == null || in.extendedStatistic().equals(alarm.extendedStatistic()))
                && (in.period() == null || in.period().equals(alarm.period()))
                && (in.unit() == null || in.unit().equals(alarm.unit()));
    }

    void enable(List<String> names, boolean on, Call call) {
        Scope scope = scope(call);
        store.write(tx -> names.forEach(name -> tx.get(CloudWatchTables.ALARMS, scope.key(name))
                .ifPresent(row -> {
                    MetricAlarm metric = row.value().metric();
                    CompositeAlarm composite = row.value().composite();
                    if (metric != null) {
                        tx.put(
                                CloudWatchTables.ALARMS,
                                row.key(),
                                row.value().with(AlarmView.copy(metric).actionsEnabled(on)));
                    } else if (composite != null) {
                        tx.put(
                                CloudWatchTables.ALARMS,
                                row.key(),
                                row.value().with(AlarmView.copy(composite).actionsEnabled(on)));
                    }
                })));
    }

    void setState(SetAlarmStateInput in, Call call) {
        Scope scope = scope(call);
        String data = in.stateReasonData() == null ? "" : in.stateReasonData();
        if (!data.isEmpty() && Json.read(data).isEmpty()) {
            throw CloudWatchFaults.format("StateReasonData was not valid JSON");
        }
        Instant now = clock.instant();
        AlarmRow changed = store.transact(tx -> {
            AlarmRow row = tx.get(CloudWatchTables.ALARMS, scope.key(in.alarmName()))
                    .map(Row::value)
                    .orElseThrow(() -> CloudWatchFaults.noAlarm(in.alarmName()));
            AlarmRow written = AlarmView.inState(row, in.stateValue(), in.stateReason(), data, now);
            return changes.state(tx, scope, row, written, now, true);
        });
        changes.wake(scope, changed);
    }

    void delete(List<String> names, Call call) {
        if (names.size() > MOST_DELETED) {
            throw CloudWatchFaults.validation("At most 100 alarms can be deleted at once.");
        }
        Scope scope = scope(call);
        Instant now = clock.instant();
        store.write(tx -> {
            for (String name : names) {
                if (tx.get(CloudWatchTables.ALARMS, scope.key(name)).isEmpty()) {
                    throw CloudWatchFaults.noAlarm(name);
                }
            }
            boolean composite = false;
            for (String name : Set.copyOf(names)) {
                AlarmRow row = tx.get(CloudWatchTables.ALARMS, scope.key(name))
                        .map(Row::value)
                        .orElseThrow();
                if (row.composite() != null) {
                    if (composite) {
                        throw CloudWatchFaults.validation("Only one composite alarm can be deleted at once.");
                    }
                    composite = true;
                }
                tx.delete(CloudWatchTables.ALARMS, scope.key(name));
                String json = Json.write(Map.of("version", "1.0", "type", "Delete"));
                AlarmHistory.add(
                        tx,
                        scope,
                        new HistoryRow(
                                name,
                                AlarmView.of(row).kind(),
                                now,
                                AlarmHistory.CONFIGURATION,
                                "Alarm \"" + name + "\" deleted",
                                json));
            }
        });
    }
}
