package dev.haneul.services.ecs.definition;

import dev.haneul.api.ecs.*;
import dev.haneul.api.runtime.Fault;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a task definition may say.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html">Task
 *     definition parameters</a>
 */
final class DefinitionChecks {
    private static final int MOST_CONTAINERS = 10;
    private static final int LEAST_STORAGE = 21;
    private static final int MOST_STORAGE = 200;
    private static final Set<String> NETWORKS = Set.of("bridge", "host", "awsvpc", "none");

    private DefinitionChecks() {}

    /** The definition with its defaults, its compatibilities and what it needs; without family, number and times. */
    static TaskDefinition check(RegisterTaskDefinitionRequest in) {
        TaskDefinition task = Copies.into(in, new TaskDefinition());
        boolean fargate = in.requiresCompatibilities().contains("FARGATE");
        for (String each : in.requiresCompatibilities()) {
            if (!Set.of("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES").contains(each)) {
                throw EcsFaults.client("Invalid requiresCompatibilities value '" + each + "'.");
            }
        }
        if (in.networkMode() != null && !NETWORKS.contains(in.networkMode())) {
            throw EcsFaults.client("Invalid networkMode '" + in.networkMode() + "'.");
        }
        sizes(task);
        platform(task);
        volumes(task, fargate);
        if (fargate) {
            fargate(task);
        }
        task.containerDefinitions(containers(task, fargate));
        if (in.proxyConfiguration() != null) {
            throw EcsFaults.unbuilt("A proxy configuration");
        }
        return task.volumes(in.volumes())
                .placementConstraints(constraints(in.placementConstraints()))
                .requiresAttributes(Definitions.needs(task))
                .compatibilities(compatibilities(task, fargate));
    }

    private static void sizes(TaskDefinition task) {
        if (task.cpu() != null) {
            int cpu = FargateSizes.cpu(task.cpu())
                    .filter(value -> value >= 128 && value <= 196_608)
                    .orElseThrow(() -> EcsFaults.client("Invalid 'cpu' setting for task."));
            task.cpu(String.valueOf(cpu));
        }
        if (task.memory() != null) {
            int memory = FargateSizes.memory(task.memory())
                    .filter(value -> value >= 4)
                    .orElseThrow(() -> EcsFaults.client("Invalid 'memory' setting for task."));
            task.memory(String.valueOf(memory));
        }
        EphemeralStorage storage = task.ephemeralStorage();
        if (storage != null) {
            int gib = Objects.requireNonNullElse(storage.sizeInGiB(), 0);
            if (gib < LEAST_STORAGE || gib > MOST_STORAGE) {
                throw EcsFaults.client(
                        "'ephemeralStorage' size must be between " + LEAST_STORAGE + " and " + MOST_STORAGE + " GiB.");
            }
        }
    }

    private static void platform(TaskDefinition task) {
        RuntimePlatform platform = task.runtimePlatform();
        if (platform == null) {
            return;
        }
        String family = platform.operatingSystemFamily();
        if (family != null && !family.equals("LINUX")) {
            if (family.startsWith("WINDOWS")) {
                throw EcsFaults.unbuilt("The operating system family " + family);
            }
            throw EcsFaults.client("Invalid operatingSystemFamily '" + family + "'.");
        }
        String cpu = platform.cpuArchitecture();
        if (cpu != null && !Set.of("X86_64", "ARM64").contains(cpu)) {
            throw EcsFaults.client("Invalid cpuArchitecture '" + cpu + "'.");
        }
    }

    /** What holds for tasks on Fargate. */
    private static void fargate(TaskDefinition task) {
        if (!"awsvpc".equals(task.networkMode())) {
            throw EcsFaults.client("Fargate only supports network mode ‘awsvpc’.");
        }
        if (task.cpu() == null) {
            throw EcsFaults.client("Fargate requires that 'cpu' be defined at the task level.");
        }
        if (task.memory() == null) {
            throw EcsFaults.client("Fargate requires that 'memory' be defined at the task level.");
        }
        if (!FargateSizes.has(Integer.parseInt(task.cpu()), Integer.parseInt(task.memory()))) {
            throw EcsFaults.client("No Fargate configuration exists for given values: " + task.cpu() + " CPU, "
                    + task.memory() + " memory. See the Amazon ECS documentation for the valid values.");
        }
        if (!task.placementConstraints().isEmpty()) {
            throw EcsFaults.client("Placement constraints are not supported with FARGATE launch type.");
        }
        if (task.ipcMode() != null) {
            throw EcsFaults.client("Fargate doesn't support ipcMode.");
        }
        if (task.pidMode() != null && !task.pidMode().equals("task")) {
            throw EcsFaults.client("Fargate only supports the pidMode 'task'.");
        }
        for (ContainerDefinition each : task.containerDefinitions()) {
            if (String.valueOf(each.image()).contains(".dkr.ecr.") && task.executionRoleArn() == null) {
                throw EcsFaults.client(
                        "Fargate requires task definition to have execution role ARN to support ECR images.");
            }
        }
    }

    private static List<ContainerDefinition> containers(TaskDefinition task, boolean fargate) {
        if (task.containerDefinitions().isEmpty()) {
            throw EcsFaults.client("Container list cannot be empty.");
        }
        if (task.containerDefinitions().size() > MOST_CONTAINERS) {
            throw EcsFaults.client("A task definition can have at most " + MOST_CONTAINERS + " containers.");
        }
        ContainerChecks checks = new ContainerChecks(task, fargate);
        Set<String> names = new HashSet<>();
        List<ContainerDefinition> found = new ArrayList<>();
        for (ContainerDefinition each : task.containerDefinitions()) {
            ContainerDefinition checked = checks.check(each);
            if (!names.add(Objects.requireNonNull(checked.name()))) {
                throw EcsFaults.client("Duplicate container name '" + checked.name() + "'.");
            }
            found.add(checked);
        }
        if (found.stream().noneMatch(each -> Boolean.TRUE.equals(each.essential()))) {
            throw EcsFaults.client("Task definition must have at least one essential container.");
        }
        Dependencies.check(found);
        for (ContainerDefinition each : found) {
            for (VolumeFrom from : each.volumesFrom()) {
                if (!names.contains(String.valueOf(from.sourceContainer()))) {
                    throw EcsFaults.client("Unknown source container '" + from.sourceContainer() + "' in volumesFrom.");
                }
            }
        }
        sums(task, found);
        return found;
    }

    /** Containers together may not ask for more than the task has. */
    private static void sums(TaskDefinition task, List<ContainerDefinition> containers) {
        if (task.cpu() != null) {
            int sum = containers.stream()
                    .mapToInt(each -> Objects.requireNonNullElse(each.cpu(), 0))
                    .sum();
            if (sum > Integer.parseInt(task.cpu())) {
                throw EcsFaults.client("Invalid setting for task: the total 'cpu' of its containers (" + sum
                        + ") exceeds the task's 'cpu' (" + task.cpu() + ").");
            }
        }
        if (task.memory() != null) {
            int most = Integer.parseInt(task.memory());
            int reserved = 0;
            for (ContainerDefinition each : containers) {
                int hard = Objects.requireNonNullElse(each.memory(), 0);
                if (hard > most) {
                    throw EcsFaults.client("Invalid setting for container '" + each.name()
                            + "'. The 'memory' exceeds that of the task.");
                }
                reserved += Objects.requireNonNullElse(each.memoryReservation(), 0);
            }
            if (reserved > most) {
                throw EcsFaults.client("Invalid setting for task: the total 'memoryReservation' of its containers "
                        + "exceeds the task's 'memory'.");
            }
        }
    }

    private static void volumes(TaskDefinition task, boolean fargate) {
        Set<String> names = new HashSet<>();
        for (Volume each : task.volumes()) {
            String name = Objects.requireNonNullElse(each.name(), "");
            if (!name.matches("[a-zA-Z0-9_-]{1,255}")) {
                throw EcsFaults.client("Invalid volume name '" + name + "'.");
            }
            if (!names.add(name)) {
                throw EcsFaults.client("Duplicate volume name '" + name + "'.");
            }
            String path = each.host() == null ? null : each.host().sourcePath();
            if (path != null && fargate) {
                throw EcsFaults.client("host.sourcePath should not be set for volumes in Fargate.");
            }
            if (path != null && (!path.startsWith("/") || path.contains(".."))) {
                throw EcsFaults.client("Invalid host.sourcePath '" + path + "'.");
            }
            if (each.dockerVolumeConfiguration() != null) {
                docker(each.dockerVolumeConfiguration(), fargate);
            }
            if (each.fsxWindowsFileServerVolumeConfiguration() != null) {
                throw EcsFaults.unbuilt("An FSx for Windows File Server volume");
            }
            if (each.s3filesVolumeConfiguration() != null) {
                throw EcsFaults.unbuilt("An S3 files volume");
            }
            if (Boolean.TRUE.equals(each.configuredAtLaunch())) {
                throw EcsFaults.unbuilt("A volume that is configured at launch");
            }
            EFSVolumeConfiguration efs = each.efsVolumeConfiguration();
            if (efs != null && !String.valueOf(efs.fileSystemId()).matches("fs-[0-9a-f]{8,40}")) {
                throw EcsFaults.client("Invalid EFS file system ID '" + efs.fileSystemId() + "'.");
            }
        }
    }

    private static void docker(DockerVolumeConfiguration docker, boolean fargate) {
        if (fargate) {
            throw EcsFaults.client("dockerVolumeConfiguration is not supported in Fargate.");
        }
        if (Boolean.TRUE.equals(docker.autoprovision()) && !"shared".equals(docker.scope())) {
            throw EcsFaults.client("autoprovision can only be set for volumes with the scope 'shared'.");
        }
        if (docker.driver() != null && !docker.driver().equals("local")) {
            throw EcsFaults.unbuilt("The volume driver " + docker.driver());
        }
    }

    private static List<TaskDefinitionPlacementConstraint> constraints(
            @Nullable List<TaskDefinitionPlacementConstraint> given) {
        List<TaskDefinitionPlacementConstraint> all = given == null ? List.of() : given;
        for (TaskDefinitionPlacementConstraint each : all) {
            if (!"memberOf".equals(each.type())) {
                throw EcsFaults.client("Invalid placement constraint type '" + each.type() + "'.");
            }
        }
        return all;
    }

    private static List<String> compatibilities(TaskDefinition task, boolean fargate) {
        List<String> found = new ArrayList<>();
        found.add("EC2");
        if (fargate || fits(task)) {
            found.add("FARGATE");
        }
        if (!"awsvpc".equals(task.networkMode())) {
            found.add("EXTERNAL");
        }
        return found;
    }

    /** Whether it could have asked for Fargate. */
    private static boolean fits(TaskDefinition task) {
        try {
            fargate(task);
            volumes(task, true);
            ContainerChecks checks = new ContainerChecks(task, true);
            task.containerDefinitions().forEach(checks::check);
            return true;
        } catch (Fault refused) {
            return false;
        }
    }
}
