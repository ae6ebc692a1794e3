package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.ContainerDependency;
import dev.haneul.api.ecs.ContainerRestartPolicy;
import dev.haneul.api.ecs.HealthCheck;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.services.ecs.EcsTables.ContainerCourse;
import dev.haneul.services.ecs.EcsTables.Phase;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.task.Seen.SeenContainer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The next step of a task: a function of its record, its definition, what is seen of it and what time it is. */
final class TaskPlan {
    /** How long a stopped task is told of. */
    static final Duration REMEMBERED = Duration.ofHours(1);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration RESTART_PERIOD = Duration.ofSeconds(300);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration USUAL_START_TIMEOUT = Duration.ofMinutes(10);

    private final TaskRow row;
    private final Seen seen;
    private final Instant now;
    private final boolean released;
    private final Map<String, ContainerDefinition> definitions = new HashMap<>();
    private final Map<String, ContainerCourse> courses = new HashMap<>();

    private TaskPlan(TaskRow row, TaskDefinition definition, Seen seen, Instant now, boolean released) {
        this.row = row;
        this.seen = seen;
        this.now = now;
        this.released = released;
        definition.containerDefinitions().forEach(each -> definitions.put(name(each), each));
        row.course().containers().forEach(each -> courses.put(each.name(), each));
    }

    /** What to do now. */
    sealed interface Step {
        /** Nothing, until something happens. */
        record Rest() implements Step {}

        /** Nothing before this moment. */
        record Wait(Instant until) implements Step {}

        /** Make its network interface. */
        record Provision() implements Step {}

        /** Fetch what it needs, make its pod and wire it. */
        record Prepare() implements Step {}

        /** Start a container, which is not there yet. */
        record Start(String container) implements Step {}

        /** A container was started: say so. */
        record Started(String container, Instant at) implements Step {}

        /** A container ended: say so. */
        record Ended(String container, SeenContainer how) implements Step {}

        /** Start a container again. */
        record Restart(String container) implements Step {}

        /** Ask a container how it is. */
        record Probe(String container) implements Step {}

        /** Ask a container to end. */
        record Signal(String container) implements Step {}

        /** End a container that did not end in time. */
        record Kill(String container) implements Step {}

        /** Say that it is in this state. */
        record To(String status) implements Step {}

        /** It cannot go on: say that it shall stop, and why. */
        record Stop(String code, String reason) implements Step {}

        /** Clear away everything it has on the machine and in the network: it is stopped then. */
        record Clear() implements Step {}

        /** Forget it. */
        record Forget() implements Step {}
    }

    /**
     * The next step.
     *
     * @param released whether a stopping task's service lets its containers go: nothing is sent to them any longer
     */
    static Step of(TaskRow row, TaskDefinition definition, Seen seen, Instant now, boolean released) {
        return new TaskPlan(row, definition, seen, now, released).step();
    }

    private Step step() {
        boolean wanted = "RUNNING".equals(row.desiredStatus());
        return switch (row.lastStatus()) {
            case "PROVISIONING" -> provisioning(wanted);
            case "PENDING", "ACTIVATING", "RUNNING" -> live(wanted);
            case "DEACTIVATING" -> held() ? new Step.Wait(now.plus(AGAIN)) : new Step.To("STOPPING");
            case "STOPPING" -> stopping();
            case "DEPROVISIONING" -> new Step.Clear();
            default -> stopped();
        };
    }

    /** Who is interrupted hears of it at once, wherever it is registered still; who has ended by itself need not hear. */
    private boolean held() {
        boolean serves = seen.containers().values().stream().anyMatch(SeenContainer::running);
        return serves && !released && row.course().killAt() == null;
    }

    private Step provisioning(boolean wanted) {
        if (!wanted) {
            return new Step.To("DEPROVISIONING");
        }
        return row.course().eni() == null ? new Step.Provision() : new Step.To("PENDING");
    }

    private Step live(boolean wanted) {
        if (row.course().namespace() == null) {
            return wanted ? new Step.Prepare() : new Step.To("DEPROVISIONING");
        }
        if (!seen.pod()) {
            return wanted
                    ? new Step.Stop("TerminationNotice", "The host of the task was lost.")
                    : new Step.To("DEACTIVATING");
        }
        Step noted = noted(wanted);
        if (noted != null) {
            return noted;
        }
        if (!wanted) {
            return new Step.To("DEACTIVATING");
        }
        Step failed = essentialEnded();
        if (failed != null) {
            return failed;
        }
        Step started = starts();
        if (started != null) {
            return started;
        }
        return probesOrRest();
    }

    /** What was seen and is not on record. */
    private @Nullable Step noted(boolean wanted) {
        for (ContainerCourse each : row.course().containers()) {
            SeenContainer there = seen.containers().get(each.name());
            if (there == null) {
                continue;
            }
            if (each.phase() != Phase.EXITED && there.starts() > each.attempt()) {
                return new Step.Started(each.name(), there.startedAt());
            }
            if (each.phase() == Phase.STARTED && !there.running()) {
                return wanted && restarts(each, there)
                        ? new Step.Restart(each.name())
                        : new Step.Ended(each.name(), there);
            }
        }
        return null;
    }

    private boolean restarts(ContainerCourse each, SeenContainer there) {
        ContainerDefinition definition = definitions.get(each.name());
        ContainerRestartPolicy policy = definition == null ? null : definition.restartPolicy();
        if (policy == null || !Boolean.TRUE.equals(policy.enabled()) || each.signalledAt() != null) {
            return false;
        }
        Duration period = policy.restartAttemptPeriod() == null
                ? RESTART_PERIOD
                : Duration.ofSeconds(policy.restartAttemptPeriod());
        boolean longEnough =
                Duration.between(there.startedAt(), there.endedAt()).compareTo(period) >= 0;
        return longEnough && !policy.ignoredExitCodes().contains(there.code());
    }

    private @Nullable Step essentialEnded() {
        for (ContainerCourse each : row.course().containers()) {
            ContainerDefinition definition = definitions.get(each.name());
            boolean essential = definition == null || !Boolean.FALSE.equals(definition.essential());
            if (each.phase() == Phase.EXITED && essential) {
                String told = row.told().containers().stream()
                        .filter(container -> each.name().equals(container.name()))
                        .map(container -> Objects.requireNonNullElse(container.reason(), ""))
                        .findFirst()
                        .orElse("");
                return new Step.Stop(
                        "EssentialContainerExited",
                        told.startsWith("OutOfMemoryError") ? told : "Essential container in task exited");
            }
        }
        return null;
    }

    private @Nullable Step starts() {
        Instant soonest = null;
        boolean waiting = false;
        for (ContainerCourse each : row.course().containers()) {
            if (each.phase() != Phase.WAITING) {
                continue;
            }
            waiting = true;
            Readiness readiness = readiness(definitions.get(each.name()));
            if (readiness.impossible() != null) {
                return new Step.Stop("TaskFailedToStart", readiness.impossible());
            }
            if (readiness.ready()) {
                return new Step.Start(each.name());
            }
            soonest = earlier(soonest, readiness.until());
        }
        if (!waiting) {
            return switch (row.lastStatus()) {
                case "PENDING" -> new Step.To("ACTIVATING");
                case "ACTIVATING" -> new Step.To("RUNNING");
                default -> null;
            };
        }
        Step probe = probesOrRest();
        if (probe instanceof Step.Wait wait && soonest != null && soonest.isBefore(wait.until())
                || probe instanceof Step.Rest && soonest != null) {
            return new Step.Wait(soonest);
        }
        return probe;
    }

    /**
     * Whether a container may start.
     *
     * @param impossible why it never may; null otherwise
     * @param until when what it waits for takes too long; null where nothing bounds it
     */
    private record Readiness(
            boolean ready,
            @Nullable String impossible,
            @Nullable Instant until) {}

    private Readiness readiness(@Nullable ContainerDefinition definition) {
        if (definition == null) {
            return new Readiness(true, null, null);
        }
        boolean ready = true;
        Instant until = null;
        for (ContainerDependency on : definition.dependsOn()) {
            ContainerCourse other = courses.get(String.valueOf(on.containerName()));
            if (other == null || met(on, other)) {
                continue;
            }
            String name = String.valueOf(on.containerName());
            if (other.phase() == Phase.EXITED) {
                return new Readiness(
                        false,
                        "Container " + name + " exited before its dependency condition " + on.condition() + " was met.",
                        null);
            }
            Instant limit =
                    other.startedAt() == null ? null : other.startedAt().plus(startTimeout(definitions.get(name)));
            if (limit != null && !now.isBefore(limit)) {
                return new Readiness(
                        false,
                        "Container " + name + " did not meet its dependency condition " + on.condition() + " in time.",
                        null);
            }
            until = earlier(until, limit);
            ready = false;
        }
        return new Readiness(ready, null, until);
    }

    private static boolean met(ContainerDependency on, ContainerCourse other) {
        return switch (String.valueOf(on.condition())) {
            case "COMPLETE" -> other.phase() == Phase.EXITED;
            case "SUCCESS" ->
                other.phase() == Phase.EXITED && Integer.valueOf(0).equals(other.exitCode());
            case "HEALTHY" -> other.phase() == Phase.STARTED && other.health().equals("HEALTHY");
            default -> other.phase() != Phase.WAITING;
        };
    }

    private static Duration startTimeout(@Nullable ContainerDefinition definition) {
        return definition == null || definition.startTimeout() == null
                ? USUAL_START_TIMEOUT
                : Duration.ofSeconds(definition.startTimeout());
    }

    private Step probesOrRest() {
        Instant next = null;
        for (ContainerCourse each : row.course().containers()) {
            ContainerDefinition definition = definitions.get(each.name());
            HealthCheck check = definition == null ? null : definition.healthCheck();
            if (each.phase() != Phase.STARTED
                    || check == null
                    || check.command().getFirst().equals("NONE")) {
                continue;
            }
            Instant last = each.probedAt() == null ? each.startedAt() : each.probedAt();
            Instant due = Objects.requireNonNull(last).plusSeconds(Objects.requireNonNullElse(check.interval(), 30));
            if (!now.isBefore(due)) {
                return new Step.Probe(each.name());
            }
            next = earlier(next, due);
        }
        return next == null ? new Step.Rest() : new Step.Wait(next);
    }

    private Step stopping() {
        Instant next = null;
        boolean running = false;
        for (ContainerCourse each : row.course().containers()) {
            SeenContainer there = seen.containers().get(each.name());
            if (there != null && there.running()) {
                running = true;
                Step step = end(each);
                if (!(step instanceof Step.Wait wait)) {
                    return step;
                }
                next = earlier(next, wait.until());
            } else if (each.phase() == Phase.STARTED && there != null) {
                return new Step.Ended(each.name(), there);
            }
        }
        return running ? new Step.Wait(Objects.requireNonNull(next)) : new Step.To("DEPROVISIONING");
    }

    /** Brings a running container to its end, after those that depend on it. */
    private Step end(ContainerCourse each) {
        if (each.signalledAt() == null) {
            return dependents(each.name()) ? new Step.Wait(now.plus(REMEMBERED)) : new Step.Signal(each.name());
        }
        Instant limit = each.signalledAt().plus(stopTimeout(definitions.get(each.name())));
        Instant last = row.course().killAt();
        Instant until = last != null && last.isBefore(limit) ? last : limit;
        return now.isBefore(until) ? new Step.Wait(until) : new Step.Kill(each.name());
    }

    private boolean dependents(String name) {
        return seen.containers().entrySet().stream()
                .filter(each -> each.getValue().running())
                .map(each -> definitions.get(each.getKey()))
                .filter(Objects::nonNull)
                .anyMatch(each -> each.dependsOn().stream().anyMatch(on -> name.equals(on.containerName())));
    }

    /** How long a container has from its stop signal on. */
    static Duration stopTimeout(@Nullable ContainerDefinition definition) {
        return definition == null || definition.stopTimeout() == null
                ? STOP_TIMEOUT
                : Duration.ofSeconds(definition.stopTimeout());
    }

    private Step stopped() {
        if (!row.course().cleared()) {
            return new Step.Clear();
        }
        Instant end = Optional.ofNullable(row.told().stoppedAt()).orElse(now).plus(REMEMBERED);
        return now.isBefore(end) ? new Step.Wait(end) : new Step.Forget();
    }

    /** A container's health after one more check. */
    static ContainerCourse probed(ContainerCourse course, HealthCheck check, boolean well, Instant now) {
        if (well) {
            return course.probed(now, 0, "HEALTHY");
        }
        Instant grace = Objects.requireNonNull(course.startedAt())
                .plusSeconds(Objects.requireNonNullElse(check.startPeriod(), 0));
        if (now.isBefore(grace)) {
            return course.probed(now, 0, course.health());
        }
        int failed = course.probesFailed() + 1;
        boolean ill = failed >= Objects.requireNonNullElse(check.retries(), 3);
        return course.probed(now, failed, ill ? "UNHEALTHY" : course.health());
    }

    /** A task's health, of its containers'. */
    static String health(List<ContainerCourse> containers, TaskDefinition definition) {
        String found = "UNKNOWN";
        for (ContainerDefinition each : definition.containerDefinitions()) {
            if (each.healthCheck() == null || Boolean.FALSE.equals(each.essential())) {
                continue;
            }
            String health = containers.stream()
                    .filter(course -> course.name().equals(each.name()))
                    .map(ContainerCourse::health)
                    .findFirst()
                    .orElse("UNKNOWN");
            if (health.equals("UNHEALTHY") || health.equals("UNKNOWN")) {
                return health;
            }
            found = health;
        }
        return found;
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    private static String name(ContainerDefinition each) {
        return Objects.requireNonNull(each.name());
    }
}
