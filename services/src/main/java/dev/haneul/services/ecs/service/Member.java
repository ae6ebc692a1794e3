package dev.haneul.services.ecs.service;

import java.time.Instant;

/**
 * A task of a service, as its plan sees it.
 *
 * @param rollout the deployment or task set that started it
 * @param zone where it runs; empty where that is not known
 * @param instance the container instance it runs on; empty on Fargate
 * @param leaving whether the service has let it go already: it drains or stops
 * @param guarded whether neither scale-in nor deployments may stop it now
 * @param evicted whether its container instance drains: another must take its place
 */
record Member(
        String id,
        String rollout,
        String zone,
        String instance,
        Instant created,
        Vitals vitals,
        boolean leaving,
        boolean guarded,
        boolean evicted) {
    /** How a task is. */
    enum Vitals {
        /** Failed its health checks. */
        UNHEALTHY,
        /** Not yet healthy. */
        STARTING,
        /** Counts. */
        HEALTHY
    }

    boolean healthy() {
        return vitals == Vitals.HEALTHY;
    }

    boolean sick() {
        return vitals == Vitals.UNHEALTHY;
    }

    Member leave() {
        return new Member(id, rollout, zone, instance, created, vitals, true, guarded, evicted);
    }
}
