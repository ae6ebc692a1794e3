package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.Instance;
import dev.haneul.api.ec2.StateReason;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An instance.
 *
 * @param told what describe tells and this room decides: no state, interfaces, disks or tags, which stand elsewhere
 * @param reservation the launch it came of
 * @param settings what its owner may change of it
 * @param course where it is and where it goes
 */
record InstanceRow(Instance told, Reservation reservation, Settings settings, Course course) {
    /**
     * The launch.
     *
     * @param requester who launched it for its owner, null where the owner did
     */
    record Reservation(String id, String owner, @Nullable String requester) {}

    /**
     * What its owner may change.
     *
     * @param userData base64, empty where none
     * @param keepsRunning whether the API may not terminate it
     * @param keepsStarted whether the API may not stop it
     * @param shutdown what happens when its system powers off: {@code stop} or {@code terminate}
     * @param credits {@code standard} or {@code unlimited}; empty for types without credits
     */
    record Settings(String userData, boolean keepsRunning, boolean keepsStarted, String shutdown, String credits) {
        Settings userData(String value) {
            return new Settings(value, keepsRunning, keepsStarted, shutdown, credits);
        }

        Settings keepsRunning(boolean value) {
            return new Settings(userData, value, keepsStarted, shutdown, credits);
        }

        Settings keepsStarted(boolean value) {
            return new Settings(userData, keepsRunning, value, shutdown, credits);
        }

        Settings shutdown(String value) {
            return new Settings(userData, keepsRunning, keepsStarted, value, credits);
        }

        Settings credits(String value) {
            return new Settings(userData, keepsRunning, keepsStarted, shutdown, value);
        }
    }

    /**
     * Where it is and where it goes.
     *
     * @param changed when it came into this state
     * @param starts how often it was started, the launch included
     * @param reboot whether a reboot is wanted
     * @param forced whether its system is not asked before it is stopped
     * @param attempts how often the present boot was tried in vain
     */
    record Course(State state, Goal goal, Instant changed, int starts, boolean reboot, boolean forced, int attempts) {
        static Course launched(Instant now) {
            return new Course(State.PENDING, Goal.RUN, now, 1, false, false, 0);
        }

        Course to(State next, Instant now) {
            return new Course(next, goal, now, starts, next == State.RUNNING && reboot, forced, 0);
        }

        Course towards(Goal wanted) {
            return new Course(state, wanted, changed, starts, reboot, forced, attempts);
        }

        Course started() {
            return new Course(state, Goal.RUN, changed, starts + 1, false, false, 0);
        }

        Course reboot(boolean wanted) {
            return new Course(state, goal, changed, starts, wanted, forced, attempts);
        }

        Course forced(boolean value) {
            return new Course(state, goal, changed, starts, reboot, value, attempts);
        }

        Course failed() {
            return new Course(state, goal, changed, starts, reboot, forced, attempts + 1);
        }
    }

    String id() {
        return Objects.requireNonNull(told.instanceId());
    }

    State state() {
        return course.state();
    }

    String zone() {
        return Objects.requireNonNull(Objects.requireNonNull(told.placement()).availabilityZone());
    }

    InstanceRow with(Course next) {
        return new InstanceRow(told, reservation, settings, next);
    }

    InstanceRow with(Settings next) {
        return new InstanceRow(told, reservation, next, course);
    }

    InstanceRow with(Instance next) {
        return new InstanceRow(next, reservation, settings, course);
    }

    /** The same, with why it changed its state; nulls clear it. */
    InstanceRow because(@Nullable StateReason reason, @Nullable String transition) {
        return with(
                Structs.clone(told).stateReason(reason).stateTransitionReason(transition == null ? "" : transition));
    }
}
