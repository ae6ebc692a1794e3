package dev.haneul.kernel.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.store.Topic;
import dev.haneul.kernel.time.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReconcileDriverTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Topic<Note> NOTES = new Topic<>("test.note", RecordCodecs.of(Note.class));

    record Note(String text) {}

    private final VirtualClock clock = new VirtualClock(START);
    private DataFolder folder;
    private SqliteStore store;
    private ReconcileDriver driver;

    @BeforeEach
    void open() {
        folder = DataFolder.temporary();
        store = SqliteStore.open(folder);
        store.open(List.of(), List.of(NOTES));
        driver = new ReconcileDriver(store.feed(), clock, new SplittableRandom(1));
        clock.settleWith(this::settle);
    }

    @AfterEach
    void close() {
        driver.close();
        store.close();
        folder.close();
    }

    private void settle() {
        assertThat(driver.awaitIdle(LONG)).isTrue();
    }

    private void note(String text) {
        store.write(tx -> tx.emit(NOTES, Key.global(text), new Note(text)));
    }

    /** A reconciler that keeps the moments it was run at and answers what it is told to. */
    private final class Recording implements Reconciler<String> {
        final List<String> steps = Collections.synchronizedList(new ArrayList<>());
        final Map<String, Next> answers = new ConcurrentHashMap<>();
        final Map<String, AtomicInteger> failuresLeft = new ConcurrentHashMap<>();

        @Override
        public String name() {
            return "recording";
        }

        @Override
        public Next reconcile(String key) {
            steps.add(key + "@" + Duration.between(START, clock.instant()).toMillis());
            AtomicInteger left = failuresLeft.get(key);
            if (left != null && left.getAndDecrement() > 0) {
                throw new IllegalStateException("expected by a test");
            }
            return answers.getOrDefault(key, Next.DONE);
        }
    }

    @Test
    void aWokenKeyIsReconciledOnceAndWakingBeforeTheStartCounts() {
        Recording recording = new Recording();
        Driver.Waker<String> waker = driver.add(recording, 2);
        waker.wake("a");
        waker.wake("a");
        waker.wake("a");
        assertThat(recording.steps).isEmpty();
        driver.start();
        settle();
        assertThat(recording.steps).containsExactly("a@0");
        waker.wake("a");
        settle();
        assertThat(recording.steps).hasSize(2);
    }

    @Test
    void aKeyLooksAgainWhenItsTimeComesAndEarlierWhenWoken() {
        Recording recording = new Recording();
        recording.answers.put("a", Reconciler.Next.after(Duration.ofSeconds(10)));
        recording.answers.put("b", Reconciler.Next.at(START.plusSeconds(3)));
        Driver.Waker<String> waker = driver.add(recording, 1);
        driver.start();
        waker.wake("a");
        waker.wake("b");
        settle();
        recording.answers.put("b", Reconciler.Next.DONE);
        clock.advance(Duration.ofSeconds(4));
        waker.wake("a");
        settle();
        clock.advance(Duration.ofSeconds(9));
        assertThat(recording.steps).containsExactly("a@0", "b@0", "b@3000", "a@4000");
        clock.advance(Duration.ofSeconds(31));
        assertThat(recording.steps)
                .containsExactly("a@0", "b@0", "b@3000", "a@4000", "a@14000", "a@24000", "a@34000", "a@44000");
        recording.answers.clear();
        clock.advance(Duration.ofSeconds(10));
        assertThat(clock.waiting()).isZero();
    }

    @Test
    void aFailingKeyIsTriedAgainAfterGrowingPausesAndOthersGoOn() {
        Recording recording = new Recording();
        recording.failuresLeft.put("a", new AtomicInteger(12));
        Driver.Waker<String> waker = driver.add(recording, 1);
        driver.start();
        waker.wake("a");
        waker.wake("b");
        settle();
        assertThat(recording.steps).containsExactly("a@0", "b@0");
        clock.advance(Duration.ofMinutes(20));
        List<Long> moments = recording.steps.stream()
                .filter(step -> step.startsWith("a@"))
                .map(step -> Long.parseLong(step.substring(2)))
                .toList();
        assertThat(moments).hasSize(13);
        for (int i = 1; i < moments.size(); i++) {
            long whole = Math.min(60_000, 200L << (i - 1));
            assertThat(moments.get(i) - moments.get(i - 1)).isBetween(whole / 2, whole);
        }
        assertThat(clock.waiting()).isZero();
    }

    /** A reconciler whose steps wait until they are let go. */
    private static final class Gated implements Reconciler<String> {
        final Semaphore begun = new Semaphore(0);
        final Semaphore gate = new Semaphore(0);
        final AtomicInteger running = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final Map<String, AtomicInteger> perKey = new ConcurrentHashMap<>();
        final AtomicBoolean overlapped = new AtomicBoolean();
        final AtomicInteger steps = new AtomicInteger();

        @Override
        public String name() {
            return "gated";
        }

        @Override
        public Next reconcile(String key) throws InterruptedException {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            AtomicInteger same = perKey.computeIfAbsent(key, any -> new AtomicInteger());
            if (same.incrementAndGet() > 1) {
                overlapped.set(true);
            }
            begun.release();
            try {
                gate.acquire();
            } finally {
                steps.incrementAndGet();
                same.decrementAndGet();
                running.decrementAndGet();
            }
            return Next.DONE;
        }
    }

    @Test
    void aKeyWokenWhileItRunsRunsOnceMoreAndNeverTwiceAtATime() throws Exception {
        Gated gated = new Gated();
        Driver.Waker<String> waker = driver.add(gated, 8);
        driver.start();
        waker.wake("a");
        assertThat(gated.begun.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        waker.wake("a");
        waker.wake("a");
        gated.gate.release(10);
        settle();
        assertThat(gated.steps).hasValue(2);
        assertThat(gated.overlapped).isFalse();
    }

    @Test
    void noMoreStepsRunAtATimeThanAllowed() throws Exception {
        Gated gated = new Gated();
        Driver.Waker<String> waker = driver.add(gated, 3);
        driver.start();
        for (int i = 0; i < 20; i++) {
            waker.wake("k" + i);
        }
        assertThat(gated.begun.tryAcquire(3, 30, TimeUnit.SECONDS)).isTrue();
        assertThat(driver.awaitIdle(Duration.ofMillis(1))).isFalse();
        gated.gate.release(20);
        settle();
        assertThat(gated.steps).hasValue(20);
        assertThat(gated.most).hasValue(3);
    }

    @Test
    void closingInterruptsWhatDoesNotEndAndRunsNothingAfter() throws Exception {
        Gated gated = new Gated();
        Driver.Waker<String> waker = driver.add(gated, 1);
        driver.start();
        waker.wake("a");
        waker.wake("b");
        assertThat(gated.begun.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        driver.close();
        assertThat(gated.steps).hasValue(1);
        waker.wake("c");
        assertThat(driver.awaitIdle(LONG)).isTrue();
        assertThat(gated.begun.availablePermits()).isZero();
    }

    @Test
    void aFollowerIsGivenEveryChangeInOrderAlsoThoseFromBeforeItsStart() {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        driver.follow("reader", Set.of("test.note"), change -> seen.add(text(change)));
        note("1");
        note("2");
        assertThat(seen).isEmpty();
        driver.start();
        note("3");
        settle();
        assertThat(seen).containsExactly("1", "2", "3");
        for (int i = 4; i < 1000; i++) {
            note("" + i);
        }
        settle();
        assertThat(seen).hasSize(999).last().isEqualTo("999");
        assertThat(store.feed().peek("reader", 1)).isEmpty();
    }

    private static String text(Change change) {
        return change.after(NOTES.codec()).orElseThrow().text();
    }

    @Test
    void aFailingChangeIsTriedAgainAndNeverSkipped() {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger failures = new AtomicInteger(5);
        driver.follow("reader", Set.of("test.note"), change -> {
            seen.add(text(change) + "@"
                    + Duration.between(START, clock.instant()).toMillis());
            if (text(change).equals("b") && failures.getAndDecrement() > 0) {
                throw new IllegalStateException("expected by a test");
            }
        });
        driver.start();
        note("a");
        note("b");
        note("c");
        settle();
        assertThat(seen).containsExactly("a@0", "b@0");
        clock.advance(Duration.ofMinutes(1));
        assertThat(seen).hasSize(8);
        assertThat(seen.subList(1, 7)).allMatch(each -> each.startsWith("b@"));
        assertThat(seen.getLast()).startsWith("c@");
        assertThat(clock.waiting()).isZero();
    }

    @Test
    void aFollowerGoesOnWhereItStoppedAndHasTheInterruptedChangeAgain() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        driver.follow("reader", Set.of("test.note"), change -> {
            if (text(change).equals("b")) {
                reached.countDown();
                new Semaphore(0).acquire();
            }
        });
        driver.start();
        note("a");
        note("b");
        note("c");
        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
        driver.close();
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        driver = new ReconcileDriver(store.feed(), clock, new SplittableRandom(1));
        driver.follow("reader", Set.of("test.note"), change -> seen.add(text(change)));
        driver.start();
        settle();
        assertThat(seen).containsExactly("b", "c");
    }

    @Test
    void closingDoesNotWaitForAPausingFollower() {
        driver.follow("reader", Set.of("test.note"), change -> {
            throw new IllegalStateException("expected by a test");
        });
        driver.start();
        note("a");
        settle();
        assertThat(clock.waiting()).isEqualTo(1);
        driver.close();
        assertThat(clock.waiting()).isZero();
    }

    @Test
    void whatComesTooLateOrTwiceIsRefused() {
        driver.follow("reader", Set.of("test.note"), change -> {});
        assertThatThrownBy(() -> driver.follow("reader", Set.of("test.note"), change -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> driver.add(new Recording(), 0)).isInstanceOf(IllegalArgumentException.class);
        driver.start();
        assertThatThrownBy(() -> driver.add(new Recording(), 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> driver.follow("other", Set.of(), change -> {}))
                .isInstanceOf(IllegalStateException.class);
    }
}
