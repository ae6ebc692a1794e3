package dev.haneul.services.lambda.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.lambda.run.StandbyPlan.Kind;
import dev.haneul.services.lambda.run.StandbyPlan.Rules;
import dev.haneul.services.lambda.run.StandbyPlan.Step;
import dev.haneul.services.lambda.runtimes.RuntimeName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class StandbyPlanTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Rules RULES = new Rules(8, 4, Duration.ofMinutes(10), Duration.ofSeconds(20));

    @Test
    void oneStandsByForTenMinutesAndThenNone() {
        StandbyKey key = key(128);
        assertThat(StandbyPlan.of(List.of(new Kind(key, NOW, 0, 0)), NOW, RULES))
                .isEqualTo(
                        new StandbyPlan(List.of(new Step.Boot(key, 1)), java.util.Optional.of(NOW.plusSeconds(600))));
        assertThat(StandbyPlan.of(List.of(new Kind(key, NOW, 0, 1)), NOW.plusSeconds(600), RULES)
                        .steps())
                .containsExactly(new Step.End(key, 1));
    }

    @Test
    void aRushBringsMoreAndItsEndFewer() {
        StandbyKey key = key(128);
        assertThat(StandbyPlan.of(List.of(new Kind(key, NOW, 9, 1)), NOW, RULES).steps())
                .containsExactly(new Step.Boot(key, 3));
        assertThat(StandbyPlan.of(List.of(new Kind(key, NOW, 0, 4)), NOW.plusSeconds(20), RULES)
                        .steps())
                .containsExactly(new Step.End(key, 3));
    }

    @Property(seed = "7", tries = 500)
    void afterItsStepsThereAreNeverTooManyAndNothingIsLeftToDo(@ForAll("kinds") List<Kind> kinds) {
        Map<StandbyKey, Kind> byKey = new HashMap<>();
        kinds.forEach(kind -> byKey.put(kind.key(), kind));
        StandbyPlan plan = StandbyPlan.of(List.copyOf(byKey.values()), NOW, RULES);
        Map<StandbyKey, Integer> there = new HashMap<>();
        byKey.values().forEach(kind -> there.put(kind.key(), kind.there()));
        for (Step step : plan.steps()) {
            switch (step) {
                case Step.Boot(StandbyKey key, int count) -> there.merge(key, count, Integer::sum);
                case Step.End(StandbyKey key, int count) -> there.merge(key, -count, Integer::sum);
            }
        }
        assertThat(there.values()).allMatch(count -> count >= 0 && count <= RULES.mostPerKind());
        assertThat(there.values().stream().mapToInt(Integer::intValue).sum()).isLessThanOrEqualTo(RULES.most());
        List<Kind> after = new ArrayList<>();
        byKey.values()
                .forEach(kind -> after.add(new Kind(kind.key(), kind.wanted(), kind.rush(), there.get(kind.key()))));
        assertThat(StandbyPlan.of(after, NOW, RULES).steps()).isEmpty();
        assertThat(plan.next().filter(next -> !next.isAfter(NOW))).isEmpty();
    }

    @Provide
    Arbitrary<List<Kind>> kinds() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, 12),
                        Arbitraries.integers().between(0, 1200),
                        Arbitraries.integers().between(0, 9),
                        Arbitraries.integers().between(0, 9))
                .as((size, ago, rush, there) -> new Kind(key(128 * size), NOW.minusSeconds(ago), rush, there))
                .list()
                .ofMaxSize(12);
    }

    private static StandbyKey key(int memoryMib) {
        return new StandbyKey(RuntimeName.of("nodejs20.x").orElseThrow(), memoryMib, 512, Networks.Network.OUTSIDE);
    }
}
