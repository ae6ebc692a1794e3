package dev.haneul.services.lambda.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

final class EndsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private final Ends ends = new Ends();

    @Test
    void whatMakesRoomEndsWhenNothingStartsAnyMore() {
        ends.unhurried("one", NOW);

        assertThat(ends.postponed("one", true, NOW)).isEqualTo(NOW.plusMillis(10));
        assertThat(ends.postponed("one", true, NOW.plusMillis(10))).isEqualTo(NOW.plusMillis(20));
        assertThat(ends.postponed("one", false, NOW.plusMillis(20))).isNull();
    }

    @Test
    void itDoesNotWaitForLong() {
        ends.unhurried("one", NOW);

        assertThat(ends.postponed("one", true, NOW.plusMillis(999))).isNotNull();
        assertThat(ends.postponed("one", true, NOW.plusSeconds(1))).isNull();
    }

    @Test
    void whatFailedEndsAtOnce() {
        assertThat(ends.postponed("failed", true, NOW)).isNull();
    }

    @Test
    void ofManyTheLastEndAtOnce() {
        for (int i = 1; i <= 9; i++) {
            ends.unhurried("" + i, NOW);
        }

        assertThat(ends.postponed("8", true, NOW)).isNotNull();
        assertThat(ends.postponed("9", true, NOW)).isNull();

        assertThat(ends.postponed("1", false, NOW)).isNull();
        ends.unhurried("10", NOW);
        assertThat(ends.postponed("10", true, NOW)).isNotNull();
    }
}
