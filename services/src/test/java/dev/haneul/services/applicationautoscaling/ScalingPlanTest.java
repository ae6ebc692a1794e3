package dev.haneul.services.applicationautoscaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.applicationautoscaling.AdjustmentType;
import dev.haneul.api.applicationautoscaling.StepAdjustment;
import dev.haneul.api.applicationautoscaling.StepScalingPolicyConfiguration;
import dev.haneul.services.applicationautoscaling.ScalingPlan.Change;
import dev.haneul.services.applicationautoscaling.ScalingPlan.State;
import dev.haneul.services.applicationautoscaling.ScalingPlan.Vote;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScalingPlanTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Duration COOLDOWN = Duration.ofMinutes(5);

    private static State state(int capacity, @Nullable Instant lastOut, int outBase, @Nullable Instant lastIn) {
        return new State(capacity, 1, 20, false, false, lastOut, outBase, lastIn, NOW);
    }

    private static State state(int capacity) {
        return state(capacity, null, 0, null);
    }

    private static Vote tracking(double metric, double target) {
        return new Vote.Tracking(
                "metric", metric > target, metric < target * 0.9, metric, target, true, COOLDOWN, COOLDOWN);
    }

    private static Vote step(String type, @Nullable Integer least, double distance, StepAdjustment... steps) {
        return new Vote.Step(
                "step",
                new StepScalingPolicyConfiguration()
                        .adjustmentType(type)
                        .minAdjustmentMagnitude(least)
                        .stepAdjustments(List.of(steps)),
                distance);
    }

    private static StepAdjustment from(@Nullable Double lower, @Nullable Double upper, int by) {
        return new StepAdjustment()
                .metricIntervalLowerBound(lower)
                .metricIntervalUpperBound(upper)
                .scalingAdjustment(by);
    }

    private static int capacity(State state, Vote... votes) {
        return ScalingPlan.of(state, List.of(votes)).map(Change::capacity).orElse(state.capacity());
    }

    @Test
    void trackingKeepsTheProportion() {
        assertThat(capacity(state(4), tracking(75, 50))).isEqualTo(6);
        assertThat(capacity(state(4), tracking(20, 50))).isEqualTo(2);
        assertThat(capacity(state(4), tracking(48, 50))).isEqualTo(4);
        assertThat(capacity(state(4), tracking(0, 50))).isEqualTo(1);
        assertThat(capacity(state(4), tracking(900, 50))).isEqualTo(20);
    }

    @Test
    void whatWasAddedWithinTheCooldownCountsAsPartOfWhatIsAddedNow() {
        State young = state(6, NOW.minusSeconds(60), 4, null);
        assertThat(capacity(young, tracking(75, 50))).isEqualTo(6);
        assertThat(capacity(young, tracking(100, 50))).isEqualTo(8);
        assertThat(capacity(state(6, NOW.minusSeconds(301), 4, null), tracking(75, 50)))
                .isEqualTo(9);
    }

    @Test
    void scalingInWaitsScalingOutDoesNot() {
        State fresh = state(6, null, 0, NOW.minusSeconds(60));
        assertThat(capacity(fresh, tracking(10, 50))).isEqualTo(6);
        assertThat(capacity(fresh, tracking(75, 50))).isEqualTo(9);
    }

    @Test
    void oneThatHasNoRoomKeepsOthersFromScalingIn() {
        assertThat(capacity(state(4), tracking(20, 50), tracking(49, 50))).isEqualTo(4);
        assertThat(capacity(state(4), tracking(20, 50), tracking(30, 50))).isEqualTo(3);
        assertThat(capacity(state(4), tracking(20, 50), tracking(60, 50))).isEqualTo(5);
    }

    @Test
    void stepsGoByTheDistanceFromTheThreshold() {
        StepAdjustment[] steps = {from(0.0, 15.0, 1), from(15.0, 25.0, 2), from(25.0, null, 3)};
        assertThat(capacity(state(4), step(AdjustmentType.CHANGE_IN_CAPACITY, null, 0, steps)))
                .isEqualTo(5);
        assertThat(capacity(state(4), step(AdjustmentType.CHANGE_IN_CAPACITY, null, 15, steps)))
                .isEqualTo(6);
        assertThat(capacity(state(4), step(AdjustmentType.CHANGE_IN_CAPACITY, null, 99, steps)))
                .isEqualTo(7);
        assertThat(capacity(state(4), step(AdjustmentType.CHANGE_IN_CAPACITY, null, -1, from(null, 0.0, -2))))
                .isEqualTo(2);
        assertThat(capacity(state(4), step(AdjustmentType.EXACT_CAPACITY, null, 1, from(0.0, null, 9))))
                .isEqualTo(9);
    }

    @Test
    void percentagesAreRoundedAsAwsDoes() {
        String percent = AdjustmentType.PERCENT_CHANGE_IN_CAPACITY;
        assertThat(capacity(state(10), step(percent, null, 1, from(0.0, null, 37))))
                .isEqualTo(13);
        assertThat(capacity(state(10), step(percent, null, 1, from(0.0, null, 5))))
                .isEqualTo(11);
        assertThat(capacity(state(10), step(percent, null, 1, from(0.0, null, -58))))
                .isEqualTo(5);
        assertThat(capacity(state(10), step(percent, null, 1, from(0.0, null, -5))))
                .isEqualTo(9);
        assertThat(capacity(state(10), step(percent, 4, 1, from(0.0, null, 5)))).isEqualTo(14);
    }

    @Provide
    Arbitrary<Vote> votes() {
        Arbitrary<Vote> tracking = Combinators.combine(
                        Arbitraries.doubles().between(0, 1000),
                        Arbitraries.doubles().between(0.1, 500))
                .as(ScalingPlanTest::tracking);
        Arbitrary<Vote> steps = Combinators.combine(
                        Arbitraries.of(AdjustmentType.VALUES),
                        Arbitraries.integers().between(-200, 200),
                        Arbitraries.doubles().between(-100, 100))
                .as((type, by, distance) -> step(type, null, distance, from(null, null, by)));
        return Arbitraries.oneOf(tracking, steps);
    }

    /** Whatever policies want, the capacity ends inside of its bounds, and outside of them it is moved there first. */
    @Property(tries = 500, seed = "2026")
    void theBoundsHold(
            @ForAll("votes") Vote one,
            @ForAll("votes") Vote other,
            @ForAll @IntRange(min = 0, max = 60) int capacity,
            @ForAll @IntRange(min = 0, max = 30) int min,
            @ForAll @IntRange(min = 0, max = 30) int more) {
        State state = new State(capacity, min, min + more, false, false, null, 0, null, NOW);
        Optional<Change> change = ScalingPlan.of(state, List.of(one, other));
        int after = change.map(Change::capacity).orElse(capacity);
        assertThat(after).isBetween(min, min + more);
        assertThat(change.isPresent()).isEqualTo(after != capacity);
        if (capacity < min || capacity > min + more) {
            assertThat(change.orElseThrow().dynamic()).isFalse();
        }
    }

    /** What is suspended does not happen. */
    @Property(tries = 300, seed = "2026")
    void suspensionHolds(
            @ForAll("votes") Vote vote, @ForAll @IntRange(min = 1, max = 20) int capacity, @ForAll boolean out) {
        State state = new State(capacity, 1, 20, out, !out, null, 0, null, NOW);
        int after = capacity(state, vote);
        assertThat(out ? after <= capacity : after >= capacity).isTrue();
    }

    /** In a cooldown nothing is lowered. */
    @Property(tries = 300, seed = "2026")
    void nothingIsLoweredInACooldown(@ForAll("votes") Vote vote, @ForAll @IntRange(min = 1, max = 20) int capacity) {
        State state = state(capacity, null, 0, NOW.minusSeconds(1));
        assertThat(capacity(state, vote)).isGreaterThanOrEqualTo(capacity);
    }
}
