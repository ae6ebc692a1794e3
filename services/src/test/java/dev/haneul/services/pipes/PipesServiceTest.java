package dev.haneul.services.pipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.pipes.*;
import dev.haneul.api.sns.PublishInput;
import dev.haneul.api.sns.PublishResponse;
import dev.haneul.api.sqs.DeleteMessageBatchRequest;
import dev.haneul.api.sqs.DeleteMessageBatchRequestEntry;
import dev.haneul.api.sqs.DeleteMessageBatchResult;
import dev.haneul.api.sqs.Message;
import dev.haneul.api.sqs.MessageAttributeValue;
import dev.haneul.api.sqs.ReceiveMessageRequest;
import dev.haneul.api.sqs.ReceiveMessageResult;
import dev.haneul.delivery.FakeRegion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipesServiceTest {
    private static final String ENRICH = "arn:aws:lambda:us-east-1:000000000000:function:enrich";
    private static final String FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f";
    private static final String TOPIC = "arn:aws:sns:us-east-1:000000000000:t";

    @TempDir
    Path path;

    private final ConcurrentLinkedQueue<Message> queue = new ConcurrentLinkedQueue<>();
    private final List<String> removed = new CopyOnWriteArrayList<>();
    private final List<String> published = new CopyOnWriteArrayList<>();
    private FakeRegion region;
    private PipesService pipes;

    @BeforeEach
    void open() {
        region = new FakeRegion(path);
        region.answers.put("ReceiveMessage", in -> {
            List<Message> messages = new ArrayList<>();
            int most = ((ReceiveMessageRequest) in).maxNumberOfMessages();
            for (Message next = queue.poll(); next != null; next = messages.size() < most ? queue.poll() : null) {
                messages.add(next);
            }
            return new ReceiveMessageResult().messages(messages);
        });
        region.answers.put("DeleteMessageBatch", in -> {
            ((DeleteMessageBatchRequest) in)
                    .entries().stream()
                            .map(DeleteMessageBatchRequestEntry::receiptHandle)
                            .forEach(removed::add);
            return new DeleteMessageBatchResult();
        });
        region.answers.put("Publish", in -> {
            published.add(((PublishInput) in).message());
            return new PublishResponse();
        });
        pipes = new PipesService(region.store, region.clock, region, region.targets(), FakeRegion.KEY);
        pipes.join(region.driver);
        region.driver.start();
    }

    @AfterEach
    void close() {
        region.close();
    }

    private void send(String... bodies) {
        for (String body : bodies) {
            queue.add(new Message()
                    .messageId("m" + body)
                    .receiptHandle("h" + body)
                    .body(body));
        }
    }

    private static CreatePipeRequest pipe(String target) {
        return new CreatePipeRequest()
                .name("p")
                .source("arn:aws:sqs:us-east-1:000000000000:q")
                .target(target)
                .roleArn("arn:aws:iam::000000000000:role/r");
    }

    private void create(CreatePipeRequest in) {
        assertThat(pipes.createPipe(in, region.call()).currentState()).isEqualTo("CREATING");
        region.clock.advance(Duration.ofSeconds(2));
    }

    private String state() {
        return pipes.describePipe(new DescribePipeRequest().name("p"), region.call())
                .currentState();
    }

    @Test
    void whatTheFilterWantsIsShapedAndPublishedAndEverythingIsRemoved() {
        send("{\"n\":1}", "{\"n\":2}", "plain");
        create(pipe(TOPIC)
                .sourceParameters(new PipeSourceParameters()
                        .filterCriteria(new FilterCriteria()
                                .filters(
                                        List.of(new Filter().pattern("{\"body\":{\"n\":[{\"numeric\":[\">\",1]}]}}")))))
                .targetParameters(new PipeTargetParameters()
                        .inputTemplate(
                                "{\"n\": <$.body.n>, \"id\": \"<$.messageId>\", \"by\": <aws.pipes.pipe-name>}")));
        assertThat(state()).isEqualTo("RUNNING");
        assertThat(published).containsExactly("{\"n\": 2, \"id\": \"m{\\\"n\\\":2}\", \"by\": \"p\"}");
        assertThat(removed).containsExactlyInAnyOrder("h{\"n\":1}", "h{\"n\":2}", "hplain");
    }

    @Test
    void attributesArriveWhateverTheirType() {
        queue.add(new Message()
                .messageId("m")
                .receiptHandle("h")
                .body("b")
                .messageAttributes(Map.of(
                        "picture",
                        new MessageAttributeValue().dataType("Binary").binaryValue(new byte[] {1, 2, 3}),
                        "text",
                        new MessageAttributeValue().dataType("String").stringValue("s"))));
        create(pipe(TOPIC));
        assertThat(published)
                .singleElement()
                .asString()
                .contains("\"picture\":{\"binaryValue\":\"AQID\",\"stringListValues\":[],\"binaryListValues\":[],"
                        + "\"dataType\":\"Binary\"}")
                .contains("\"text\":{\"stringValue\":\"s\",");
    }

    @Test
    void aFunctionNamesTheItemsThatFailed() {
        region.answers.put(
                "Invoke",
                in -> new InvocationResponse()
                        .payload("{\"batchItemFailures\":[{\"itemIdentifier\":\"mb\"}]}"
                                .getBytes(StandardCharsets.UTF_8)));
        send("a", "b", "c");
        create(pipe(FUNCTION));
        assertThat(removed).containsExactly("ha", "hc");
        FakeRegion.Seen call = region.seen.stream()
                .filter(seen -> seen.input() instanceof InvocationRequest)
                .findFirst()
                .orElseThrow();
        assertThat(call.payload())
                .startsWith("[{\"messageId\":\"ma\",\"receiptHandle\":\"ha\",\"body\":\"a\"")
                .contains("\"eventSource\":\"aws:sqs\",\"eventSourceARN\":\"arn:aws:sqs:us-east-1:000000000000:q\"");
        assertThat(((InvocationRequest) call.input()).invocationType()).isEqualTo("RequestResponse");
    }

    @Test
    void anEnrichmentMakesNewEvents() {
        region.answers.put(
                "Invoke",
                in -> new InvocationResponse().payload("[{\"x\":1},{\"x\":2}]".getBytes(StandardCharsets.UTF_8)));
        send("a");
        create(pipe(TOPIC).enrichment(ENRICH));
        assertThat(published).containsExactly("{\"x\":1}", "{\"x\":2}");
        assertThat(removed).containsExactly("ha");
    }

    @Test
    void aTargetThatFailsLeavesTheMessagesToTheQueue() {
        region.answers.put("Publish", in -> {
            throw dev.haneul.api.runtime.Fault.server("InternalError", 500, "no");
        });
        send("a");
        create(pipe(TOPIC));
        assertThat(removed).isEmpty();
        assertThat(state()).isEqualTo("RUNNING");
    }

    @Test
    void aStoppedPipeTakesNothingAndADeletedOneIsGone() {
        create(pipe(TOPIC).desiredState("STOPPED"));
        assertThat(state()).isEqualTo("STOPPED");
        send("a");
        region.clock.advance(Duration.ofMinutes(1));
        assertThat(published).isEmpty();
        pipes.startPipe(new StartPipeRequest().name("p"), region.call());
        region.clock.advance(Duration.ofSeconds(2));
        assertThat(published).hasSize(1);
        assertThat(pipes.stopPipe(new StopPipeRequest().name("p"), region.call())
                        .currentState())
                .isEqualTo("STOPPING");
        region.clock.advance(Duration.ofSeconds(2));
        assertThat(state()).isEqualTo("STOPPED");
        pipes.deletePipe(new DeletePipeRequest().name("p"), region.call());
        region.clock.advance(Duration.ofSeconds(2));
        assertThatThrownBy(this::state).hasMessage("Pipe p does not exist.");
    }

    @Test
    void whatIsWrongIsRefused() {
        assertThatThrownBy(() -> create(pipe(TOPIC).source("arn:aws:kinesis:us-east-1:000000000000:stream/s")))
                .hasMessageContaining("Sources of kinesis are not implemented");
        assertThatThrownBy(() -> create(pipe(TOPIC + "x")
                        .sourceParameters(new PipeSourceParameters()
                                .filterCriteria(
                                        new FilterCriteria().filters(List.of(new Filter().pattern("{\"body\":1}")))))))
                .hasMessageStartingWith("Event pattern is not valid. Reason: ");
        create(pipe(TOPIC));
        assertThatThrownBy(() -> create(pipe(TOPIC))).hasMessage("Pipe p already exists.");
    }
}
