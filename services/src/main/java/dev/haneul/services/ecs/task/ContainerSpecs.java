package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.ContainerOverride;
import dev.haneul.api.ecs.KernelCapabilities;
import dev.haneul.api.ecs.LinuxParameters;
import dev.haneul.api.ecs.MountPoint;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.ecs.Tmpfs;
import dev.haneul.api.ecs.Volume;
import dev.haneul.api.ecs.VolumeFrom;
import dev.haneul.engines.container.ContainerSpec;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.task.ImageDocuments.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Containers as the engine runs them, of what definitions, overrides and images say. */
final class ContainerSpecs {
    /** The label that keeps how a container wants to be asked to end. */
    static final String STOP_SIGNAL = "stopSignal";

    private static final int FARGATE_FILES = 65_535;
    private static final int LEAST_SHARES = 2;

    private final TaskRow row;
    private final TaskDefinition definition;
    private final Path shared;

    /** @param shared where folders are that tasks share: EFS's and Docker's shared volumes */
    ContainerSpecs(TaskRow row, TaskDefinition definition, Path shared) {
        this.row = row;
        this.definition = definition;
        this.shared = shared;
    }

    ContainerSpec of(ContainerDefinition container, TaskImages.Pulled image, Map<String, String> environment)
            throws CannotStart {
        ContainerOverride over = override(container);
        Config config = image.config();
        String signal = config.stopSignal().isEmpty() ? "SIGTERM" : config.stopSignal();
        return new ContainerSpec(
                Objects.requireNonNull(container.name()),
                Map.of(STOP_SIGNAL, signal),
                image.root(),
                config.architecture(),
                process(container, over, config, environment, signal),
                mounts(container, config),
                walls(container),
                limits(container, over));
    }

    @Nullable
    ContainerOverride override(ContainerDefinition container) {
        var overrides = row.told().overrides();
        return overrides == null
                ? null
                : overrides.containerOverrides().stream()
                        .filter(each -> Objects.equals(each.name(), container.name()))
                        .findFirst()
                        .orElse(null);
    }

    private static ContainerSpec.Process process(
            ContainerDefinition container,
            @Nullable ContainerOverride over,
            Config config,
            Map<String, String> environment,
            String signal)
            throws CannotStart {
        Map<String, String> all = new LinkedHashMap<>();
        for (String each : config.environment()) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                all.put(each.substring(0, equals), each.substring(equals + 1));
            }
        }
        all.putAll(environment);
        List<String> command = command(container, over, config);
        if (command.isEmpty()) {
            throw new CannotStart("CannotCreateContainerError: no command specified");
        }
        LinuxParameters linux = container.linuxParameters();
        return new ContainerSpec.Process(
                command,
                all,
                Objects.requireNonNullElse(
                        container.workingDirectory(),
                        config.workingDirectory().isEmpty() ? "/" : config.workingDirectory()),
                Objects.requireNonNullElse(container.user(), config.user()),
                Boolean.TRUE.equals(container.pseudoTerminal()),
                Boolean.TRUE.equals(container.interactive()),
                linux != null && Boolean.TRUE.equals(linux.initProcessEnabled()),
                signal);
    }

    /** An entry point of the definition's own makes the image's command count no more. */
    private static List<String> command(
            ContainerDefinition container, @Nullable ContainerOverride over, Config config) {
        List<String> entry = container.entryPoint().isEmpty() ? config.entryPoint() : container.entryPoint();
        List<String> usual =
                container.command().isEmpty() && container.entryPoint().isEmpty()
                        ? config.command()
                        : container.command();
        List<String> arguments = over != null && !over.command().isEmpty() ? over.command() : usual;
        List<String> all = new ArrayList<>(entry);
        all.addAll(arguments);
        return all;
    }

    private List<ContainerSpec.Mount> mounts(ContainerDefinition container, Config config) throws CannotStart {
        List<ContainerSpec.Mount> found = new ArrayList<>();
        Set<String> targets = new HashSet<>();
        for (MountPoint each : container.mountPoints()) {
            found.add(mount(each, Boolean.TRUE.equals(each.readOnly())));
            targets.add(String.valueOf(each.containerPath()));
        }
        for (VolumeFrom from : container.volumesFrom()) {
            for (ContainerDefinition other : definition.containerDefinitions()) {
                if (Objects.equals(other.name(), from.sourceContainer())) {
                    for (MountPoint each : other.mountPoints()) {
                        if (targets.add(String.valueOf(each.containerPath()))) {
                            found.add(mount(
                                    each,
                                    Boolean.TRUE.equals(from.readOnly()) || Boolean.TRUE.equals(each.readOnly())));
                        }
                    }
                }
            }
        }
        int anonymous = 0;
        for (String path : config.volumes()) {
            if (path.startsWith("/") && targets.add(path)) {
                found.add(new ContainerSpec.Mount.Volume(container.name() + "." + anonymous++, path, false));
            }
        }
        LinuxParameters linux = container.linuxParameters();
        if (linux != null) {
            for (Tmpfs each : linux.tmpfs()) {
                found.add(new ContainerSpec.Mount.Memory(
                        String.valueOf(each.containerPath()),
                        Objects.requireNonNullElse(each.size(), 64),
                        each.mountOptions()));
            }
        }
        return found;
    }

    private ContainerSpec.Mount mount(MountPoint point, boolean readOnly) throws CannotStart {
        String target = Objects.requireNonNull(point.containerPath());
        Volume volume = definition.volumes().stream()
                .filter(each -> Objects.equals(each.name(), point.sourceVolume()))
                .findFirst()
                .orElseThrow(() -> new CannotStart("CannotCreateVolumeError: unknown volume " + point.sourceVolume()));
        String name = Objects.requireNonNull(volume.name());
        if (volume.host() != null && volume.host().sourcePath() != null) {
            throw new CannotStart("CannotCreateVolumeError: volumes of a container instance's own folders ("
                    + volume.host().sourcePath() + ") are not implemented by Haneul yet.");
        }
        var efs = volume.efsVolumeConfiguration();
        if (efs != null) {
            String root = Objects.requireNonNullElse(efs.rootDirectory(), "/").replaceFirst("^/+", "");
            Path system = shared.resolve("efs").resolve(Objects.requireNonNull(efs.fileSystemId()));
            Path folder = system.resolve(root).normalize();
            if (!folder.startsWith(system)) {
                throw new CannotStart("ResourceInitializationError: failed to invoke EFS utils commands to set up EFS "
                        + "volumes: the root directory leads out of the file system");
            }
            return new ContainerSpec.Mount.Bind(folder, target, readOnly);
        }
        var docker = volume.dockerVolumeConfiguration();
        if (docker != null && "shared".equals(docker.scope())) {
            Path folder = shared.resolve("volumes")
                    .resolve(Objects.requireNonNullElse(row.instance(), row.cluster()))
                    .resolve(name);
            return new ContainerSpec.Mount.Bind(folder, target, readOnly);
        }
        return new ContainerSpec.Mount.Volume(name, target, readOnly);
    }

    private static ContainerSpec.Walls walls(ContainerDefinition container) {
        LinuxParameters linux = container.linuxParameters();
        KernelCapabilities capabilities =
                linux == null || linux.capabilities() == null ? new KernelCapabilities() : linux.capabilities();
        return new ContainerSpec.Walls(
                Boolean.TRUE.equals(container.readonlyRootFilesystem()),
                Boolean.TRUE.equals(container.privileged()),
                container.dockerSecurityOptions().contains("no-new-privileges"),
                Set.copyOf(capabilities.add()),
                Set.copyOf(capabilities.drop()),
                container.systemControls().stream()
                        .collect(Collectors.toMap(
                                each -> String.valueOf(each.namespace()),
                                each -> String.valueOf(each.value()),
                                (one, other) -> other)));
    }

    private ContainerSpec.Limits limits(ContainerDefinition container, @Nullable ContainerOverride over) {
        Map<String, ContainerSpec.Ulimit> ulimits = new LinkedHashMap<>();
        if ("FARGATE".equals(row.told().launchType())) {
            ulimits.put("nofile", new ContainerSpec.Ulimit(FARGATE_FILES, FARGATE_FILES));
        }
        container
                .ulimits()
                .forEach(each -> ulimits.put(
                        String.valueOf(each.name()),
                        new ContainerSpec.Ulimit(
                                Objects.requireNonNullElse(each.softLimit(), 0),
                                Objects.requireNonNullElse(each.hardLimit(), 0))));
        int cpu = given(over == null ? null : over.cpu(), container.cpu());
        LinuxParameters linux = container.linuxParameters();
        return new ContainerSpec.Limits(
                given(over == null ? null : over.memory(), container.memory()),
                given(over == null ? null : over.memoryReservation(), container.memoryReservation()),
                0,
                Math.max(LEAST_SHARES, cpu),
                0,
                linux == null ? 0 : Objects.requireNonNullElse(linux.sharedMemorySize(), 0),
                ulimits);
    }

    private static int given(@Nullable Integer strong, @Nullable Integer weak) {
        return strong != null ? strong : Objects.requireNonNullElse(weak, 0);
    }
}
