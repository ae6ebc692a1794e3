package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.container.Exec;
import dev.haneul.engines.container.ExecSpec;
import dev.haneul.engines.session.SessionTarget;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Containers as sessions find them, {@code ecs:CLUSTER_TASK_CONTAINER}: those of tasks that were launched for it. Commands
 * run as root, whatever the container's user.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html">ECS Exec</a>
 */
public final class TaskSessions {
    private static final Pattern NAME = Pattern.compile("ecs:(?<cluster>.+)_(?<task>[^_]+)_(?<container>[^_]+)");
    private static final String ROOT = "0";
    private static final List<String> SHELL = List.of("/bin/sh");

    private final EcsRoom room;
    private final TaskLaunch launch;
    private final Machinery machinery;
    private final SessionLogs logs;

    TaskSessions(EcsRoom room, TaskLaunch launch, Machinery machinery, TaskRoles roles) {
        this.room = room;
        this.launch = launch;
        this.machinery = machinery;
        this.logs = new SessionLogs(room, roles);
    }

    /** What sessions call a container. */
    static String name(ClusterRow cluster, TaskRow row, Container container) {
        return "ecs:" + cluster.name() + "_" + row.id() + "_" + container.runtimeId();
    }

    /** Finds a container that runs now. */
    public Optional<SessionTarget> find(Scope scope, String name) {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches()) {
            return Optional.empty();
        }
        TaskRow row = room.read(tx -> tx.get(EcsTables.TASKS, scope.key(parts.group("task"))))
                .map(Row::value)
                .filter(task -> task.cluster().equals(parts.group("cluster")))
                .filter(task -> Boolean.TRUE.equals(task.told().enableExecuteCommand()))
                .orElse(null);
        if (row == null) {
            return Optional.empty();
        }
        return row.told().containers().stream()
                .filter(each -> parts.group("container").equals(each.runtimeId()))
                .map(each -> String.valueOf(each.name()))
                .findFirst()
                .flatMap(container -> running(row, container).map(it -> new Inside(scope, row, container)));
    }

    private Optional<dev.haneul.engines.container.Container> running(TaskRow row, String container) {
        return machinery
                .containers()
                .find(row.id())
                .flatMap(pod -> pod.find(container))
                .filter(dev.haneul.engines.container.Container::running);
    }

    /** A container. */
    private final class Inside implements SessionTarget {
        private final Scope scope;
        private final TaskRow row;
        private final String container;
        private final TaskDefinition definition;
        private final SessionLogs.@Nullable Destination destination;

        Inside(Scope scope, TaskRow row, String container) {
            this.scope = scope;
            this.row = row;
            this.container = container;
            this.definition = launch.definition(scope, row);
            this.destination =
                    logs.destination(scope, row, definition, container).orElse(null);
        }

        @Override
        public Exec open(Opening opening) throws LaunchException, InterruptedException {
            List<String> command = opening.command().isBlank() ? SHELL : CommandWords.split(opening.command());
            return running(row, container)
                    .orElseThrow(() -> new LaunchException("the container does not run any more"))
                    .exec(new ExecSpec(command, Map.of(), ROOT, opening.terminal(), 0, 0));
        }

        @Override
        public boolean recorded() {
            return destination != null;
        }

        @Override
        public void ended(String session, Path transcript) {
            if (destination != null) {
                logs.bring(scope, row, definition, destination, session, transcript);
            }
        }
    }
}
