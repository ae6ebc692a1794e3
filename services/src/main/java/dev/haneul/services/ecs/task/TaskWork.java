package dev.haneul.services.ecs.task;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.container.ExecSpec;
import dev.haneul.engines.container.Pod;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Driver.Waker;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What takes time with tasks: joins the driver, adopts what an earlier server left, wakes what is concerned. */
public final class TaskWork {
    private static final int AT_ONCE = 48;
    private static final int PAGE = 1000;
    private static final int NOT_RUN = 255;
    private static final int EXEC_BYTES = 1 << 20;
    private static final Duration EXEC_LIMIT = Duration.ofMinutes(1);
    private static final int LOGS_AT_ONCE = 16;
    private static final Duration LOG_PERIOD = Duration.ofSeconds(1);

    private final EcsRoom room;
    private final Tasks tasks;
    private final Machinery machinery;
    private final TaskRoles roles;
    private final TaskLaunch launch;
    private final LogShipper logs;
    private final TaskMeter meter;
    /** Where each task's record is. */
    private final Map<String, Scope> scopes = new ConcurrentHashMap<>();
    /** The tasks behind each network interface: one of its own, or those of a container instance. */
    private final Map<String, Set<Key>> interfaces = new ConcurrentHashMap<>();

    private volatile Waker<Key> tasksWaker = key -> {};

    /**
     * Opens the tables of what tasks print and use.
     *
     * @param names what tasks know by name from the beginning
     */
    public TaskWork(EcsRoom room, Tasks tasks, Machinery machinery, HostNames names) {
        this.room = room;
        this.tasks = tasks;
        this.machinery = machinery;
        this.roles = new TaskRoles(room);
        LogStreams streams = new LogStreams(room);
        this.launch = new TaskLaunch(room, machinery, new TaskReadiness(room, machinery, roles, streams), names);
        this.logs = new LogShipper(room, machinery, roles, streams);
        this.meter = new TaskMeter(room, machinery);
        room.store().open(List.of(LogShipper.OFFSETS, TaskMeter.METERED), List.of());
    }

    TaskRoles roles() {
        return roles;
    }

    TaskLaunch launch() {
        return launch;
    }

    Machinery machinery() {
        return machinery;
    }

    EcsRoom room() {
        return room;
    }

    /** Containers as Session Manager finds them. */
    public TaskSessions sessions() {
        return new TaskSessions(room, launch, machinery, roles);
    }

    /** What runs containers, and how many, in one line. */
    public String status() {
        return machinery.containers().status();
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {
        Waker<Key> waker = driver.add(new TaskReconciler(room, tasks, machinery, launch, logs, meter), AT_ONCE);
        tasksWaker = waker;
        Waker<Key> printed = driver.add(new Shipping(), LOGS_AT_ONCE);
        driver.follow("ecs.task", Set.of(EcsTables.TASKS.name()), change -> {
            if (change.after() == null) {
                scopes.remove(change.key().id());
            } else {
                scopes.put(change.key().id(), change.key().scope());
            }
            waker.wake(change.key());
            change.before(EcsTables.TASKS.codec()).ifPresent(row -> behind(change.key(), row, false));
            change.after(EcsTables.TASKS.codec()).ifPresent(row -> {
                behind(change.key(), row, !row.course().cleared());
                if (row.course().namespace() != null) {
                    printed.wake(change.key());
                }
            });
        });
        meter.join(driver);
        new ImageCleanup(machinery.containers().images()).join(driver);
        machinery.containers().watch(pod -> {
            Scope scope = scopes.get(pod);
            if (scope != null) {
                waker.wake(scope.key(pod));
            }
        });
        adopt(waker, printed);
    }

    /** The tasks that an interface's traffic comes from. */
    List<Key> ofInterface(String eni) {
        return List.copyOf(interfaces.getOrDefault(eni, Set.of()));
    }

    private void behind(Key key, TaskRow row, boolean is) {
        String eni = row.course().eni() == null
                ? serverInterface(key, row)
                : row.course().eni();
        if (eni == null) {
            return;
        }
        interfaces.compute(eni, (id, keys) -> {
            Set<Key> next = new HashSet<>(keys == null ? Set.of() : keys);
            if (is) {
                next.add(key);
            } else {
                next.remove(key);
            }
            return next.isEmpty() ? null : next;
        });
    }

    /** The interface of the container instance that a task shares the network of. */
    private @Nullable String serverInterface(Key key, TaskRow row) {
        String instance = row.instance();
        boolean own = !row.told().attachments().isEmpty();
        return instance == null || own
                ? null
                : room.read(tx -> tx.get(EcsTables.INSTANCES, key.scope().key(instance)))
                        .map(found -> found.value().eni())
                        .orElse(null);
    }

    /** Finds the pods an earlier server left; those of no record go, which the reconciler sees to: they may be many. */
    private void adopt(Waker<Key> waker, Waker<Key> printed) {
        List<Pod> pods = machinery.containers().recover();
        // Stopped tasks too: they are forgotten after a while.
        for (Row<TaskRow> each : room.read(TaskWork::all)) {
            Key key = each.key();
            scopes.put(key.id(), key.scope());
            behind(key, each.value(), !each.value().course().cleared());
            waker.wake(key);
            printed.wake(key);
        }
        for (Pod each : pods) {
            String account = each.labels().get("account");
            String region = each.labels().get("region");
            if (!scopes.containsKey(each.id()) && account != null && region != null) {
                waker.wake(new Scope(account, region).key(each.id()));
            }
        }
    }

    private static List<Row<TaskRow>> all(ReadTx tx) {
        List<Row<TaskRow>> found = new ArrayList<>();
        Key after = null;
        List<Row<TaskRow>> page;
        do {
            page = tx.all(EcsTables.TASKS, after, PAGE);
            found.addAll(page);
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == PAGE);
        return found;
    }

    /**
     * After a reset: closes the pods of no record, and returns when they are gone. The reconciler closes them, many at a
     * time; here each is waited for.
     */
    public void forget() {
        List<Key> gone = new ArrayList<>();
        for (Map.Entry<String, Scope> each : Map.copyOf(scopes).entrySet()) {
            Key key = each.getValue().key(each.getKey());
            if (room.read(tx -> tx.get(EcsTables.TASKS, key)).isEmpty()) {
                gone.add(key);
            }
        }
        gone.forEach(tasksWaker::wake);
        for (Key key : gone) {
            machinery.containers().find(key.id()).ifPresent(Pod::close);
            launch.forget(key.id());
            scopes.remove(key.id());
        }
    }

    /**
     * Takes the capacity of a task on Fargate Spot away: it is warned now and has two minutes.
     *
     * @param task its id, or its ARN
     * @return what was done, in one line
     * @throws IllegalArgumentException with the reason why there is nothing to interrupt
     */
    public String interrupt(String task) {
        String id = task.substring(task.lastIndexOf('/') + 1);
        Scope scope = scopes.get(id);
        if (scope == null) {
            throw new IllegalArgumentException("There is no task '" + task + "'.");
        }
        return room.change(tx -> tasks.interrupt(tx, scope, id))
                .map(row -> row.arn() + " is interrupted and ends within two minutes.")
                .orElseThrow(() ->
                        new IllegalArgumentException("'" + task + "' is no task on Fargate Spot that is to run."));
    }

    /** What a command printed, both outputs together, and how it ended. */
    public record Printed(int code, String text) {}

    /**
     * Runs a command in a container, without a terminal.
     *
     * @param task its id, or its ARN
     */
    public Printed exec(String task, String container, List<String> command) throws InterruptedException {
        String id = task.substring(task.lastIndexOf('/') + 1);
        var found = machinery.containers().find(id).flatMap(pod -> pod.find(container));
        if (found.isEmpty() || !found.get().running()) {
            return new Printed(
                    NOT_RUN, "There is no container '" + container + "' that runs in a task '" + id + "'.\n");
        }
        try {
            var outcome = found.get()
                    .exec(ExecSpec.of(command.toArray(String[]::new)))
                    .finish(EXEC_LIMIT, EXEC_BYTES);
            return new Printed(outcome.code().orElse(NOT_RUN), outcome.output());
        } catch (LaunchException e) {
            return new Printed(NOT_RUN, e.getMessage() + "\n");
        }
    }

    /** Brings what tasks print to its streams, each second. */
    private final class Shipping implements Reconciler<Key> {
        @Override
        public String name() {
            return "ecs.logs";
        }

        @Override
        public Next reconcile(Key key) {
            if (scopes.containsKey(key.id()) && logs.quiet(key.id())) {
                return Next.after(LOG_PERIOD);
            }
            TaskRow row = room.read(tx -> tx.get(EcsTables.TASKS, key))
                    .map(Row::value)
                    .orElse(null);
            if (row == null) {
                return Next.DONE;
            }
            boolean runs = row.course().namespace() != null
                    && Set.of("PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING")
                            .contains(row.lastStatus());
            if (!runs) {
                return Next.DONE;
            }
            var definition = launch.definition(key.scope(), row);
            if (!LogShipper.concerns(definition)) {
                return Next.DONE;
            }
            logs.ship(key.scope(), row, definition, false);
            return Next.after(LOG_PERIOD);
        }
    }
}
