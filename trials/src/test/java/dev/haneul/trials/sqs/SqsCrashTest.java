package dev.haneul.trials.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * SIGKILL at random points while messages are sent, received and deleted: nothing acknowledged is lost, what was deleted
 * stays deleted, a FIFO group keeps its order. {@code -Dhaneul.soak=200} says how many rounds.
 */
class SqsCrashTest {
    private static final int ROUNDS = Integer.getInteger("haneul.soak", 2);
    private final Random random = new Random(4);
    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final Set<String> deleted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger number = new AtomicInteger();

    @Test
    void nothingAcknowledgedIsLost() throws Exception {
        try (LaunchedRegion region = new LaunchedRegion()) {
            for (int round = 0; round < ROUNDS; round++) {
                region.up();
                round(region);
            }
            region.up();
            try (Clients clients = Clients.root(region.endpoint())) {
                drain(clients.sqs());
            }
        }
    }

    private void round(LaunchedRegion region) throws Exception {
        try (Clients clients = Clients.root(region.endpoint())) {
            SqsClient sqs = clients.sqs();
            Map<QueueAttributeName, String> fifo = Map.of(
                    QueueAttributeName.FIFO_QUEUE, "true", QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true");
            Map<QueueAttributeName, String> brief = Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "1");
            String url =
                    sqs.createQueue(r -> r.queueName("crash").attributes(brief)).queueUrl();
            String line = sqs.createQueue(r -> r.queueName("crash.fifo").attributes(fifo))
                    .queueUrl();
            List<Thread> load = new ArrayList<>();
            load.add(Thread.ofVirtual().start(() -> untilDead(() -> send(sqs, url))));
            load.add(Thread.ofVirtual().start(() -> untilDead(() -> send(sqs, url))));
            load.add(Thread.ofVirtual().start(() -> untilDead(() -> sendInLine(sqs, line))));
            load.add(Thread.ofVirtual().start(() -> untilDead(() -> receive(sqs, url))));
            Thread.sleep(Duration.ofMillis(200 + random.nextInt(800))); // the random point
            region.killHard();
            for (Thread each : load) {
                each.join();
            }
        }
    }

    private static void untilDead(Runnable step) {
        while (true) {
            try {
                step.run();
            } catch (SdkException dead) {
                return;
            }
        }
    }

    private void send(SqsClient sqs, String url) {
        String body = "m" + number.incrementAndGet();
        sqs.sendMessage(r -> r.queueUrl(url).messageBody(body));
        sent.add(body);
    }

    private void sendInLine(SqsClient sqs, String line) {
        String body = "%09d".formatted(number.incrementAndGet());
        sqs.sendMessage(r -> r.queueUrl(line).messageBody(body).messageGroupId("g"));
        sent.add(body);
    }

    private void receive(SqsClient sqs, String url) {
        for (Message each :
                sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(5)).messages()) {
            assertThat(deleted).doesNotContain(each.body());
            sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(each.receiptHandle()));
            deleted.add(each.body());
        }
    }

    private void drain(SqsClient sqs) {
        Set<String> found = new HashSet<>();
        for (String name : List.of("crash", "crash.fifo")) {
            String url = sqs.getQueueUrl(r -> r.queueName(name)).queueUrl();
            String last = "";
            int empty = 0;
            while (empty < 2) {
                List<Message> page = sqs.receiveMessage(
                                r -> r.queueUrl(url).maxNumberOfMessages(10).waitTimeSeconds(2))
                        .messages();
                empty = page.isEmpty() ? empty + 1 : 0;
                for (Message each : page) {
                    assertThat(deleted).doesNotContain(each.body());
                    found.add(each.body());
                    if (name.endsWith(".fifo")) {
                        assertThat(each.body()).isGreaterThan(last);
                        last = each.body();
                    }
                    sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(each.receiptHandle()));
                }
            }
        }
        Set<String> lost = new HashSet<>(sent);
        lost.removeAll(deleted);
        lost.removeAll(found);
        assertThat(lost).isEmpty();
        assertThat(sent).isNotEmpty();
    }
}
