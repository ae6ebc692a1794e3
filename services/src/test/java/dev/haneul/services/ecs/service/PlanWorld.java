package dev.haneul.services.ecs.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.ecs.service.Desired.Guard;
import dev.haneul.services.ecs.service.Desired.Kind;
import dev.haneul.services.ecs.service.Member.Vitals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** A service in which the plan's steps do what they say, and tasks live and die as chance has it. */
final class PlanWorld {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<String> ZONES = List.of("a", "b", "c");

    final Random random;
    final Kind kind;
    List<Rollout> rollouts = List.of();
    final List<Member> members = new ArrayList<>();
    int count;
    int minimum = 100;
    int maximum = 200;
    Guard breaker = Guard.OFF;
    boolean rebalance;
    boolean balancing;
    boolean steady;
    boolean ending;
    boolean gone;
    Duration bake = Duration.ZERO;
    ShiftPlan.Manner manner = ShiftPlan.Manner.AT_ONCE;
    Instant now = START;
    /** Revisions whose tasks never run. */
    Predicate<String> broken = id -> false;
    /** Where production traffic goes. */
    String served = "";

    private int number;

    PlanWorld(long seed, Kind kind, int count) {
        this.random = new Random(seed);
        this.kind = kind;
        this.count = count;
    }

    String update() {
        Rollout next = Rollout.begin("d" + ++number, "r" + number, "s" + number, now);
        rollouts =
                Rollouts.begin(rollouts, kind == Kind.SHIFTING ? next.shift(Rollout.Shift.begin(now), now) : next, now);
        steady = false;
        balancing = false;
        return next.id();
    }

    Desired desired() {
        List<String> places = IntStream.range(0, kind == Kind.DAEMON ? count : 0)
                .mapToObj(i -> "i" + i)
                .toList();
        return new Desired(
                kind,
                count,
                minimum,
                maximum,
                breaker,
                Guard.OFF,
                Set.of(),
                bake,
                kind == Kind.DAEMON ? List.of() : ZONES,
                rebalance,
                balancing,
                places,
                ending,
                steady,
                manner);
    }

    /** Makes a plan, judges it, takes its steps; answers whether it had any but waiting. */
    boolean step() {
        Desired desired = desired();
        List<Step> steps = ServicePlan.of(desired, rollouts, List.copyOf(members), now);
        assertThat(ServicePlan.of(desired, rollouts, List.copyOf(members), now)).isEqualTo(steps);
        if (!ending && kind != Kind.SHIFTING) {
            judge(desired, steps);
        }
        steps.forEach(this::take);
        return steps.stream().anyMatch(each -> !(each instanceof Step.Wait));
    }

    private void judge(Desired desired, List<Step> steps) {
        long live = members.stream().filter(each -> !each.leaving()).count();
        long healthy = members.stream()
                .filter(each -> !each.leaving() && each.healthy())
                .count();
        Set<String> left = new HashSet<>();
        for (Step step : steps) {
            if (step instanceof Step.Start start) {
                live += start.count();
                assertThat(live).as("running at most").isLessThanOrEqualTo(desired.maximum());
            } else if (step instanceof Step.Leave leave) {
                assertThat(left.add(leave.task())).as("let go once").isTrue();
                Member member = member(leave.task());
                assertThat(member.leaving()).as("let go before").isFalse();
                if (member.healthy() && leave.why() != Step.Why.PLACE) {
                    healthy--;
                    assertThat(healthy).as("healthy at least").isGreaterThanOrEqualTo(desired.minimum());
                }
            }
        }
    }

    Member member(String id) {
        return members.stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
    }

    private void take(Step step) {
        switch (step) {
            case Step.Start start -> IntStream.range(0, start.count()).forEach(i -> start(start));
            case Step.Leave leave -> {
                Member member = member(leave.task());
                members.set(members.indexOf(member), member.leave());
                steady = false;
            }
            case Step.Settle settle -> rollouts = Rollouts.with(rollouts, settle.rollout(), each -> each.settled(now));
            case Step.Complete done -> {
                rollouts = Rollouts.complete(rollouts, done.rollout(), now);
                steady = false;
            }
            case Step.Fail fail ->
                rollouts = Rollouts.fail(rollouts, fail.rollout(), fail.cause(), fail.to(), "s" + ++number, now);
            case Step.Drop drop -> rollouts = Rollouts.drop(rollouts, drop.rollout());
            case Step.Steady ignored -> steady = true;
            case Step.Balance balance -> balancing = balance.begins();
            case Step.Gone ignored -> gone = true;
            case Step.Advance advance -> shift(advance.rollout(), each -> each.at(advance.stage(), now));
            case Step.Weigh weigh -> {
                shift(weigh.rollout(), each -> each.weighing(weigh.production(), weigh.test(), now));
                if (weigh.production() > 0) {
                    assertThat(members.stream()
                                            .anyMatch(each -> each.rollout().equals(weigh.rollout()) && each.healthy())
                                    || count == 0
                                    || rollouts.size() == 1
                                    || !broken.test(weigh.rollout()))
                            .isTrue();
                }
                served = weigh.production() == 100 ? weigh.rollout() : served;
            }
            case Step.Call call -> throw new AssertionError("no hooks here");
            case Step.Expire expire -> throw new AssertionError("no hooks here");
            case Step.Wait ignored -> {}
        }
    }

    private void shift(String id, java.util.function.UnaryOperator<Rollout.Shift> change) {
        rollouts = Rollouts.with(rollouts, id, each -> each.shift(change.apply(each.shift()), now));
    }

    private void start(Step.Start start) {
        String instance = start.instance() == null ? "" : start.instance();
        if (!instance.isEmpty()) {
            assertThat(members)
                    .as("one daemon a place")
                    .noneMatch(each -> each.instance().equals(instance));
        }
        members.add(new Member(
                "t" + ++number,
                start.rollout(),
                start.zone() == null ? "" : start.zone(),
                instance,
                now,
                Vitals.STARTING,
                false,
                false,
                false));
        steady = false;
    }

    /** Something happens to one task, or time passes. */
    void happen() {
        now = now.plusSeconds(random.nextInt(60));
        if (members.isEmpty()) {
            return;
        }
        Member member = members.get(random.nextInt(members.size()));
        switch (random.nextInt(6)) {
            case 0 -> dies(member);
            case 1 -> become(member, Vitals.UNHEALTHY);
            default -> goOn(member);
        }
    }

    /** What happens to a task when nothing goes wrong but what is broken. */
    void goOn(Member member) {
        if (member.leaving() || broken.test(member.rollout())) {
            dies(member);
        } else if (member.vitals() == Vitals.STARTING) {
            become(member, Vitals.HEALTHY);
        }
    }

    private void become(Member member, Vitals vitals) {
        members.set(
                members.indexOf(member),
                new Member(
                        member.id(),
                        member.rollout(),
                        member.zone(),
                        member.instance(),
                        member.created(),
                        vitals,
                        member.leaving(),
                        member.guarded(),
                        member.evicted()));
        if (vitals == Vitals.HEALTHY) {
            rollouts = Rollouts.with(rollouts, member.rollout(), Rollout::success);
        }
    }

    private void dies(Member member) {
        members.remove(member);
        steady = false;
        if (!member.leaving() && member.vitals() == Vitals.STARTING || member.leaving() && member.sick()) {
            rollouts = Rollouts.with(rollouts, member.rollout(), each -> each.failure(Rollout.Cause.START, now));
        }
    }

    /** From now on nothing goes wrong but what is broken, until nothing is left to do. */
    void calm() {
        for (int round = 0; round < 2000; round++) {
            boolean busy = step();
            List<Member> unsettled = members.stream()
                    .filter(each -> each.leaving() || each.vitals() == Vitals.STARTING || broken.test(each.rollout()))
                    .toList();
            if (gone || !busy && unsettled.isEmpty() && steady) {
                return;
            }
            unsettled.stream()
                    .skip(unsettled.isEmpty() ? 0 : random.nextInt(unsettled.size()))
                    .forEach(this::goOn);
            now = now.plusSeconds(60);
        }
        throw new AssertionError("it does not come to rest: " + rollouts + " " + members);
    }
}
