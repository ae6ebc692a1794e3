package dev.haneul.services.lambda.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to do about idle environments: freeze those that have been idle for a moment, end those that were kept long
 * enough, and the longest idle ones where there are too many. Pure.
 *
 * @param steps in the order they are to be taken
 * @param next when to plan again if nothing happens before; empty where nothing is idle
 */
record FleetPlan(List<Step> steps, Optional<Instant> next) {
    /** One thing to do to one environment. */
    sealed interface Step {
        /** Stop it from using the CPU. */
        record Freeze(String stream) implements Step {}

        /** End it. */
        record End(String stream) implements Step {}
    }

    /**
     * An idle environment.
     *
     * @param stream names it
     * @param identity of its target
     */
    record Idle(String stream, String identity, Instant since, boolean frozen) {}

    /**
     * How environments are kept.
     *
     * @param keepWarm how long an idle one is kept
     * @param freezeAfter how long it may be idle before it is frozen; so long that a busy caller's next request finds it
     *     running
     * @param mostIdle of all functions together
     * @param mostIdlePerFunction of one state of one function
     */
    record Rules(Duration keepWarm, Duration freezeAfter, int mostIdle, int mostIdlePerFunction) {}

    static FleetPlan of(List<Idle> idle, Instant now, Rules rules) {
        List<Idle> newestFirst = new ArrayList<>(idle);
        newestFirst.sort(Comparator.comparing(Idle::since).reversed());
        List<Step> steps = new ArrayList<>();
        Map<String, Integer> kept = new HashMap<>();
        int total = 0;
        Optional<Instant> next = Optional.empty();
        for (Idle one : newestFirst) {
            Instant end = one.since.plus(rules.keepWarm);
            int ofFunction = kept.merge(one.identity, 1, Integer::sum);
            if (!end.isAfter(now) || ofFunction > rules.mostIdlePerFunction || total == rules.mostIdle) {
                steps.add(new Step.End(one.stream));
                continue;
            }
            total++;
            Instant freeze = one.since.plus(rules.freezeAfter);
            Instant look = end;
            if (!one.frozen) {
                if (freeze.isAfter(now)) {
                    look = freeze.isBefore(end) ? freeze : end;
                } else {
                    steps.add(new Step.Freeze(one.stream));
                }
            }
            if (next.isEmpty() || look.isBefore(next.get())) {
                next = Optional.of(look);
            }
        }
        return new FleetPlan(List.copyOf(steps), next);
    }
}
