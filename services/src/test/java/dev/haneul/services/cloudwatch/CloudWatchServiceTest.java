package dev.haneul.services.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.api.cloudwatch.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.metrics.MetricBuffer;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.storage.DiskSegments;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CloudWatchServiceTest {
    private static final String ACCOUNT = "111111111111";
    private static final Instant START = Instant.parse("2026-01-02T03:04:00Z");

    private final DataFolder folder = DataFolder.temporary();
    private final SqliteStore store = SqliteStore.open(folder);
    private final VirtualClock clock = new VirtualClock(START);
    private final MetricBuffer measured = new MetricBuffer();
    private final List<String> told = new ArrayList<>();
    private DiskSegments segments;
    private CloudWatchService service;
    private ReconcileDriver driver;

    private final Call call = new Call(
            Principal.root(ACCOUNT, ACCOUNT), ACCOUNT, "us-east-1", "r", Instant.MAX, Call.Origin.inside("test"));

    @BeforeEach
    void open() throws IOException {
        segments = DiskSegments.open(folder);
        ServiceEvent.open(store);
        start();
    }

    private void start() {
        Targets targets = new Targets(
                (operation, input, toCall) -> {
                    synchronized (told) {
                        told.add(operation.name() + " " + input);
                    }
                    return operation.outputShape().create();
                },
                (id, token) -> Optional.empty(),
                clock);
        service = new CloudWatchService(store, segments, clock, measured, targets, folder.key());
        driver = new ReconcileDriver(store.feed(), clock, new java.util.Random(7));
        service.join(driver);
        driver.start();
    }

    @AfterEach
    void close() {
        driver.close();
        segments.close();
        store.close();
        folder.close();
    }

    private void put(String name, Instant at, double value) {
        service.putMetricData(
                new PutMetricDataInput()
                        .namespace("N")
                        .metricData(List.of(
                                new MetricDatum().metricName(name).timestamp(at).value(value))),
                call);
    }

    private void pass(Duration time) throws InterruptedException {
        assertThat(driver.awaitIdle(Duration.ofSeconds(20))).isTrue();
        Instant end = clock.instant().plus(time);
        while (clock.instant().isBefore(end)) {
            Duration left = Duration.between(clock.instant(), end);
            Duration most = time.compareTo(Duration.ofHours(2)) > 0 ? Duration.ofHours(12) : Duration.ofSeconds(30);
            clock.advance(left.compareTo(most) < 0 ? left : most);
            assertThat(driver.awaitIdle(Duration.ofSeconds(20))).isTrue();
        }
    }

    private List<Datapoint> statistics(String name, Instant from, Instant to, int period) {
        return service.getMetricStatistics(
                        new GetMetricStatisticsInput()
                                .namespace("N")
                                .metricName(name)
                                .startTime(from)
                                .endTime(to)
                                .period(period)
                                .statistics(List.of("Sum", "SampleCount", "Minimum", "Maximum"))
                                .extendedStatistics(List.of("p50")),
                        call)
                .datapoints();
    }

    @Test
    void pointsAreTheSameBeforeAndAfterTheyAreSorted() throws Exception {
        for (int i = 0; i < 10; i++) {
            put("m", START.plusSeconds(i * 20), i);
        }
        List<Datapoint> before = statistics("m", START, START.plusSeconds(240), 60);
        assertThat(before.stream().map(Datapoint::sum)).containsExactly(3.0, 12.0, 21.0, 9.0);
        assertThat(before.getFirst().extendedStatistics()).containsEntry("p50", 1.0);
        pass(Duration.ofMinutes(3));
        assertThat(statistics("m", START, START.plusSeconds(240), 60)).isEqualTo(before);
    }

    @Test
    void pointsAreRolledUpAndKeptAsLongAsTheyShould() throws Exception {
        for (int i = 0; i < 10; i++) {
            put("m", START.plusSeconds(i * 60), i);
        }
        pass(Duration.ofDays(14));
        assertThat(statistics("m", START, START.plusSeconds(600), 60)).hasSize(10);
        pass(Duration.ofDays(3));
        assertThat(statistics("m", START, START.plusSeconds(600), 60)).isEmpty();
        Instant five = START.minusSeconds(240);
        assertThat(statistics("m", five, five.plusSeconds(900), 300).stream().map(Datapoint::sum))
                .containsExactly(0.0, 15.0, 30.0);
        pass(Duration.ofDays(60));
        assertThat(statistics("m", five, five.plusSeconds(900), 300)).isEmpty();
        Instant hour = START.minusSeconds(240);
        assertThat(statistics("m", hour, hour.plusSeconds(3600), 3600).stream().map(Datapoint::sum))
                .containsExactly(45.0);
    }

    @Test
    void whatRoomsMeasureBecomesMetrics() throws Exception {
        Metrics.What what =
                new Metrics.What(new Scope(ACCOUNT, "us-east-1"), "AWS/X", "Calls", Map.of("Name", "n"), "Count");
        measured.add(what, START, 2);
        measured.add(what, START, 2);
        pass(Duration.ofSeconds(30));
        List<Metric> listed = service.listMetrics(
                        new ListMetricsInput()
                                .namespace("AWS/X")
                                .dimensions(List.of(new DimensionFilter().name("Name"))),
                        call)
                .metrics();
        assertThat(listed).singleElement().extracting(Metric::metricName).isEqualTo("Calls");
    }

    @Test
    void anAlarmFollowsItsMetricAndTells() throws Exception {
        service.putMetricAlarm(
                new PutMetricAlarmInput()
                        .alarmName("high")
                        .namespace("N")
                        .metricName("m")
                        .statistic("Maximum")
                        .period(60)
                        .evaluationPeriods(2)
                        .datapointsToAlarm(1)
                        .threshold(5.0)
                        .comparisonOperator("GreaterThanThreshold")
                        .treatMissingData("notBreaching")
                        .alarmActions(List.of("arn:aws:sns:us-east-1:111111111111:t")),
                call);
        service.putCompositeAlarm(
                new PutCompositeAlarmInput().alarmName("both").alarmRule("ALARM(high) AND TRUE"), call);
        pass(Duration.ofMinutes(2));
        assertThat(state("high")).isEqualTo("OK");
        put("m", clock.instant(), 9);
        pass(Duration.ofMinutes(2));
        assertThat(state("high")).isEqualTo("ALARM");
        assertThat(service.describeAlarms(new DescribeAlarmsInput().alarmTypes(List.of("CompositeAlarm")), call)
                        .compositeAlarms())
                .singleElement()
                .extracting(CompositeAlarm::stateValue)
                .isEqualTo("ALARM");
        synchronized (told) {
            assertThat(told).singleElement().asString().contains("Publish", "ALARM: \\\"high\\\"".replace("\\", ""));
        }
        pass(Duration.ofMinutes(6));
        assertThat(state("high")).isEqualTo("OK");
        List<AlarmHistoryItem> history = service.describeAlarmHistory(
                        new DescribeAlarmHistoryInput().alarmName("high"), call)
                .alarmHistoryItems();
        assertThat(history.stream().map(AlarmHistoryItem::historySummary))
                .containsExactlyInAnyOrder(
                        "Alarm \"high\" created",
                        "Alarm updated from INSUFFICIENT_DATA to OK",
                        "Alarm updated from OK to ALARM",
                        "Successfully executed action arn:aws:sns:us-east-1:111111111111:t",
                        "Alarm updated from ALARM to OK");
        assertThat(history.getFirst().historySummary()).isEqualTo("Alarm updated from ALARM to OK");
    }

    @Test
    void aSuppressorHoldsActionsBack() throws Exception {
        for (String name : List.of("a", "quiet")) {
            service.putMetricAlarm(
                    new PutMetricAlarmInput()
                            .alarmName(name)
                            .namespace("N")
                            .metricName("none")
                            .statistic("Sum")
                            .period(3600)
                            .evaluationPeriods(1)
                            .threshold(1.0)
                            .comparisonOperator("GreaterThanThreshold")
                            .treatMissingData("ignore"),
                    call);
        }
        service.putCompositeAlarm(
                new PutCompositeAlarmInput()
                        .alarmName("c")
                        .alarmRule("ALARM(a)")
                        .alarmActions(List.of("arn:aws:sns:us-east-1:111111111111:t"))
                        .actionsSuppressor("quiet")
                        .actionsSuppressorWaitPeriod(60)
                        .actionsSuppressorExtensionPeriod(60),
                call);
        pass(Duration.ofMinutes(3));
        set("quiet", "ALARM");
        set("a", "ALARM");
        pass(Duration.ofMinutes(5));
        CompositeAlarm held =
                Objects.requireNonNull(service.describeAlarms(new DescribeAlarmsInput().alarmNames(List.of("c")), call)
                        .compositeAlarms()
                        .getFirst());
        assertThat(held.stateValue()).isEqualTo("ALARM");
        assertThat(held.actionsSuppressedBy()).isEqualTo("Alarm");
        assertThat(told).isEmpty();
        set("quiet", "OK");
        pass(Duration.ofMinutes(3));
        assertThat(told).hasSize(1);
    }

    private void set(String name, String state) {
        service.setAlarmState(
                new SetAlarmStateInput().alarmName(name).stateValue(state).stateReason("test"), call);
    }

    private String state(String name) {
        return service.describeAlarms(new DescribeAlarmsInput().alarmNames(List.of(name)), call)
                .metricAlarms()
                .getFirst()
                .stateValue();
    }

    @Test
    void badDataAreRefusedWhole() {
        Fault old = catchThrowableOfType(Fault.class, () -> put("m", START.minus(Duration.ofDays(15)), 1));
        assertThat(old.code()).isEqualTo("InvalidParameterValueException");
        assertThat(old.message())
                .isEqualTo("The parameter MetricData.member.1.Timestamp must specify a time no more than two weeks in"
                        + " the past.");
        Fault infinite = catchThrowableOfType(Fault.class, () -> put("m", START, Double.POSITIVE_INFINITY));
        assertThat(infinite.code()).isEqualTo("InvalidParameterValueException");
        assertThat(service.listMetrics(new ListMetricsInput(), call).metrics()).isEmpty();
    }
}
