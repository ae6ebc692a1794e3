package dev.haneul.trials.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Clients;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** What is done in a region until it dies: one step each of many kinds, over and over. */
final class Load {
    private static final String BUCKET = "crash";
    private static final int EMPTY_ENOUGH = 3;
    private final S3Client s3;
    private final SqsClient sqs;
    private final SnsClient sns;
    private final Ledger ledger;
    private final Random random;
    private final String standard;
    private final String line;
    private final String fan;
    private final String topic;

    /** Makes what is needed, where it is not there from an earlier round. */
    Load(Clients clients, Ledger ledger, int seed) {
        this.s3 = clients.s3();
        this.sqs = clients.sqs();
        this.sns = clients.sns();
        this.ledger = ledger;
        this.random = new Random(seed);
        s3.createBucket(r -> r.bucket(BUCKET));
        standard = queue("crash", Map.of());
        line = queue(
                "crash.fifo",
                Map.of(QueueAttributeName.FIFO_QUEUE, "true", QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true"));
        fan = queue(
                "fan",
                Map.of(
                        QueueAttributeName.POLICY,
                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
                                + "{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":"
                                + "\"arn:aws:sqs:us-east-1:000000000000:fan\"}]}"));
        topic = sns.createTopic(r -> r.name("crash")).topicArn();
        String fanArn = sqs.getQueueAttributes(r -> r.queueUrl(fan).attributeNames(QueueAttributeName.QUEUE_ARN))
                .attributes()
                .get(QueueAttributeName.QUEUE_ARN);
        sns.subscribe(r ->
                r.topicArn(topic).protocol("sqs").endpoint(fanArn).attributes(Map.of("RawMessageDelivery", "true")));
    }

    private String queue(String name, Map<QueueAttributeName, String> more) {
        Map<QueueAttributeName, String> attributes = new HashMap<>(more);
        attributes.put(QueueAttributeName.VISIBILITY_TIMEOUT, "2");
        return sqs.createQueue(r -> r.queueName(name).attributes(attributes)).queueUrl();
    }

    List<Runnable> steps() {
        return List.of(
                this::put,
                this::put,
                this::send,
                this::send,
                () -> sendInLine("g1"),
                () -> sendInLine("g2"),
                this::publish,
                () -> receive(standard, false, 0),
                () -> receive(line, true, 0),
                () -> receive(fan, false, 0));
    }

    private void put() {
        byte[] content;
        String key = ledger.next("o");
        synchronized (random) {
            content = new byte[random.nextInt(60_000)];
            random.nextBytes(content);
        }
        ledger.stored(
                key,
                s3.putObject(r -> r.bucket(BUCKET).key(key), RequestBody.fromBytes(content))
                        .eTag());
    }

    private void send() {
        String body = ledger.next("m");
        sqs.sendMessage(r -> r.queueUrl(standard).messageBody(body));
        ledger.sent(body);
    }

    private void sendInLine(String group) {
        String body = ledger.next(group + "-");
        sqs.sendMessage(r -> r.queueUrl(line).messageBody(body).messageGroupId(group));
        ledger.sentInLine(group, body);
    }

    private void publish() {
        String body = ledger.next("n");
        sns.publish(r -> r.topicArn(topic).message(body));
        ledger.sent(body);
    }

    private int receive(String url, boolean inLine, int waitSeconds) {
        List<Message> messages = sqs.receiveMessage(
                        r -> r.queueUrl(url).maxNumberOfMessages(5).waitTimeSeconds(waitSeconds))
                .messages();
        for (Message each : messages) {
            String body = each.body();
            ledger.received(body, each.messageId(), inLine);
            if (inLine) {
                ledger.receivedInLine(body.substring(0, body.indexOf('-')), body);
            }
            sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(each.receiptHandle()));
            // A notification may come once more as a message of its own; a message that was deleted may not.
            if (!url.equals(fan)) {
                ledger.deleted(body);
            }
        }
        return messages.size();
    }

    /** Every object that was acknowledged is there as it was; some are read. */
    void verifyObjects() {
        Map<String, String> found = new HashMap<>();
        for (S3Object each : s3.listObjectsV2Paginator(r -> r.bucket(BUCKET)).contents()) {
            found.put(each.key(), each.eTag());
        }
        assertThat(found).containsAllEntriesOf(ledger.objects());
        List<String> keys = new ArrayList<>(ledger.objects().keySet());
        for (int i = 0; i < Math.min(20, keys.size()); i++) {
            String key = keys.get(random.nextInt(keys.size()));
            assertThat(s3.getObjectAsBytes(r -> r.bucket(BUCKET).key(key)).asByteArray())
                    .isNotNull();
        }
    }

    /** Takes out of the queues all that is in them, and looks for what is missing. */
    void settle() {
        verifyObjects();
        for (String url : List.of(standard, line, fan)) {
            int empty = 0;
            while (empty < EMPTY_ENOUGH) {
                empty = receive(url, url.equals(line), 2) == 0 ? empty + 1 : 0;
            }
        }
        ledger.requireNothingLost();
    }
}
