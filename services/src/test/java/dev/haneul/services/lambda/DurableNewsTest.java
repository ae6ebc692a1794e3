package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.lambda.DeadLetterConfig;
import dev.haneul.api.lambda.DurableConfig;
import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.StopDurableExecutionRequest;
import dev.haneul.api.sqs.SendMessageRequest;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.lambda.TestRegion.Parts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of durable executions: metrics, events and dead letters. The function speaks the protocol itself. */
class DurableNewsTest {
    private static final String FUNCTION = """
            import json
            def handler(event, context):
                order = json.loads(event['InitialExecutionState']['Operations'][0]['ExecutionDetails']['InputPayload'])
                return order
            """;
    private static final String DEAD = "arn:aws:sqs:us-east-1:000000000000:dead";
    private static final String DONE = "{\"Status\": \"SUCCEEDED\", \"Result\": \"1\"}";
    private static final String SORRY = "{\"Status\": \"FAILED\", \"Error\": {\"ErrorMessage\": \"sorry\"}}";
    /** Asked again and again. */
    private static final String ODD = "{\"Status\": \"ODD\"}";

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-11-23T12:00:00Z"));
    private TempFolder folder;
    private TestRegion region;

    @BeforeEach
    void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(Parts.of(folder.path()).with(clock));
        region.create(TestRegion.function("orders", "python3.11", "app.handler", "app.py", FUNCTION)
                .deadLetterConfig(new DeadLetterConfig().targetArn(DEAD))
                .durableConfig(new DurableConfig().executionTimeout(600)));
    }

    @AfterEach
    void close() throws IOException {
        region.close();
        folder.close();
    }

    private InvocationResponse invoke(String type, String name, String payload) {
        return region.invoke(new InvocationRequest()
                .functionName("orders:$LATEST")
                .invocationType(type)
                .durableExecutionName(name)
                .payload(payload.getBytes(StandardCharsets.UTF_8)));
    }

    private List<String> statuses() {
        return region.events().stream()
                .map(ServiceEvent::detail)
                .map(detail -> detail.replaceAll(
                        ".*\"durableExecutionName\":\"([^\"]*)\".*\"status\":\"([A-Z_]*)\".*", "$1 $2"))
                .toList();
    }

    private List<SendMessageRequest> letters() {
        region.settle();
        return region.queues.sent.stream()
                .filter(message -> message.queueUrl().endsWith("/dead"))
                .toList();
    }

    private Map<String, Map<Double, Double>> metrics() {
        region.settle();
        Map<String, Map<Double, Double>> found = new TreeMap<>();
        region.measured
                .drain()
                .forEach(one ->
                        found.put(one.what().name() + new TreeMap<>(one.what().dimensions()), one.values()));
        return found;
    }

    @Test
    void whatAnExecutionCameToIsToldAndMeasured() {
        invoke("RequestResponse", "first", DONE);
        invoke("RequestResponse", "second", SORRY);
        assertThat(statuses()).containsExactly("first RUNNING", "first SUCCEEDED", "second RUNNING", "second FAILED");
        ServiceEvent ended = region.events().get(1);
        assertThat(ended.source()).isEqualTo("aws.lambda");
        assertThat(ended.detailType()).isEqualTo("Durable Execution Status Change");
        assertThat(ended.resources()).isEmpty();
        assertThat(ended.detail())
                .contains(
                        "\"functionArn\":\"arn:aws:lambda:us-east-1:000000000000:function:orders:$LATEST\"",
                        ":function:orders:$LATEST/durable-execution/first/",
                        "\"startTimestamp\":\"2026-11-23T12:00:00.000Z\"",
                        "\"endTimestamp\":\"2026-11-23T12:00:00.000Z\"");
        assertThat(region.events().get(0).detail()).doesNotContain("endTimestamp");
        assertThat(metrics())
                .containsEntry("DurableExecutionStarted{FunctionName=orders}", Map.of(1.0, 2.0))
                .containsEntry("DurableExecutionSucceeded{}", Map.of(1.0, 1.0))
                .containsEntry("DurableExecutionFailed{FunctionName=orders}", Map.of(1.0, 1.0))
                .containsEntry("DurableExecutionDuration{FunctionName=orders}", Map.of(0.0, 2.0))
                .containsKey("DurableExecutionOperations{FunctionName=orders}")
                .containsKey("DurableExecutionStorageWrittenBytes{FunctionName=orders}")
                .containsKey("ApproximateRunningDurableExecutions{}");
        assertThat(letters()).as("somebody waited for it").isEmpty();
    }

    @Test
    void asynchronousExecutionsThatDoNotSucceedLeaveTheirEvent() {
        invoke("Event", "fine", DONE);
        invoke("Event", "failed", SORRY);
        assertThat(letters()).singleElement().satisfies(letter -> {
            assertThat(letter.messageBody()).isEqualTo(SORRY);
            assertThat(letter.messageAttributes().get("ErrorMessage").stringValue())
                    .isEqualTo("sorry");
            assertThat(letter.messageAttributes()).containsKeys("RequestID", "ErrorCode");
        });
        String arn = invoke("Event", "stopped", ODD).durableExecutionArn();
        region.settle();
        region.lambda.stopDurableExecution(new StopDurableExecutionRequest().durableExecutionArn(arn), region.call());
        assertThat(letters())
                .hasSize(2)
                .last()
                .satisfies(letter -> assertThat(
                                letter.messageAttributes().get("ErrorMessage").stringValue())
                        .isEqualTo("Execution stopped by user request"));
        assertThat(metrics()).containsEntry("DurableExecutionStopped{}", Map.of(1.0, 1.0));
    }

    @Test
    void thoseThatRunAreCountedEachMinuteAlsoAfterARestart() throws IOException {
        invoke("Event", "long", ODD);
        region.settle();
        metrics();
        clock.advance(Duration.ofMinutes(1));
        assertThat(metrics())
                .containsKey("ApproximateRunningDurableExecutionsUtilization{}")
                .extractingByKey("ApproximateRunningDurableExecutions{}")
                .satisfies(values -> assertThat(values).containsOnlyKeys(1.0));
        region.close();
        region = new TestRegion(Parts.of(folder.path()).with(clock));
        clock.advance(Duration.ofMinutes(1));
        assertThat(metrics())
                .extractingByKey("ApproximateRunningDurableExecutions{}")
                .satisfies(values -> assertThat(values).containsOnlyKeys(1.0));
        clock.advance(Duration.ofMinutes(10));
        assertThat(metrics())
                .containsEntry("DurableExecutionTimedOut{FunctionName=orders}", Map.of(1.0, 1.0))
                .extractingByKey("ApproximateRunningDurableExecutions{}")
                .satisfies(values -> assertThat(values).containsKey(0.0));
        assertThat(statuses()).last().isEqualTo("long TIMED_OUT");
        assertThat(letters()).hasSize(1);
    }
}
