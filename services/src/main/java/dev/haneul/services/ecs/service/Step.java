package dev.haneul.services.ecs.service;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a plan asks for. */
sealed interface Step {
    /**
     * Start tasks.
     *
     * @param zone where; null for wherever
     * @param instance on which container instance; null for whichever
     */
    record Start(
            String rollout,
            int count,
            @Nullable String zone,
            @Nullable String instance) implements Step {}

    /** Let a task go: it drains, then stops. */
    record Leave(String task, Why why) implements Step {}

    /** Why a task goes. */
    enum Why {
        SCALING,
        DEPLOYMENT,
        UNHEALTHY,
        REBALANCING,
        PLACE,
        ENDING
    }

    /** All tasks are healthy and all others gone; what is watched is watched from now on. */
    record Settle(String rollout) implements Step {}

    /** The deployment has done what it was for. */
    record Complete(String rollout) implements Step {}

    /**
     * The deployment has failed.
     *
     * @param to the deployment that comes back; null for none
     * @param alarms those that rang
     */
    record Fail(
            String rollout, Rollout.Cause cause, @Nullable String to, List<String> alarms) implements Step {
        Fail(String rollout, Rollout.Cause cause, @Nullable String to) {
            this(rollout, cause, to, List.of());
        }
    }

    /** Nothing is left of the deployment, and nothing goes back to it. */
    record Drop(String rollout) implements Step {}

    /** Tell that the service is steady. */
    record Steady() implements Step {}

    /** Zones are unequal: a move begins; or it is over. */
    record Balance(boolean begins) implements Step {}

    /** A service that is deleted has no task left. */
    record Gone() implements Step {}

    /** A blue/green deployment goes on to this stage. */
    record Advance(String rollout, Rollout.Stage stage) implements Step {}

    /** Calls a lifecycle hook, for the first time or again. */
    record Call(String rollout, int hook) implements Step {}

    /** A hook was waited for long enough. */
    record Expire(String rollout, int hook) implements Step {}

    /**
     * Sets where traffic goes.
     *
     * @param production how much of it goes to this deployment, in percent
     * @param test whether test traffic goes to it
     */
    record Weigh(String rollout, double production, boolean test) implements Step {}

    /** Nothing to do before. */
    record Wait(Instant until) implements Step {}
}
