package dev.haneul.services.ec2.compute;

import dev.haneul.engines.machine.MachineExit;
import dev.haneul.services.ec2.compute.InstanceRow.Course;
import java.time.Duration;
import java.time.Instant;

/** The next step of an instance: a function of what is wanted, what is seen and what time it is. */
final class InstancePlan {
    /** How long a terminated instance is told of. */
    static final Duration REMEMBERED = Duration.ofHours(1);
    /** How often a boot is tried. */
    static final int MOST_ATTEMPTS = 3;

    private InstancePlan() {}

    /** What to do now. */
    sealed interface Step {
        /** Nothing, until something happens. */
        record Rest() implements Step {}

        /** Nothing before this moment. */
        record Wait(Instant until) implements Step {}

        /** Make its disks, wire it and start it. */
        record Boot() implements Step {}

        /** It runs: say so. */
        record Arrive() implements Step {}

        /** Its host went down under it: start it anew. */
        record Revive() implements Step {}

        /** It cannot be started: give up. */
        record GiveUp(String why) implements Step {}

        /** Its system ended by itself. */
        record Ended(MachineExit exit) implements Step {}

        record Reboot() implements Step {}

        /** Bring its system down. */
        record Shutdown(boolean force) implements Step {}

        /** Clear away what is left of a server that ended. */
        record Clear() implements Step {}

        /** It is down: say that it is stopped. */
        record Stopped() implements Step {}

        /** It is down: say that it is terminated, and let go of what was its. */
        record Terminated() implements Step {}

        /** Forget it. */
        record Forget() implements Step {}

        Step REST = new Rest();
    }

    /** The next step. */
    static Step of(Course course, ServerView seen, Instant now) {
        return switch (course.state()) {
            case PENDING -> pending(course, seen);
            case RUNNING -> running(course, seen);
            case STOPPING -> down(course, seen, new Step.Stopped());
            case SHUTTING_DOWN -> down(course, seen, new Step.Terminated());
            case STOPPED -> seen instanceof ServerView.Absent ? Step.REST : new Step.Clear();
            case TERMINATED -> terminated(course, seen, now);
        };
    }

    private static Step pending(Course course, ServerView seen) {
        return switch (seen) {
            case ServerView.Absent() ->
                course.attempts() < MOST_ATTEMPTS
                        ? new Step.Boot()
                        : new Step.GiveUp("It could not be started in " + MOST_ATTEMPTS + " attempts.");
            case ServerView.Up up -> new Step.Arrive();
            case ServerView.Ended ended ->
                ended.exit().kind() == MachineExit.Kind.HOST_LOST ? new Step.Clear() : new Step.Arrive();
        };
    }

    private static Step running(Course course, ServerView seen) {
        return switch (seen) {
            case ServerView.Absent() -> new Step.Revive();
            case ServerView.Up up -> course.reboot() ? new Step.Reboot() : Step.REST;
            case ServerView.Ended ended ->
                ended.exit().kind() == MachineExit.Kind.HOST_LOST ? new Step.Revive() : new Step.Ended(ended.exit());
        };
    }

    private static Step down(Course course, ServerView seen, Step end) {
        return switch (seen) {
            case ServerView.Absent() -> end;
            case ServerView.Up up -> new Step.Shutdown(course.forced());
            case ServerView.Ended ended -> new Step.Clear();
        };
    }

    private static Step terminated(Course course, ServerView seen, Instant now) {
        if (!(seen instanceof ServerView.Absent)) {
            return new Step.Clear();
        }
        Instant end = course.changed().plus(REMEMBERED);
        return now.isBefore(end) ? new Step.Wait(end) : new Step.Forget();
    }
}
