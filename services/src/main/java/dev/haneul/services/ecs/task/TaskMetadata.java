package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.Task;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.sts.Credentials;
import dev.haneul.delivery.Json;
import dev.haneul.engines.cgroup.GroupStats;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsTables.ContainerCourse;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.EcsTags;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a task's containers are told of themselves.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html">Task metadata
 *     endpoint version 4</a>
 */
final class TaskMetadata {
    private static final double UNITS = 1024;

    private final TaskWork work;

    TaskMetadata(TaskWork work) {
        this.work = work;
    }

    /** One container. */
    Map<String, @Nullable Object> container(Scope scope, TaskRow row, Container told) {
        TaskDefinition definition = work.launch().definition(scope, row);
        ContainerDefinition said = definition.containerDefinitions().stream()
                .filter(each -> Objects.equals(each.name(), told.name()))
                .findFirst()
                .orElseGet(ContainerDefinition::new);
        ContainerCourse course = row.course().containers().stream()
                .filter(each -> each.name().equals(told.name()))
                .findFirst()
                .orElseGet(() -> ContainerCourse.waiting(String.valueOf(told.name())));
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("DockerId", MetadataIds.container(row.id(), course.name()));
        out.put("Name", told.name());
        out.put("DockerName", told.name());
        out.put("Image", told.image());
        out.put("ImageID", Objects.requireNonNullElse(told.imageDigest(), ""));
        out.put("Labels", labels(row, course.name(), said));
        out.put("DesiredStatus", row.desiredStatus());
        out.put("KnownStatus", told.lastStatus());
        if (told.exitCode() != null) {
            out.put("ExitCode", told.exitCode());
        }
        Map<String, @Nullable Object> limits = new LinkedHashMap<>();
        limits.put("CPU", Math.max(2, Objects.requireNonNullElse(said.cpu(), 0)));
        if (said.memory() != null) {
            limits.put("Memory", said.memory());
        }
        out.put("Limits", limits);
        out.put("CreatedAt", time(row.told().createdAt()));
        if (course.startedAt() != null) {
            out.put("StartedAt", time(course.startedAt()));
        }
        out.put("Type", "NORMAL");
        if (said.healthCheck() != null) {
            out.put("Health", Map.of("status", course.health()));
        }
        LogStreams.of(scope, row, said).ifPresent(stream -> {
            out.put("LogDriver", "awslogs");
            out.put(
                    "LogOptions",
                    Map.of(
                            "awslogs-group", stream.group(),
                            "awslogs-region", stream.region(),
                            "awslogs-stream", stream.name()));
        });
        out.put("ContainerARN", told.containerArn());
        out.put("Networks", networks(row, definition));
        return out;
    }

    private static Map<String, @Nullable Object> labels(TaskRow row, String name, ContainerDefinition said) {
        String definition = String.valueOf(row.told().taskDefinitionArn());
        String tail = definition.substring(definition.lastIndexOf('/') + 1);
        Map<String, @Nullable Object> labels = new LinkedHashMap<>(said.dockerLabels());
        labels.put("com.amazonaws.ecs.cluster", row.told().clusterArn());
        labels.put("com.amazonaws.ecs.container-name", name);
        labels.put("com.amazonaws.ecs.task-arn", row.arn());
        labels.put("com.amazonaws.ecs.task-definition-family", tail.substring(0, tail.lastIndexOf(':')));
        labels.put("com.amazonaws.ecs.task-definition-version", tail.substring(tail.lastIndexOf(':') + 1));
        return labels;
    }

    private static List<Map<String, @Nullable Object>> networks(TaskRow row, TaskDefinition definition) {
        String mode = Objects.requireNonNullElse(definition.networkMode(), "bridge");
        Map<String, @Nullable Object> network = new LinkedHashMap<>();
        network.put("NetworkMode", mode);
        String address = TaskLaunch.address(row);
        if (!address.isEmpty()) {
            network.put("IPv4Addresses", List.of(address));
            row.told().attachments().stream()
                    .flatMap(each -> each.details().stream())
                    .forEach(each -> {
                        if ("macAddress".equals(each.name())) {
                            network.put("MACAddress", each.value());
                        } else if ("privateDnsName".equals(each.name())) {
                            network.put("PrivateDNSName", each.value());
                        }
                    });
        }
        return List.of(network);
    }

    /** The whole task. */
    Map<String, @Nullable Object> task(Scope scope, TaskRow row, boolean tags) {
        Task told = row.told();
        String definition = String.valueOf(told.taskDefinitionArn());
        String tail = definition.substring(definition.lastIndexOf('/') + 1);
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("Cluster", told.clusterArn());
        out.put("TaskARN", row.arn());
        out.put("Family", tail.substring(0, tail.lastIndexOf(':')));
        out.put("Revision", tail.substring(tail.lastIndexOf(':') + 1));
        if (row.means().service() != null) {
            out.put("ServiceName", row.means().service());
        }
        out.put("DesiredStatus", row.desiredStatus());
        out.put("KnownStatus", row.lastStatus());
        Map<String, @Nullable Object> limits = new LinkedHashMap<>();
        if (told.cpu() != null) {
            limits.put("CPU", Integer.parseInt(told.cpu()) / UNITS);
        }
        if (told.memory() != null) {
            limits.put("Memory", Integer.parseInt(told.memory()));
        }
        if (!limits.isEmpty()) {
            out.put("Limits", limits);
        }
        out.put("PullStartedAt", time(told.pullStartedAt()));
        out.put("PullStoppedAt", time(told.pullStoppedAt()));
        out.put("AvailabilityZone", told.availabilityZone());
        out.put("LaunchType", told.launchType());
        List<Object> containers = new ArrayList<>();
        told.containers().forEach(each -> containers.add(container(scope, row, each)));
        out.put("Containers", containers);
        if (tags) {
            out.put(
                    "TaskTags",
                    work.room().read(tx -> EcsTags.of(tx, scope, "task/" + row.cluster() + "/" + row.id())));
        }
        return out;
    }

    /** What a container uses, as Docker tells it. */
    Map<String, @Nullable Object> stats(TaskRow row, String container) {
        GroupStats stats = work.machinery()
                .containers()
                .find(row.id())
                .flatMap(pod -> pod.find(container))
                .map(dev.haneul.engines.container.Container::stats)
                .orElse(GroupStats.NONE);
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("read", time(work.room().now()));
        out.put("name", container);
        out.put("id", MetadataIds.container(row.id(), container));
        out.put("pids_stats", Map.of("current", stats.pids()));
        out.put(
                "cpu_stats",
                Map.of(
                        "cpu_usage",
                        Map.of(
                                "total_usage", nanos(stats.cpu()),
                                "usage_in_usermode", nanos(stats.userCpu()),
                                "usage_in_kernelmode", nanos(stats.systemCpu())),
                        "online_cpus",
                        Runtime.getRuntime().availableProcessors(),
                        "throttling_data",
                        Map.of(
                                "periods", stats.periods(),
                                "throttled_periods", stats.throttledPeriods(),
                                "throttled_time", nanos(stats.throttled()))));
        out.put(
                "memory_stats",
                Map.of(
                        "usage", stats.memoryBytes(),
                        "max_usage", stats.peakMemoryBytes(),
                        "limit", stats.memoryLimitBytes(),
                        "stats", Map.of("total_inactive_file", stats.cacheBytes())));
        out.put("num_procs", 0);
        return out;
    }

    /** What every container of a task uses. */
    Map<String, @Nullable Object> stats(TaskRow row) {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        row.told()
                .containers()
                .forEach(each -> out.put(
                        MetadataIds.container(row.id(), String.valueOf(each.name())),
                        stats(row, String.valueOf(each.name()))));
        return out;
    }

    /** The credentials of the task's role. */
    String credentials(Scope scope, TaskRow row, String role) {
        TaskRoles.Session session = work.roles().of(scope, TaskReadiness.arn(scope, role), row.id());
        Credentials keys = session.keys();
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("RoleArn", session.role());
        out.put("AccessKeyId", keys.accessKeyId());
        out.put("SecretAccessKey", keys.secretAccessKey());
        out.put("Token", keys.sessionToken());
        out.put("Expiration", session.expires().truncatedTo(ChronoUnit.SECONDS).toString());
        return Json.write(out);
    }

    private static @Nullable String time(@Nullable Instant moment) {
        return moment == null ? null : moment.toString();
    }

    private static long nanos(Duration time) {
        return time.toNanos();
    }
}
