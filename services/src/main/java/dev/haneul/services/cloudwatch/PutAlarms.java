package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.CompositeAlarm;
import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.api.cloudwatch.MetricDataQuery;
import dev.haneul.api.cloudwatch.PutCompositeAlarmInput;
import dev.haneul.api.cloudwatch.PutMetricAlarmInput;
import dev.haneul.api.cloudwatch.Tag;
import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.CloudWatchTables.AlarmRow;
import dev.haneul.services.cloudwatch.CloudWatchTables.HistoryRow;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** PutMetricAlarm and PutCompositeAlarm: what is asked is checked whole; a new alarm has insufficient data. */
final class PutAlarms {
    private static final int ACTIONS = 5;
    private static final int TAGS = 50;
    private static final int DAY_SECONDS = 86_400;
    private static final int WEEK_SECONDS = 7 * DAY_SECONDS;
    private static final int DEEPEST = 10;
    private static final String UNCHECKED = "Unchecked: Initial alarm creation";
    private static final Set<String> COMPARISONS = Set.of(
            "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold");

    private final Store store;
    private final SeriesReader reader;
    private final Clock clock;

    PutAlarms(Store store, SeriesReader reader, Clock clock) {
        this.store = store;
        this.reader = reader;
        this.clock = clock;
    }

    void metric(PutMetricAlarmInput in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        check(in, scope);
        Instant now = clock.instant();
        MetricAlarm alarm = new MetricAlarm()
                .alarmName(in.alarmName())
                .alarmArn(CloudWatchTables.alarmArn(scope, in.alarmName()))
                .alarmDescription(in.alarmDescription())
                .alarmConfigurationUpdatedTimestamp(now)
                .actionsEnabled(!Boolean.FALSE.equals(in.actionsEnabled()))
                .okActions(in.okActions())
                .alarmActions(in.alarmActions())
                .insufficientDataActions(in.insufficientDataActions())
                .metricName(in.metricName())
                .namespace(in.namespace())
                .statistic(in.statistic())
                .extendedStatistic(in.extendedStatistic())
                .dimensions(in.dimensions())
                .period(in.period())
                .unit(in.unit())
                .evaluationPeriods(in.evaluationPeriods())
                .datapointsToAlarm(in.datapointsToAlarm())
                .threshold(in.threshold())
                .comparisonOperator(in.comparisonOperator())
                .treatMissingData(in.treatMissingData())
                .evaluateLowSampleCountPercentile(in.evaluateLowSampleCountPercentile());
        if (!in.metrics().isEmpty()) {
            alarm.metrics(in.metrics());
        }
        put(scope, AlarmView.METRIC, in.alarmName(), in.tags(), now, before -> {
            MetricAlarm old = before == null ? null : before.metric();
            if (before != null && old == null) {
                throw CloudWatchFaults.validation("A composite alarm with this name exists: " + in.alarmName());
            }
            alarm.stateValue(old == null ? AlarmPlan.INSUFFICIENT_DATA : old.stateValue())
                    .stateReason(old == null ? UNCHECKED : old.stateReason())
                    .stateReasonData(old == null ? null : old.stateReasonData())
                    .stateUpdatedTimestamp(old == null ? now : old.stateUpdatedTimestamp())
                    .stateTransitionedTimestamp(old == null ? now : old.stateTransitionedTimestamp());
            return before == null ? new AlarmRow(alarm, Map.of()) : before.with(alarm);
        });
    }

    private void check(PutMetricAlarmInput in, Scope scope) {
        checkActions(in.okActions(), in.alarmActions(), in.insufficientDataActions());
        if (in.thresholdMetricId() != null || !COMPARISONS.contains(in.comparisonOperator())) {
            throw CloudWatchFaults.validation("Alarms on anomaly detection models are not implemented by Haneul yet.");
        }
        if (in.evaluationPeriods() == null || in.evaluationPeriods() < 1) {
            throw CloudWatchFaults.missing("The parameter EvaluationPeriods is required.");
        }
        if (in.threshold() == null) {
            throw CloudWatchFaults.missing("The parameter Threshold is required.");
        }
        int needed = in.datapointsToAlarm() == null ? in.evaluationPeriods() : in.datapointsToAlarm();
        if (needed > in.evaluationPeriods()) {
            throw CloudWatchFaults.validation(
                    "The parameter DatapointsToAlarm must be less than or equal to the parameter EvaluationPeriods.");
        }
        String missing = in.treatMissingData();
        if (missing != null
                && !Set.of("breaching", "notBreaching", "ignore", "missing").contains(missing)) {
            throw CloudWatchFaults.validation(
                    "The value " + missing + " is not supported for TreatMissingData parameter. Supported values are"
                            + " [breaching, notBreaching, ignore, missing].");
        }
        String low = in.evaluateLowSampleCountPercentile();
        if (low != null && !Set.of("evaluate", "ignore").contains(low)) {
            throw CloudWatchFaults.validation("Option " + low + " is not supported. Supported options for parameter"
                    + " EvaluateLowSampleCountPercentile are evaluate and ignore.");
        }
        if (in.metrics().isEmpty()) {
            checkSingle(in);
        } else {
            checkMany(in, scope);
        }
    }

    private static void checkSingle(PutMetricAlarmInput in) {
        if (in.metricName() == null || in.namespace() == null) {
            throw CloudWatchFaults.missing("MetricName and Namespace, or Metrics, are required.");
        }
        if ((in.statistic() == null) == (in.extendedStatistic() == null)) {
            throw CloudWatchFaults.combination("Exactly one of Statistic and ExtendedStatistic must be set.");
        }
        String extended = in.extendedStatistic();
        if (extended != null
                && Statistic.parse(extended).filter(Statistic::extended).isEmpty()) {
            throw CloudWatchFaults.value(
                    "The value " + extended + " for parameter ExtendedStatistic is not supported.");
        }
        Integer period = in.period();
        if (period == null || period < 10 || (period % 60 != 0 && period != 10 && period != 20 && period != 30)) {
            throw CloudWatchFaults.value("The value " + period
                    + " for parameter Period is not supported: it must be 10, 20, 30, or a multiple of 60.");
        }
        Map<String, String> unused = PutMetricData.dimensions(in.dimensions(), "Dimensions");
        checkRange(period, Objects.requireNonNull(in.evaluationPeriods()));
    }

    private static void checkRange(int period, int periods) {
        long seconds = (long) period * periods;
        if (seconds > (period >= 3600 ? WEEK_SECONDS : DAY_SECONDS)) {
            throw CloudWatchFaults.validation("Metrics cannot be checked across more than "
                    + (period >= 3600 ? "seven days" : "a day") + " (EvaluationPeriods * Period must be <= "
                    + (period >= 3600 ? WEEK_SECONDS : DAY_SECONDS) + ").");
        }
    }

    private void checkMany(PutMetricAlarmInput in, Scope scope) {
        boolean single = in.metricName() != null
                || in.namespace() != null
                || in.statistic() != null
                || in.extendedStatistic() != null
                || in.period() != null
                || in.unit() != null
                || !in.dimensions().isEmpty();
        if (single) {
            throw CloudWatchFaults.combination(
                    "Metrics must not be combined with MetricName, Namespace, Dimensions, Period, Unit, Statistic or"
                            + " ExtendedStatistic.");
        }
        QuerySet set = new QuerySet(store, reader, scope, in.metrics(), "Metrics");
        List<MetricDataQuery> watched = in.metrics().stream()
                .filter(each -> !Boolean.FALSE.equals(each.returnData()))
                .toList();
        if (watched.size() != 1) {
            throw CloudWatchFaults.validation("Exactly one element of the metrics list should return data.");
        }
        for (MetricDataQuery query : in.metrics()) {
            if (set.expression(query.id()).filter(each -> each.calls("SEARCH")).isPresent()) {
                throw CloudWatchFaults.validation("SEARCH is not supported on Metric Alarms.");
            }
        }
        checkRange(set.period(watched.getFirst().id()), Objects.requireNonNull(in.evaluationPeriods()));
    }

    private static void checkActions(List<String> ok, List<String> alarm, List<String> insufficient) {
        for (List<String> list : List.of(ok, alarm, insufficient)) {
            if (list.size() > ACTIONS) {
                throw CloudWatchFaults.validation("At most " + ACTIONS + " actions can be given for a state.");
            }
            if (new HashSet<>(list).size() < list.size()) {
                throw CloudWatchFaults.validation("An action is given twice for one state.");
            }
            for (String each : list) {
                if (Arn.parse(each).isEmpty()) {
                    throw CloudWatchFaults.validation("Invalid arn syntax: " + each);
                }
            }
        }
    }

    void composite(PutCompositeAlarmInput in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        checkActions(in.okActions(), in.alarmActions(), in.insufficientDataActions());
        AlarmRule rule;
        try {
            rule = AlarmRule.parse(in.alarmRule());
        } catch (AlarmRule.BadRuleException e) {
            throw CloudWatchFaults.validation("AlarmRule is not valid: " + e.getMessage());
        }
        if (in.actionsSuppressor() != null
                && (in.actionsSuppressorWaitPeriod() == null || in.actionsSuppressorExtensionPeriod() == null)) {
            throw CloudWatchFaults.validation(
                    "ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are required with"
                            + " ActionsSuppressor.");
        }
        Instant now = clock.instant();
        CompositeAlarm alarm = new CompositeAlarm()
                .alarmName(in.alarmName())
                .alarmArn(CloudWatchTables.alarmArn(scope, in.alarmName()))
                .alarmDescription(in.alarmDescription())
                .alarmConfigurationUpdatedTimestamp(now)
                .actionsEnabled(!Boolean.FALSE.equals(in.actionsEnabled()))
                .okActions(in.okActions())
                .alarmActions(in.alarmActions())
                .insufficientDataActions(in.insufficientDataActions())
                .alarmRule(in.alarmRule())
                .actionsSuppressor(in.actionsSuppressor())
                .actionsSuppressorWaitPeriod(in.actionsSuppressorWaitPeriod())
                .actionsSuppressorExtensionPeriod(in.actionsSuppressorExtensionPeriod());
        store.read(tx -> {
            requireThere(tx, scope, in, rule);
            return true;
        });
        put(scope, AlarmView.COMPOSITE, in.alarmName(), in.tags(), now, before -> {
            CompositeAlarm old = before == null ? null : before.composite();
            if (before != null && old == null) {
                throw CloudWatchFaults.validation("A metric alarm with this name exists: " + in.alarmName());
            }
            alarm.stateValue(old == null ? AlarmPlan.INSUFFICIENT_DATA : old.stateValue())
                    .stateReason(old == null ? UNCHECKED : old.stateReason())
                    .stateUpdatedTimestamp(old == null ? now : old.stateUpdatedTimestamp())
                    .stateTransitionedTimestamp(old == null ? now : old.stateTransitionedTimestamp());
            return before == null ? new AlarmRow(null, alarm, Map.of(), null, null) : before.with(alarm);
        });
    }

    private static void requireThere(ReadTx tx, Scope scope, PutCompositeAlarmInput in, AlarmRule rule) {
        Set<String> named = new HashSet<>(rule.alarms());
        if (in.actionsSuppressor() != null) {
            named.add(in.actionsSuppressor());
        }
        for (String each : named) {
            if (Composites.state(tx, scope, each) == null) {
                throw CloudWatchFaults.validation(
                        "Could not save the composite alarm as alarms [" + each + "] in the alarm rule do not exist");
            }
        }
        if (reaches(tx, scope, rule, in.alarmName(), 0)) {
            throw CloudWatchFaults.validation("Could not save the composite alarm as it would depend on itself");
        }
    }

    private static boolean reaches(ReadTx tx, Scope scope, AlarmRule rule, String name, int depth) {
        String prefix = CloudWatchTables.alarmArn(scope, "");
        for (String each : rule.alarms()) {
            String alarm = each.startsWith(prefix) ? each.substring(prefix.length()) : each;
            if (alarm.equals(name) || depth > DEEPEST) {
                return true;
            }
            CompositeAlarm inner = tx.get(CloudWatchTables.ALARMS, scope.key(alarm))
                    .map(row -> row.value().composite())
                    .orElse(null);
            if (inner != null
                    && reaches(
                            tx, scope, AlarmRule.parse(Objects.requireNonNull(inner.alarmRule())), name, depth + 1)) {
                return true;
            }
        }
        return false;
    }

    @FunctionalInterface
    private interface Make {
        AlarmRow of(@Nullable AlarmRow before);
    }

    private void put(Scope scope, String kind, String name, List<Tag> tags, Instant now, Make make) {
        Map<String, String> given = new LinkedHashMap<>();
        tags.forEach(tag -> given.put(tag.key(), tag.value()));
        if (given.size() > TAGS) {
            throw CloudWatchFaults.validation("An alarm can have at most " + TAGS + " tags.");
        }
        store.write(tx -> {
            AlarmRow before = tx.get(CloudWatchTables.ALARMS, scope.key(name))
                    .map(Row::value)
                    .orElse(null);
            AlarmRow made = make.of(before);
            tx.put(CloudWatchTables.ALARMS, scope.key(name), before == null ? made.withTags(given) : made);
            String what = before == null ? "created" : "updated";
            String data = Json.write(Map.of("version", "1.0", "type", before == null ? "Create" : "Update"));
            AlarmHistory.add(
                    tx,
                    scope,
                    new HistoryRow(
                            name, kind, now, AlarmHistory.CONFIGURATION, "Alarm \"" + name + "\" " + what, data));
        });
    }
}
