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
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.storage.DiskSegments;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Alarms whose actions rules mute, by the scenarios of "How alarm mute rules work". */
class MutesTest {
    private static final String ACCOUNT = "111111111111";
    private static final String TOPIC = "arn:aws:sns:us-east-1:111111111111:t";

    private final DataFolder folder = DataFolder.temporary();
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-02T01:30:00Z"));
    private final List<String> told = new CopyOnWriteArrayList<>();
    private SqliteStore store;
    private DiskSegments segments;
    private CloudWatchService service;
    private ReconcileDriver driver;

    private final Call call = new Call(
            Principal.root(ACCOUNT, ACCOUNT), ACCOUNT, "us-east-1", "r", Instant.MAX, Call.Origin.inside("test"));

    @BeforeEach
    void open() throws IOException {
        start();
        service.putMetricAlarm(alarm().okActions(List.of(TOPIC)), call);
        set("OK");
        settle();
        told.clear();
    }

    /** The alarm all this is about, with an action for ALARM. */
    private static PutMetricAlarmInput alarm() {
        return new PutMetricAlarmInput()
                .alarmName("a")
                .namespace("N")
                .metricName("none")
                .statistic("Sum")
                .period(3600)
                .evaluationPeriods(1)
                .threshold(1.0)
                .comparisonOperator("GreaterThanThreshold")
                .treatMissingData("ignore")
                .alarmActions(List.of(TOPIC));
    }

    private void start() throws IOException {
        store = SqliteStore.open(folder);
        segments = DiskSegments.open(folder);
        ServiceEvent.open(store);
        Targets targets = new Targets(
                (operation, input, toCall) -> {
                    told.add(String.valueOf(input));
                    return operation.outputShape().create();
                },
                (id, token) -> Optional.empty(),
                clock);
        service = new CloudWatchService(store, segments, clock, new MetricBuffer(), targets, folder.key());
        driver = new ReconcileDriver(store.feed(), clock, new Random(7));
        service.join(driver);
        driver.start();
    }

    private void stop() {
        driver.close();
        segments.close();
        store.close();
    }

    @AfterEach
    void close() {
        stop();
        folder.close();
    }

    private void set(String state) {
        service.setAlarmState(
                new SetAlarmStateInput().alarmName("a").stateValue(state).stateReason("test"), call);
    }

    private void mute(String name, String expression, String duration) {
        service.putAlarmMuteRule(
                new PutAlarmMuteRuleInput()
                        .name(name)
                        .rule(new Rule()
                                .schedule(new Schedule().expression(expression).duration(duration)))
                        .muteTargets(new MuteTargets().alarmNames(List.of("a"))),
                call);
    }

    private void settle() {
        assertThat(driver.awaitIdle(Duration.ofSeconds(20))).isTrue();
    }

    private void pass(int minutes) {
        for (int i = 0; i < minutes; i++) {
            settle();
            clock.advance(Duration.ofMinutes(1));
        }
        settle();
    }

    private String status(String name) {
        return service.getAlarmMuteRule(new GetAlarmMuteRuleInput().alarmMuteRuleName(name), call)
                .status();
    }

    @Test
    void actionsAreMutedAndCarriedOutAfterTheWindowWhereTheAlarmIsStillInItsState() throws IOException {
        mute("nightly", "cron(0 2 * * *)", "PT10M");
        assertThat(status("nightly")).isEqualTo("SCHEDULED");
        pass(30);
        assertThat(status("nightly")).isEqualTo("ACTIVE");
        set("ALARM");
        pass(5);
        assertThat(told).isEmpty();
        stop();
        start(); // what is held back outlives the server
        pass(4);
        assertThat(told).isEmpty();
        pass(2);
        assertThat(status("nightly")).isEqualTo("SCHEDULED");
        assertThat(told).singleElement().asString().contains("\"NewStateValue\":\"ALARM\"");
        set("OK");
        settle();
        assertThat(told).hasSize(2);
    }

    @Test
    void nothingIsToldOfAnAlarmThatIsBackInItsStateWhenTheWindowEnds() {
        mute("once", "at(2026-01-02T01:00)", "PT1H");
        assertThat(status("once")).isEqualTo("ACTIVE");
        set("ALARM");
        pass(5);
        service.putMetricAlarm(alarm(), call); // without an action for OK
        set("OK");
        pass(26);
        assertThat(status("once")).isEqualTo("EXPIRED");
        assertThat(told).isEmpty();
    }

    @Test
    void theLastOfOverlappingRulesCountsAndADeletedOneNoMore() {
        mute("one", "at(2026-01-02T01:30)", "PT5M");
        mute("two", "at(2026-01-02T01:30)", "PT1H");
        set("ALARM");
        pass(10);
        assertThat(told).isEmpty();
        service.deleteAlarmMuteRule(new DeleteAlarmMuteRuleInput().alarmMuteRuleName("two"), call);
        settle();
        assertThat(told).hasSize(1);
        service.deleteAlarmMuteRule(new DeleteAlarmMuteRuleInput().alarmMuteRuleName("two"), call);
        Fault gone = catchThrowableOfType(Fault.class, () -> status("two"));
        assertThat(gone.code()).isEqualTo("ResourceNotFoundException");
    }

    @Test
    void rulesAreToldListedAndTagged() {
        mute("b", "cron(0 2 * * SUN)", "PT2H");
        mute("c", "at(2026-01-02T01:30)", "PT1H");
        GetAlarmMuteRuleOutput got = service.getAlarmMuteRule(new GetAlarmMuteRuleInput().alarmMuteRuleName("b"), call);
        assertThat(got.alarmMuteRuleArn()).isEqualTo("arn:aws:cloudwatch:us-east-1:111111111111:alarm-mute-rule:b");
        assertThat(got.muteType()).isEqualTo("RECURRING");
        assertThat(got.rule().schedule().timezone()).isEqualTo("UTC");
        assertThat(got.muteTargets().alarmNames()).containsExactly("a");
        ListAlarmMuteRulesOutput active = service.listAlarmMuteRules(
                new ListAlarmMuteRulesInput().alarmName("a").statuses(List.of("ACTIVE")), call);
        assertThat(active.alarmMuteRuleSummaries()).singleElement().satisfies(one -> {
            assertThat(one.alarmMuteRuleArn()).endsWith(":c");
            assertThat(one.muteType()).isEqualTo("ONE_TIME");
        });
        ListAlarmMuteRulesOutput first = service.listAlarmMuteRules(new ListAlarmMuteRulesInput().maxRecords(1), call);
        assertThat(first.alarmMuteRuleSummaries()).hasSize(1);
        assertThat(service.listAlarmMuteRules(
                                new ListAlarmMuteRulesInput().maxRecords(1).nextToken(first.nextToken()), call)
                        .alarmMuteRuleSummaries())
                .singleElement()
                .satisfies(one -> assertThat(one.alarmMuteRuleArn()).endsWith(":c"));
        service.tagResource(
                new TagResourceInput()
                        .resourceARN(got.alarmMuteRuleArn())
                        .tags(List.of(new Tag().key("Team").value("A"))),
                call);
        assertThat(service.listTagsForResource(new ListTagsForResourceInput().resourceARN(got.alarmMuteRuleArn()), call)
                        .tags())
                .singleElement()
                .satisfies(tag -> assertThat(tag.key()).isEqualTo("Team"));
        Fault bad = catchThrowableOfType(Fault.class, () -> mute("d", "rate(1 hour)", "PT1H"));
        assertThat(bad.code()).isEqualTo("ValidationError");
    }
}
