package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.Attachment;
import dev.haneul.api.ecs.Attribute;
import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.ContainerOverride;
import dev.haneul.api.ecs.EphemeralStorage;
import dev.haneul.api.ecs.Failure;
import dev.haneul.api.ecs.KeyValuePair;
import dev.haneul.api.ecs.ManagedAgent;
import dev.haneul.api.ecs.Task;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.ecs.TaskEphemeralStorage;
import dev.haneul.api.ecs.TaskOverride;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.ContainerCourse;
import dev.haneul.services.ecs.EcsTables.Course;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.task.LaunchRequest.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tasks as records: launched, changed and stopped within a transaction of whoever wants that, so that a service's
 * record and its tasks never tell different stories. What the records want is done by the reconciler of tasks, which
 * the change of a record wakes.
 */
public final class Tasks {
    private static final int ID_CHARS = 32;
    private static final Duration SPOT_WARNING = Duration.ofMinutes(2);
    private static final int FARGATE_STORAGE_GIB = 20;

    private final EcsRoom room;
    private final Placing placing;
    private volatile Gate gate = (tx, scope, row) -> true;

    /** Tasks of a room. */
    public Tasks(EcsRoom room) {
        this.room = room;
        this.placing = new Placing();
    }

    /** Holds back the stop signals of tasks that traffic still flows to. */
    @FunctionalInterface
    public interface Gate {
        /** Whether a task that is DEACTIVATING may be told to end. */
        boolean open(ReadTx tx, Scope scope, TaskRow row);
    }

    /** Sets who holds stopping tasks back; at start-up. */
    public void gate(Gate keeper) {
        gate = keeper;
    }

    boolean released(ReadTx tx, Scope scope, TaskRow row) {
        return gate.open(tx, scope, row);
    }

    /** Writes a task for each target, or tells why it cannot be placed. */
    public Launched launch(WriteTx tx, LaunchRequest wanted) {
        List<TaskRow> made = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        for (Target target : wanted.targets()) {
            if ("FARGATE".equals(target.launchType())) {
                made.add(write(tx, wanted, target, null));
                continue;
            }
            Placing.Choice choice = placing.choose(tx, wanted, target);
            if (choice.instance() == null) {
                failures.addAll(choice.failures());
            } else {
                made.add(write(tx, wanted, target, choice));
            }
        }
        return new Launched(made, failures);
    }

    private TaskRow write(WriteTx tx, LaunchRequest wanted, Target target, Placing.@Nullable Choice choice) {
        Scope scope = wanted.scope();
        String id = room.ids().hex(ID_CHARS);
        Task told = told(wanted, target, EcsRoom.arn(scope, "task/" + wanted.cluster() + "/" + id));
        if (choice != null && choice.instance() != null) {
            told.containerInstanceArn(choice.instance().arn()).availabilityZone(choice.zone());
            told.containers(choice.bound(told.containers(), wanted.definition()));
        }
        TaskDefinition definition = wanted.definition();
        TaskOverride overrides = wanted.overrides();
        String role = overrides.taskRoleArn() == null ? definition.taskRoleArn() : overrides.taskRoleArn();
        String execution =
                overrides.executionRoleArn() == null ? definition.executionRoleArn() : overrides.executionRoleArn();
        TaskRow row = new TaskRow(
                told,
                new TaskRow.Means(
                        wanted.network(),
                        role == null ? "" : room.ids().uuid(),
                        execution == null ? "" : room.ids().uuid(),
                        wanted.service(),
                        null),
                new Course(
                        null,
                        null,
                        definition.containerDefinitions().stream()
                                .map(each -> ContainerCourse.waiting(Objects.requireNonNull(each.name())))
                                .toList(),
                        null,
                        false));
        EcsTags.put(tx, scope, "task/" + wanted.cluster() + "/" + id, wanted.tags());
        return put(tx, scope, row);
    }

    private Task told(LaunchRequest wanted, Target target, String arn) {
        TaskDefinition definition = wanted.definition();
        TaskOverride overrides = wanted.overrides();
        boolean fargate = "FARGATE".equals(target.launchType());
        boolean ownNetwork = "awsvpc".equals(definition.networkMode());
        Instant now = room.now();
        Task told = new Task()
                .taskArn(arn)
                .clusterArn(EcsRoom.arn(wanted.scope(), "cluster/" + wanted.cluster()))
                .taskDefinitionArn(definition.taskDefinitionArn())
                .group(wanted.group())
                .startedBy(wanted.startedBy())
                .launchType(target.launchType())
                .capacityProviderName(target.provider())
                .platformVersion(target.platformVersion())
                .platformFamily(fargate ? "Linux" : null)
                .createdAt(now)
                .lastStatus(ownNetwork ? "PROVISIONING" : "PENDING")
                .desiredStatus("RUNNING")
                .healthStatus("UNKNOWN")
                .enableExecuteCommand(wanted.execute())
                .cpu(overrides.cpu() == null ? definition.cpu() : overrides.cpu())
                .memory(overrides.memory() == null ? definition.memory() : overrides.memory())
                .overrides(overrides(wanted))
                .attributes(List.of(new Attribute().name("ecs.cpu-architecture").value(architecture(definition))))
                .version(0L)
                .containers(definition.containerDefinitions().stream()
                        .map(each -> container(wanted, arn, each))
                        .toList());
        if (fargate) {
            int gib = storage(definition, overrides);
            told.ephemeralStorage(new EphemeralStorage().sizeInGiB(gib))
                    .fargateEphemeralStorage(new TaskEphemeralStorage().sizeInGiB(gib));
        }
        if (ownNetwork) {
            told.attachments(List.of(new Attachment()
                    .id(room.ids().uuid())
                    .type("ElasticNetworkInterface")
                    .status("PRECREATED")
                    .details(List.of(new KeyValuePair()
                            .name("subnetId")
                            .value(Objects.requireNonNull(wanted.network())
                                    .subnets()
                                    .getFirst())))));
        }
        return told;
    }

    private static int storage(TaskDefinition definition, TaskOverride overrides) {
        EphemeralStorage wanted =
                overrides.ephemeralStorage() == null ? definition.ephemeralStorage() : overrides.ephemeralStorage();
        return wanted == null
                ? FARGATE_STORAGE_GIB
                : Objects.requireNonNullElse(wanted.sizeInGiB(), FARGATE_STORAGE_GIB);
    }

    private static String architecture(TaskDefinition definition) {
        var platform = definition.runtimePlatform();
        String named = platform == null ? null : platform.cpuArchitecture();
        return "ARM64".equals(named) ? "arm64" : "x86_64";
    }

    /** The overrides as they are told: every container is named. */
    private static TaskOverride overrides(LaunchRequest wanted) {
        List<ContainerOverride> all = new ArrayList<>();
        for (ContainerDefinition each : wanted.definition().containerDefinitions()) {
            all.add(wanted.overrides().containerOverrides().stream()
                    .filter(over -> Objects.equals(over.name(), each.name()))
                    .findFirst()
                    .orElseGet(() -> new ContainerOverride().name(each.name())));
        }
        return Copies.of(wanted.overrides()).containerOverrides(all).inferenceAcceleratorOverrides(List.of());
    }

    private Container container(LaunchRequest wanted, String taskArn, ContainerDefinition each) {
        String prefix = "container/" + wanted.cluster() + "/" + taskArn.substring(taskArn.lastIndexOf('/') + 1) + "/";
        Container told = new Container()
                .containerArn(EcsRoom.arn(wanted.scope(), prefix + room.ids().uuid()))
                .taskArn(taskArn)
                .name(each.name())
                .image(each.image())
                .lastStatus("PENDING")
                .networkInterfaces(List.of())
                .healthStatus("UNKNOWN")
                .cpu(String.valueOf(Objects.requireNonNullElse(each.cpu(), 0)));
        if (each.memory() != null) {
            told.memory(String.valueOf(each.memory()));
        }
        if (each.memoryReservation() != null) {
            told.memoryReservation(String.valueOf(each.memoryReservation()));
        }
        if (wanted.execute()) {
            told.managedAgents(
                    List.of(new ManagedAgent().name("ExecuteCommandAgent").lastStatus("PENDING")));
        }
        return told;
    }

    /**
     * Asks a task to stop; one that stops already keeps its reason.
     *
     * @param code e.g. {@code ServiceSchedulerInitiated}
     * @param reason e.g. {@code Scaling activity initiated by (deployment ecs-svc/123)}
     * @return the task as it is now; empty where there is none such
     */
    public Optional<TaskRow> stop(WriteTx tx, Scope scope, String arn, String code, String reason) {
        return find(tx, scope, arn)
                .map(row -> "STOPPED".equals(row.desiredStatus())
                        ? row
                        : put(
                                tx,
                                scope,
                                row.with(Copies.of(row.told())
                                        .desiredStatus("STOPPED")
                                        .stopCode(code)
                                        .stoppedReason(reason)
                                        .stoppingAt(room.now()))));
    }

    /**
     * Warns a task on Fargate Spot: its containers are asked to end now, and are killed two minutes later at the latest.
     * There is no spot market here: {@code haneul interrupt} calls this.
     *
     * @return the task as it is now; empty where there is none such, or none on Fargate Spot that runs
     */
    public Optional<TaskRow> interrupt(WriteTx tx, Scope scope, String arn) {
        return find(tx, scope, arn)
                .filter(row -> Capacity.FARGATE_SPOT.equals(row.told().capacityProviderName()))
                .filter(row -> !"STOPPED".equals(row.desiredStatus()))
                .flatMap(row -> {
                    tx.put(
                            EcsTables.TASKS,
                            scope.key(row.id()),
                            row.with(row.course().killAt(room.now().plus(SPOT_WARNING))));
                    return stop(tx, scope, arn, "SpotInterruption", "Your Spot Task was interrupted.");
                });
    }

    /** A task by its ARN or id. */
    public static Optional<TaskRow> find(ReadTx tx, Scope scope, String arnOrId) {
        String id = arnOrId.substring(arnOrId.lastIndexOf('/') + 1);
        return id.isEmpty()
                ? Optional.empty()
                : tx.get(EcsTables.TASKS, scope.key(id))
                        .map(Row::value)
                        .filter(row -> id.equals(arnOrId) || row.arn().equals(arnOrId));
    }

    /** The tasks of a cluster, stopped ones among them for an hour. */
    public static List<TaskRow> of(ReadTx tx, Scope scope, String cluster) {
        return EcsTables.every(tx, EcsTables.TASKS, scope, EcsTables.CLUSTER, cluster);
    }

    /** The tasks of a group within a cluster, e.g. {@code service:web}. */
    public static List<TaskRow> ofGroup(ReadTx tx, Scope scope, String cluster, String group) {
        return EcsTables.every(tx, EcsTables.TASKS, scope, EcsTables.GROUP, cluster + "/" + group);
    }

    /** The tasks that somebody started within a cluster, e.g. a deployment. */
    public static List<TaskRow> startedBy(ReadTx tx, Scope scope, String cluster, String startedBy) {
        return EcsTables.every(tx, EcsTables.TASKS, scope, EcsTables.STARTED_BY, cluster + "/" + startedBy);
    }

    /** Writes a changed task: its version grows, and whoever listens on EventBridge hears of it. */
    public TaskRow put(WriteTx tx, Scope scope, TaskRow row) {
        Task told = Copies.of(row.told());
        told.version(Objects.requireNonNullElse(told.version(), 0L) + 1);
        TaskRow next = row.with(told);
        tx.put(EcsTables.TASKS, scope.key(next.id()), next);
        TaskEvents.tell(tx, scope, next, room.now());
        return next;
    }

    /** Names of the containers a task must have running. */
    static List<String> essentials(TaskDefinition definition) {
        return definition.containerDefinitions().stream()
                .filter(each -> !Boolean.FALSE.equals(each.essential()))
                .map(ContainerDefinition::name)
                .collect(Collectors.toList());
    }
}
