package dev.haneul.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.delivery.DeliveryPolicy.DeadLetter;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryQueueTest {
    private static final Scope SCOPE = new Scope("000000000000", "us-east-1");
    private static final String GOOD = "arn:aws:lambda:us-east-1:000000000000:function:good";
    private static final String BAD = "arn:aws:lambda:us-east-1:000000000000:function:bad";
    private static final String DLQ = "arn:aws:sqs:us-east-1:000000000000:dlq";
    private static final Sender SENDER = Sender.service("events.amazonaws.com", "000000000000", "arn:rule");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path path;

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-02T03:04:05Z"));
    private final List<Parcel> handed = new CopyOnWriteArrayList<>();
    private final Map<String, Outcome> answers = new ConcurrentHashMap<>();
    private DataFolder folder;
    private SqliteStore store;
    private ReconcileDriver driver;
    private DeliveryQueue queue;

    @BeforeEach
    void open() throws IOException {
        folder = DataFolder.open(path);
        store = SqliteStore.open(folder);
        driver = new ReconcileDriver(store.feed(), clock, new SplittableRandom(1));
        queue = new DeliveryQueue("test.delivery", store, clock, this::hand, 2);
        queue.join(driver, 8);
        clock.settleWith(() -> driver.awaitIdle(PATIENCE));
    }

    @AfterEach
    void close() {
        clock.settleWith(() -> {});
        driver.close();
        store.close();
        folder.close();
    }

    private Outcome hand(Parcel parcel) {
        handed.add(parcel);
        return answers.getOrDefault(parcel.arn(), new Outcome.Done(""));
    }

    private void settle() {
        assertThat(driver.awaitIdle(PATIENCE)).isTrue();
    }

    private List<String> payloads(String arn) {
        return handed.stream()
                .filter(parcel -> parcel.arn().equals(arn))
                .map(Parcel::payload)
                .toList();
    }

    @Test
    void whatIsPutInIsHandedOverAndGone() {
        driver.start();
        queue.add(SCOPE, Parcel.of(GOOD, "1", SENDER), DeliveryPolicy.DAY);
        settle();
        assertThat(payloads(GOOD)).containsExactly("1");
        assertThat(queue.waiting(SCOPE)).isZero();
    }

    @Test
    void whatWasNotHandedOverBeforeTheEndIsHandedOverAfterTheStart() throws IOException {
        queue.add(SCOPE, Parcel.of(GOOD, "1", SENDER), DeliveryPolicy.DAY);
        queue.add(SCOPE, Parcel.of(BAD, "2", SENDER), DeliveryPolicy.DAY);
        close();
        assertThat(handed).isEmpty();
        open();
        driver.start();
        settle();
        assertThat(payloads(GOOD)).containsExactly("1");
        assertThat(payloads(BAD)).containsExactly("2");
    }

    @Test
    void aTargetThatComesBackGetsItsParcelLater() {
        answers.put(BAD, new Outcome.Again("ThrottlingException", "slow down"));
        driver.start();
        queue.offer(SCOPE, Parcel.of(BAD, "1", SENDER), DeliveryPolicy.DAY);
        settle();
        assertThat(payloads(BAD)).hasSize(1);
        clock.advance(Duration.ofMinutes(1));
        int tried = payloads(BAD).size();
        assertThat(tried).isBetween(4, 10);
        answers.remove(BAD);
        clock.advance(Duration.ofMinutes(20));
        assertThat(payloads(BAD)).hasSize(tried + 1);
        assertThat(queue.waiting(SCOPE)).isZero();
    }

    @Test
    void retriesAndAgeAreBoundedAndEndInADeadLetter() {
        DeadLetter letter = new DeadLetter(DLQ, "the event", SENDER, Map.of("RULE_ARN", "arn:rule"));
        answers.put(BAD, new Outcome.Again("ThrottlingException", "slow down"));
        driver.start();
        queue.add(SCOPE, Parcel.of(BAD, "1", SENDER), new DeliveryPolicy(Duration.ofHours(24), 3, letter));
        clock.advance(Duration.ofHours(1));
        assertThat(payloads(BAD)).hasSize(4);
        Parcel told = handed.getLast();
        assertThat(told.arn()).isEqualTo(DLQ);
        assertThat(told.payload()).isEqualTo("the event");
        assertThat(told.manner().attributes())
                .containsEntry("RULE_ARN", "arn:rule")
                .containsEntry("ERROR_CODE", "ThrottlingException")
                .containsEntry("ERROR_MESSAGE", "slow down")
                .containsEntry("RETRY_ATTEMPTS", "3")
                .containsEntry("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts");
        handed.clear();
        queue.add(SCOPE, Parcel.of(BAD, "2", SENDER), new DeliveryPolicy(Duration.ofMinutes(5), 185, letter));
        clock.advance(Duration.ofHours(1));
        assertThat(handed.getLast().manner().attributes())
                .containsEntry("EXHAUSTED_RETRY_CONDITION", "MaximumEventAgeInSeconds");
        assertThat(queue.waiting(SCOPE)).isZero();
    }

    @Test
    void whatATargetWillNeverTakeIsNotTriedAgain() {
        answers.put(BAD, new Outcome.Never("ResourceNotFoundException", "gone"));
        driver.start();
        queue.add(
                SCOPE,
                Parcel.of(BAD, "1", SENDER),
                DeliveryPolicy.DAY.with(new DeadLetter(DLQ, "the event", SENDER, Map.of())));
        settle();
        assertThat(payloads(BAD)).hasSize(1);
        assertThat(handed.getLast().manner().attributes())
                .containsEntry("ERROR_CODE", "ResourceNotFoundException")
                .containsEntry("RETRY_ATTEMPTS", "0")
                .doesNotContainKey("EXHAUSTED_RETRY_CONDITION");
    }

    @Test
    void aTargetThatHangsHoldsNobodyElseUp() throws Exception {
        CountDownLatch hang = new CountDownLatch(1);
        CountDownLatch goods = new CountDownLatch(5);
        driver.close();
        store.close();
        folder.close();
        folder = DataFolder.open(path);
        store = SqliteStore.open(folder);
        driver = new ReconcileDriver(store.feed(), clock, new SplittableRandom(1));
        queue = new DeliveryQueue(
                "test.delivery",
                store,
                clock,
                parcel -> {
                    try {
                        if (parcel.arn().equals(BAD)) {
                            hang.await();
                        } else {
                            goods.countDown();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return new Outcome.Done("");
                },
                2);
        queue.join(driver, 4);
        driver.start();
        for (int i = 0; i < 5; i++) {
            queue.add(SCOPE, Parcel.of(BAD, "bad", SENDER), DeliveryPolicy.DAY);
        }
        for (int i = 0; i < 5; i++) {
            queue.add(SCOPE, Parcel.of(GOOD, "good", SENDER), DeliveryPolicy.DAY);
        }
        assertThat(goods.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        hang.countDown();
        settle();
        assertThat(queue.waiting(SCOPE)).isZero();
    }
}
