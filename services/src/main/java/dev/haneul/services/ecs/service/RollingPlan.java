package dev.haneul.services.ecs.service;

import dev.haneul.services.ecs.service.Step.Why;
import java.util.List;

/**
 * Replicas, replaced step by step: new tasks as far as the maximum allows, then old ones go as far as the minimum of
 * healthy ones allows. What fails its checks is replaced first and stopped then, unless there is no room for both.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html">Rolling
 *     update</a>
 */
final class RollingPlan {
    private static final int UNEQUAL = 2;

    private final Fleet fleet;
    private final Desired desired;
    private final Rollout primary;
    /** How many more are wanted of the primary, before this plan. */
    private final int need;

    private final int room;

    RollingPlan(Fleet fleet) {
        this.fleet = fleet;
        this.desired = fleet.desired();
        this.primary = fleet.primary();
        this.need = desired.count() - fleet.good();
        this.room = desired.maximum() - fleet.live();
    }

    List<Step> plan() {
        if (fleet.judged()) {
            return fleet.steps();
        }
        fleet.start(primary, Math.min(need, room), fleet.mine());
        retireOthers();
        retireMine();
        if (!rebalance()) {
            fleet.conclude();
        }
        return fleet.steps();
    }

    private boolean stuck() {
        return need > 0 && (room <= 0 || primary.unplaced() != null) && primary.state() != Rollout.State.FAILED;
    }

    private void retireOthers() {
        int wanted = Math.max(0, desired.count() - fleet.healthy());
        int surplus = fleet.others().size() - wanted;
        if (stuck()) {
            surplus = Math.max(surplus, need);
        }
        fleet.leave(List.copyOf(fleet.others()), surplus, Why.DEPLOYMENT);
    }

    private void retireMine() {
        List<Member> sick = fleet.mine().stream().filter(Member::sick).toList();
        List<Member> good = fleet.mine().stream().filter(each -> !each.sick()).toList();
        boolean replaced = fleet.healthy() >= desired.count() || good.size() > desired.count();
        boolean tried = primary.going();
        int going = replaced || tried ? sick.size() : stuck() && fleet.others().isEmpty() ? 1 : 0;
        sick.stream().limit(Math.min(going, ServicePlan.MOST)).forEach(each -> fleet.leave(each, Why.UNHEALTHY));
        int surplus = good.size() - desired.count();
        boolean moving = desired.balancing() && surplus == 1;
        if (moving && good.stream().anyMatch(each -> !each.healthy())) {
            return;
        }
        fleet.leave(good, surplus, moving ? Why.REBALANCING : Why.SCALING);
    }

    /** Where zones are unequal, starts one where there are few; the plans after this one stop one where there are many. */
    private boolean rebalance() {
        boolean idle = fleet.steps().isEmpty()
                && primary.state() == Rollout.State.COMPLETED
                && fleet.mine().size() == desired.count()
                && fleet.healthy() == desired.count()
                && fleet.members().size() == desired.count();
        if (!idle) {
            return false;
        }
        boolean unequal = desired.rebalance()
                && new Crowd(fleet.mine()).imbalance(desired.zones()) >= UNEQUAL
                && fleet.mine().stream().noneMatch(Member::guarded)
                && room > 0;
        if (unequal) {
            fleet.steps().add(new Step.Balance(true));
            fleet.start(primary, 1, fleet.mine());
        } else if (desired.balancing()) {
            fleet.steps().add(new Step.Balance(false));
        }
        return unequal;
    }
}
