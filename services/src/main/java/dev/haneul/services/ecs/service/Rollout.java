package dev.haneul.services.ecs.service;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A revision of a service on its way to being all that runs: a deployment of ECS's own controller, or a task set.
 *
 * @param id as the API tells it: {@code ecs-svc/…}
 * @param revision the id of the service revision it runs
 * @param deployment the id of its service deployment; empty for task sets
 * @param reason why the state is what it is, in AWS's words
 * @param failures how many of its tasks failed in a row
 * @param failed how many of its tasks failed since it began
 * @param cause how the last of them failed
 * @param notBefore no task is started earlier, because starts failed; null for at once
 * @param unplaced why the last start found no place; null where it found one
 * @param proven whether it was COMPLETED once: what a rollback may go back to
 * @param settledAt when all its tasks were healthy and all others gone; null before
 * @param scale how much of the service's count a task set wants, in percent
 * @param shift how far traffic is; null without a shift
 */
record Rollout(
        String id,
        Role role,
        String revision,
        String deployment,
        State state,
        String reason,
        Instant created,
        Instant updated,
        int failures,
        int failed,
        Cause cause,
        @Nullable Instant notBefore,
        @Nullable String unplaced,
        boolean proven,
        @Nullable Instant settledAt,
        double scale,
        @Nullable Shift shift) {
    private static final int PATIENT_FAILURES = 3;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    /** The longest pause between starts that fail. */
    static final Duration LONGEST_PAUSE = Duration.ofMinutes(27);

    private static final int MOST_DOUBLINGS = 12;
    private static final Duration PLACE_PAUSE = Duration.ofSeconds(15);

    /** What a deployment is to its service. */
    enum Role {
        /** The newest: what the service wants. */
        PRIMARY,
        /** An older one that still has tasks, or could be gone back to. */
        ACTIVE,
        /** A task set that is being deleted. */
        DRAINING
    }

    /** How far it is. */
    enum State {
        IN_PROGRESS,
        COMPLETED,
        FAILED
    }

    /** How a task failed. */
    enum Cause {
        START("tasks failed to start."),
        CONTAINER("tasks failed container health checks."),
        TARGET("tasks failed ELB health checks."),
        ALARM("alarm detected."),
        HOOK("lifecycle hook failed."),
        ASKED("stopped by request.");

        private final String words;

        Cause(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /**
     * How far a blue/green deployment is.
     *
     * @param since when the stage began
     * @param production how much of the production traffic goes to it, in percent, as last set at the listener
     * @param shiftedAt when that was set last; null where it never was
     * @param test whether test traffic goes to it
     * @param hooks the lifecycle hooks of this stage that were called
     */
    record Shift(
            Stage stage,
            Instant since,
            double production,
            @Nullable Instant shiftedAt,
            boolean test,
            List<Hook> hooks) {
        static Shift begin(Instant now) {
            return new Shift(Stage.RECONCILE_SERVICE, now, 0, null, false, List.of());
        }

        Shift at(Stage next, Instant now) {
            return new Shift(next, now, production, shiftedAt, test, List.of());
        }

        Shift weighing(double percent, boolean tested, Instant now) {
            return new Shift(stage, since, percent, now, tested, hooks);
        }

        Shift hooks(List<Hook> next) {
            return new Shift(stage, since, production, shiftedAt, test, next);
        }
    }

    /** The stages of a blue/green deployment, in order. */
    enum Stage {
        RECONCILE_SERVICE,
        PRE_SCALE_UP,
        SCALE_UP,
        POST_SCALE_UP,
        TEST_TRAFFIC_SHIFT,
        POST_TEST_TRAFFIC_SHIFT,
        PRODUCTION_TRAFFIC_SHIFT,
        POST_PRODUCTION_TRAFFIC_SHIFT,
        BAKE_TIME,
        CLEAN_UP;

        Stage next() {
            return values()[Math.min(ordinal() + 1, values().length - 1)];
        }
    }

    /**
     * A lifecycle hook that was called in this stage.
     *
     * @param index its place in the deployment configuration
     * @param status AWAITING_ACTION, IN_PROGRESS, SUCCEEDED, FAILED or TIMED_OUT
     * @param again when a function that goes on is asked again; null where it is not
     */
    record Hook(
            String id,
            int index,
            String target,
            String status,
            Instant since,
            @Nullable Instant again) {}

    /** A new deployment. */
    static Rollout begin(String id, String revision, String deployment, Instant now) {
        return new Rollout(
                id,
                Role.PRIMARY,
                revision,
                deployment,
                State.IN_PROGRESS,
                "ECS deployment " + id + " in progress.",
                now,
                now,
                0,
                0,
                Cause.START,
                null,
                null,
                false,
                null,
                100,
                null);
    }

    boolean primary() {
        return role == Role.PRIMARY;
    }

    boolean going() {
        return state == State.IN_PROGRESS;
    }

    Rollout role(Role next, Instant now) {
        return new Rollout(
                id,
                next,
                revision,
                deployment,
                state,
                reason,
                created,
                now,
                failures,
                failed,
                cause,
                notBefore,
                unplaced,
                proven,
                settledAt,
                scale,
                shift);
    }

    Rollout state(State next, String why, Instant now) {
        return new Rollout(
                id,
                role,
                revision,
                deployment,
                next,
                why,
                created,
                now,
                failures,
                failed,
                cause,
                notBefore,
                unplaced,
                proven || next == State.COMPLETED,
                next == State.COMPLETED ? null : settledAt,
                scale,
                shift);
    }

    /** The same revision again, as a new service deployment goes back to it. */
    Rollout again(String serviceDeployment, String why, Instant now) {
        return new Rollout(
                id,
                Role.PRIMARY,
                revision,
                serviceDeployment,
                State.IN_PROGRESS,
                why,
                created,
                now,
                0,
                0,
                Cause.START,
                null,
                null,
                proven,
                null,
                scale,
                shift);
    }

    /** One of its tasks failed: the next start waits longer with every failure in a row. */
    Rollout failure(Cause how, Instant now) {
        int more = failures + 1;
        Instant pause = more < PATIENT_FAILURES ? null : now.plus(pause(more));
        return new Rollout(
                id,
                role,
                revision,
                deployment,
                state,
                reason,
                created,
                now,
                more,
                failed + 1,
                how,
                pause,
                unplaced,
                proven,
                settledAt,
                scale,
                shift);
    }

    private static Duration pause(int failures) {
        long millis = FIRST_PAUSE.toMillis() << Math.min(failures - PATIENT_FAILURES, MOST_DOUBLINGS);
        return Duration.ofMillis(Math.min(millis, LONGEST_PAUSE.toMillis()));
    }

    /** A task of it became healthy: failures are no longer in a row. */
    Rollout success() {
        return new Rollout(
                id,
                role,
                revision,
                deployment,
                state,
                reason,
                created,
                updated,
                0,
                failed,
                cause,
                null,
                null,
                proven,
                settledAt,
                scale,
                shift);
    }

    /** Nothing had room for its next task, or something has again (null). */
    Rollout unplaced(@Nullable String why, Instant now) {
        Instant pause = why == null ? notBefore : now.plus(PLACE_PAUSE);
        return new Rollout(
                id,
                role,
                revision,
                deployment,
                state,
                reason,
                created,
                updated,
                failures,
                failed,
                cause,
                pause,
                why,
                proven,
                settledAt,
                scale,
                shift);
    }

    /** Another revision under the same deployment, as a task set's scale changes. */
    Rollout scale(double percent, Instant now) {
        return new Rollout(
                id,
                role,
                revision,
                deployment,
                state,
                reason,
                created,
                now,
                failures,
                failed,
                cause,
                notBefore,
                unplaced,
                proven,
                settledAt,
                percent,
                shift);
    }

    Rollout settled(@Nullable Instant at) {
        return new Rollout(
                id,
                role,
                revision,
                deployment,
                state,
                reason,
                created,
                updated,
                failures,
                failed,
                cause,
                notBefore,
                unplaced,
                proven,
                at,
                scale,
                shift);
    }

    Rollout shift(@Nullable Shift next, Instant now) {
        return new Rollout(
                id,
                role,
                revision,
                deployment,
                state,
                reason,
                created,
                now,
                failures,
                failed,
                cause,
                notBefore,
                unplaced,
                proven,
                settledAt,
                scale,
                next);
    }
}
