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
     * @param kept whether it is frozen, but never ended for idling
     */
    record Idle(String stream, String identity, Instant since, boolean frozen, boolean kept) {
        /** One that may be ended. */
        Idle(String stream, String identity, Instant since, boolean frozen) {
            this(stream, identity, since, frozen, false);
        }
    }

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

    private static final Duration KEPT = Duration.ofDays(1);

    static FleetPlan of(List<Idle> idle, Instant now, Rules rules) {
        List<Idle> newestFirst = new ArrayList<>(idle);
        newestFirst.sort(Comparator.comparing(Idle::since).reversed());
        List<Step> steps = new ArrayList<>();
        Map<String, Integer> kept = new HashMap<>();
        int total = 0;
        Optional<Instant> next = Optional.empty();
        for (Idle one : newestFirst) {
            if (one.kept && one.frozen) {
                continue;
            }
            Instant end = one.since.plus(one.kept ? KEPT : rules.keepWarm);
            int ofFunction = kept.merge(one.identity, one.kept ? 0 : 1, Integer::sum);
            if (!one.kept && (!end.isAfter(now) || ofFunction > rules.mostIdlePerFunction || total == rules.mostIdle)) {
                steps.add(new Step.End(one.stream));
                continue;
            }
            total += one.kept ? 0 : 1;
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
