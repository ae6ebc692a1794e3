package dev.haneul.trials.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.ComparisonOperator;
import software.amazon.awssdk.services.cloudwatch.model.DashboardInvalidInputErrorException;
import software.amazon.awssdk.services.cloudwatch.model.Datapoint;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.ScanBy;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;

@ExtendWith(SharedRegion.class)
class CloudWatchTest {
    private static final Instant START =
            Instant.now().truncatedTo(ChronoUnit.HOURS).minus(2, ChronoUnit.HOURS);

    private final Clients root;
    private final CloudWatchClient cloudWatch;

    CloudWatchTest(URI endpoint) {
        root = new Clients(endpoint, Accounts.fresh(), "test");
        cloudWatch = root.cloudWatch();
    }

    @AfterEach
    void close() throws Exception {
        root.close();
    }

    /** A value a minute, ten of them. */
    private void put(String name) {
        List<MetricDatum> data = IntStream.range(0, 10)
                .mapToObj(i -> MetricDatum.builder()
                        .metricName(name)
                        .timestamp(START.plusSeconds(i * 60L))
                        .dimensions(d -> d.name("Kind").value("k"))
                        .value((double) i)
                        .build())
                .toList();
        cloudWatch.putMetricData(request -> request.namespace("Trial").metricData(data));
    }

    @Test
    void statisticsAreToldOfWhatWasPut() {
        put("m");
        cloudWatch.putMetricData(request -> request.namespace("Trial")
                .metricData(d -> d.metricName("arrays")
                        .timestamp(START)
                        .values(1.0, 2.0, 3.0)
                        .counts(1.0, 1.0, 2.0)));
        List<Datapoint> points = cloudWatch
                .getMetricStatistics(request -> request.namespace("Trial")
                        .metricName("m")
                        .dimensions(d -> d.name("Kind").value("k"))
                        .startTime(START)
                        .endTime(START.plusSeconds(600))
                        .period(300)
                        .statistics(Statistic.SUM, Statistic.MAXIMUM))
                .datapoints();
        assertThat(points.stream().map(Datapoint::sum)).containsExactly(10.0, 35.0);
        assertThat(cloudWatch
                        .getMetricStatistics(request -> request.namespace("Trial")
                                .metricName("arrays")
                                .startTime(START)
                                .endTime(START.plusSeconds(60))
                                .period(60)
                                .extendedStatistics("p50", "tm50"))
                        .datapoints()
                        .getFirst()
                        .extendedStatistics())
                .containsEntry("p50", 2.0)
                .containsEntry("tm50", 1.5);
        assertThat(cloudWatch
                        .listMetricsPaginator(request -> request.namespace("Trial"))
                        .metrics())
                .hasSize(2);
    }

    @Test
    void mathAndPagesOfData() {
        put("m");
        var answers = cloudWatch.getMetricDataPaginator(request -> request.startTime(START)
                .endTime(START.plusSeconds(600))
                .scanBy(ScanBy.TIMESTAMP_ASCENDING)
                .maxDatapoints(7)
                .metricDataQueries(
                        q -> q.id("m1")
                                .metricStat(s -> s.period(60)
                                        .stat("Average")
                                        .metric(m -> m.namespace("Trial")
                                                .metricName("m")
                                                .dimensions(d -> d.name("Kind").value("k")))),
                        q -> q.id("e1").expression("RUNNING_SUM(m1) * 2").label("twice ${MAX}")));
        List<MetricDataResult> results = answers.metricDataResults().stream().toList();
        assertThat(results.stream().filter(r -> r.id().equals("m1")).flatMap(r -> r.values().stream()))
                .containsExactly(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0);
        assertThat(results.stream().filter(r -> r.id().equals("e1")).flatMap(r -> r.values().stream()))
                .containsExactly(0.0, 2.0, 6.0, 12.0, 20.0, 30.0, 42.0, 56.0, 72.0, 90.0);
        assertThat(results.getLast().label()).isEqualTo("twice 90");
        CloudWatchException bad = catchThrowableOfType(
                CloudWatchException.class,
                () -> cloudWatch.getMetricData(request -> request.startTime(START)
                        .endTime(START.plusSeconds(600))
                        .metricDataQueries(q -> q.id("e1").expression("m9 + 1"))));
        assertThat(bad.awsErrorDetails().errorCode()).isEqualTo("ValidationError");
        assertThat(bad.statusCode()).isEqualTo(400);
    }

    @Test
    void alarmsAreMadeToldSetAndRemoved() {
        cloudWatch.putMetricAlarm(request -> request.alarmName("a")
                .namespace("Trial")
                .metricName("m")
                .statistic(Statistic.AVERAGE)
                .period(60)
                .evaluationPeriods(1)
                .threshold(5.0)
                .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD)
                .treatMissingData("ignore")
                .tags(t -> t.key("k").value("v")));
        String arn = cloudWatch.describeAlarms().metricAlarms().getFirst().alarmArn();
        assertThat(cloudWatch.listTagsForResource(r -> r.resourceARN(arn)).tags())
                .singleElement()
                .satisfies(tag -> assertThat(tag.value()).isEqualTo("v"));
        cloudWatch.putCompositeAlarm(request -> request.alarmName("c").alarmRule("ALARM(\"a\")"));
        cloudWatch.setAlarmState(
                request -> request.alarmName("a").stateValue(StateValue.ALARM).stateReason("by hand"));
        assertThat(cloudWatch
                        .waiter()
                        .waitUntilCompositeAlarmExists(
                                request -> request.alarmNames("c").alarmTypesWithStrings("CompositeAlarm"))
                        .matched()
                        .response())
                .isPresent();
        assertThat(cloudWatch
                        .describeAlarmHistory(request -> request.alarmName("a"))
                        .alarmHistoryItems())
                .hasSize(2);
        cloudWatch.deleteAlarms(request -> request.alarmNames("a", "c"));
        assertThat(cloudWatch.describeAlarms().metricAlarms()).isEmpty();
    }

    @Test
    void dashboardsAreKeptAndChecked() {
        String body = "{\"widgets\":[{\"type\":\"text\",\"properties\":{\"markdown\":\"hi\"}}]}";
        cloudWatch.putDashboard(request -> request.dashboardName("d").dashboardBody(body));
        assertThat(cloudWatch
                        .getDashboard(request -> request.dashboardName("d"))
                        .dashboardBody())
                .isEqualTo(body);
        DashboardInvalidInputErrorException bad = catchThrowableOfType(
                DashboardInvalidInputErrorException.class,
                () -> cloudWatch.putDashboard(
                        request -> request.dashboardName("d").dashboardBody("{\"widgets\":[{\"type\":\"x\"}]}")));
        assertThat(bad.statusCode()).isEqualTo(400);
        cloudWatch.deleteDashboards(request -> request.dashboardNames("d"));
        assertThat(cloudWatch.listDashboards().dashboardEntries()).isEmpty();
    }
}
