package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.call.ClientTokens;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.EcsTables.DefinitionRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.cluster.Clusters;
import dev.haneul.services.ecs.definition.Definitions;
import dev.haneul.services.ecs.task.LaunchRequest.PlacementWish;
import dev.haneul.services.ecs.task.LaunchRequest.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** RunTask and StartTask: tasks that belong to no service. */
final class RunTask {
    private static final int MOST = 10;
    private static final int MOST_TEXT = 128;

    private final EcsRoom room;
    private final Tasks tasks;

    RunTask(EcsRoom room, Tasks tasks) {
        this.room = room;
        this.tasks = tasks;
    }

    /** The cluster and definition a request names. */
    private record Named(ClusterRow cluster, DefinitionRow definition) {}

    private Named named(Scope scope, @Nullable String cluster, @Nullable String definition) {
        return room.read(tx -> new Named(
                Clusters.require(tx, scope, cluster), Definitions.require(tx, scope, String.valueOf(definition))));
    }

    RunTaskResponse run(RunTaskRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        int count = Objects.requireNonNullElse(in.count(), 1);
        if (count < 1 || count > MOST) {
            throw EcsFaults.invalid("Count must be between 1 and " + MOST + ".");
        }
        texts(in.startedBy(), in.group());
        refuse(in.volumeConfigurations());
        Named named = named(scope, in.cluster(), in.taskDefinition());
        TaskDefinition definition = named.definition().told();
        LaunchChecks.Course course = LaunchChecks.course(
                named.cluster(), definition, in.launchType(), in.capacityProviderStrategy(), in.platformVersion());
        LaunchRequest wanted = new LaunchRequest(
                scope,
                named.cluster().name(),
                definition,
                course.targets(count),
                LaunchChecks.network(room, call, definition, in.networkConfiguration(), course.launchType()),
                LaunchChecks.overrides(in.overrides(), definition, course.launchType()),
                group(in.group(), definition),
                in.startedBy(),
                null,
                tags(scope, named, in.tags(), in.propagateTags(), in.enableECSManagedTags()),
                execute(in.enableExecuteCommand(), in.overrides(), definition),
                new PlacementWish(in.placementConstraints(), in.placementStrategy()));
        ClientTokens.Claim claim = room.tokens()
                .claim(Objects.requireNonNull(EcsModel.SHAPE.operation("RunTask")), in, "clientToken", call);
        return room.change(tx -> {
            Clusters.require(tx, scope, in.cluster());
            String before = claim.answer(tx).orElse(null);
            if (before != null) {
                return new RunTaskResponse().tasks(again(tx, scope, before)).failures(List.of());
            }
            Launched launched = tasks.launch(tx, wanted);
            if (launched.failures().stream().anyMatch(each -> Placing.EMPTY.equals(each.reason()))) {
                throw EcsFaults.invalid(Placing.EMPTY);
            }
            claim.keep(tx, String.join(",", launched.arns()));
            return new RunTaskResponse()
                    .tasks(told(tx, scope, launched.tasks()))
                    .failures(launched.failures());
        });
    }

    private static List<Task> again(ReadTx tx, Scope scope, String arns) {
        List<TaskRow> found = new ArrayList<>();
        for (String arn : arns.split(",")) {
            Tasks.find(tx, scope, arn).ifPresent(found::add);
        }
        return told(tx, scope, found);
    }

    private static List<Task> told(ReadTx tx, Scope scope, List<TaskRow> rows) {
        return rows.stream()
                .map(row -> TaskOperations.told(tx, scope, row, true))
                .toList();
    }

    StartTaskResponse start(StartTaskRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        if (in.containerInstances().isEmpty() || in.containerInstances().size() > MOST) {
            throw EcsFaults.invalid("Container instances must have between 1 and " + MOST + " items.");
        }
        texts(in.startedBy(), in.group());
        refuse(in.volumeConfigurations());
        Named named = named(scope, in.cluster(), in.taskDefinition());
        TaskDefinition definition = named.definition().told();
        List<Target> targets = in.containerInstances().stream()
                .map(each -> new Target("EC2", null, null, each.substring(each.lastIndexOf('/') + 1)))
                .toList();
        LaunchRequest wanted = new LaunchRequest(
                scope,
                named.cluster().name(),
                definition,
                targets,
                LaunchChecks.network(room, call, definition, in.networkConfiguration(), "EC2"),
                LaunchChecks.overrides(in.overrides(), definition, "EC2"),
                group(in.group(), definition),
                in.startedBy(),
                null,
                tags(scope, named, in.tags(), in.propagateTags(), in.enableECSManagedTags()),
                execute(in.enableExecuteCommand(), in.overrides(), definition),
                PlacementWish.ANY);
        return room.change(tx -> {
            Clusters.require(tx, scope, in.cluster());
            Launched launched = tasks.launch(tx, wanted);
            return new StartTaskResponse()
                    .tasks(told(tx, scope, launched.tasks()))
                    .failures(launched.failures());
        });
    }

    private static void texts(@Nullable String startedBy, @Nullable String group) {
        if (startedBy != null && startedBy.length() > MOST_TEXT) {
            throw EcsFaults.invalid("startedBy can have at most " + MOST_TEXT + " characters.");
        }
        if (group != null && (group.length() > 255 || group.startsWith("service:") || group.startsWith("family:"))) {
            throw EcsFaults.invalid(
                    "Invalid group: up to 255 characters are allowed, and it cannot start with family: or service:.");
        }
    }

    private static void refuse(List<TaskVolumeConfiguration> volumes) {
        if (!volumes.isEmpty()) {
            throw EcsFaults.unbuilt("A task with a managed EBS volume");
        }
    }

    private static String group(@Nullable String given, TaskDefinition definition) {
        return given == null ? "family:" + definition.family() : given;
    }

    private static boolean execute(
            @Nullable Boolean wanted, @Nullable TaskOverride overrides, TaskDefinition definition) {
        boolean execute = Boolean.TRUE.equals(wanted);
        boolean role = definition.taskRoleArn() != null || overrides != null && overrides.taskRoleArn() != null;
        if (execute && !role) {
            throw EcsFaults.invalid("The service couldn't enable execute command because a valid taskRoleArn is not "
                    + "being used. Specify a valid task role in your task definition and try again.");
        }
        return execute;
    }

    private Map<String, String> tags(
            Scope scope, Named named, List<Tag> given, @Nullable String propagate, @Nullable Boolean managed) {
        Map<String, String> all = new LinkedHashMap<>();
        if ("TASK_DEFINITION".equals(propagate)) {
            DefinitionRow definition = named.definition();
            all.putAll(room.read(tx ->
                    EcsTags.of(tx, scope, "task-definition/" + definition.family() + ":" + definition.revision())));
        } else if ("SERVICE".equals(propagate)) {
            throw EcsFaults.invalid("Tags can only be propagated from a task definition.");
        }
        all.putAll(EcsTags.check(given));
        if (Boolean.TRUE.equals(managed)) {
            all.put("aws:ecs:clusterName", named.cluster().name());
        }
        return all;
    }
}
