package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.container.Container;
import dev.haneul.engines.container.ExecSpec;
import dev.haneul.engines.container.Pod;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.ContainerCourse;
import dev.haneul.services.ecs.EcsTables.Phase;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.task.TaskPlan.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Brings tasks where they are wanted: takes the steps of {@link TaskPlan}. */
final class TaskReconciler implements Reconciler<Key> {
    private static final System.Logger LOG = System.getLogger(TaskReconciler.class.getName());
    private static final int PROBE_BYTES = 4096;

    private final EcsRoom room;
    private final Tasks tasks;
    private final Machinery machinery;
    private final TaskLaunch launch;
    private final LogShipper logs;
    private final TaskMeter meter;

    TaskReconciler(
            EcsRoom room, Tasks tasks, Machinery machinery, TaskLaunch launch, LogShipper logs, TaskMeter meter) {
        this.room = room;
        this.tasks = tasks;
        this.machinery = machinery;
        this.launch = launch;
        this.logs = logs;
        this.meter = meter;
    }

    @Override
    public String name() {
        return "ecs.task";
    }

    @Override
    public Next reconcile(Key key) throws InterruptedException {
        TaskRow row =
                room.read(tx -> tx.get(EcsTables.TASKS, key)).map(Row::value).orElse(null);
        if (row == null) {
            abandon(key);
            return Next.DONE;
        }
        TaskDefinition definition = launch.definition(key.scope(), row);
        // Nobody else is held back, and this is asked at every step of every task.
        boolean released =
                !row.lastStatus().equals("DEACTIVATING") || room.read(tx -> tasks.released(tx, key.scope(), row));
        Step step = TaskPlan.of(row, definition, Views.of(machinery.containers().find(row.id())), room.now(), released);
        return take(step, key, row, definition);
    }

    private Next take(Step step, Key key, TaskRow row, TaskDefinition definition) throws InterruptedException {
        switch (step) {
            case Step.Rest() -> {
                return Next.DONE;
            }
            case Step.Wait wait -> {
                return Next.at(wait.until());
            }
            case Step.Provision() -> orStop(key, () -> launch.provision(key.scope(), row));
            case Step.Prepare() -> orStop(key, () -> launch.prepare(key.scope(), row, definition));
            case Step.Start start -> start(key, row, definition, start.container());
            case Step.Started started -> started(key, definition, started.container(), started.at());
            case Step.Ended ended -> ended(key, ended);
            case Step.Restart restart -> restart(key, row, restart.container());
            case Step.Probe probe -> probe(key, row, definition, probe.container());
            case Step.Signal signal -> signal(key, row, signal.container());
            case Step.Kill kill -> kill(row, kill.container());
            case Step.To to -> to(key, row.lastStatus(), to.status());
            case Step.Stop stop -> stop(key, stop.code(), stop.reason());
            case Step.Clear() -> clear(key, row, definition);
            case Step.Forget() -> forget(key, row);
        }
        return Next.after(Duration.ZERO);
    }

    /** Part of a start that may turn out to be impossible. */
    @FunctionalInterface
    private interface Attempt {
        UnaryOperator<TaskRow> run() throws CannotStart, InterruptedException;
    }

    private void orStop(Key key, Attempt attempt) throws InterruptedException {
        try {
            change(key, attempt.run());
        } catch (CannotStart e) {
            stop(key, "TaskFailedToStart", e.reason());
        }
        // In this step, not the next: there is none where the region stops now.
        if (room.read(tx -> tx.get(EcsTables.TASKS, key)).isEmpty()) {
            abandon(key);
        }
    }

    /** A reset took the record: its pod must not outlive it. */
    private void abandon(Key key) {
        machinery.containers().find(key.id()).ifPresent(Pod::close);
        launch.forget(key.id());
    }

    private void start(Key key, TaskRow row, TaskDefinition definition, String container) throws InterruptedException {
        Pod pod = machinery.containers().find(row.id()).orElse(null);
        if (pod == null) {
            return;
        }
        try {
            TaskReadiness.Ready ready = launch.ready(key.scope(), row, definition);
            pod.start(Objects.requireNonNull(ready.specs().get(container)));
        } catch (CannotStart e) {
            stop(key, "TaskFailedToStart", e.reason());
            return;
        } catch (LaunchException e) {
            String reason = "CannotStartContainerError: " + e.getMessage();
            change(
                    key,
                    each -> Changes.container(
                            each, container, told -> told.lastStatus("STOPPED").reason(reason)));
            stop(key, "TaskFailedToStart", reason);
            return;
        }
        started(key, definition, container, room.now());
    }

    private void started(Key key, TaskDefinition definition, String container, Instant at) {
        change(key, row -> {
            TaskRow next = Changes.course(row, container, each -> each.started(at));
            String id = MetadataIds.container(row.id(), container);
            next = Changes.container(next, container, told -> Changes.running(told, id, at));
            return Changes.health(next, definition);
        });
    }

    private void ended(Key key, Step.Ended ended) {
        Seen.SeenContainer how = ended.how();
        String reason = how.outOfMemory()
                ? "OutOfMemoryError: Container killed due to memory usage"
                : how.reason().isEmpty() ? null : "CannotStartContainerError: " + how.reason();
        change(key, row -> {
            TaskRow next = Changes.course(row, ended.container(), each -> each.exited(how.code()));
            return Changes.container(
                    next,
                    ended.container(),
                    told -> told.lastStatus("STOPPED").exitCode(how.code()).reason(reason));
        });
    }

    private void restart(Key key, TaskRow row, String container) throws InterruptedException {
        Container there = find(row, container);
        if (there == null || there.running()) {
            return;
        }
        try {
            there.restart();
        } catch (LaunchException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    container + " of " + row.arn() + " does not restart: " + e.getMessage());
            there.exit().ifPresent(exit -> ended(key, new Step.Ended(container, Views.of(there))));
        }
    }

    private void probe(Key key, TaskRow row, TaskDefinition definition, String container) throws InterruptedException {
        Container there = find(row, container);
        var check = definition.containerDefinitions().stream()
                .filter(each -> container.equals(each.name()))
                .findFirst()
                .orElseThrow()
                .healthCheck();
        if (there == null || check == null) {
            return;
        }
        List<String> command = check.command();
        List<String> run = command.getFirst().equals("CMD-SHELL")
                ? List.of("/bin/sh", "-c", command.get(1))
                : command.subList(1, command.size());
        boolean well;
        try {
            well = there.exec(ExecSpec.of(run.toArray(String[]::new)))
                            .finish(Duration.ofSeconds(Objects.requireNonNullElse(check.timeout(), 5)), PROBE_BYTES)
                            .code()
                            .orElse(1)
                    == 0;
        } catch (LaunchException e) {
            well = false;
        }
        boolean outcome = well;
        change(
                key,
                each -> Changes.health(
                        Changes.course(each, container, course -> TaskPlan.probed(course, check, outcome, room.now())),
                        definition));
    }

    private void signal(Key key, TaskRow row, String container) {
        Container there = find(row, container);
        if (there != null) {
            try {
                there.signal(there.labels().getOrDefault(ContainerSpecs.STOP_SIGNAL, "SIGTERM"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        change(key, each -> Changes.course(each, container, course -> course.signalled(room.now())));
    }

    private void kill(TaskRow row, String container) throws InterruptedException {
        Container there = find(row, container);
        if (there != null) {
            there.stop(Duration.ZERO);
        }
    }

    private @org.jspecify.annotations.Nullable Container find(TaskRow row, String container) {
        return machinery
                .containers()
                .find(row.id())
                .flatMap(pod -> pod.find(container))
                .orElse(null);
    }

    private void to(Key key, String from, String status) {
        change(key, row -> row.lastStatus().equals(from) ? Changes.to(row, status, room.now()) : row);
        if (status.equals("RUNNING")) {
            launch.settled(key.id());
        }
    }

    private void stop(Key key, String code, String reason) {
        room.store().write(tx -> tasks.stop(tx, key.scope(), key.id(), code, reason));
    }

    private void clear(Key key, TaskRow row, TaskDefinition definition) {
        logs.finish(key.scope(), row, definition);
        meter.ended(key, row);
        machinery.containers().find(row.id()).ifPresent(Pod::close);
        launch.disconnect(key.scope(), row);
        String eni = row.course().eni();
        if (eni != null) {
            machinery.networks().remove(key.scope(), eni);
        }
        launch.forget(row.id());
        change(key, each -> Changes.stopped(each, room.now()));
    }

    private void forget(Key key, TaskRow row) {
        room.store().write(tx -> {
            tx.delete(EcsTables.TASKS, key);
            EcsTags.forget(tx, key.scope(), "task/" + row.cluster() + "/" + row.id());
            logs.forget(tx, key.scope(), row);
            meter.forget(tx, key);
        });
    }

    /** Changes the record as it is now; where nothing changes, nothing is written. */
    private void change(Key key, UnaryOperator<TaskRow> step) {
        room.store()
                .write(tx -> tx.get(EcsTables.TASKS, key).map(Row::value).ifPresent(row -> {
                    TaskRow next = step.apply(row);
                    if (next.equals(row)) {
                        return;
                    }
                    if (next.told().equals(row.told())) {
                        tx.put(EcsTables.TASKS, key, next);
                    } else {
                        tasks.put(tx, key.scope(), next);
                    }
                }));
    }

    /** The courses of a task's containers, one of them changed. */
    static List<ContainerCourse> with(List<ContainerCourse> all, String name, UnaryOperator<ContainerCourse> step) {
        List<ContainerCourse> next = new ArrayList<>();
        all.forEach(each -> next.add(each.name().equals(name) ? step.apply(each) : each));
        return next;
    }

    /** Whether any container of a task was started. */
    static boolean began(TaskRow row) {
        return row.course().containers().stream().anyMatch(each -> each.phase() != Phase.WAITING);
    }
}
