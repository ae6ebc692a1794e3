package dev.haneul.kernel.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every clock does. */
abstract class ClockContract {
    private static final Duration HOUR = Duration.ofHours(1);

    protected SteerableClock clock;
    private final BlockingQueue<String> ran = new LinkedBlockingQueue<>();

    protected abstract SteerableClock newClock();

    protected void closeClock() {}

    @BeforeEach
    void open() {
        clock = newClock();
    }

    @AfterEach
    void close() {
        closeClock();
    }

    private String next() throws InterruptedException {
        String name = ran.poll(20, TimeUnit.SECONDS);
        return name == null ? "nothing" : name;
    }

    /** Whatever was due has run when this has, for it is due last. */
    private void runBarrier() throws InterruptedException {
        clock.after(Duration.ZERO, () -> ran.add("barrier"));
    }

    @Test
    void dueTimersRunInOrderOfTheirMomentsAndThenOfArrival() throws Exception {
        Instant start = clock.instant();
        clock.at(start.plus(HOUR.multipliedBy(3)), () -> ran.add("third"));
        clock.at(start.plus(HOUR), () -> ran.add("first"));
        clock.at(start.plus(HOUR.multipliedBy(2)), () -> ran.add("second"));
        clock.at(start.plus(HOUR.multipliedBy(2)), () -> ran.add("second too"));
        clock.after(HOUR.multipliedBy(5), () -> ran.add("later"));
        clock.advance(HOUR.multipliedBy(4));
        assertThat(List.of(next(), next(), next(), next())).containsExactly("first", "second", "second too", "third");
        assertThat(clock.instant()).isAfterOrEqualTo(start.plus(HOUR.multipliedBy(4)));
        clock.advance(HOUR);
        assertThat(next()).isEqualTo("later");
    }

    @Test
    void aTimerForAPassedMomentRunsAtOnce() throws Exception {
        clock.at(clock.instant().minusSeconds(5), () -> ran.add("late"));
        assertThat(next()).isEqualTo("late");
    }

    @Test
    void aCancelledTimerDoesNotRun() throws Exception {
        Clock.Timer timer = clock.after(HOUR, () -> ran.add("cancelled"));
        timer.cancel();
        clock.advance(HOUR.multipliedBy(2));
        runBarrier();
        assertThat(next()).isEqualTo("barrier");
        timer.cancel();
    }

    @Test
    void aTaskSeesItsMomentAsPassedAndMaySetAnother() throws Exception {
        Instant due = clock.instant().plus(HOUR);
        clock.at(due, () -> {
            if (!clock.instant().isBefore(due)) {
                ran.add("seen");
            }
            clock.after(Duration.ZERO, () -> ran.add("at once"));
            clock.after(HOUR, () -> ran.add("an hour later"));
        });
        clock.advance(HOUR);
        assertThat(List.of(next(), next())).containsExactly("seen", "at once");
        clock.advance(HOUR);
        assertThat(next()).isEqualTo("an hour later");
    }

    @Test
    void aFailingTaskDoesNotStopTheNext() throws Exception {
        clock.after(HOUR, () -> {
            throw new IllegalStateException("expected by a test");
        });
        clock.after(HOUR, () -> ran.add("next"));
        clock.advance(HOUR);
        assertThat(next()).isEqualTo("next");
    }

    @Test
    void clocksDoNotGoBack() {
        assertThatThrownBy(() -> clock.advance(Duration.ofMillis(-1))).isInstanceOf(IllegalArgumentException.class);
    }
}
