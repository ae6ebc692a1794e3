package dev.haneul.services.ecs.service;

import dev.haneul.services.ecs.service.Member.Vitals;
import dev.haneul.services.ecs.service.ServiceTables.Departure;
import dev.haneul.services.ecs.service.ServiceTables.MemberRow;
import dev.haneul.services.ecs.service.ServiceTables.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happens next to one task of a service: it is registered once it can be reached, counts once it is healthy, and
 * goes in an order in which no request is lost: asked to stop, out of the load balancer, its connections' time over, then
 * SIGTERM. Pure.
 */
final class MemberPlan {
    /** A task that nothing checks counts after so long. */
    static final Duration UNCHECKED = Duration.ofSeconds(40);

    private MemberPlan() {}

    /**
     * A task, as it is now.
     *
     * @param running whether all of it runs
     * @param wanted whether nobody has asked it to stop
     * @param stopped whether it is at its end
     * @param byUser whether somebody asked for its end by StopTask
     * @param since when it came to run; null before
     * @param health UNKNOWN, HEALTHY or UNHEALTHY
     * @param checked whether it has a health check of its own
     * @param places where it is to be registered; empty while its address is not known
     * @param placed whether it is to be registered at all
     */
    record TaskView(
            boolean running,
            boolean wanted,
            boolean stopped,
            boolean byUser,
            @Nullable Instant since,
            String health,
            boolean checked,
            List<Place> places,
            boolean placed) {
        /** One that is not there any more. */
        static final TaskView GONE = new TaskView(false, false, true, false, null, "UNKNOWN", false, List.of(), false);
    }

    /**
     * How a target is, as its group tells.
     *
     * @param state initial, healthy, unhealthy, unused, draining, unavailable or UNKNOWN
     */
    record Reach(String state, String why) {
        static final Reach UNKNOWN = new Reach("UNKNOWN", "");
    }

    /** What one task asks for. */
    sealed interface MemberStep {
        /** Note where it is going to be registered, then register it. */
        record Register(List<Place> places) implements MemberStep {}

        /** Register it where that is noted already. */
        record Repeat() implements MemberStep {}

        /** It is healthy, for the first time or again. */
        record Prove() implements MemberStep {}

        /** It has failed its checks. */
        record Sicken(
                Rollout.Cause cause, String why, @Nullable Place place) implements MemberStep {}

        /** Somebody else has stopped it. */
        record Departed() implements MemberStep {}

        /** Take it out of everywhere. */
        record Deregister() implements MemberStep {}

        /** Its connections are over before their time. */
        record Drained() implements MemberStep {}

        /** Ask it to end. */
        record Stop() implements MemberStep {}

        /** It is over; a failure where there is a cause. */
        record Forget(Rollout.@Nullable Cause cause) implements MemberStep {}

        /** Look again then. */
        record Look(Instant at) implements MemberStep {}
    }

    /** The steps. */
    static List<MemberStep> of(MemberRow row, TaskView task, Map<Place, Reach> reach, Duration grace, Instant now) {
        Departure departure = row.departure();
        if (task.stopped()) {
            return over(row, task);
        }
        if (departure != null) {
            return departing(row, task, departure, reach, now);
        }
        if (!task.wanted()) {
            return List.of(new MemberStep.Departed());
        }
        List<MemberStep> steps = new ArrayList<>();
        if (task.running() && task.placed() && !row.registered()) {
            if (!row.places().isEmpty()) {
                steps.add(new MemberStep.Repeat());
            } else if (!task.places().isEmpty()) {
                steps.add(new MemberStep.Register(task.places()));
            }
        }
        check(row, task, reach, grace, now, steps);
        return steps;
    }

    private static List<MemberStep> over(MemberRow row, TaskView task) {
        Departure departure = row.departure();
        boolean registered = !row.places().isEmpty() && (departure == null || !departure.deregistered());
        if (registered) {
            return departure == null
                    ? List.of(new MemberStep.Departed(), new MemberStep.Deregister())
                    : List.of(new MemberStep.Deregister());
        }
        return List.of(new MemberStep.Forget(failure(row, task)));
    }

    /** What fails its checks, and what ends by itself before it was healthy, has failed. */
    private static Rollout.@Nullable Cause failure(MemberRow row, TaskView task) {
        Departure departure = row.departure();
        if (departure != null && departure.why() != null) {
            return departure.why() == Step.Why.UNHEALTHY ? row.sick() : null;
        }
        return row.proved() || task.byUser() ? null : Rollout.Cause.START;
    }

    /** It is asked to end at once, but does not hear of it before nothing is sent to it any longer. */
    private static List<MemberStep> departing(
            MemberRow row, TaskView task, Departure departure, Map<Place, Reach> reach, Instant now) {
        List<MemberStep> steps = new ArrayList<>();
        if (task.wanted() && departure.why() != null) {
            steps.add(new MemberStep.Stop());
        }
        Instant by = departure.drainedBy();
        if (!row.places().isEmpty() && !departure.deregistered()) {
            steps.add(new MemberStep.Deregister());
        } else if (by != null && by.isAfter(now)) {
            steps.add(draining(row, reach) ? new MemberStep.Look(by) : new MemberStep.Drained());
        }
        return steps;
    }

    private static boolean draining(MemberRow row, Map<Place, Reach> reach) {
        return row.places().stream()
                .anyMatch(place ->
                        reach.getOrDefault(place, Reach.UNKNOWN).state().equals("draining")
                                || reach.getOrDefault(place, Reach.UNKNOWN).equals(Reach.UNKNOWN) && !place.registry());
    }

    /** Whether a task that shall stop may hear of it: it is out of everywhere, and its connections had their time. */
    static boolean letsGo(MemberRow row, Instant now) {
        Departure departure = row.departure();
        if (row.places().isEmpty()) {
            return true;
        }
        if (departure == null || !departure.deregistered()) {
            return false;
        }
        Instant by = departure.drainedBy();
        return by == null || !by.isAfter(now);
    }

    private static void check(
            MemberRow row,
            TaskView task,
            Map<Place, Reach> reach,
            Duration grace,
            Instant now,
            List<MemberStep> steps) {
        Instant since = task.since();
        if (!task.running() || since == null) {
            return;
        }
        Vitals vitals = vitals(row, task, reach, grace, now);
        if (vitals == Vitals.HEALTHY && (!row.proved() || row.sick() != null)) {
            steps.add(new MemberStep.Prove());
        } else if (vitals == Vitals.UNHEALTHY && row.sick() == null) {
            steps.add(sicken(row, task, reach));
        } else if (vitals == Vitals.STARTING && !task.checked() && !task.placed()) {
            steps.add(new MemberStep.Look(since.plus(UNCHECKED)));
        } else if (failing(row, task, reach) && since.plus(grace).isAfter(now)) {
            steps.add(new MemberStep.Look(since.plus(grace)));
        }
    }

    private static MemberStep sicken(MemberRow row, TaskView task, Map<Place, Reach> reach) {
        if (task.health().equals("UNHEALTHY")) {
            return new MemberStep.Sicken(Rollout.Cause.CONTAINER, "Task failed container health checks", null);
        }
        Place place = row.places().stream()
                .filter(each -> reach.getOrDefault(each, Reach.UNKNOWN).state().equals("unhealthy"))
                .findFirst()
                .orElseThrow();
        return new MemberStep.Sicken(
                Rollout.Cause.TARGET, "Task failed ELB health checks in (target-group " + place.arn() + ")", place);
    }

    private static boolean failing(MemberRow row, TaskView task, Map<Place, Reach> reach) {
        return task.health().equals("UNHEALTHY")
                || row.places().stream()
                        .anyMatch(each ->
                                reach.getOrDefault(each, Reach.UNKNOWN).state().equals("unhealthy"));
    }

    /** How it is, for the plan of its service. */
    static Vitals vitals(MemberRow row, TaskView task, Map<Place, Reach> reach, Duration grace, Instant now) {
        Instant since = task.since();
        if (!task.running() || since == null) {
            return Vitals.STARTING;
        }
        if (failing(row, task, reach)) {
            return since.plus(grace).isAfter(now) ? Vitals.STARTING : Vitals.UNHEALTHY;
        }
        boolean reached = row.places().stream()
                .filter(place -> !place.registry())
                .map(place -> reach.getOrDefault(place, Reach.UNKNOWN).state())
                .allMatch(state -> state.equals("healthy") || state.equals("unavailable"));
        if (task.placed() && (!row.registered() || !reached)) {
            return Vitals.STARTING;
        }
        if (task.checked()) {
            return task.health().equals("HEALTHY") ? Vitals.HEALTHY : Vitals.STARTING;
        }
        return row.balanced() || !since.plus(UNCHECKED).isAfter(now) ? Vitals.HEALTHY : Vitals.STARTING;
    }
}
