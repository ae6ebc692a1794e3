package dev.haneul.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PhasesTest {
    private static List<Long> pauses(Phases phases) {
        List<Long> all = new ArrayList<>();
        for (int i = 1; i <= phases.retries(); i++) {
            all.add(phases.pause(i).toSeconds());
        }
        return all;
    }

    @Test
    void theFourPhasesFollowEachOther() {
        assertThat(pauses(new Phases(1, 60, 10, 2, 2, 2, "linear")))
                .containsExactly(0L, 0L, 1L, 1L, 1L, 20L, 40L, 60L, 60L, 60L);
        assertThat(pauses(Phases.HTTP)).containsExactly(20L, 20L, 20L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "arithmetic", "geometric", "exponential"})
    void everyFunctionGrowsFromTheLeastToTheMost(String function) {
        List<Long> pauses = pauses(new Phases(5, 260, 50, 0, 0, 0, function));
        assertThat(pauses).isSorted();
        assertThat(pauses.getFirst()).isEqualTo(5);
        assertThat(pauses.getLast()).isEqualTo(260);
    }

    @Test
    void whatFailsForAnHourIsStillTriedAndGivenUpOnlyAfterItsRetries() {
        Phases phases = new Phases(1, 3600, 100, 0, 0, 0, "exponential");
        DeliveryPolicy policy = new DeliveryPolicy(Duration.ofDays(30), phases.retries(), null, phases);
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        Instant now = start;
        for (int attempt = 1; attempt <= 101; attempt++) {
            DeliveryPlan plan = DeliveryPlan.after(new Outcome.Again("500", ""), policy, start, attempt, now, 0.5);
            if (attempt <= 100) {
                assertThat(plan).isInstanceOf(DeliveryPlan.Retry.class);
                now = ((DeliveryPlan.Retry) plan).due();
            } else {
                assertThat(plan).isInstanceOf(DeliveryPlan.GiveUp.class);
            }
        }
        assertThat(Duration.between(start, now)).isGreaterThan(Duration.ofHours(1));
    }
}
