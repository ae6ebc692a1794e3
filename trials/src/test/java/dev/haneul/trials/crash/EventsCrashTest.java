package dev.haneul.trials.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * SIGKILL at random points while events are put: what was acknowledged comes out of the rule's queue, and is in the
 * archive, which a replay gives to the rule once more. {@code -Dhaneul.soak=200} says how many rounds.
 */
class EventsCrashTest {
    private static final int ROUNDS = Integer.getInteger("haneul.soak", 2);
    private static final int MOST_PUTS = 150;
    private static final int PUTTERS = 6;
    private static final int EMPTY_ENOUGH = 3;
    private static final String BUS = "arn:aws:events:us-east-1:000000000000:event-bus/default";
    private static final String QUEUE = "arn:aws:sqs:us-east-1:000000000000:events";
    private static final Pattern NUMBER = Pattern.compile("\"detail\":\\{\"n\":([0-9]+)}");

    private final Random random = new Random(5);
    private final AtomicInteger number = new AtomicInteger();
    private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    private final Semaphore answers = new Semaphore(0);

    @Test
    void noAcknowledgedEventIsLostNorItsCopyInTheArchive() throws Exception {
        Instant began = Instant.now();
        try (LaunchedRegion region = new LaunchedRegion()) {
            region.up();
            try (Clients clients = Clients.root(region.endpoint())) {
                prepare(clients);
            }
            for (int round = 0; round < ROUNDS; round++) {
                if (round > 0) {
                    region.up();
                }
                putUntilKilled(region);
            }
            region.up();
            try (Clients clients = Clients.root(region.endpoint())) {
                String url =
                        clients.sqs().getQueueUrl(r -> r.queueName("events")).queueUrl();
                assertThat(received(clients.sqs(), url, false)).containsAll(acknowledged);
                assertThat(replayed(clients, url, began)).containsAll(acknowledged);
            }
            System.out.println("killed " + ROUNDS + " times: " + acknowledged.size() + " events acknowledged");
        }
    }

    private static void prepare(Clients clients) {
        clients.sqs()
                .createQueue(r -> r.queueName("events")
                        .attributes(Map.of(
                                QueueAttributeName.POLICY,
                                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
                                        + "{\"Service\":\"events.amazonaws.com\"},\"Action\":\"sqs:SendMessage\","
                                        + "\"Resource\":\"" + QUEUE + "\"}]}")));
        clients.events().putRule(r -> r.name("all").eventPattern("{\"source\":[\"my.shop\"]}"));
        clients.events().putTargets(r -> r.rule("all").targets(t -> t.id("q").arn(QUEUE)));
        clients.events()
                .createArchive(
                        r -> r.archiveName("kept").eventSourceArn(BUS).eventPattern("{\"source\":[\"my.shop\"]}"));
    }

    private void putUntilKilled(LaunchedRegion region) throws Exception {
        answers.drainPermits();
        try (Clients clients = Clients.root(region.endpoint())) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < PUTTERS; i++) {
                threads.add(Thread.ofVirtual().start(() -> putAll(clients)));
            }
            assertThat(answers.tryAcquire(1 + random.nextInt(MOST_PUTS), 60, TimeUnit.SECONDS))
                    .isTrue();
            region.killHard();
            for (Thread each : threads) {
                each.join();
            }
        }
    }

    private void putAll(Clients clients) {
        while (true) {
            int n = number.incrementAndGet();
            PutEventsRequestEntry entry = PutEventsRequestEntry.builder()
                    .source("my.shop")
                    .detailType("Order")
                    .detail("{\"n\":" + n + "}")
                    .build();
            try {
                if (clients.events().putEvents(r -> r.entries(entry)).failedEntryCount() == 0) {
                    acknowledged.add(n);
                    answers.release();
                }
            } catch (SdkException | UncheckedIOException dead) {
                return;
            }
        }
    }

    /** Everything that comes until nothing comes any more. */
    private static Set<Integer> received(SqsClient sqs, String url, boolean again) {
        Set<Integer> all = new HashSet<>();
        int empty = 0;
        while (empty < EMPTY_ENOUGH) {
            List<Message> messages = sqs.receiveMessage(
                            r -> r.queueUrl(url).maxNumberOfMessages(10).waitTimeSeconds(2))
                    .messages();
            empty = messages.isEmpty() ? empty + 1 : 0;
            for (Message each : messages) {
                if (each.body().contains("\"replay-name\"") == again) {
                    Matcher found = NUMBER.matcher(each.body());
                    assertThat(found.find()).as(each.body()).isTrue();
                    all.add(Integer.valueOf(found.group(1)));
                }
                sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(each.receiptHandle()));
            }
        }
        return all;
    }

    private static Set<Integer> replayed(Clients clients, String url, Instant from) throws Exception {
        clients.events()
                .startReplay(r -> r.replayName("again")
                        .eventSourceArn("arn:aws:events:us-east-1:000000000000:archive/kept")
                        .eventStartTime(from.minusSeconds(1))
                        .eventEndTime(Instant.now().plusSeconds(1))
                        .destination(to -> to.arn(BUS)));
        Instant end = Instant.now().plus(Duration.ofSeconds(60));
        while (!clients.events()
                .describeReplay(r -> r.replayName("again"))
                .stateAsString()
                .equals("COMPLETED")) {
            assertThat(Instant.now()).as("the replay ends").isBefore(end);
            Thread.sleep(100);
        }
        return received(clients.sqs(), url, true);
    }
}
