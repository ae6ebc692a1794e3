package dev.haneul.services.ecs.service;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a service does next. Pure: the same view gives the same steps. The steps of one plan are taken together, in one
 * transaction; whoever takes them plans again afterwards, until none is left but waiting.
 */
final class ServicePlan {
    /** Tasks that are started, and that are let go, by one plan. */
    static final int MOST = 20;

    private ServicePlan() {}

    /**
     * The steps.
     *
     * @param rollouts the service's deployments or task sets, newest first
     * @param members its tasks that are not stopped
     */
    static List<Step> of(Desired desired, List<Rollout> rollouts, List<Member> members, Instant now) {
        if (desired.ending()) {
            return ending(members);
        }
        Rollout primary = rollouts.stream().filter(Rollout::primary).findFirst().orElse(null);
        if (desired.kind() == Desired.Kind.TASK_SETS) {
            return TaskSetPlan.of(desired, rollouts, members, now);
        }
        if (primary == null) {
            return List.of();
        }
        Fleet fleet = new Fleet(desired, rollouts, primary, members, now);
        return switch (desired.kind()) {
            case DAEMON -> new DaemonPlan(fleet).plan();
            case SHIFTING -> new ShiftPlan(fleet).plan();
            default -> new RollingPlan(fleet).plan();
        };
    }

    private static List<Step> ending(List<Member> members) {
        List<Step> steps = new ArrayList<>();
        members.stream()
                .filter(each -> !each.leaving())
                .sorted(Comparator.comparing(Member::created).thenComparing(Member::id))
                .limit(MOST)
                .forEach(each -> steps.add(new Step.Leave(each.id(), Step.Why.ENDING)));
        if (members.isEmpty()) {
            steps.add(new Step.Gone());
        }
        return steps;
    }
}
