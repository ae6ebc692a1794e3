package dev.haneul.services.ecs.service;

import dev.haneul.services.ecs.service.Step.Why;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Task sets of an external controller: each keeps its share of the service's count, and nobody else's. */
final class TaskSetPlan {
    private TaskSetPlan() {}

    static List<Step> of(Desired desired, List<Rollout> sets, List<Member> members, Instant now) {
        List<Step> steps = new ArrayList<>();
        for (Rollout set : sets) {
            List<Member> own = members.stream()
                    .filter(each -> each.rollout().equals(set.id()))
                    .toList();
            int count = computed(desired.count(), set);
            Desired share = new Desired(
                    Desired.Kind.TASK_SETS,
                    count,
                    0,
                    0,
                    Desired.Guard.OFF,
                    Desired.Guard.OFF,
                    desired.firing(),
                    desired.bake(),
                    desired.zones(),
                    false,
                    false,
                    List.of(),
                    false,
                    true,
                    ShiftPlan.Manner.AT_ONCE);
            Fleet fleet = new Fleet(share, List.of(set), set, own, now);
            keep(fleet, set, count);
            steps.addAll(fleet.steps());
            boolean whole = fleet.steps().isEmpty() && own.size() == count && fleet.healthy() == count;
            if (set.role() == Rollout.Role.DRAINING && own.isEmpty()) {
                steps.add(new Step.Drop(set.id()));
            } else if (whole && set.settledAt() == null) {
                steps.add(new Step.Settle(set.id()));
            }
        }
        return steps;
    }

    /** How many tasks a set wants: rounded up. */
    static int computed(int count, Rollout set) {
        return set.role() == Rollout.Role.DRAINING ? 0 : (int) Math.ceil(count * set.scale() / 100 - 1e-9);
    }

    private static void keep(Fleet fleet, Rollout set, int count) {
        fleet.start(set, count - fleet.mine().size(), fleet.mine());
        List<Member> good = fleet.mine().stream().filter(each -> !each.sick()).toList();
        fleet.leave(good, good.size() - count, Why.SCALING);
        fleet.mine().stream()
                .filter(Member::sick)
                .limit(ServicePlan.MOST)
                .toList()
                .forEach(each -> fleet.leave(each, Why.UNHEALTHY));
    }
}
