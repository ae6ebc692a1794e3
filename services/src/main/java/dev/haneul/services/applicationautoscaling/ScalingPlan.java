package dev.haneul.services.applicationautoscaling;

import dev.haneul.api.applicationautoscaling.AdjustmentType;
import dev.haneul.api.applicationautoscaling.StepAdjustment;
import dev.haneul.api.applicationautoscaling.StepScalingPolicyConfiguration;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What capacity is due. Pure. */
final class ScalingPlan {
    private static final Duration COOLDOWN = Duration.ofSeconds(300);

    private ScalingPlan() {}

    /**
     * The target as it stands.
     *
     * @param lastOut when a policy last raised the capacity, null for never
     * @param outBase the capacity before that
     * @param lastIn when a policy last lowered it, null for never
     */
    record State(
            int capacity,
            int min,
            int max,
            boolean outSuspended,
            boolean inSuspended,
            @Nullable Instant lastOut,
            int outBase,
            @Nullable Instant lastIn,
            Instant now) {
        int bounded(double wanted) {
            return (int) Math.clamp(wanted, min, max);
        }

        /** What a raise counts from: what was added within the cooldown is part of what is added now. */
        private int base(Duration cooldown) {
            return cooling(lastOut, cooldown) ? outBase : capacity;
        }

        private boolean cooling(@Nullable Instant since, Duration cooldown) {
            return since != null && now.isBefore(since.plus(cooldown));
        }
    }

    /** What a policy would have done. */
    sealed interface Vote {
        /** Why: for the activity. */
        String cause();

        /** How long what was added counts as part of what is to be added. */
        Duration outCooldown();

        /**
         * By a metric that is to stay at a target.
         *
         * @param high whether the metric is above it for long enough
         * @param low whether it is below it for long enough
         */
        record Tracking(
                String cause,
                boolean high,
                boolean low,
                double metric,
                double target,
                boolean scalesIn,
                Duration outCooldown,
                Duration inCooldown)
                implements Vote {}

        /** By steps, of an alarm that is in ALARM with the metric so far from its threshold. */
        record Step(String cause, StepScalingPolicyConfiguration policy, double distance) implements Vote {
            @Override
            public Duration outCooldown() {
                return cooldown(policy.cooldown());
            }
        }
    }

    /**
     * The capacity to set.
     *
     * @param dynamic whether a policy asks for it; else the bounds do
     * @param base what a policy that raises it has counted from
     */
    record Change(int capacity, String cause, boolean dynamic, int base) {}

    /** A cooldown where a policy says none. */
    static Duration cooldown(@Nullable Integer seconds) {
        return seconds == null ? COOLDOWN : Duration.ofSeconds(seconds);
    }

    /**
     * Moves a capacity inside of its bounds; else the largest that any policy wants to raise it to; else, where every
     * tracking policy that may lower it wants to, the largest of those.
     */
    static Optional<Change> of(State state, List<Vote> votes) {
        if (state.capacity < state.min) {
            return Optional.of(new Change(state.min, "minimum capacity was set to " + state.min, false, 0));
        }
        if (state.capacity > state.max) {
            return Optional.of(new Change(state.max, "maximum capacity was set to " + state.max, false, 0));
        }
        Change out = null;
        Change in = null;
        boolean vetoed = state.inSuspended;
        for (Vote vote : votes) {
            int wanted = wanted(state, vote);
            if (wanted > state.capacity && !state.outSuspended && (out == null || wanted > out.capacity)) {
                out = new Change(wanted, vote.cause(), true, state.base(vote.outCooldown()));
            }
            if (wanted < state.capacity && (in == null || wanted > in.capacity)) {
                in = new Change(wanted, vote.cause(), true, state.capacity);
            }
            vetoed |= vote instanceof Vote.Tracking tracking && tracking.scalesIn && !tracking.low;
        }
        return out != null ? Optional.of(out) : vetoed ? Optional.empty() : Optional.ofNullable(in);
    }

    /** The capacity one policy wants: the present one where it wants nothing, or has to wait. */
    private static int wanted(State state, Vote vote) {
        return switch (vote) {
            case Vote.Tracking tracking -> wanted(state, tracking);
            case Vote.Step step -> wanted(state, step);
        };
    }

    private static int wanted(State state, Vote.Tracking vote) {
        if (vote.high) {
            double exact = state.base(vote.outCooldown) * vote.metric / vote.target;
            return Math.max(state.capacity, state.bounded(Math.ceil(exact)));
        }
        boolean waits = state.cooling(state.lastIn, vote.inCooldown) || state.cooling(state.lastOut, vote.inCooldown);
        if (vote.low && vote.scalesIn && !waits) {
            return Math.min(state.capacity, state.bounded(Math.ceil(state.capacity * vote.metric / vote.target)));
        }
        return state.capacity;
    }

    private static int wanted(State state, Vote.Step vote) {
        Duration cooldown = vote.outCooldown();
        int base = state.base(cooldown);
        for (StepAdjustment step : vote.policy.stepAdjustments()) {
            if (!covers(step, vote.distance)) {
                continue;
            }
            int raised = state.bounded(adjusted(base, vote.policy, step));
            if (raised > state.capacity) {
                return raised;
            }
            boolean waits = state.cooling(state.lastOut, cooldown) || state.cooling(state.lastIn, cooldown);
            return waits ? state.capacity : state.bounded(adjusted(state.capacity, vote.policy, step));
        }
        return state.capacity;
    }

    /** The lower bound belongs to a step above the threshold, the upper one to a step below it. */
    private static boolean covers(StepAdjustment step, double distance) {
        double lower =
                step.metricIntervalLowerBound() == null ? Double.NEGATIVE_INFINITY : step.metricIntervalLowerBound();
        double upper =
                step.metricIntervalUpperBound() == null ? Double.POSITIVE_INFINITY : step.metricIntervalUpperBound();
        return distance >= 0 ? distance >= lower && distance < upper : distance > lower && distance <= upper;
    }

    private static double adjusted(int base, StepScalingPolicyConfiguration policy, StepAdjustment step) {
        int by = step.scalingAdjustment();
        return switch (String.valueOf(policy.adjustmentType())) {
            case AdjustmentType.EXACT_CAPACITY -> by;
            case AdjustmentType.PERCENT_CHANGE_IN_CAPACITY ->
                base + percent(base * by / 100.0, policy.minAdjustmentMagnitude());
            default -> (double) base + by;
        };
    }

    /** Away from zero between -1 and 1, towards zero beyond, and not less than the least magnitude. */
    private static double percent(double exact, @Nullable Integer least) {
        double whole = Math.abs(exact) < 1 ? Math.signum(exact) : (long) exact;
        return least == null ? whole : Math.signum(exact) * Math.max(Math.abs(whole), least);
    }
}
