package dev.haneul.services.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.sqs.ChangeMessageVisibilityRequest;
import dev.haneul.api.sqs.CreateQueueRequest;
import dev.haneul.api.sqs.DeleteMessageRequest;
import dev.haneul.api.sqs.ListMessageMoveTasksRequest;
import dev.haneul.api.sqs.Message;
import dev.haneul.api.sqs.ReceiveMessageRequest;
import dev.haneul.api.sqs.SendMessageRequest;
import dev.haneul.api.sqs.StartMessageMoveTaskRequest;
import dev.haneul.delivery.FakeRegion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead-letter queues that have one of their own, and FIFO queues whose messages come back. */
class RedriveTest {
    @TempDir
    Path path;

    private FakeRegion region;
    private SqsService sqs;

    @BeforeEach
    void open() {
        region = new FakeRegion(path);
        sqs = new SqsService(region.store, region.segments, region.clock, region, FakeRegion.KEY);
        sqs.join(region.driver);
        region.driver.start();
    }

    @AfterEach
    void close() {
        region.close();
    }

    private static String url(String name) {
        return "http://localhost/000000000000/" + name;
    }

    private static String arn(String name) {
        return "arn:aws:sqs:us-east-1:000000000000:" + name;
    }

    private void queue(String name, String deadLetters) {
        Map<String, String> attributes = new java.util.HashMap<>();
        if (name.endsWith(".fifo")) {
            attributes.put("FifoQueue", "true");
            attributes.put("ContentBasedDeduplication", "true");
        }
        if (!deadLetters.isEmpty()) {
            attributes.put(
                    "RedrivePolicy", "{\"deadLetterTargetArn\":\"" + arn(deadLetters) + "\",\"maxReceiveCount\":2}");
        }
        sqs.createQueue(new CreateQueueRequest().queueName(name).attributes(attributes), region.call());
    }

    private List<Message> receive(String name) {
        return sqs.receiveMessage(
                        new ReceiveMessageRequest()
                                .queueUrl(url(name))
                                .maxNumberOfMessages(10)
                                .messageSystemAttributeNames(List.of("All")),
                        region.call())
                .messages();
    }

    /** Receives and fails; answers what was received. */
    private List<String> fail(String name) {
        List<String> bodies = new ArrayList<>();
        for (Message each : receive(name)) {
            bodies.add(each.body());
            sqs.changeMessageVisibility(
                    new ChangeMessageVisibilityRequest()
                            .queueUrl(url(name))
                            .receiptHandle(each.receiptHandle())
                            .visibilityTimeout(0),
                    region.call());
        }
        return bodies;
    }

    @Test
    void aMessageWalksDownAChainAndIsCountedAnewInEachQueue() {
        queue("last", "");
        queue("middle", "last");
        queue("first", "middle");
        sqs.sendMessage(new SendMessageRequest().queueUrl(url("first")).messageBody("m"), region.call());
        for (String each : List.of("first", "middle")) {
            assertThat(fail(each)).containsExactly("m");
            assertThat(fail(each)).containsExactly("m");
            assertThat(receive(each)).isEmpty();
        }
        assertThat(receive("last")).singleElement().satisfies(each -> {
            assertThat(each.body()).isEqualTo("m");
            assertThat(each.attributes())
                    .containsEntry("ApproximateReceiveCount", "1")
                    .containsEntry("DeadLetterQueueSourceArn", arn("middle"));
        });
    }

    @Test
    void aGroupComesBackInItsOrder() {
        queue("dead.fifo", "");
        queue("line.fifo", "dead.fifo");
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            sent.add("m%02d".formatted(i));
            sqs.sendMessage(
                    new SendMessageRequest()
                            .queueUrl(url("line.fifo"))
                            .messageBody(sent.getLast())
                            .messageGroupId("g"),
                    region.call());
        }
        for (int i = 0; i < 20; i++) {
            fail("line.fifo");
        }
        sqs.startMessageMoveTask(new StartMessageMoveTaskRequest().sourceArn(arn("dead.fifo")), region.call());
        region.clock.advance(Duration.ofSeconds(5));
        assertThat(sqs.listMessageMoveTasks(
                                new ListMessageMoveTasksRequest().sourceArn(arn("dead.fifo")), region.call())
                        .results()
                        .getFirst()
                        .status())
                .isEqualTo("COMPLETED");
        List<String> received = new ArrayList<>();
        for (List<Message> page = receive("line.fifo"); !page.isEmpty(); page = receive("line.fifo")) {
            for (Message each : page) {
                received.add(each.body());
                sqs.deleteMessage(
                        new DeleteMessageRequest().queueUrl(url("line.fifo")).receiptHandle(each.receiptHandle()),
                        region.call());
            }
        }
        assertThat(received).containsExactlyElementsOf(sent);
    }
}
