package dev.haneul.kernel.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class VirtualClockTest extends ClockContract {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final VirtualClock virtual = new VirtualClock(START);

    @Override
    protected SteerableClock newClock() {
        return virtual;
    }

    @Test
    void timeStandsStillAndEachTaskSeesExactlyItsMoment() {
        List<Instant> seen = new ArrayList<>();
        virtual.after(Duration.ofMinutes(1), () -> seen.add(virtual.instant()));
        virtual.after(Duration.ofMinutes(3), () -> seen.add(virtual.instant()));
        assertThat(virtual.instant()).isEqualTo(START);
        virtual.advance(Duration.ofMinutes(10));
        assertThat(seen).containsExactly(START.plusSeconds(60), START.plusSeconds(180));
        assertThat(virtual.instant()).isEqualTo(START.plusSeconds(600));
        assertThat(virtual.waiting()).isZero();
    }

    @Test
    void whatSettlingSetsUpHappensAtItsOwnMoment() {
        List<String> seen = new ArrayList<>();
        List<Runnable> work = new ArrayList<>();
        virtual.settleWith(() -> {
            while (!work.isEmpty()) {
                work.removeFirst().run();
            }
        });
        virtual.after(
                Duration.ofSeconds(10),
                () -> work.add(() -> virtual.after(Duration.ofSeconds(5), () -> seen.add("" + virtual.instant()))));
        virtual.advance(Duration.ofMinutes(1));
        assertThat(seen).containsExactly("" + START.plusSeconds(15));
    }

    @Test
    void aTaskCannotMoveTheClock() {
        AtomicReference<RuntimeException> thrown = new AtomicReference<>();
        virtual.after(Duration.ofSeconds(1), () -> {
            try {
                virtual.advance(Duration.ofSeconds(1));
            } catch (IllegalStateException e) {
                thrown.set(e);
            }
        });
        virtual.advance(Duration.ofSeconds(1));
        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> virtual.advance(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
    }
}
