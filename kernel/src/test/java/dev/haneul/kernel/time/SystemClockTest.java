package dev.haneul.kernel.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SystemClockTest extends ClockContract {
    private SystemClock system;

    @Override
    protected SteerableClock newClock() {
        system = new SystemClock();
        return system;
    }

    @Override
    protected void closeClock() {
        system.close();
    }

    @Test
    void aTimerRunsByItselfWhenItsTimeComes() throws Exception {
        CountDownLatch later = new CountDownLatch(1);
        CountDownLatch sooner = new CountDownLatch(1);
        system.after(Duration.ofMillis(40), later::countDown);
        system.after(Duration.ofMillis(10), sooner::countDown);
        assertThat(sooner.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(later.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void itTellsTheMachinesTimePlusWhatItWasMovedOn() {
        assertThat(system.instant())
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
        system.advance(Duration.ofDays(2));
        assertThat(system.moved()).isEqualTo(Duration.ofDays(2));
        assertThat(system.instant()).isAfter(Instant.now().plus(Duration.ofHours(47)));
    }

    @Test
    void aClosedClockRunsNothing() {
        CountDownLatch ran = new CountDownLatch(1);
        system.after(Duration.ofHours(1), ran::countDown);
        system.close();
        system.advance(Duration.ofHours(2));
        system.after(Duration.ZERO, ran::countDown).cancel();
        assertThat(ran.getCount()).isEqualTo(1);
    }
}
