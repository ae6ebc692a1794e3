package dev.haneul.engines.session;

import java.util.Optional;

/** Finds what sessions can be held with. */
@FunctionalInterface
public interface SessionTargets {
    /**
     * Finds a target that can be talked to now.
     *
     * @param name e.g. {@code i-0123456789abcdef0} or {@code ecs:CLUSTER_TASK_CONTAINER}
     */
    Optional<SessionTarget> find(String account, String region, String name);
}
