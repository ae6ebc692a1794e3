package dev.haneul.services.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.sqs.CreateQueueRequest;
import dev.haneul.api.sqs.DeleteMessageRequest;
import dev.haneul.api.sqs.GetQueueAttributesRequest;
import dev.haneul.api.sqs.Message;
import dev.haneul.api.sqs.ReceiveMessageRequest;
import dev.haneul.api.sqs.SendMessageRequest;
import dev.haneul.delivery.FakeRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder as a power failure may leave it: what was sent is there, that it was received is not. */
class PowerFailureTest {
    private static final String URL = "http://localhost/000000000000/q";

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Path target = to.resolve(from.relativize(each).toString());
                try {
                    if (Files.isDirectory(each)) {
                        Files.createDirectories(target);
                    } else {
                        Files.copy(each, target);
                    }
                } catch (NoSuchFileException e) {
                    assertThat(each).as("a passing file of the store").doesNotExist();
                }
            }
        }
        // Says that it is in use, which the copy is not.
        Files.delete(to.resolve("haneul.pid"));
    }

    private static SqsService sqs(FakeRegion region) {
        return new SqsService(region.store, region.segments, region.clock, region, FakeRegion.KEY);
    }

    private static Message receive(SqsService sqs, Call call) {
        return sqs.receiveMessage(
                        new ReceiveMessageRequest().queueUrl(URL).messageSystemAttributeNames(List.of("All")), call)
                .messages()
                .getFirst();
    }

    @Test
    void aReceiptThatIsNotRememberedDeletesAllTheSame(@TempDir Path before, @TempDir Path after) throws Exception {
        Message first;
        try (FakeRegion region = new FakeRegion(before)) {
            SqsService sqs = sqs(region);
            sqs.createQueue(new CreateQueueRequest().queueName("q"), region.call());
            sqs.sendMessage(new SendMessageRequest().queueUrl(URL).messageBody("m"), region.call());
            copy(before, after);
            first = receive(sqs, region.call());
            assertThat(first.attributes()).containsEntry("ApproximateReceiveCount", "1");
        }
        try (FakeRegion region = new FakeRegion(after)) {
            SqsService sqs = sqs(region);
            sqs.deleteMessage(
                    new DeleteMessageRequest().queueUrl(URL).receiptHandle(first.receiptHandle()), region.call());
            assertThat(sqs.getQueueAttributes(
                                    new GetQueueAttributesRequest()
                                            .queueUrl(URL)
                                            .attributeNames(List.of("All")),
                                    region.call())
                            .attributes())
                    .containsEntry("ApproximateNumberOfMessages", "0")
                    .containsEntry("ApproximateNumberOfMessagesNotVisible", "0");
        }
    }
}
