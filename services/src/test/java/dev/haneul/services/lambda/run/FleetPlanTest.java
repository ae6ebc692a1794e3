package dev.haneul.services.lambda.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.lambda.run.FleetPlan.Idle;
import dev.haneul.services.lambda.run.FleetPlan.Rules;
import dev.haneul.services.lambda.run.FleetPlan.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FleetPlanTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Rules RULES = new Rules(Duration.ofMinutes(10), Duration.ofMillis(200), 6, 3);

    @Test
    void aMomentAfterTheLastInvocationItIsFrozenAndAfterTenMinutesEnded() {
        Idle one = idle("s", "f", 0, false);
        assertThat(FleetPlan.of(List.of(one), NOW, RULES))
                .isEqualTo(new FleetPlan(List.of(), java.util.Optional.of(NOW.plusMillis(200))));
        assertThat(FleetPlan.of(List.of(one), NOW.plusMillis(200), RULES).steps())
                .containsExactly(new Step.Freeze("s"));
        assertThat(FleetPlan.of(List.of(one), NOW.plusMillis(200), RULES).next())
                .contains(NOW.plusSeconds(600));
        assertThat(FleetPlan.of(List.of(one), NOW.plusSeconds(600), RULES).steps())
                .containsExactly(new Step.End("s"));
    }

    @Test
    void theLongestIdleGoFirstWhereAFunctionHasTooMany() {
        List<Idle> idle = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            idle.add(idle("s" + i, "f", i, true));
        }
        assertThat(FleetPlan.of(idle, NOW, RULES).steps()).containsExactly(new Step.End("s3"), new Step.End("s4"));
    }

    @Test
    void nothingIdleMeansNothingToLookAt() {
        assertThat(FleetPlan.of(List.of(), NOW, RULES)).isEqualTo(new FleetPlan(List.of(), java.util.Optional.empty()));
    }

    @Property(seed = "20261123")
    void boundsHoldAndNothingIsTouchedTwice(@ForAll("fleets") List<Idle> idle) {
        FleetPlan plan = FleetPlan.of(idle, NOW, RULES);
        Set<String> ended = new HashSet<>();
        Set<String> touched = new HashSet<>();
        for (Step step : plan.steps()) {
            String stream = switch (step) {
                case Step.Freeze(String one) -> one;
                case Step.End(String one) -> {
                    ended.add(one);
                    yield one;
                }
            };
            assertThat(touched.add(stream)).isTrue();
        }
        List<Idle> left =
                idle.stream().filter(one -> !ended.contains(one.stream())).toList();
        assertThat(left).hasSizeLessThanOrEqualTo(RULES.mostIdle());
        assertThat(left).allMatch(one -> one.since().plus(RULES.keepWarm()).isAfter(NOW));
        for (String function : List.of("f", "g", "h")) {
            assertThat(left.stream().filter(one -> one.identity().equals(function)))
                    .hasSizeLessThanOrEqualTo(RULES.mostIdlePerFunction());
        }
        assertThat(plan.next().isPresent()).isEqualTo(!left.isEmpty());
        plan.next().ifPresent(next -> assertThat(next).isAfter(NOW));
    }

    @Provide
    Arbitrary<List<Idle>> fleets() {
        Arbitrary<String> functions = Arbitraries.of("f", "g", "h");
        Arbitrary<Integer> seconds = Arbitraries.integers().between(0, 900);
        Arbitrary<Boolean> frozen = Arbitraries.of(true, false);
        return Combinators.combine(functions, seconds, frozen)
                .as((function, age, ice) -> idle("", function, age, ice))
                .list()
                .ofMaxSize(20)
                .map(list -> {
                    List<Idle> named = new ArrayList<>();
                    for (Idle one : list) {
                        named.add(new Idle("s" + named.size(), one.identity(), one.since(), one.frozen()));
                    }
                    return named;
                });
    }

    private static Idle idle(String stream, String function, int secondsAgo, boolean frozen) {
        return new Idle(stream, function, NOW.minusSeconds(secondsAgo), frozen);
    }
}
