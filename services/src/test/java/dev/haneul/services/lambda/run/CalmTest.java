package dev.haneul.services.lambda.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class CalmTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Calm CALM = new Calm(Duration.ofMillis(250), Duration.ofSeconds(1));

    @Test
    void whereNothingStartedItIsCalmNow() {
        assertThat(CALM.next(Instant.MIN, NOW)).isEqualTo(NOW);
    }

    @Test
    void aStartIsWaitedOut() {
        assertThat(CALM.next(NOW, NOW)).isEqualTo(NOW.plusMillis(250));
        assertThat(CALM.next(NOW.plusMillis(100), NOW)).isEqualTo(NOW.plusMillis(350));
    }

    @Test
    void aRushIsWaitedOutForASecondAtMost() {
        assertThat(CALM.next(NOW.plusMillis(990), NOW)).isEqualTo(NOW.plusSeconds(1));
    }

    @Property(seed = "5", tries = 500)
    void itIsNeverBeforeItWasWantedNorAfterThePatience(@ForAll @LongRange(min = -5000, max = 5000) long stirred) {
        Instant next = CALM.next(NOW.plusMillis(stirred), NOW);
        assertThat(next).isBetween(NOW, NOW.plus(CALM.patience()));
    }
}
