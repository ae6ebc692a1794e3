package dev.haneul.services.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.logs.PutRetentionPolicyRequest;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.scheduler.*;
import dev.haneul.delivery.FakeRegion;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchedulerServiceTest {
    private static final String FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f";
    private static final String ROLE = "arn:aws:iam::000000000000:role/r";

    @TempDir
    Path path;

    private FakeRegion region;
    private SchedulerService scheduler;

    @BeforeEach
    void open() {
        region = new FakeRegion(path);
        scheduler = new SchedulerService(region.store, region.clock, region.targets(), FakeRegion.KEY);
        scheduler.join(region.driver);
        region.driver.start();
    }

    @AfterEach
    void close() {
        region.close();
    }

    private static CreateScheduleInput schedule(String expression) {
        return new CreateScheduleInput()
                .name("s")
                .scheduleExpression(expression)
                .flexibleTimeWindow(new FlexibleTimeWindow().mode("OFF"))
                .target(new Target().arn(FUNCTION).roleArn(ROLE).input("{\"at\":\"<aws.scheduler.scheduled-time>\"}"));
    }

    private void create(CreateScheduleInput in) {
        scheduler.createSchedule(in, region.call());
        region.settle();
    }

    @Test
    void somethingHappensOnceUnderTheRoleAndIsForgotten() {
        create(schedule("at(2026-03-06T10:05:00)").actionAfterCompletion("DELETE"));
        region.clock.advance(Duration.ofMinutes(4));
        assertThat(region.moments()).isEmpty();
        region.clock.advance(Duration.ofHours(24));
        assertThat(region.moments()).containsExactly("2026-03-06T10:05:00Z");
        FakeRegion.Seen seen = region.seen.getFirst();
        assertThat(seen.payload()).isEqualTo("{\"at\":\"2026-03-06T10:05:00Z\"}");
        assertThat(((InvocationRequest) seen.input()).invocationType()).isEqualTo("Event");
        assertThat(seen.call().principal().type()).isEqualTo(Principal.Type.ASSUMED_ROLE);
        assertThatThrownBy(() -> scheduler.getSchedule(new GetScheduleInput().name("s"), region.call()))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.status()).isEqualTo(404));
    }

    @Test
    void aZonesClockIsFollowedThroughItsChange() {
        create(schedule("cron(30 9 * * ? *)").scheduleExpressionTimezone("America/New_York"));
        region.clock.advance(Duration.ofDays(4));
        assertThat(region.moments())
                .containsExactly(
                        "2026-03-06T14:30:00Z", "2026-03-07T14:30:00Z", "2026-03-08T13:30:00Z", "2026-03-09T13:30:00Z");
    }

    @Test
    void aRateRunsBetweenStartAndEndAndStopsWhileDisabled() {
        create(schedule("rate(1 hour)")
                .startDate(Instant.parse("2026-03-06T12:00:00Z"))
                .endDate(Instant.parse("2026-03-06T14:00:00Z")));
        region.clock.advance(Duration.ofDays(1));
        assertThat(region.moments())
                .containsExactly("2026-03-06T12:00:00Z", "2026-03-06T13:00:00Z", "2026-03-06T14:00:00Z");
        CreateScheduleInput other = schedule("rate(1 hour)").name("t").state("DISABLED");
        create(other);
        region.clock.advance(Duration.ofDays(1));
        assertThat(region.moments()).hasSize(3);
    }

    @Test
    void aFlexibleWindowIsKept() {
        create(schedule("at(2026-03-06T11:00:00)")
                .flexibleTimeWindow(new FlexibleTimeWindow().mode("FLEXIBLE").maximumWindowInMinutes(15)));
        region.clock.advance(Duration.ofHours(2));
        assertThat(region.moments()).hasSize(1);
        assertThat(region.seen.getFirst().at())
                .isBetween(Instant.parse("2026-03-06T11:00:00Z"), Instant.parse("2026-03-06T11:15:00Z"));
        assertThat(region.seen.getFirst().payload()).contains("2026-03-06T11:00:00Z");
    }

    @Test
    void anyActionIsCalledWithItsParameters() {
        CreateScheduleInput in = schedule("at(2026-03-06T10:05:00)");
        in.target(new Target()
                .arn("arn:aws:scheduler:::aws-sdk:cloudwatchlogs:putRetentionPolicy")
                .roleArn(ROLE)
                .input("{\"LogGroupName\":\"g\",\"RetentionInDays\":7}"));
        create(in);
        region.clock.advance(Duration.ofMinutes(10));
        assertThat(region.seen.getFirst().input())
                .isEqualTo(new PutRetentionPolicyRequest().logGroupName("g").retentionInDays(7));
    }

    @Test
    void aTargetThatFailsIsTriedAgainAndThenTold() {
        region.refusal = Fault.server("ServiceException", 500, "no");
        CreateScheduleInput in = schedule("at(2026-03-06T10:05:00)");
        in.target()
                .retryPolicy(new RetryPolicy().maximumRetryAttempts(2))
                .deadLetterConfig(new DeadLetterConfig().arn("arn:aws:sqs:us-east-1:000000000000:dlq"));
        create(in);
        region.clock.advance(Duration.ofMinutes(10));
        assertThat(region.moments()).hasSize(3);
        region.refusal = null;
        region.clock.advance(Duration.ofMinutes(20));
        assertThat(region.seen.getLast().operation()).isEqualTo("SendMessage");
        assertThat(region.seen.getLast().input().toString())
                .contains("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts", "SCHEDULE_ARN");
    }

    @Test
    void whatIsWrongIsRefused() {
        assertThatThrownBy(() -> create(schedule("rate(1 hours)")))
                .hasMessage("Invalid Schedule Expression rate(1 hours).");
        assertThatThrownBy(() -> create(schedule("rate(1 hour)").scheduleExpressionTimezone("Mars/Base")))
                .hasMessageContaining("time zone");
        assertThatThrownBy(() -> create(schedule("rate(1 hour)").groupName("none")))
                .hasMessage("Schedule group none does not exist.");
        CreateScheduleInput reads = schedule("rate(1 hour)");
        reads.target(
                new Target().arn("arn:aws:scheduler:::aws-sdk:s3:listBuckets").roleArn(ROLE));
        assertThatThrownBy(() -> create(reads)).hasMessageContaining("is not a supported target");
        create(schedule("rate(1 hour)").clientToken("same"));
        create(schedule("rate(1 hour)").clientToken("same"));
        assertThatThrownBy(() -> create(schedule("rate(1 hour)").clientToken("other")))
                .hasMessage("Schedule s already exists.");
    }

    @Test
    void aGroupTakesItsSchedulesWithIt() {
        scheduler.createScheduleGroup(new CreateScheduleGroupInput().name("g"), region.call());
        create(schedule("rate(1 hour)").groupName("g"));
        assertThat(scheduler
                        .listSchedules(new ListSchedulesInput().groupName("g"), region.call())
                        .schedules())
                .hasSize(1);
        scheduler.deleteScheduleGroup(new DeleteScheduleGroupInput().name("g"), region.call());
        region.settle();
        assertThat(scheduler
                        .listScheduleGroups(new ListScheduleGroupsInput(), region.call())
                        .scheduleGroups())
                .extracting(ScheduleGroupSummary::name)
                .containsExactly("default");
        region.clock.advance(Duration.ofHours(3));
        // A rate without a start begins at once.
        assertThat(region.moments()).containsExactly("2026-03-06T10:00:30Z");
    }
}
