package dev.haneul.trials.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.InvalidEventPatternException;
import software.amazon.awssdk.services.eventbridge.model.LimitExceededException;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResponse;
import software.amazon.awssdk.services.eventbridge.model.ReplayState;
import software.amazon.awssdk.services.eventbridge.model.ResourceAlreadyExistsException;
import software.amazon.awssdk.services.eventbridge.model.ResourceNotFoundException;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.s3.S3Client;

@ExtendWith(SharedRegion.class)
class EventBridgeTest {
    private final String account = Accounts.fresh();
    private Clients clients;
    private EventBridgeClient events;
    private CloudWatchLogsClient logs;
    private final URI endpoint;

    EventBridgeTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @BeforeEach
    void connect() {
        clients = new Clients(endpoint, account, "test");
        events = clients.events();
        logs = clients.logs();
        logs.createLogGroup(request -> request.logGroupName("/aws/events/seen"));
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private String group(String name) {
        return "arn:aws:logs:us-east-1:" + account + ":log-group:/aws/events/" + name;
    }

    private static PutEventsRequestEntry entry(String detail) {
        return PutEventsRequestEntry.builder()
                .source("my.shop")
                .detailType("Order Placed")
                .resources("arn:aws:s3:::orders")
                .time(Instant.parse("2026-02-03T04:05:06Z"))
                .detail(detail)
                .build();
    }

    private void rule(String name, String bus, String pattern, Target... targets) {
        events.putRule(request -> request.name(name).eventBusName(bus).eventPattern(pattern));
        events.putTargets(request -> request.rule(name).eventBusName(bus).targets(targets));
    }

    private Target seen() {
        return Target.builder().id("seen").arn(group("seen")).build();
    }

    @Test
    void whatARulesPatternTakesComesToItsTarget() throws Exception {
        rule("big", "default", "{\"detail\":{\"total\":[{\"numeric\":[\">\",100]}]}}", seen());
        PutEventsResponse put = events.putEvents(request ->
                request.entries(entry("{\"total\":5}"), entry("{\"total\":500}"), entry("{\"total\": 1.50e3}")));
        assertThat(put.failedEntryCount()).isZero();
        List<String> messages = Waiting.messages(logs, "/aws/events/seen", 2);
        assertThat(messages).hasSize(2);
        assertThat(messages)
                .anySatisfy(message -> assertThat(message)
                        .isEqualTo("{\"version\":\"0\",\"id\":\""
                                + put.entries().get(1).eventId()
                                + "\",\"detail-type\":\"Order Placed\",\"source\":\"my.shop\",\"account\":\"" + account
                                + "\",\"time\":\"2026-02-03T04:05:06Z\",\"region\":\"us-east-1\","
                                + "\"resources\":[\"arn:aws:s3:::orders\"],\"detail\":{\"total\":500}}"));
    }

    @Test
    void entriesAreRefusedOneByOne() {
        PutEventsResponse put = events.putEvents(request -> request.entries(
                entry("{}"),
                entry("no json"),
                entry("{}").toBuilder().source(null).build(),
                entry("{}").toBuilder().detailType(null).build(),
                entry("{}").toBuilder().source("aws.s3").build(),
                entry("{}").toBuilder().eventBusName("nowhere").build()));
        assertThat(put.failedEntryCount()).isEqualTo(4);
        assertThat(put.entries().get(0).eventId()).isNotEmpty();
        assertThat(put.entries().get(1).errorCode()).isEqualTo("MalformedDetail");
        assertThat(put.entries().get(2).errorMessage())
                .isEqualTo("Parameter Source is not valid. Reason: Source is a required argument.");
        assertThat(put.entries().get(3).errorCode()).isEqualTo("InvalidArgument");
        assertThat(put.entries().get(4).errorCode()).isEqualTo("NotAuthorizedForSourceException");
        assertThat(put.entries().get(5).eventId()).isNotEmpty();
    }

    @Test
    void inputsAreShapedAsTheTargetWishes() throws Exception {
        for (String name : List.of("constant", "path", "json", "text")) {
            logs.createLogGroup(request -> request.logGroupName("/aws/events/" + name));
        }
        rule(
                "shapes",
                "default",
                "{\"source\":[\"my.shop\"]}",
                Target.builder()
                        .id("1")
                        .arn(group("constant"))
                        .input("{\"a\": 1}")
                        .build(),
                Target.builder()
                        .id("2")
                        .arn(group("path"))
                        .inputPath("$.detail.items[1]")
                        .build(),
                Target.builder()
                        .id("3")
                        .arn(group("json"))
                        .inputTransformer(transformer -> transformer
                                .inputPathsMap(
                                        Map.of("who", "$.detail.who", "items", "$.detail.items", "no", "$.detail.no"))
                                .inputTemplate("{\"rule\": <aws.events.rule-name>, \"who\": <who>, \"items\": <items>,"
                                        + " \"hello\": \"to <who>!\", \"no\": <no>, \"all\": <aws.events.event.json>}"))
                        .build(),
                Target.builder()
                        .id("4")
                        .arn(group("text"))
                        .inputTransformer(transformer -> transformer
                                .inputPathsMap(Map.of("who", "$.detail.who", "items", "$.detail.items"))
                                .inputTemplate("\"<who> has <items> of <aws.events.rule-arn>\""))
                        .build());
        events.putEvents(request -> request.entries(entry("{\"who\":\"a \\\"b\\\"\",\"items\":[\"x\",{\"y\":2}]}")));
        assertThat(Waiting.messages(logs, "/aws/events/constant", 1)).containsExactly("{\"a\": 1}");
        assertThat(Waiting.messages(logs, "/aws/events/path", 1)).containsExactly("{\"y\":2}");
        assertThat(Waiting.messages(logs, "/aws/events/json", 1).getFirst())
                .startsWith("{\"rule\": \"shapes\", \"who\": \"a \\\"b\\\"\", \"items\": [\"x\",{\"y\":2}],"
                        + " \"hello\": \"to a \\\"b\\\"!\", \"no\": \"\", \"all\": {\"version\":\"0\",\"id\":");
        assertThat(Waiting.messages(logs, "/aws/events/text", 1))
                .containsExactly(
                        "\"a \\\"b\\\" has [x,{y:2}] of arn:aws:events:us-east-1:" + account + ":rule/shapes\"");
    }

    @Test
    void rulesTargetsAndBusesAreToldAsTheyWerePut() {
        assertThat(events.createEventBus(request -> request.name("orders").description("of all shops"))
                        .eventBusArn())
                .isEqualTo("arn:aws:events:us-east-1:" + account + ":event-bus/orders");
        assertThatThrownBy(() -> events.createEventBus(request -> request.name("orders")))
                .isInstanceOf(ResourceAlreadyExistsException.class)
                .hasMessageStartingWith("Event bus orders already exists.");
        rule("one", "orders", "{\"source\":[\"a\"]}", seen());
        events.putRule(request -> request.name("two")
                .eventBusName("orders")
                .eventPattern("{\"source\":[\"b\"]}")
                .tags(tag -> tag.key("k").value("v")));
        assertThat(events.listEventBuses(request -> {}).eventBuses())
                .extracting(bus -> bus.name())
                .containsExactlyInAnyOrder("default", "orders");
        var first = events.listRules(request -> request.eventBusName("orders").limit(1));
        assertThat(first.rules().getFirst().arn())
                .isEqualTo("arn:aws:events:us-east-1:" + account + ":rule/orders/one");
        assertThat(events.listRules(request -> request.eventBusName("orders").nextToken(first.nextToken()))
                        .rules())
                .extracting(rule -> rule.name())
                .containsExactly("two");
        assertThat(events.listRuleNamesByTarget(
                                request -> request.eventBusName("orders").targetArn(group("seen")))
                        .ruleNames())
                .containsExactly("one");
        assertThat(events.listTargetsByRule(request -> request.rule("one").eventBusName("orders"))
                        .targets())
                .containsExactly(seen());
        assertThat(events.listTagsForResource(request ->
                                request.resourceARN("arn:aws:events:us-east-1:" + account + ":rule/orders/two"))
                        .tags())
                .extracting(tag -> tag.key() + "=" + tag.value())
                .containsExactly("k=v");
        events.disableRule(request -> request.name("two").eventBusName("orders"));
        assertThat(events.describeRule(request -> request.name("two").eventBusName("orders"))
                        .stateAsString())
                .isEqualTo("DISABLED");
        assertThatThrownBy(
                        () -> events.deleteRule(request -> request.name("one").eventBusName("orders")))
                .hasMessageStartingWith("Rule can't be deleted since it has targets.");
        assertThat(events.removeTargets(request ->
                                request.rule("one").eventBusName("orders").ids("seen", "never"))
                        .failedEntryCount())
                .isEqualTo(1);
        events.deleteRule(request -> request.name("one").eventBusName("orders"));
        assertThatThrownBy(
                        () -> events.describeRule(request -> request.name("one").eventBusName("orders")))
                .isInstanceOf(ResourceNotFoundException.class)
                .hasMessageStartingWith("Rule one does not exist on EventBus orders.");
    }

    @Test
    void whatAwsRefusesIsRefusedInItsWords() {
        assertThatThrownBy(() -> events.putRule(request -> request.name("r").eventPattern("{\"source\":\"a\"}")))
                .isInstanceOf(InvalidEventPatternException.class)
                .hasMessageStartingWith("Event pattern is not valid. Reason: \"source\" must be an object or an array");
        assertThatThrownBy(() -> events.putRule(request -> request.name("r").scheduleExpression("rate(1 minutes)")))
                .isInstanceOf(EventBridgeException.class)
                .hasMessageStartingWith("Parameter ScheduleExpression is not valid.");
        assertThatThrownBy(() -> events.putRule(request -> request.name("r")))
                .hasMessageStartingWith("Parameter(s) EventPattern or ScheduleExpression must be specified.");
        assertThatThrownBy(() -> events.putRule(
                        request -> request.name("r").eventBusName("no").eventPattern("{\"source\":[\"a\"]}")))
                .isInstanceOf(ResourceNotFoundException.class);
        assertThatThrownBy(() -> events.deleteEventBus(request -> request.name("default")))
                .hasMessageStartingWith("Cannot delete event bus default.");
        events.putRule(request -> request.name("full").eventPattern("{\"source\":[\"a\"]}"));
        List<Target> six = java.util.stream.IntStream.range(0, 6)
                .mapToObj(i -> Target.builder().id("t" + i).arn(group("seen")).build())
                .toList();
        assertThatThrownBy(
                        () -> events.putTargets(request -> request.rule("full").targets(six)))
                .isInstanceOf(LimitExceededException.class);
        assertThat(events.testEventPattern(request -> request.eventPattern("{\"source\":[\"a\"]}")
                                .event(
                                        "{\"id\":\"1\",\"account\":\"1\",\"source\":\"a\",\"time\":\"t\",\"region\":\"r\","
                                                + "\"resources\":[],\"detail-type\":\"d\",\"detail\":{}}"))
                        .result())
                .isTrue();
    }

    @Test
    void bucketsTellTheDefaultBus() throws Exception {
        S3Client s3 = clients.s3();
        String bucket = "events-" + account;
        s3.createBucket(request -> request.bucket(bucket));
        s3.putBucketNotificationConfiguration(request ->
                request.bucket(bucket).notificationConfiguration(all -> all.eventBridgeConfiguration(on -> {})));
        rule("uploads", "default", "{\"source\":[\"aws.s3\"],\"detail-type\":[\"Object Created\"]}", seen());
        s3.putObject(request -> request.bucket(bucket).key("a b.txt"), RequestBody.fromString("hello"));
        assertThat(Waiting.messages(logs, "/aws/events/seen", 1).getFirst())
                .contains("\"detail-type\":\"Object Created\",\"source\":\"aws.s3\",\"account\":\"" + account)
                .contains("\"resources\":[\"arn:aws:s3:::" + bucket + "\"]")
                .contains("\"object\":{\"key\":\"a b.txt\",\"size\":5,")
                .contains("\"reason\":\"PutObject\"");
    }

    @Test
    void anotherAccountsBusTakesWhatItsPolicyAllows() throws Exception {
        String other = Accounts.fresh();
        try (Clients theirs = new Clients(endpoint, other, "test")) {
            EventBridgeClient sender = theirs.events();
            events.createEventBus(request -> request.name("open"));
            String bus = "arn:aws:events:us-east-1:" + account + ":event-bus/open";
            rule("all", "open", "{\"source\":[\"my.shop\"]}", seen());
            assertThatThrownBy(() -> sender.putEvents(request -> request.entries(
                            entry("{}").toBuilder().eventBusName(bus).build())))
                    .isInstanceOf(EventBridgeException.class)
                    .hasMessageContaining("is not authorized to perform: events:PutEvents");
            events.putPermission(request -> request.eventBusName("open")
                    .action("events:PutEvents")
                    .principal(other)
                    .statementId("them"));
            sender.putEvents(request ->
                    request.entries(entry("{}").toBuilder().eventBusName(bus).build()));
            assertThat(Waiting.messages(logs, "/aws/events/seen", 1).getFirst())
                    .contains("\"account\":\"" + other + "\"");
            events.removePermission(request -> request.eventBusName("open").statementId("them"));
            assertThat(events.describeEventBus(request -> request.name("open")).policy())
                    .isNull();
        }
    }

    @Test
    void anArchiveIsReplayed() throws Exception {
        String bus = "arn:aws:events:us-east-1:" + account + ":event-bus/default";
        String archive = events.createArchive(request ->
                        request.archiveName("kept").eventSourceArn(bus).eventPattern("{\"source\":[\"my.shop\"]}"))
                .archiveArn();
        events.putEvents(request -> request.entries(entry("{\"n\":1}"), entry("{\"n\":2}")));
        assertThat(events.describeArchive(request -> request.archiveName("kept"))
                        .eventCount())
                .isEqualTo(2);
        rule("again", "default", "{\"replay-name\":[{\"exists\":true}]}", seen());
        events.startReplay(request -> request.replayName("once")
                .eventSourceArn(archive)
                .eventStartTime(Instant.parse("2026-02-03T00:00:00Z"))
                .eventEndTime(Instant.parse("2026-02-04T00:00:00Z"))
                .destination(to -> to.arn(bus)));
        Waiting.until(() -> events.describeReplay(request -> request.replayName("once"))
                .state()
                .equals(ReplayState.COMPLETED));
        assertThat(Waiting.messages(logs, "/aws/events/seen", 2))
                .allMatch(message -> message.contains("\"replay-name\":\"once\""))
                .anyMatch(message -> message.contains("\"detail\":{\"n\":2}"));
    }
}
