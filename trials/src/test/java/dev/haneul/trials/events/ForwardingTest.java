package dev.haneul.trials.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/** Events that go from bus to bus, and what becomes of those that cannot be delivered. */
@ExtendWith(SharedRegion.class)
class ForwardingTest {
    private static final String OURS = "{\"source\":[\"my.shop\"]}";
    private final String account = Accounts.fresh();
    private final URI endpoint;
    private Clients clients;
    private EventBridgeClient events;
    private SqsClient sqs;
    private String role;

    ForwardingTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @BeforeEach
    void open() {
        clients = new Clients(endpoint, account, "test");
        events = clients.events();
        sqs = clients.sqs();
        role = new Roles(clients.iam()).make("r", "events.amazonaws.com", "events:PutEvents");
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private String put(String bus) {
        return events.putEvents(request -> request.entries(PutEventsRequestEntry.builder()
                        .source("my.shop")
                        .detailType("Order")
                        .detail("{}")
                        .eventBusName(bus)
                        .build()))
                .entries()
                .getFirst()
                .eventId();
    }

    private void rule(String bus, Target... targets) {
        events.putRule(request -> request.name("all").eventBusName(bus).eventPattern(OURS));
        events.putTargets(request -> request.rule("all").eventBusName(bus).targets(targets));
    }

    private Target bus(String name, String deadLetters) {
        return Target.builder()
                .id("bus")
                .arn("arn:aws:events:us-east-1:" + account + ":event-bus/" + name)
                .roleArn(role)
                .deadLetterConfig(dead -> dead.arn(Queues.arn(account, deadLetters)))
                .build();
    }

    private Target queue(String name) {
        return Target.builder().id("queue").arn(Queues.arn(account, name)).build();
    }

    @Test
    void busesThatForwardToEachOtherEndAfterAStep() {
        String seen = Queues.make(sqs, "seen", "events.amazonaws.com");
        String dead = Queues.make(sqs, "dead", "events.amazonaws.com");
        events.createEventBus(request -> request.name("a"));
        events.createEventBus(request -> request.name("b"));
        rule("a", bus("b", "dead"), queue("seen"));
        rule("b", bus("a", "dead"), queue("seen"));
        String id = put("a");
        Message refused = Queues.receive(sqs, dead, 1).getFirst();
        assertThat(Queues.attributes(refused))
                .containsEntry("ERROR_CODE", "THIRD_ACCOUNT_HOP_DETECTED")
                .containsEntry("RETRY_ATTEMPTS", "0")
                .containsEntry("RULE_ARN", "arn:aws:events:us-east-1:" + account + ":rule/b/all");
        List<Message> messages = Queues.receive(sqs, seen, 2);
        // The event keeps its id from bus to bus.
        assertThat(messages).hasSize(2).allMatch(each -> each.body().contains("\"id\":\"" + id + "\""));
        assertThat(sqs.getQueueAttributes(request -> request.queueUrl(seen).attributeNamesWithStrings("All"))
                        .attributesAsStrings())
                .containsEntry("ApproximateNumberOfMessages", "0");
    }

    @Test
    void whatIsForwardedKeepsWhoseItWas() throws Exception {
        String other = Accounts.fresh();
        try (Clients theirs = new Clients(endpoint, other, "test")) {
            String seen = Queues.make(theirs.sqs(), "seen", "events.amazonaws.com");
            EventBridgeClient receiver = theirs.events();
            receiver.putPermission(request ->
                    request.action("events:PutEvents").principal(account).statementId("them"));
            receiver.putRule(request -> request.name("all").eventPattern(OURS));
            receiver.putTargets(request -> request.rule("all")
                    .targets(Target.builder()
                            .id("q")
                            .arn(Queues.arn(other, "seen"))
                            .build()));
            rule(
                    "default",
                    Target.builder()
                            .id("bus")
                            .arn("arn:aws:events:us-east-1:" + other + ":event-bus/default")
                            .roleArn(role)
                            .build());
            String id = put("default");
            assertThat(Queues.receive(theirs.sqs(), seen, 1).getFirst().body())
                    .contains("\"id\":\"" + id + "\"")
                    .contains("\"account\":\"" + account + "\"");
        }
    }

    @Test
    void deadLettersTellWhyInEventBridgesCodes() {
        String dead = Queues.make(sqs, "dead", "events.amazonaws.com");
        sqs.createQueue(request -> request.queueName("closed"));
        String sender = new Roles(clients.iam()).make("sender", "events.amazonaws.com", "sqs:SendMessage");
        rule(
                "default",
                letters(Queues.arn(account, "nowhere"), "gone", sender),
                letters(Queues.arn(account, "closed"), "closed", null),
                letters(
                        "arn:aws:events:us-east-1:" + account + ":event-bus/x",
                        "role",
                        "arn:aws:iam::" + account + ":role/none"));
        put("default");
        Map<String, String> codes = Queues.receive(sqs, dead, 3).stream()
                .map(Queues::attributes)
                .collect(java.util.stream.Collectors.toMap(
                        each -> each.get("TARGET_ARN").replaceAll(".*[:/]", ""), each -> each.get("ERROR_CODE")));
        assertThat(codes)
                .containsEntry("nowhere", "NO_RESOURCE")
                .containsEntry("closed", "NO_PERMISSIONS")
                .containsEntry("x", "FAILED_TO_ASSUME_ROLE");
    }

    private Target letters(String arn, String id, String roleArn) {
        return Target.builder()
                .id(id)
                .arn(arn)
                .roleArn(roleArn)
                .deadLetterConfig(config -> config.arn(Queues.arn(account, "dead")))
                .build();
    }
}
