package dev.haneul.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What comes after an attempt. Pure. Pauses double from one second to ten minutes, with jitter, where a policy has no phases; a parcel is given up when
 * its next attempt would come after its age, or its retries are used up.
 */
sealed interface DeliveryPlan {
    /** Rate limits are by the second. */
    Duration HELD_UP = Duration.ofSeconds(1);

    /** Why retrying ended, as AWS names it in a dead letter. */
    enum Exhausted {
        NONE(""),
        ATTEMPTS("MaximumRetryAttempts"),
        AGE("MaximumEventAgeInSeconds");

        private final String condition;

        Exhausted(String condition) {
            this.condition = condition;
        }

        String condition() {
            return condition;
        }
    }

    /** It is dealt with. */
    record Taken() implements DeliveryPlan {}

    /**
     * Again at this moment.
     *
     * @param counted whether the attempt uses up a retry
     */
    record Retry(Instant due, boolean counted) implements DeliveryPlan {}

    /** Never again. */
    record GiveUp(String code, String message, Exhausted exhausted) implements DeliveryPlan {}

    /**
     * Says what to do.
     *
     * @param attempts made so far, this one counted
     * @param random 0 to 1; a pause is half to all of the doubled one
     */
    static DeliveryPlan after(
            Outcome outcome, DeliveryPolicy policy, Instant since, int attempts, Instant now, double random) {
        return switch (outcome) {
            case Outcome.Done done -> new Taken();
            case Outcome.Never never -> new GiveUp(never.code(), never.message(), Exhausted.NONE);
            case Outcome.Again again -> {
                Phases phases = policy.phases();
                Duration pause = phases == null ? pause(attempts, random) : phases.pause(attempts);
                Instant due = now.plus(again.counted() ? pause : HELD_UP);
                if (again.counted() && attempts > policy.maxRetries()) {
                    yield new GiveUp(again.code(), again.message(), Exhausted.ATTEMPTS);
                }
                yield due.isAfter(since.plus(policy.maxAge()))
                        ? new GiveUp(again.code(), again.message(), Exhausted.AGE)
                        : new Retry(due, again.counted());
            }
        };
    }

    /** Whether a parcel is too old even to be tried, as after a long stop. */
    static Optional<GiveUp> expired(DeliveryPolicy policy, Instant since, int attempts, Instant now) {
        return attempts > 0 && now.isAfter(since.plus(policy.maxAge()))
                ? Optional.of(new GiveUp("EVENT_AGE_EXCEEDED", "The event is too old", Exhausted.AGE))
                : Optional.empty();
    }

    private static Duration pause(int attempts, double random) {
        long doubled = Math.min(
                1000L << Math.min(attempts - 1, 20), Duration.ofMinutes(10).toMillis());
        return Duration.ofMillis(Math.round(doubled * (0.5 + random / 2)));
    }
}
