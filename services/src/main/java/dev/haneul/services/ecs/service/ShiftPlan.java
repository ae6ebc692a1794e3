package dev.haneul.services.ecs.service;

import dev.haneul.services.ecs.service.Rollout.Shift;
import dev.haneul.services.ecs.service.Rollout.Stage;
import dev.haneul.services.ecs.service.Step.Why;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Blue and green: the new revision stands whole beside the old one before traffic moves, at once, in steps, or a little
 * first; the old one stays until the bake time is over, so that going back is only a matter of traffic.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html">
 *     Blue/green deployments</a>
 */
final class ShiftPlan {
    private static final double ALL = 100;

    private final Fleet fleet;
    private final Desired desired;
    private final Rollout green;
    private final Manner manner;

    /**
     * How traffic moves.
     *
     * @param percents what the new revision gets, step by step; the last is 100
     * @param pause between the steps
     * @param hooks in the order of the deployment configuration
     * @param test whether there is a listener for test traffic
     */
    record Manner(List<Double> percents, Duration pause, List<HookRule> hooks, boolean test) {
        static final Manner AT_ONCE = new Manner(List.of(ALL), Duration.ZERO, List.of(), false);
    }

    /**
     * A hook of the deployment configuration.
     *
     * @param patience how long it may take
     * @param goesOn whether the deployment goes on where it takes longer
     */
    record HookRule(List<String> stages, Duration patience, boolean goesOn) {}

    ShiftPlan(Fleet fleet) {
        this.fleet = fleet;
        this.desired = fleet.desired();
        this.green = fleet.primary();
        this.manner = desired.manner();
    }

    List<Step> plan() {
        Shift shift = green.shift();
        Rollout blue = fleet.before()
                .flatMap(id -> fleet.rollouts().stream()
                        .filter(each -> each.id().equals(id))
                        .findFirst())
                .orElse(null);
        if (shift != null && green.going() && blue == null && !weighed(shift, ALL, false)) {
            // The first deployment, or the old one come back: traffic first.
            return fleet.steps();
        }
        if (shift == null || !green.going() || blue == null) {
            if (shift != null && green.going() && bakes(shift)) {
                fleet.steps().add(new Step.Advance(green.id(), Stage.BAKE_TIME));
            }
            return new RollingPlan(fleet).plan();
        }
        if (fleet.judged()) {
            return fleet.steps();
        }
        hold(blue, shift);
        if (shift.stage().compareTo(Stage.SCALE_UP) >= 0) {
            fleet.start(green, desired.count() - fleet.good(), fleet.mine());
            List<Member> good =
                    fleet.mine().stream().filter(each -> !each.sick()).toList();
            fleet.leave(good, good.size() - desired.count(), Why.SCALING);
            fleet.mine().stream().filter(Member::sick).toList().forEach(each -> fleet.leave(each, Why.UNHEALTHY));
        }
        stage(shift);
        return fleet.steps();
    }

    /** Whether a first deployment has come to its bake time. */
    private boolean bakes(Shift shift) {
        return whole() && !desired.bake().isZero() && shift.stage() != Stage.BAKE_TIME;
    }

    private boolean whole() {
        return fleet.good() == desired.count() && fleet.healthy() == desired.count();
    }

    /** The old revision keeps its count until the very end; what is older still goes. */
    private void hold(Rollout blue, Shift shift) {
        List<Member> own = fleet.others().stream()
                .filter(each -> each.rollout().equals(blue.id()))
                .toList();
        int count = shift.stage() == Stage.CLEAN_UP ? 0 : desired.count();
        List<Member> good = own.stream().filter(each -> !each.sick()).toList();
        fleet.start(blue, count - good.size(), own);
        fleet.leave(own, own.size() - count, Why.DEPLOYMENT);
        List<Member> older = fleet.others().stream()
                .filter(each -> !each.rollout().equals(blue.id()))
                .toList();
        fleet.leave(older, older.size(), Why.DEPLOYMENT);
    }

    private void stage(Shift shift) {
        Optional<Step> hook = hook(shift);
        if (hook.isPresent()) {
            fleet.steps().add(hook.get());
            return;
        }
        boolean over = switch (shift.stage()) {
            case SCALE_UP -> whole();
            case TEST_TRAFFIC_SHIFT -> weighed(shift, shift.production(), manner.test());
            case PRODUCTION_TRAFFIC_SHIFT -> shifted(shift);
            case BAKE_TIME -> baked(shift);
            case CLEAN_UP -> cleaned(shift);
            default -> true;
        };
        if (over && shift.stage() != Stage.CLEAN_UP) {
            fleet.steps().add(new Step.Advance(green.id(), shift.stage().next()));
        }
    }

    /** The hook that keeps this stage from going on. */
    private Optional<Step> hook(Shift shift) {
        for (int i = 0; i < manner.hooks().size(); i++) {
            HookRule rule = manner.hooks().get(i);
            if (rule.stages().contains(shift.stage().name())) {
                int index = i;
                Rollout.Hook called = shift.hooks().stream()
                        .filter(each -> each.index() == index)
                        .findFirst()
                        .orElse(null);
                Optional<Step> step =
                        called == null ? Optional.of(new Step.Call(green.id(), index)) : waiting(called, rule, index);
                if (step.isPresent()) {
                    return step;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Step> waiting(Rollout.Hook called, HookRule rule, int index) {
        return switch (called.status()) {
            case "SUCCEEDED" -> Optional.empty();
            case "TIMED_OUT" -> rule.goesOn() ? Optional.empty() : Optional.of(failed());
            case "FAILED" -> Optional.of(failed());
            default -> {
                Instant end = called.since().plus(rule.patience());
                if (!end.isAfter(fleet.now())) {
                    yield Optional.of(new Step.Expire(green.id(), index));
                }
                Instant again = called.again();
                if (again == null) {
                    yield Optional.of(new Step.Wait(end));
                }
                yield Optional.of(again.isAfter(fleet.now()) ? new Step.Wait(again) : new Step.Call(green.id(), index));
            }
        };
    }

    private Step failed() {
        return new Step.Fail(green.id(), Rollout.Cause.HOOK, fleet.before().orElse(null));
    }

    private boolean weighed(Shift shift, double production, boolean test) {
        if (shift.production() == production && shift.test() == test) {
            return true;
        }
        fleet.steps().add(new Step.Weigh(green.id(), production, test));
        return false;
    }

    private boolean shifted(Shift shift) {
        if (shift.production() >= ALL) {
            return true;
        }
        Instant last = shift.shiftedAt();
        if (shift.production() > 0 && last != null && last.plus(manner.pause()).isAfter(fleet.now())) {
            fleet.steps().add(new Step.Wait(last.plus(manner.pause())));
            return false;
        }
        double next = manner.percents().stream()
                .filter(each -> each > shift.production())
                .findFirst()
                .orElse(ALL);
        return weighed(shift, next, shift.test());
    }

    private boolean baked(Shift shift) {
        Instant end = shift.since().plus(desired.bake());
        if (end.isAfter(fleet.now())) {
            fleet.steps().add(new Step.Wait(end));
            return false;
        }
        return true;
    }

    private boolean cleaned(Shift shift) {
        if (!weighed(shift, ALL, false)) {
            return false;
        }
        boolean alone = fleet.members().stream().allMatch(each -> each.rollout().equals(green.id()));
        if (alone && whole() && fleet.members().size() == desired.count()) {
            fleet.steps().add(new Step.Complete(green.id()));
        }
        return true;
    }
}
