package dev.haneul.services.ecs.service;

import dev.haneul.services.ecs.service.Step.Why;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One task on each container instance that may run one. A new revision's task starts where the old one's has stopped:
 * never two on an instance.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html">Daemon services</a>
 */
final class DaemonPlan {
    private final Fleet fleet;
    private final Rollout primary;

    DaemonPlan(Fleet fleet) {
        this.fleet = fleet;
        this.primary = fleet.primary();
    }

    List<Step> plan() {
        if (fleet.judged()) {
            return fleet.steps();
        }
        Set<String> places = new HashSet<>(fleet.desired().places());
        Map<String, Integer> occupied = new HashMap<>();
        fleet.members().forEach(each -> occupied.merge(each.instance(), 1, Integer::sum));
        misplaced(places);
        replace();
        start(occupied);
        fleet.conclude();
        return fleet.steps();
    }

    /** Those where no daemon may be any more, and second ones. */
    private void misplaced(Set<String> places) {
        Set<String> seen = new HashSet<>();
        List<Member> wrong = new ArrayList<>();
        fleet.mine().stream()
                .filter(each -> !places.contains(each.instance()) || !seen.add(each.instance()))
                .forEach(wrong::add);
        fleet.others().stream()
                .filter(each -> !places.contains(each.instance()))
                .forEach(wrong::add);
        wrong.stream().limit(ServicePlan.MOST).forEach(each -> fleet.leave(each, Why.PLACE));
    }

    /** Old ones, and those that fail their checks. */
    private void replace() {
        if (primary.state() != Rollout.State.FAILED) {
            fleet.leave(List.copyOf(fleet.others()), fleet.others().size(), Why.DEPLOYMENT);
        }
        fleet.mine().stream()
                .filter(Member::sick)
                .limit(ServicePlan.MOST)
                .toList()
                .forEach(each -> fleet.leave(each, Why.UNHEALTHY));
    }

    private void start(Map<String, Integer> occupied) {
        List<String> free = fleet.desired().places().stream()
                .filter(each -> !occupied.containsKey(each))
                .limit(ServicePlan.MOST)
                .toList();
        if (free.isEmpty() || primary.state() == Rollout.State.FAILED) {
            return;
        }
        Instant notBefore = primary.notBefore();
        if (notBefore != null && notBefore.isAfter(fleet.now())) {
            fleet.steps().add(new Step.Wait(notBefore));
            return;
        }
        free.forEach(each -> fleet.steps().add(new Step.Start(primary.id(), 1, null, each)));
    }
}
