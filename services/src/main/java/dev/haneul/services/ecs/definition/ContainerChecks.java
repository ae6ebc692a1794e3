package dev.haneul.services.ecs.definition;

import dev.haneul.api.ecs.*;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one container of a task definition may say, and what it means where it says nothing. */
final class ContainerChecks {
    private static final String NAME = "[a-zA-Z0-9_-]{1,255}";
    private static final int LAST_PORT = 65_535;
    private static final Set<String> DRIVERS = Set.of("awslogs", "json-file");
    private static final int LEAST_MEMORY = 4;
    private static final int MOST_STOP_TIMEOUT = 120;

    private final TaskDefinition task;
    private final boolean fargate;

    ContainerChecks(TaskDefinition task, boolean fargate) {
        this.task = task;
        this.fargate = fargate;
    }

    /** The container with its defaults, where it may be. */
    ContainerDefinition check(ContainerDefinition given) {
        ContainerDefinition out = Copies.of(given);
        String name = Objects.requireNonNullElse(given.name(), "");
        if (name.isEmpty()) {
            throw EcsFaults.client("Container.name should not be null or empty.");
        }
        if (!name.matches(NAME)) {
            throw EcsFaults.client("Invalid container name '" + name
                    + "'. Up to 255 letters, numbers, hyphens and underscores are allowed.");
        }
        if (given.image() == null || given.image().isBlank()) {
            throw EcsFaults.client("Container.image should not be null or empty.");
        }
        if (given.image().length() > 255 || given.image().matches(".*\\s.*")) {
            throw EcsFaults.client("Invalid image '" + given.image() + "'.");
        }
        memory(name, given);
        out.cpu(Objects.requireNonNullElse(given.cpu(), 0))
                .essential(!Boolean.FALSE.equals(given.essential()))
                .portMappings(ports(given.portMappings()))
                .environment(given.environment())
                .mountPoints(mounts(given.mountPoints()))
                .volumesFrom(given.volumesFrom())
                .systemControls(given.systemControls())
                .healthCheck(health(given.healthCheck()));
        environment(given);
        logs(given.logConfiguration());
        limits(name, given);
        unbuilt(given);
        return out;
    }

    private void memory(String name, ContainerDefinition given) {
        if (given.memory() != null && given.memory() < LEAST_MEMORY
                || given.memoryReservation() != null && given.memoryReservation() < LEAST_MEMORY) {
            throw EcsFaults.client(
                    "Invalid setting for container '" + name + "'. Memory must be at least " + LEAST_MEMORY + " MiB.");
        }
        if (given.memory() == null && given.memoryReservation() == null && task.memory() == null) {
            throw EcsFaults.client("Invalid setting for container '" + name
                    + "'. At least one of 'memory' or 'memoryReservation' must be specified.");
        }
        if (given.memory() != null && given.memoryReservation() != null && given.memoryReservation() > given.memory()) {
            throw EcsFaults.client("Invalid setting for container '" + name
                    + "'. The 'memory' must be greater than or equal to 'memoryReservation'.");
        }
        if (given.cpu() != null && given.cpu() < 0) {
            throw EcsFaults.client("Invalid 'cpu' setting for container '" + name + "'.");
        }
    }

    private List<PortMapping> ports(List<PortMapping> given) {
        boolean same = "awsvpc".equals(task.networkMode()) || "host".equals(task.networkMode());
        List<PortMapping> found = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (PortMapping each : given) {
            PortMapping out = Copies.of(each).protocol(Objects.requireNonNullElse(each.protocol(), "tcp"));
            if (each.name() != null && (!each.name().matches("[a-z0-9_][a-z0-9_-]{0,63}") || !names.add(each.name()))) {
                throw EcsFaults.client("Invalid port mapping name '" + each.name() + "'.");
            }
            if (each.containerPortRange() != null) {
                if (each.containerPort() != null || each.hostPort() != null) {
                    throw EcsFaults.client("containerPortRange cannot be specified with containerPort or hostPort.");
                }
                range(each.containerPortRange());
                found.add(out);
                continue;
            }
            int container = port("containerPort", each.containerPort(), 1);
            if (each.hostPort() != null) {
                int host = port("hostPort", each.hostPort(), 0);
                if (same && host != container && host != 0) {
                    throw EcsFaults.client("When networkMode=" + task.networkMode()
                            + ", the host ports and container ports in port mappings must match.");
                }
            }
            if (same) {
                out.hostPort(container);
            } else if (each.hostPort() == null) {
                out.hostPort(0);
            }
            found.add(out);
        }
        return found;
    }

    private static int port(String what, @Nullable Integer value, int least) {
        if (value == null || value < least || value > LAST_PORT) {
            throw EcsFaults.client("Invalid '" + what + "' setting in port mapping: must be between " + least + " and "
                    + LAST_PORT + ".");
        }
        return value;
    }

    private static void range(String text) {
        String[] ends = text.split("-", -1);
        boolean fine = ends.length == 2 && ends[0].matches("[0-9]{1,5}") && ends[1].matches("[0-9]{1,5}");
        if (!fine
                || Integer.parseInt(ends[0]) < 1
                || Integer.parseInt(ends[1]) > LAST_PORT
                || Integer.parseInt(ends[0]) > Integer.parseInt(ends[1])) {
            throw EcsFaults.client("Invalid containerPortRange '" + text + "'.");
        }
    }

    private List<MountPoint> mounts(List<MountPoint> given) {
        for (MountPoint each : given) {
            boolean known =
                    task.volumes().stream().anyMatch(volume -> Objects.equals(volume.name(), each.sourceVolume()));
            if (!known) {
                throw EcsFaults.client("Unknown volume '" + each.sourceVolume() + "'.");
            }
            String path = each.containerPath();
            if (path == null || !path.startsWith("/") || path.contains("..")) {
                throw EcsFaults.client("Invalid mount point: containerPath '" + path + "' must be an absolute path.");
            }
        }
        return given;
    }

    private static @Nullable HealthCheck health(@Nullable HealthCheck given) {
        if (given == null) {
            return null;
        }
        List<String> command = given.command();
        boolean known = !command.isEmpty() && Set.of("CMD", "CMD-SHELL", "NONE").contains(command.getFirst());
        if (!known
                || command.getFirst().equals("CMD-SHELL") && command.size() != 2
                || command.getFirst().equals("CMD") && command.size() < 2) {
            throw EcsFaults.client(
                    "Invalid healthCheck command: it must start with CMD or CMD-SHELL and name a " + "command.");
        }
        return Copies.of(given)
                .interval(within("interval", given.interval(), 30, 5, 300))
                .timeout(within("timeout", given.timeout(), 5, 2, 60))
                .retries(within("retries", given.retries(), 3, 1, 10))
                .startPeriod(
                        given.startPeriod() == null ? null : within("startPeriod", given.startPeriod(), 0, 0, 300));
    }

    private static int within(String what, @Nullable Integer value, int usual, int least, int most) {
        int number = Objects.requireNonNullElse(value, usual);
        if (number < least || number > most) {
            throw EcsFaults.client("Invalid healthCheck " + what + ": must be between " + least + " and " + most + ".");
        }
        return number;
    }

    private void environment(ContainerDefinition given) {
        Set<String> names = new HashSet<>();
        for (KeyValuePair each : given.environment()) {
            if (each.name() == null || each.name().isEmpty() || each.name().contains("=")) {
                throw EcsFaults.client("Invalid environment variable name '" + each.name() + "'.");
            }
            names.add(each.name());
        }
        for (Secret each : given.secrets()) {
            if (!names.add(String.valueOf(each.name()))) {
                throw EcsFaults.client("The secret name must be unique and not shared with any new or existing "
                        + "environment variables set on the container, such as '" + each.name() + "'.");
            }
        }
        if (!given.secrets().isEmpty() && task.executionRoleArn() == null) {
            throw EcsFaults.client("When you are specifying container secrets, you must also specify a value for "
                    + "'executionRoleArn'.");
        }
        if (given.environmentFiles().size() > 10) {
            throw EcsFaults.client("A container can have at most 10 environment files.");
        }
        for (EnvironmentFile each : given.environmentFiles()) {
            if (!"s3".equals(each.type()) || !String.valueOf(each.value()).matches("arn:[a-z-]+:s3:::[^/]+/.+")) {
                throw EcsFaults.client("Invalid environment file '" + each.value()
                        + "'. The value must be the ARN of an S3 object, and the type must be s3.");
            }
        }
    }

    private void logs(@Nullable LogConfiguration logs) {
        if (logs == null) {
            return;
        }
        String driver = String.valueOf(logs.logDriver());
        if (driver.equals("awsfirelens")) {
            throw EcsFaults.unbuilt("The log driver awsfirelens");
        }
        if (fargate && !Set.of("awslogs", "splunk").contains(driver)) {
            throw EcsFaults.client("Log driver '" + driver
                    + "' is not supported by Fargate. Supported values: awslogs, splunk, awsfirelens.");
        }
        if (!DRIVERS.contains(driver)) {
            throw EcsFaults.unbuilt("The log driver " + driver);
        }
        if (driver.equals("awslogs")) {
            if (!logs.options().containsKey("awslogs-group")) {
                throw EcsFaults.client("Log driver awslogs requires options: awslogs-group.");
            }
            if (fargate) {
                if (!logs.options().containsKey("awslogs-stream-prefix")) {
                    throw EcsFaults.client("Log driver awslogs requires options: awslogs-stream-prefix.");
                }
                if (!logs.options().containsKey("awslogs-region")) {
                    throw EcsFaults.client("Log driver awslogs requires options: awslogs-region.");
                }
                if (task.executionRoleArn() == null) {
                    throw EcsFaults.client(
                            "Fargate requires task definition to have execution role ARN to support log driver awslogs.");
                }
            }
        }
    }

    private void limits(String name, ContainerDefinition given) {
        Integer stop = given.stopTimeout();
        if (stop != null && (stop < 0 || fargate && stop > MOST_STOP_TIMEOUT)) {
            throw EcsFaults.client("Invalid 'stopTimeout' setting for container '" + name
                    + "'. The value must be between 0 and " + MOST_STOP_TIMEOUT + ".");
        }
        Integer start = given.startTimeout();
        if (start != null && start < 2) {
            throw EcsFaults.client(
                    "Invalid 'startTimeout' setting for container '" + name + "'. The value must be at least 2.");
        }
        for (Ulimit each : given.ulimits()) {
            if (each.softLimit() > each.hardLimit() && each.hardLimit() != -1) {
                throw EcsFaults.client("Invalid ulimit '" + each.name() + "': the soft limit exceeds the hard limit.");
            }
            if (fargate && !"nofile".equals(each.name())) {
                throw EcsFaults.client("Fargate only supports the ulimit 'nofile'.");
            }
        }
        ContainerRestartPolicy restart = given.restartPolicy();
        if (restart != null) {
            Integer period = restart.restartAttemptPeriod();
            if (period != null && (period < 60 || period > 1800)) {
                throw EcsFaults.client("Invalid restartAttemptPeriod for container '" + name
                        + "'. The value must be between 60 and 1800.");
            }
            if (restart.ignoredExitCodes().size() > 50) {
                throw EcsFaults.client("A restart policy can have at most 50 ignored exit codes.");
            }
        }
        if (Boolean.TRUE.equals(given.privileged()) && fargate) {
            throw EcsFaults.client("Fargate doesn't support privileged containers.");
        }
        if (!given.links().isEmpty() && !"bridge".equals(Definitions.network(task))) {
            throw EcsFaults.client("Links are not supported when networkMode=" + Definitions.network(task) + ".");
        }
        if (given.hostname() != null && "awsvpc".equals(task.networkMode())) {
            throw EcsFaults.client("The hostname parameter is not supported when networkMode=awsvpc.");
        }
        boolean names = !given.dnsServers().isEmpty()
                || !given.dnsSearchDomains().isEmpty()
                || !given.extraHosts().isEmpty();
        if (names && fargate) {
            throw EcsFaults.client(
                    "Fargate doesn't support dnsServers, dnsSearchDomains or extraHosts when " + "networkMode=awsvpc.");
        }
    }

    private static void unbuilt(ContainerDefinition given) {
        if (given.firelensConfiguration() != null) {
            throw EcsFaults.unbuilt("FireLens");
        }
        if (!given.credentialSpecs().isEmpty()) {
            throw EcsFaults.unbuilt("A container's credential specs");
        }
        if (!given.dockerSecurityOptions().isEmpty()
                && !given.dockerSecurityOptions().equals(List.of("no-new-privileges"))) {
            throw EcsFaults.unbuilt("A security option other than no-new-privileges");
        }
    }
}
