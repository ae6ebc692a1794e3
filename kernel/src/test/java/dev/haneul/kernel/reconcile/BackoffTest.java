package dev.haneul.kernel.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

    @Property(seed = "2026")
    void aPauseIsHalfToAllOfTheDoubledAndBoundedOne(
            @ForAll @IntRange(min = 1, max = 1_000_000) int failures, @ForAll @DoubleRange(max = 1) double random) {
        long whole = failures > 7 ? 10_000 : 100L << (failures - 1);
        assertThat(BACKOFF.pause(failures, random).toMillis()).isBetween(whole / 2, whole);
    }

    @Test
    void pausesGrow() {
        assertThat(BACKOFF.pause(1, 1)).isEqualTo(Duration.ofMillis(100));
        assertThat(BACKOFF.pause(4, 1)).isEqualTo(Duration.ofMillis(800));
        assertThat(BACKOFF.pause(4, 0)).isEqualTo(Duration.ofMillis(400));
    }
}
