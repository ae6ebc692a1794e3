package dev.haneul.trials.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDeletedRecentlyException;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.ReceiptHandleIsInvalidException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SqsException;

@ExtendWith(SharedRegion.class)
class SqsClientTest {
    private final URI endpoint;
    private final String account = Accounts.fresh();
    private final Clients clients;
    private final SqsClient sqs;

    SqsClientTest(URI endpoint) {
        this.endpoint = endpoint;
        clients = new Clients(endpoint, account, "test");
        sqs = clients.sqs();
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private String queue(String name, Map<QueueAttributeName, String> attributes) {
        return sqs.createQueue(r -> r.queueName(name).attributes(attributes)).queueUrl();
    }

    private List<Message> receive(String url, int most) {
        return sqs.receiveMessage(r -> r.queueUrl(url)
                        .maxNumberOfMessages(most)
                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                        .messageAttributeNames("All"))
                .messages();
    }

    private String count(String url, QueueAttributeName name) {
        return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(name))
                .attributes()
                .get(name);
    }

    @Test
    void aMessageGoesThroughWithItsAttributes() {
        String url = queue("plain", Map.of());
        assertThat(url).isEqualTo(endpoint + "/" + account + "/plain");
        // The SDK checks the digests of body and attributes.
        sqs.sendMessage(r -> r.queueUrl(url)
                .messageBody("grüße")
                .messageAttributes(Map.of(
                        "n",
                        MessageAttributeValue.builder()
                                .dataType("Number")
                                .stringValue("7")
                                .build())));
        Message message = receive(url, 1).getFirst();
        assertThat(message.body()).isEqualTo("grüße");
        assertThat(message.messageAttributes().get("n").stringValue()).isEqualTo("7");
        assertThat(message.attributes()).containsEntry(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "1");
        assertThat(receive(url, 1)).isEmpty();
        assertThat(count(url, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                .isEqualTo("1");
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
        assertThat(count(url, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                .isEqualTo("0");
        assertThatThrownBy(() -> sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle("x" + message.receiptHandle())))
                .isInstanceOf(ReceiptHandleIsInvalidException.class);
    }

    @Test
    void visibilityIsChangedAndOldReceiptsDeleteNothing() {
        String url = queue("visible", Map.of());
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("m"));
        Message first = receive(url, 1).getFirst();
        sqs.changeMessageVisibility(
                r -> r.queueUrl(url).receiptHandle(first.receiptHandle()).visibilityTimeout(0));
        Message second = receive(url, 1).getFirst();
        assertThat(second.attributes()).containsEntry(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "2");
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(first.receiptHandle()));
        assertThat(count(url, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                .isEqualTo("1");
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(second.receiptHandle()));
        assertThat(count(url, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                .isEqualTo("0");
    }

    @Test
    void aLongPollEndsWithTheArrival() throws Exception {
        String url = queue("poll", Map.of());
        long start = System.nanoTime();
        CompletableFuture<List<Message>> polled = CompletableFuture.supplyAsync(() ->
                sqs.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(20)).messages());
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("now").delaySeconds(1));
        assertThat(polled.get(10, TimeUnit.SECONDS)).hasSize(1);
        assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));
    }

    @Test
    void aFifoGroupIsLockedWhileAMessageIsInFlight() {
        String url = queue(
                "line.fifo",
                Map.of(QueueAttributeName.FIFO_QUEUE, "true", QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true"));
        List<String> numbers = new ArrayList<>();
        for (String body : List.of("a1", "a2", "b1", "a1")) {
            numbers.add(sqs.sendMessage(r -> r.queueUrl(url).messageBody(body).messageGroupId(body.substring(0, 1)))
                    .sequenceNumber());
        }
        assertThat(numbers.subList(0, 3)).isSorted().allMatch(each -> each.length() == 20);
        assertThat(numbers.get(3)).isEqualTo(numbers.get(0));
        Message first = receive(url, 1).getFirst();
        assertThat(first.body()).isEqualTo("a1");
        assertThat(receive(url, 10)).extracting(Message::body).containsExactly("b1");
        assertThat(receive(url, 10)).isEmpty();
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(first.receiptHandle()));
        assertThat(receive(url, 10)).extracting(Message::body).containsExactly("a2");
    }

    @Test
    void whatIsReceivedTooOftenGoesToTheDeadLetterQueueAndBack() throws Exception {
        String dead = queue("dead", Map.of());
        String deadArn = count(dead, QueueAttributeName.QUEUE_ARN);
        String url = queue(
                "source",
                Map.of(
                        QueueAttributeName.REDRIVE_POLICY,
                        "{\"deadLetterTargetArn\":\"" + deadArn + "\",\"maxReceiveCount\":\"1\"}",
                        QueueAttributeName.VISIBILITY_TIMEOUT,
                        "0"));
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("poison"));
        assertThat(receive(url, 1)).hasSize(1);
        assertThat(receive(url, 1)).isEmpty();
        Message buried = sqs.receiveMessage(r -> r.queueUrl(dead)
                        .visibilityTimeout(0)
                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
                .messages()
                .getFirst();
        assertThat(buried.attributes().get(MessageSystemAttributeName.DEAD_LETTER_QUEUE_SOURCE_ARN))
                .isEqualTo(count(url, QueueAttributeName.QUEUE_ARN));
        assertThat(sqs.listDeadLetterSourceQueues(r -> r.queueUrl(dead)).queueUrls())
                .containsExactly(url);
        sqs.startMessageMoveTask(r -> r.sourceArn(deadArn));
        List<Message> back =
                sqs.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(10)).messages();
        assertThat(back).extracting(Message::body).containsExactly("poison");
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < until && !"COMPLETED".equals(status(deadArn))) {
            Thread.onSpinWait();
        }
        assertThat(status(deadArn)).isEqualTo("COMPLETED");
    }

    private String status(String arn) {
        return sqs.listMessageMoveTasks(r -> r.sourceArn(arn))
                .results()
                .getFirst()
                .status();
    }

    @Test
    void batchesFailInPart() {
        String url = queue("batch", Map.of(QueueAttributeName.MAXIMUM_MESSAGE_SIZE, "1024"));
        var result = sqs.sendMessageBatch(r -> r.queueUrl(url)
                .entries(
                        SendMessageBatchRequestEntry.builder()
                                .id("a")
                                .messageBody("fits")
                                .build(),
                        SendMessageBatchRequestEntry.builder()
                                .id("b")
                                .messageBody("x".repeat(1025))
                                .build()));
        assertThat(result.successful()).hasSize(1);
        assertThat(result.failed()).singleElement().satisfies(each -> {
            assertThat(each.code()).isEqualTo("InvalidParameterValue");
            assertThat(each.senderFault()).isTrue();
        });
    }

    @Test
    void namesOfDeletedQueuesRestForAMinute() {
        String url = queue("gone", Map.of());
        sqs.deleteQueue(r -> r.queueUrl(url));
        assertThatThrownBy(() -> sqs.getQueueUrl(r -> r.queueName("gone")))
                .isInstanceOf(QueueDoesNotExistException.class)
                .satisfies(e -> assertThat(((SqsException) e).awsErrorDetails().errorCode())
                        .isEqualTo("AWS.SimpleQueueService.NonExistentQueue"));
        assertThatThrownBy(() -> queue("gone", Map.of())).isInstanceOf(QueueDeletedRecentlyException.class);
    }

    @Test
    void anotherAccountNeedsThePolicy() throws Exception {
        String url = queue("shared", Map.of());
        String stranger = Accounts.fresh();
        try (Clients others = new Clients(endpoint, stranger, "test")) {
            SqsClient theirs = others.sqs();
            assertThatThrownBy(() -> theirs.sendMessage(r -> r.queueUrl(url).messageBody("hi")))
                    .isInstanceOf(SqsException.class)
                    .satisfies(e -> assertThat(((SqsException) e).statusCode()).isIn(400, 403));
            sqs.addPermission(
                    r -> r.queueUrl(url).label("them").awsAccountIds(stranger).actions("SendMessage"));
            theirs.sendMessage(r -> r.queueUrl(url).messageBody("hi"));
            sqs.removePermission(r -> r.queueUrl(url).label("them"));
            assertThatThrownBy(() -> theirs.sendMessage(r -> r.queueUrl(url).messageBody("hi")))
                    .isInstanceOf(SqsException.class);
        }
        assertThat(receive(url, 1)).hasSize(1);
    }
}
