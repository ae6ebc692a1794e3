package dev.haneul.services.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.events.DisableRuleRequest;
import dev.haneul.api.events.PutEventsRequest;
import dev.haneul.api.events.PutEventsRequestEntry;
import dev.haneul.api.events.PutRuleRequest;
import dev.haneul.api.events.PutTargetsRequest;
import dev.haneul.api.events.Target;
import dev.haneul.delivery.FakeRegion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduledRuleTest {
    @TempDir
    Path path;

    @Test
    void aScheduledRuleFiresByTheClockUntilItIsDisabled() {
        try (FakeRegion region = new FakeRegion(path)) {
            EventsService events = new EventsService(
                    region.store,
                    region.segments,
                    region.clock,
                    region.targets(),
                    region,
                    (call, action, arn, context) -> {},
                    FakeRegion.KEY);
            events.join(region.driver);
            region.driver.start();
            events.putRule(new PutRuleRequest().name("r").scheduleExpression("cron(0/15 * * * ? *)"), region.call());
            events.putTargets(
                    new PutTargetsRequest()
                            .rule("r")
                            .targets(List.of(
                                    new Target().id("f").arn("arn:aws:lambda:us-east-1:000000000000:function:f"))),
                    region.call());
            region.settle();
            region.clock.advance(Duration.ofMinutes(40));
            assertThat(region.moments()).containsExactly("2026-03-06T10:15:00Z", "2026-03-06T10:30:00Z");
            assertThat(region.seen.getFirst().payload())
                    .contains("\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\"")
                    .contains("\"time\":\"2026-03-06T10:15:00Z\"")
                    .contains("\"resources\":[\"arn:aws:events:us-east-1:000000000000:rule/r\"],\"detail\":{}");
            events.disableRule(new DisableRuleRequest().name("r"), region.call());
            region.settle();
            region.clock.advance(Duration.ofHours(1));
            assertThat(region.moments()).hasSize(2);
        }
    }

    @Test
    void whatIsPutMatchedAndDeliveredIsMeasured() {
        try (FakeRegion region = new FakeRegion(path)) {
            Map<String, Double> measured = new ConcurrentHashMap<>();
            EventsService events = new EventsService(
                    region.store,
                    region.segments,
                    region.clock,
                    region.targets(),
                    region,
                    (call, action, arn, context) -> {},
                    FakeRegion.KEY);
            events.measure((what, at, value, times) ->
                    measured.merge(what.namespace() + " " + what.name() + " " + what.dimensions(), value, Double::sum));
            events.join(region.driver);
            region.driver.start();
            events.putRule(new PutRuleRequest().name("r").eventPattern("{\"source\":[\"mine\"]}"), region.call());
            events.putTargets(
                    new PutTargetsRequest()
                            .rule("r")
                            .targets(List.of(
                                    new Target().id("f").arn("arn:aws:lambda:us-east-1:000000000000:function:f"),
                                    new Target().id("g").arn("arn:aws:lambda:us-east-1:000000000000:function:g"))),
                    region.call());
            events.putEvents(
                    new PutEventsRequest()
                            .entries(List.of(
                                    new PutEventsRequestEntry()
                                            .source("mine")
                                            .detailType("t")
                                            .detail("{}"),
                                    new PutEventsRequestEntry()
                                            .source("other")
                                            .detailType("t")
                                            .detail("{}"))),
                    region.call());
            region.settle();
            assertThat(measured)
                    .containsEntry("AWS/Events PutEventsApproximateCallCount {}", 1.0)
                    .containsEntry("AWS/Events PutEventsEntriesCount {}", 2.0)
                    .containsEntry("AWS/Events PutEventsApproximateSuccessCount {}", 1.0)
                    .containsEntry("AWS/Events MatchedEvents {}", 1.0)
                    .containsEntry("AWS/Events MatchedEvents {RuleName=r}", 1.0)
                    .containsEntry("AWS/Events TriggeredRules {RuleName=r}", 1.0)
                    .containsEntry("AWS/Events Invocations {RuleName=r}", 2.0)
                    .doesNotContainKeys(
                            "AWS/Events FailedInvocations {RuleName=r}", "AWS/Events PutEventsFailedEntriesCount {}");
        }
    }
}
