package dev.haneul.trials.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.LookupAttributeKey;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.scheduler.model.FlexibleTimeWindowMode;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * SIGKILL while a bus delivers, with a schedule that comes due while nothing runs: every event that was taken arrives,
 * the schedule fires, once; and what LookupEvents told before is told after.
 */
class EventsCrashTest {
    private static final String ACCOUNT = "000000000000";
    private final Set<String> taken = ConcurrentHashMap.newKeySet();

    @Test
    void whatWasTakenIsDeliveredAndWhatWasDueFires() throws Exception {
        try (LaunchedRegion region = new LaunchedRegion()) {
            region.up();
            String told;
            try (Clients clients = new Clients(region.endpoint(), ACCOUNT, "test")) {
                SqsClient sqs = clients.sqs();
                Queues.make(sqs, "events", "events.amazonaws.com");
                sqs.createQueue(request -> request.queueName("ticks"));
                EventBridgeClient events = clients.events();
                events.putRule(request -> request.name("r").eventPattern("{\"source\":[\"my.shop\"]}"));
                events.putTargets(request -> request.rule("r")
                        .targets(Target.builder()
                                .id("q")
                                .arn(Queues.arn(ACCOUNT, "events"))
                                .inputPath("$.id")
                                .build()));
                String role = new Roles(clients.iam()).make("s", "scheduler.amazonaws.com", "sqs:SendMessage");
                told = event(clients.cloudTrail());
                Instant due = Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.SECONDS);
                clients.scheduler()
                        .createSchedule(request -> request.name("once")
                                .scheduleExpression("at(" + due.toString().replace("Z", "") + ")")
                                .flexibleTimeWindow(window -> window.mode(FlexibleTimeWindowMode.OFF))
                                .target(target -> target.arn(Queues.arn(ACCOUNT, "ticks"))
                                        .roleArn(role)
                                        .input("tick")));
                List<Thread> load = List.of(
                        Thread.ofVirtual().start(() -> untilDead(events)),
                        Thread.ofVirtual().start(() -> untilDead(events)));
                Thread.sleep(Duration.ofMillis(700)); // while it delivers, and before the schedule is due
                region.killHard();
                for (Thread each : load) {
                    each.join();
                }
                // A schedule that is due while nothing runs: the time must really pass.
                Thread.sleep(
                        Duration.between(Instant.now(), due.plusMillis(500)).toMillis() < 0
                                ? Duration.ZERO
                                : Duration.between(Instant.now(), due.plusMillis(500)));
            }
            region.up();
            try (Clients clients = new Clients(region.endpoint(), ACCOUNT, "test")) {
                assertThat(event(clients.cloudTrail())).isEqualTo(told);
                SqsClient sqs = clients.sqs();
                String ticks =
                        sqs.getQueueUrl(request -> request.queueName("ticks")).queueUrl();
                assertThat(Queues.receive(sqs, ticks, 1))
                        .extracting(Message::body)
                        .containsExactly("tick");
                String queue =
                        sqs.getQueueUrl(request -> request.queueName("events")).queueUrl();
                Set<String> arrived = new HashSet<>();
                Instant end = Instant.now().plusSeconds(30);
                while (!arrived.containsAll(taken) && Instant.now().isBefore(end)) {
                    Queues.receive(sqs, queue, 1)
                            .forEach(each -> arrived.add(each.body().replace("\"", "")));
                }
                assertThat(taken).isNotEmpty();
                assertThat(arrived).containsAll(taken);
                assertThat(sqs.receiveMessage(request -> request.queueUrl(ticks))
                                .messages())
                        .isEmpty();
            }
        }
    }

    private static String event(CloudTrailClient trail) {
        return trail.lookupEvents(request -> request.lookupAttributes(
                        each -> each.attributeKey(LookupAttributeKey.EVENT_NAME).attributeValue("CreateRole")))
                .events()
                .getFirst()
                .eventId();
    }

    private void untilDead(EventBridgeClient events) {
        while (true) {
            try {
                taken.add(events.putEvents(request -> request.entries(PutEventsRequestEntry.builder()
                                .source("my.shop")
                                .detailType("Order")
                                .detail("{}")
                                .build()))
                        .entries()
                        .getFirst()
                        .eventId());
            } catch (SdkException dead) {
                return;
            }
        }
    }
}
