package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.CompositeAlarm;
import dev.haneul.api.cloudwatch.Dimension;
import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.api.cloudwatch.MetricDataQuery;
import dev.haneul.api.cloudwatch.MetricStat;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.cloudwatch.CloudWatchTables.AlarmRow;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is told of an alarm's new state: to topics, to functions, to the event bus. */
final class AlarmMessages {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSxx").withZone(ZoneOffset.UTC);

    private AlarmMessages() {}

    /** A state as it was before the change. */
    record Before(String state, String reason, @Nullable Instant since) {}

    static String stamp(Instant at) {
        return STAMP.format(at);
    }

    static String subject(AlarmView alarm, String regionName) {
        String text = alarm.state() + ": \"" + alarm.name() + "\" in " + regionName;
        return text.length() > 100 ? text.substring(0, 100) : text;
    }

    /** The message a topic gets. */
    static String topic(AlarmRow row, Before before, Scope scope) {
        AlarmView alarm = AlarmView.of(row);
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("AlarmName", alarm.name());
        out.put("AlarmDescription", alarm.description().isEmpty() ? null : alarm.description());
        CompositeAlarm composite = row.composite();
        if (composite != null) {
            out.put("AWSAccountId", scope.account());
            out.put("NewStateValue", alarm.state());
            out.put("NewStateReason", alarm.reason());
            out.put("StateChangeTime", stamp(alarm.updated()));
            out.put("Region", scope.region());
            out.put("AlarmArn", alarm.arn());
            out.put("OldStateValue", before.state());
            out.put("OKActions", alarm.okActions());
            out.put("AlarmActions", alarm.alarmActions());
            out.put("InsufficientDataActions", alarm.insufficientDataActions());
            out.put("AlarmRule", composite.alarmRule());
            return Json.write(out);
        }
        out.put("AWSAccountId", scope.account());
        out.put("AlarmConfigurationUpdatedTimestamp", configured(row));
        out.put("NewStateValue", alarm.state());
        out.put("NewStateReason", alarm.reason());
        out.put("StateChangeTime", stamp(alarm.updated()));
        out.put("Region", scope.region());
        out.put("AlarmArn", alarm.arn());
        out.put("OldStateValue", before.state());
        out.put("OKActions", alarm.okActions());
        out.put("AlarmActions", alarm.alarmActions());
        out.put("InsufficientDataActions", alarm.insufficientDataActions());
        MetricAlarm metric = row.metric();
        if (metric != null) {
            out.put("Trigger", trigger(metric));
        }
        return Json.write(out);
    }

    private static @Nullable String configured(AlarmRow row) {
        MetricAlarm metric = row.metric();
        Instant at = metric == null ? null : metric.alarmConfigurationUpdatedTimestamp();
        return at == null ? null : stamp(at);
    }

    private static Map<String, @Nullable Object> trigger(MetricAlarm metric) {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        if (metric.metrics().isEmpty()) {
            out.put("MetricName", metric.metricName());
            out.put("Namespace", metric.namespace());
            boolean classic = metric.statistic() != null;
            out.put("StatisticType", classic ? "Statistic" : "ExtendedStatistic");
            out.put(
                    classic ? "Statistic" : "ExtendedStatistic",
                    classic ? sns(metric.statistic()) : metric.extendedStatistic());
            out.put("Unit", metric.unit());
            List<Map<String, String>> dimensions = new ArrayList<>();
            for (Dimension each : metric.dimensions()) {
                dimensions.add(new LinkedHashMap<>(Map.of("value", each.value(), "name", each.name())));
            }
            out.put("Dimensions", dimensions);
        }
        out.put("Period", metric.period());
        out.put("EvaluationPeriods", metric.evaluationPeriods());
        out.put("DatapointsToAlarm", metric.datapointsToAlarm());
        out.put("ComparisonOperator", metric.comparisonOperator());
        out.put("Threshold", metric.threshold());
        out.put("TreatMissingData", metric.treatMissingData() == null ? "missing" : metric.treatMissingData());
        String low = metric.evaluateLowSampleCountPercentile();
        out.put("EvaluateLowSampleCountPercentile", low == null ? "" : low);
        if (!metric.metrics().isEmpty()) {
            out.put(
                    "Metrics",
                    metric.metrics().stream().map(AlarmMessages::query).toList());
        }
        return out;
    }

    private static String sns(@Nullable String statistic) {
        return switch (statistic == null ? "" : statistic) {
            case "Average" -> "AVERAGE";
            case "Sum" -> "SUM";
            case "Minimum" -> "MINIMUM";
            case "Maximum" -> "MAXIMUM";
            default -> "SAMPLE_COUNT";
        };
    }

    private static Map<String, @Nullable Object> query(MetricDataQuery query) {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("Id", query.id());
        MetricStat stat = query.metricStat();
        if (stat != null) {
            out.put("MetricStat", stat(stat, "Dimensions", "Metric", "Namespace", "MetricName", "Period", "Stat"));
        }
        if (query.expression() != null) {
            out.put("Expression", query.expression());
        }
        if (query.label() != null) {
            out.put("Label", query.label());
        }
        out.put("ReturnData", !Boolean.FALSE.equals(query.returnData()));
        return out;
    }

    private static Map<String, @Nullable Object> stat(MetricStat stat, String... names) {
        Map<String, @Nullable Object> metric = new LinkedHashMap<>();
        Map<String, String> dimensions = new LinkedHashMap<>();
        stat.metric().dimensions().forEach(each -> dimensions.put(each.name(), each.value()));
        metric.put(names[0], dimensions);
        metric.put(names[3], stat.metric().metricName());
        metric.put(names[2], stat.metric().namespace());
        metric.put(names[3], stat.metric().metricName());
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put(names[1], metric);
        out.put(names[4], stat.period());
        out.put(names[5], stat.stat());
        return out;
    }

    /** The event a function gets. */
    static String function(AlarmRow row, Before before, Scope scope, Instant now) {
        AlarmView alarm = AlarmView.of(row);
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("source", "aws.cloudwatch");
        out.put("alarmArn", alarm.arn());
        out.put("accountId", scope.account());
        out.put("time", stamp(now));
        out.put("region", scope.region());
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("alarmName", alarm.name());
        states(data, row, before);
        data.put("configuration", configuration(row));
        out.put("alarmData", data);
        return Json.write(out);
    }

    /** The detail of the bus's event. */
    static String event(AlarmRow row, Before before) {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("alarmName", AlarmView.of(row).name());
        states(out, row, before);
        out.put("configuration", configuration(row));
        return Json.write(out);
    }

    private static void states(Map<String, @Nullable Object> out, AlarmRow row, Before before) {
        AlarmView alarm = AlarmView.of(row);
        Map<String, @Nullable Object> state = new LinkedHashMap<>();
        state.put("value", alarm.state());
        state.put("reason", alarm.reason());
        MetricAlarm metric = row.metric();
        String data = metric == null ? null : metric.stateReasonData();
        if (data != null) {
            state.put("reasonData", data);
        }
        state.put("timestamp", stamp(alarm.updated()));
        out.put("state", state);
        Map<String, @Nullable Object> previous = new LinkedHashMap<>();
        previous.put("value", before.state());
        previous.put("reason", before.reason());
        Instant since = before.since();
        previous.put("timestamp", since == null ? null : stamp(since));
        out.put("previousState", previous);
    }

    private static Map<String, @Nullable Object> configuration(AlarmRow row) {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        AlarmView alarm = AlarmView.of(row);
        if (!alarm.description().isEmpty()) {
            out.put("description", alarm.description());
        }
        CompositeAlarm composite = row.composite();
        MetricAlarm metric = row.metric();
        if (composite != null) {
            out.put("alarmRule", composite.alarmRule());
        } else if (metric != null) {
            List<Map<String, @Nullable Object>> metrics = new ArrayList<>();
            for (MetricDataQuery query : AlarmQueries.of(metric)) {
                Map<String, @Nullable Object> one = new LinkedHashMap<>();
                one.put("id", query.id());
                MetricStat stat = query.metricStat();
                if (stat != null) {
                    one.put("metricStat", stat(stat, "dimensions", "metric", "namespace", "name", "period", "stat"));
                } else {
                    one.put("expression", query.expression());
                }
                one.put("returnData", !Boolean.FALSE.equals(query.returnData()));
                metrics.add(one);
            }
            out.put("metrics", metrics);
        }
        return out;
    }
}
