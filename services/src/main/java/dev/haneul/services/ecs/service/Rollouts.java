package dev.haneul.services.ecs.service;

import dev.haneul.services.ecs.service.Rollout.Role;
import dev.haneul.services.ecs.service.Rollout.Shift;
import dev.haneul.services.ecs.service.Rollout.Stage;
import dev.haneul.services.ecs.service.Rollout.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What becomes of a service's deployments when one of them begins, is completed, or fails. Pure. */
final class Rollouts {
    private static final double ALL = 100;

    private Rollouts() {}

    /** A new one takes the place of the primary one, which stays until its tasks are gone. */
    static List<Rollout> begin(List<Rollout> all, Rollout next, Instant now) {
        List<Rollout> changed = new ArrayList<>();
        changed.add(next);
        all.forEach(each -> changed.add(each.primary() ? each.role(Role.ACTIVE, now) : each));
        return changed;
    }

    /** All its tasks are healthy. */
    static List<Rollout> complete(List<Rollout> all, String id, Instant now) {
        return with(all, id, each -> each.state(State.COMPLETED, "ECS deployment " + id + " completed.", now));
    }

    /**
     * It has failed.
     *
     * @param to the one that comes back; null for none
     * @param deployment the id of the service deployment under which that happens
     */
    static List<Rollout> fail(
            List<Rollout> all, String id, Rollout.Cause cause, @Nullable String to, String deployment, Instant now) {
        String why = reason(cause);
        Rollout failed =
                all.stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
        List<Rollout> changed = with(all, id, each -> each.state(State.FAILED, why, now));
        if (to == null) {
            return changed;
        }
        String back = prefix(cause) + "rolling back to deploymentId " + to + ".";
        Shift shift = failed.shift();
        changed = with(changed, id, each -> each.role(Role.ACTIVE, now));
        return with(changed, to, each -> each.again(deployment, back, now).shift(returned(shift, now), now));
    }

    /** Where traffic stands for the revision that comes back: what the failed one has, it has not. */
    private static @Nullable Shift returned(@Nullable Shift failed, Instant now) {
        return failed == null
                ? null
                : new Shift(Stage.CLEAN_UP, now, ALL - failed.production(), now, failed.test(), List.of());
    }

    /** Why a deployment failed, in AWS's words. */
    static String reason(Rollout.Cause cause) {
        return prefix(cause) + cause.words();
    }

    private static String prefix(Rollout.Cause cause) {
        return switch (cause) {
            case START, CONTAINER, TARGET -> "ECS deployment circuit breaker: ";
            case ALARM -> "ECS deployment alarms: ";
            default -> "ECS deployment: ";
        };
    }

    static List<Rollout> drop(List<Rollout> all, String id) {
        return all.stream().filter(each -> !each.id().equals(id)).toList();
    }

    static List<Rollout> with(List<Rollout> all, String id, UnaryOperator<Rollout> change) {
        return all.stream()
                .map(each -> each.id().equals(id) ? change.apply(each) : each)
                .toList();
    }
}
