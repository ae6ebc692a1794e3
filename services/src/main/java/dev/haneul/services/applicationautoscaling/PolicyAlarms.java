package dev.haneul.services.applicationautoscaling;

import dev.haneul.api.applicationautoscaling.Alarm;
import dev.haneul.api.applicationautoscaling.CustomizedMetricSpecification;
import dev.haneul.api.applicationautoscaling.MetricType;
import dev.haneul.api.applicationautoscaling.PredefinedMetricSpecification;
import dev.haneul.api.applicationautoscaling.TargetTrackingScalingPolicyConfiguration;
import dev.haneul.api.cloudwatch.CloudWatchClient;
import dev.haneul.api.cloudwatch.DeleteAlarmsInput;
import dev.haneul.api.cloudwatch.DescribeAlarmsInput;
import dev.haneul.api.cloudwatch.DescribeAlarmsOutput;
import dev.haneul.api.cloudwatch.Dimension;
import dev.haneul.api.cloudwatch.GetMetricDataInput;
import dev.haneul.api.cloudwatch.ListAlarmMuteRulesInput;
import dev.haneul.api.cloudwatch.Metric;
import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.api.cloudwatch.MetricDataQuery;
import dev.haneul.api.cloudwatch.MetricDataResult;
import dev.haneul.api.cloudwatch.MetricStat;
import dev.haneul.api.cloudwatch.PutMetricAlarmInput;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.applicationautoscaling.ScalingTables.PolicyRow;
import dev.haneul.services.applicationautoscaling.ScalingTables.Resource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The alarms of policies: those that target tracking makes for itself, and whatever else names a policy as its action. See
 * AWS, "How target tracking scaling works".
 */
final class PolicyAlarms {
    private static final int PERIOD_SECONDS = 60;
    private static final int HIGH_PERIODS = 3;
    private static final int LOW_PERIODS = 15;
    private static final double LOW_SHARE = 0.9;
    private static final int MOST_PAGES = 20;

    private final CloudWatchClient cloudWatch;

    PolicyAlarms(Caller neighbours) {
        this.cloudWatch = new CloudWatchClient(neighbours);
    }

    private record Watched(
            String namespace,
            String name,
            List<Dimension> dimensions,
            String statistic,
            @Nullable String unit) {}

    static String highName(PolicyRow row) {
        return "TargetTracking-" + row.resource().id() + "-AlarmHigh-" + row.alarmId();
    }

    static String lowName(PolicyRow row) {
        return "TargetTracking-" + row.resource().id() + "-AlarmLow-" + row.alarmId();
    }

    /** Refuses a tracking policy whose metric cannot be watched. */
    static void check(Resource resource, TargetTrackingScalingPolicyConfiguration tracking) {
        boolean unused = watched(resource, tracking).name().isEmpty();
        double target = tracking.targetValue();
        if (!(target > 0) || Double.isInfinite(target)) {
            throw ScalingFaults.validation("TargetValue must be greater than 0");
        }
    }

    private static Watched watched(Resource resource, TargetTrackingScalingPolicyConfiguration tracking) {
        PredefinedMetricSpecification predefined = tracking.predefinedMetricSpecification();
        CustomizedMetricSpecification customized = tracking.customizedMetricSpecification();
        if (predefined != null && customized == null) {
            return watched(resource, predefined);
        }
        if (customized != null && predefined == null) {
            return watched(customized);
        }
        throw ScalingFaults.validation(
                "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified");
    }

    private static Watched watched(CustomizedMetricSpecification metric) {
        if (metric.hasMetrics()) {
            throw ScalingFaults.validation("CustomizedMetricSpecification.Metrics is not implemented by Haneul yet");
        }
        if (metric.metricName() == null || metric.namespace() == null || metric.statistic() == null) {
            throw ScalingFaults.validation(
                    "CustomizedMetricSpecification must have MetricName, Namespace and Statistic");
        }
        List<Dimension> dimensions = metric.dimensions().stream()
                .map(each -> new Dimension().name(each.name()).value(each.value()))
                .toList();
        return new Watched(metric.namespace(), metric.metricName(), dimensions, metric.statistic(), metric.unit());
    }

    private static Watched watched(Resource resource, PredefinedMetricSpecification metric) {
        EcsServices.Place place = EcsServices.Place.of(resource.id()).orElseThrow();
        List<Dimension> service = List.of(
                new Dimension().name("ClusterName").value(place.cluster()),
                new Dimension().name("ServiceName").value(place.service()));
        return switch (String.valueOf(metric.predefinedMetricType())) {
            case MetricType.ECS_SERVICE_AVERAGE_CPU_UTILIZATION ->
                new Watched("AWS/ECS", "CPUUtilization", service, "Average", null);
            case MetricType.ECS_SERVICE_AVERAGE_MEMORY_UTILIZATION ->
                new Watched("AWS/ECS", "MemoryUtilization", service, "Average", null);
            case MetricType.ALB_REQUEST_COUNT_PER_TARGET -> {
                String label = String.valueOf(metric.resourceLabel());
                int group = label.indexOf("/targetgroup/");
                if (!label.startsWith("app/") || group < 0) {
                    throw ScalingFaults.validation(
                            "ResourceLabel must be app/<load balancer name>/<id>/targetgroup/<target group name>/<id>");
                }
                yield new Watched(
                        "AWS/ApplicationELB",
                        "RequestCountPerTarget",
                        List.of(new Dimension().name("TargetGroup").value(label.substring(group + 1))),
                        "Sum",
                        null);
            }
            default ->
                throw ScalingFaults.validation("The predefined metric " + metric.predefinedMetricType()
                        + " cannot be used with the scalable dimension " + resource.dimension());
        };
    }

    /** Makes or updates a tracking policy's own alarms; answers them. */
    List<Alarm> put(Scope scope, PolicyRow row, Call call) {
        TargetTrackingScalingPolicyConfiguration tracking = row.tracking();
        if (tracking == null) {
            return List.of();
        }
        double target = tracking.targetValue();
        List<String> names = new ArrayList<>();
        cloudWatch.putMetricAlarm(
                alarm(scope, row, highName(row))
                        .comparisonOperator("GreaterThanThreshold")
                        .threshold(target)
                        .evaluationPeriods(HIGH_PERIODS),
                call);
        names.add(highName(row));
        if (!Boolean.TRUE.equals(tracking.disableScaleIn())) {
            cloudWatch.putMetricAlarm(
                    alarm(scope, row, lowName(row))
                            .comparisonOperator("LessThanThreshold")
                            .threshold(target * LOW_SHARE)
                            .evaluationPeriods(LOW_PERIODS),
                    call);
            names.add(lowName(row));
        } else {
            delete(lowName(row), call);
        }
        return names.stream().map(name -> told(scope, name)).toList();
    }

    private static Alarm told(Scope scope, String name) {
        return new Alarm()
                .alarmName(name)
                .alarmARN("arn:aws:cloudwatch:" + scope.region() + ':' + scope.account() + ":alarm:" + name);
    }

    private static PutMetricAlarmInput alarm(Scope scope, PolicyRow row, String name) {
        Watched metric = watched(row.resource(), Objects.requireNonNull(row.tracking()));
        String arn = ScalingTables.policyArn(scope, row);
        return new PutMetricAlarmInput()
                .alarmName(name)
                .alarmDescription("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + arn + ".")
                .alarmActions(List.of(arn))
                .namespace(metric.namespace())
                .metricName(metric.name())
                .dimensions(metric.dimensions())
                .statistic(metric.statistic())
                .unit(metric.unit())
                .period(PERIOD_SECONDS);
    }

    /** Removes a tracking policy's own alarms. */
    void delete(PolicyRow row, Call call) {
        if (row.tracking() != null) {
            delete(highName(row), call);
            delete(lowName(row), call);
        }
    }

    /** Somebody else may have deleted it already. */
    private void delete(String name, Call call) {
        try {
            cloudWatch.deleteAlarms(new DeleteAlarmsInput().alarmNames(List.of(name)), call);
        } catch (Fault fault) {
            if (fault.status() != 404) {
                throw fault;
            }
        }
    }

    /** All alarms whose actions name a policy. */
    List<MetricAlarm> of(Scope scope, PolicyRow row, Call call) {
        String arn = ScalingTables.policyArn(scope, row);
        List<MetricAlarm> found = new ArrayList<>();
        String token = null;
        for (int page = 0; page < MOST_PAGES; page++) {
            DescribeAlarmsOutput out = cloudWatch.describeAlarms(
                    new DescribeAlarmsInput().actionPrefix(arn).nextToken(token), call);
            out.metricAlarms().stream()
                    .filter(alarm -> alarm.alarmActions().contains(arn))
                    .forEach(found::add);
            token = out.nextToken();
            if (token == null) {
                break;
            }
        }
        return found;
    }

    /** Whether a mute rule holds an alarm's actions back now. */
    boolean muted(MetricAlarm alarm, Call call) {
        ListAlarmMuteRulesInput active = new ListAlarmMuteRulesInput()
                .alarmName(alarm.alarmName())
                .statuses(List.of("ACTIVE"))
                .maxRecords(1);
        return !cloudWatch
                .listAlarmMuteRules(active, call)
                .alarmMuteRuleSummaries()
                .isEmpty();
    }

    static Alarm told(MetricAlarm alarm) {
        return new Alarm().alarmName(alarm.alarmName()).alarmARN(alarm.alarmArn());
    }

    /** The newest value of what an alarm watches, empty where there is none. */
    OptionalDouble value(MetricAlarm alarm, Instant now, Call call) {
        if (alarm.metricName() == null) {
            return OptionalDouble.empty();
        }
        int period = alarm.period() == null ? PERIOD_SECONDS : alarm.period();
        String statistic = alarm.statistic() == null ? alarm.extendedStatistic() : alarm.statistic();
        MetricDataQuery query = new MetricDataQuery()
                .id("m")
                .metricStat(new MetricStat()
                        .metric(new Metric()
                                .namespace(alarm.namespace())
                                .metricName(alarm.metricName())
                                .dimensions(alarm.dimensions()))
                        .period(period)
                        .stat(statistic)
                        .unit(alarm.unit()));
        int periods = alarm.evaluationPeriods() == null ? 1 : alarm.evaluationPeriods();
        Duration window = Duration.ofSeconds((long) period * (periods + 2));
        return cloudWatch
                .getMetricData(
                        new GetMetricDataInput()
                                .metricDataQueries(List.of(query))
                                .startTime(now.minus(window))
                                .endTime(now)
                                .scanBy("TimestampDescending"),
                        call)
                .metricDataResults()
                .stream()
                .map(MetricDataResult::values)
                .filter(values -> !values.isEmpty())
                .mapToDouble(List::getFirst)
                .findFirst();
    }
}
