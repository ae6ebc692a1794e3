package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.engines.container.ContainerSpec;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything a task needs before its containers start: roles, images, secrets, log streams. Kept while it starts, and
 * found anew by a later server.
 */
final class TaskReadiness {
    private final Machinery machinery;
    private final TaskRoles roles;
    private final TaskImages images;
    private final TaskEnvironment environment;
    private final LogStreams streams;
    private final Map<String, Ready> kept = new ConcurrentHashMap<>();

    /** What is ready, by container. */
    record Ready(Map<String, ContainerSpec> specs, Map<String, String> digests) {}

    TaskReadiness(EcsRoom room, Machinery machinery, TaskRoles roles, LogStreams streams) {
        this.machinery = machinery;
        this.roles = roles;
        this.images = new TaskImages(
                room, machinery.layers(), machinery.containers().images(), new ImageLayouts(machinery.layouts()));
        this.environment = new TaskEnvironment(room);
        this.streams = streams;
    }

    Ready of(Scope scope, TaskRow row, TaskDefinition definition) throws CannotStart {
        Ready known = kept.get(row.id());
        if (known != null) {
            return known;
        }
        Ready made = make(scope, row, definition);
        kept.put(row.id(), made);
        return made;
    }

    /** Everything is started: what was found for that is needed no more. */
    void settled(String task) {
        kept.remove(task);
    }

    void forget(String task) {
        kept.remove(task);
        roles.forget(task);
    }

    private Ready make(Scope scope, TaskRow row, TaskDefinition definition) throws CannotStart {
        Principal executor = session(scope, row, executionRole(row, definition));
        session(scope, row, taskRole(row, definition));
        Map<String, ContainerSpec> specs = new LinkedHashMap<>();
        Map<String, String> digests = new LinkedHashMap<>();
        ContainerSpecs builder = new ContainerSpecs(row, definition, machinery.shared());
        for (ContainerDefinition each : definition.containerDefinitions()) {
            String name = Objects.requireNonNull(each.name());
            Map<String, String> variables = environment.of(scope, each, builder.override(each), executor);
            endpoints(scope, row, name, definition).forEach(variables::putIfAbsent);
            streams.prepare(scope, row, each, executor);
            TaskImages.Pulled image = images.pull(
                    scope,
                    Objects.requireNonNull(each.image()),
                    executor == null ? Principal.service(EcsRoom.HOST) : executor,
                    architecture(definition));
            ContainerSpec spec = builder.of(each, image, variables);
            folders(spec);
            specs.put(name, spec);
            digests.put(name, image.digest());
        }
        return new Ready(specs, digests);
    }

    /** Folders that tasks share come to be when one first wants them. */
    private static void folders(ContainerSpec spec) throws CannotStart {
        try {
            for (ContainerSpec.Mount each : spec.mounts()) {
                if (each instanceof ContainerSpec.Mount.Bind bind) {
                    Files.createDirectories(bind.source());
                }
            }
        } catch (IOException e) {
            throw new CannotStart("CannotCreateVolumeError: " + e.getMessage());
        }
    }

    static @Nullable String executionRole(TaskRow row, TaskDefinition definition) {
        var overrides = row.told().overrides();
        return overrides != null && overrides.executionRoleArn() != null
                ? overrides.executionRoleArn()
                : definition.executionRoleArn();
    }

    static @Nullable String taskRole(TaskRow row, TaskDefinition definition) {
        var overrides = row.told().overrides();
        return overrides != null && overrides.taskRoleArn() != null
                ? overrides.taskRoleArn()
                : definition.taskRoleArn();
    }

    private @Nullable Principal session(Scope scope, TaskRow row, @Nullable String role) throws CannotStart {
        if (role == null) {
            return null;
        }
        try {
            return roles.of(scope, arn(scope, role), row.id()).principal();
        } catch (Fault fault) {
            throw new CannotStart("ECS was unable to assume the role '" + role + "' that was provided for this task. "
                    + "Please verify that the role being passed has the proper trust relationship and permissions and "
                    + "that your IAM user has permissions to pass this role.");
        }
    }

    /** Roles may be named without their ARN. */
    static String arn(Scope scope, String role) {
        return role.startsWith("arn:") ? role : "arn:aws:iam::" + scope.account() + ":role/" + role;
    }

    /** As Go names it; without a word of the definition, what this machine is. */
    private static String architecture(TaskDefinition definition) {
        var platform = definition.runtimePlatform();
        String named = platform == null ? null : platform.cpuArchitecture();
        if (named == null) {
            return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        }
        return named.equals("ARM64") ? "arm64" : "amd64";
    }

    /** Where the container finds its metadata, its role's credentials and the region. */
    private Map<String, String> endpoints(Scope scope, TaskRow row, String name, TaskDefinition definition) {
        Map<String, String> found = new LinkedHashMap<>();
        String id = MetadataIds.container(row.id(), name);
        boolean fargate = "FARGATE".equals(row.told().launchType());
        found.put("ECS_CONTAINER_METADATA_URI_V4", MetadataIds.BASE + "/v4/" + id);
        found.put("ECS_CONTAINER_METADATA_URI", MetadataIds.BASE + "/v3/" + id);
        found.put("AWS_EXECUTION_ENV", fargate ? "AWS_ECS_FARGATE" : "AWS_ECS_EC2");
        if (fargate) {
            found.put("AWS_REGION", scope.region());
            found.put("AWS_DEFAULT_REGION", scope.region());
        }
        // AWS's own hosts are signed for by nobody a stock image trusts: its clients call the region without TLS.
        found.put("AWS_ENDPOINT_URL", "http://" + dev.haneul.fabric.vpc.VpcFabric.API_ADDRESS);
        if (taskRole(row, definition) != null) {
            found.put("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", MetadataIds.credentials(row));
        }
        return found;
    }
}
