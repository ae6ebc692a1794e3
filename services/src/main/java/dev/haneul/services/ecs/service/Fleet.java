package dev.haneul.services.ecs.service;

import dev.haneul.services.ecs.service.Step.Why;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A service's tasks while a plan is made: who stays, who goes, and how many more healthy ones may go. */
final class Fleet {
    private final Desired desired;
    private final List<Rollout> rollouts;
    private final Rollout primary;
    private final List<Member> members;
    private final Instant now;
    private final List<Step> steps = new ArrayList<>();
    /** The primary's tasks that stay so far. */
    private final List<Member> mine = new ArrayList<>();
    /** Others that stay so far: of other deployments, or on instances that drain. */
    private final List<Member> others = new ArrayList<>();
    /** How many healthy ones may go. */
    private int spare;

    private int left;

    Fleet(Desired desired, List<Rollout> rollouts, Rollout primary, List<Member> members, Instant now) {
        this.desired = desired;
        this.rollouts = rollouts;
        this.primary = primary;
        this.members = members;
        this.now = now;
        for (Member each : members) {
            if (!each.leaving()) {
                (each.rollout().equals(primary.id()) && !each.evicted() ? mine : others).add(each);
                spare += each.healthy() ? 1 : 0;
            }
        }
        spare -= desired.minimum();
    }

    Desired desired() {
        return desired;
    }

    Rollout primary() {
        return primary;
    }

    List<Rollout> rollouts() {
        return rollouts;
    }

    List<Member> members() {
        return members;
    }

    List<Member> mine() {
        return mine;
    }

    List<Member> others() {
        return others;
    }

    Instant now() {
        return now;
    }

    List<Step> steps() {
        return steps;
    }

    int spare() {
        return spare;
    }

    /** Tasks that were not let go. */
    int live() {
        return mine.size() + others.size();
    }

    /** The primary's tasks that did not fail their checks. */
    int good() {
        return (int) mine.stream().filter(each -> !each.sick()).count();
    }

    /** The primary's tasks that count. */
    int healthy() {
        return (int) mine.stream().filter(Member::healthy).count();
    }

    /**
     * Ends the primary where its tasks fail or an alarm rings.
     *
     * @return whether it did
     */
    boolean judged() {
        if (!primary.going()) {
            return false;
        }
        boolean broken = desired.breaker().enabled() && primary.failures() >= desired.threshold();
        // What comes back is not judged by alarms that still ring for what it comes back from.
        boolean alarmed = !primary.proven()
                && desired.alarms().enabled()
                && !desired.firing().isEmpty();
        if (!broken && !alarmed) {
            return false;
        }
        Desired.Guard guard = broken ? desired.breaker() : desired.alarms();
        Rollout.Cause cause = broken ? primary.cause() : Rollout.Cause.ALARM;
        List<String> rang =
                broken ? List.of() : desired.firing().stream().sorted().toList();
        steps.add(new Step.Fail(primary.id(), cause, guard.rollback() ? before().orElse(null) : null, rang));
        return true;
    }

    /** The newest other deployment that was completed once. */
    Optional<String> before() {
        return rollouts.stream()
                .filter(each -> each.proven() && !each.id().equals(primary.id()))
                .map(Rollout::id)
                .findFirst();
    }

    /**
     * Starts tasks of a deployment, spread over the zones.
     *
     * @param staying those of its tasks that stay
     */
    void start(Rollout rollout, int count, List<Member> staying) {
        if (count <= 0 || rollout.state() == Rollout.State.FAILED) {
            return;
        }
        Instant notBefore = rollout.notBefore();
        if (notBefore != null && notBefore.isAfter(now)) {
            steps.add(new Step.Wait(notBefore));
            return;
        }
        Crowd crowd = new Crowd(staying);
        Map<@Nullable String, Integer> zones = new LinkedHashMap<>();
        for (int i = 0; i < Math.min(count, ServicePlan.MOST); i++) {
            zones.merge(crowd.place(desired.zones()), 1, Integer::sum);
        }
        zones.forEach((zone, some) -> steps.add(new Step.Start(rollout.id(), some, zone, null)));
    }

    /** Lets one go; whoever calls has seen to it that it may. */
    void leave(Member member, Why why) {
        mine.remove(member);
        others.remove(member);
        spare -= member.healthy() ? 1 : 0;
        left++;
        steps.add(new Step.Leave(member.id(), why));
    }

    /** Lets up to so many of these go, as far as enough stay healthy. */
    void leave(List<Member> among, int count, Why why) {
        Crowd crowd = new Crowd(among);
        for (int i = 0; i < count && left < ServicePlan.MOST; i++) {
            Member next = crowd.take(spare > 0, false);
            if (next == null) {
                return;
            }
            leave(next, next.sick() ? Why.UNHEALTHY : why);
        }
    }

    /** Says when the primary is whole, has been watched, and the service is steady; forgets what is over. */
    void conclude() {
        boolean idle = steps.stream().allMatch(step -> step instanceof Step.Wait);
        boolean whole = idle && mine.size() == desired.count() && healthy() == desired.count();
        boolean alone = members.stream().allMatch(each -> each.rollout().equals(primary.id()));
        if (whole && alone) {
            if (primary.going()) {
                settle();
            } else if (primary.state() == Rollout.State.COMPLETED
                    && !desired.steady()
                    && members.size() == mine.size()) {
                steps.add(new Step.Steady());
            }
        }
        String kept = primary.going() ? before().orElse("") : "";
        rollouts.stream()
                .filter(each -> !each.id().equals(primary.id()) && !each.id().equals(kept))
                .filter(each -> primary.state() != Rollout.State.FAILED || !each.proven())
                .filter(each ->
                        members.stream().noneMatch(member -> member.rollout().equals(each.id())))
                .forEach(each -> steps.add(new Step.Drop(each.id())));
    }

    private void settle() {
        Instant since = primary.settledAt();
        if (desired.bake().isZero() || primary.proven()) {
            steps.add(new Step.Complete(primary.id()));
        } else if (since == null) {
            steps.add(new Step.Settle(primary.id()));
        } else if (since.plus(desired.bake()).isAfter(now)) {
            steps.add(new Step.Wait(since.plus(desired.bake())));
        } else {
            steps.add(new Step.Complete(primary.id()));
        }
    }
}
