package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.AwsVpcConfiguration;
import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.runtime.Fault;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.container.Pod;
import dev.haneul.engines.container.PodSpec;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.definition.Definitions;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** How a task comes to be on the machine, up to the point where its containers start. */
final class TaskLaunch {
    private static final int UNITS = 1024;
    private static final int MILLIS = 1000;
    private static final int FARGATE_PIDS = 4096;

    private final EcsRoom room;
    private final Machinery machinery;
    private final TaskReadiness readiness;
    private final ServerNetworks servers;
    private final HostNames names;

    TaskLaunch(EcsRoom room, Machinery machinery, TaskReadiness readiness, HostNames names) {
        this.names = names;
        this.room = room;
        this.machinery = machinery;
        this.readiness = readiness;
        this.servers = new ServerNetworks(room, machinery);
    }

    /** A task's definition; one with the containers on record where it was deleted meanwhile. */
    TaskDefinition definition(Scope scope, TaskRow row) {
        String arn = Objects.requireNonNull(row.told().taskDefinitionArn());
        return room.read(tx -> Definitions.find(tx, scope, arn))
                .map(found -> found.told())
                .orElseGet(() -> new TaskDefinition()
                        .containerDefinitions(row.told().containers().stream()
                                .map(each -> new ContainerDefinition()
                                        .name(each.name())
                                        .image(each.image()))
                                .toList()));
    }

    /** Makes a task's network interface. */
    UnaryOperator<TaskRow> provision(Scope scope, TaskRow row) throws CannotStart {
        AwsVpcConfiguration network = Objects.requireNonNull(row.means().network());
        String attachment = row.told().attachments().isEmpty()
                ? row.id()
                : Objects.requireNonNull(row.told().attachments().getFirst().id());
        try {
            TaskNetworks.Wiring wiring = machinery
                    .networks()
                    .create(
                            scope,
                            row.id(),
                            network,
                            row.instance() == null ? null : row.told().availabilityZone(),
                            attachment);
            return each -> Changes.provisioned(each, wiring);
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            throw new CannotStart("Unexpected EC2 error while attempting to Create Network Interface with public IP "
                    + "assignment " + ("ENABLED".equals(network.assignPublicIp()) ? "enabled" : "disabled")
                    + " in subnet '" + network.subnets().getFirst() + "': " + fault.code());
        }
    }

    TaskReadiness.Ready ready(Scope scope, TaskRow row, TaskDefinition definition) throws CannotStart {
        return readiness.of(scope, row, definition);
    }

    /** Fetches what a task needs, makes its pod and wires it. */
    UnaryOperator<TaskRow> prepare(Scope scope, TaskRow row, TaskDefinition definition)
            throws CannotStart, InterruptedException {
        Instant began = room.now();
        TaskReadiness.Ready ready = readiness.of(scope, row, definition);
        Instant pulled = room.now();
        String eni = row.course().eni();
        try {
            Pod pod = machinery.containers().find(row.id()).orElse(null);
            if (pod == null) {
                pod = machinery.containers().prepare(pod(scope, row, definition));
            }
            if (eni != null) {
                machinery.networks().attach(eni, pod.netns());
            } else {
                servers.connect(scope, row, definition, pod.netns());
            }
            String namespace = pod.netns().toString();
            return each -> {
                TaskRow next = each;
                for (Map.Entry<String, String> digest : ready.digests().entrySet()) {
                    next = Changes.container(next, digest.getKey(), told -> told.imageDigest(digest.getValue()));
                }
                return next.with(Copies.of(next.told()).pullStartedAt(began).pullStoppedAt(pulled))
                        .with(each.course().namespace(namespace));
            };
        } catch (LaunchException e) {
            throw new CannotStart("CannotCreateContainerError: " + e.getMessage());
        } catch (IOException e) {
            throw new CannotStart(
                    "ResourceInitializationError: failed to configure the task's network: " + e.getMessage());
        }
    }

    private PodSpec pod(Scope scope, TaskRow row, TaskDefinition definition) throws IOException {
        String eni = row.course().eni();
        String address = address(row);
        String host = address.isEmpty()
                ? row.id().substring(0, 12)
                : "ip-" + address.replace('.', '-')
                        + (scope.region().equals("us-east-1")
                                ? ".ec2.internal"
                                : "." + scope.region() + ".compute.internal");
        String hosts =
                "127.0.0.1 localhost\n" + (address.isEmpty() ? "" : address + " " + host + "\n") + names.of(scope, row);
        var storage = row.told().ephemeralStorage();
        boolean fargate = "FARGATE".equals(row.told().launchType());
        return new PodSpec(
                row.id(),
                host,
                servers.network(scope, row, definition),
                hosts,
                eni == null
                        ? ServerNetworks.RESOLV_CONF
                        : machinery.networks().resolvConf(scope, detail(row, "subnetId")),
                limits(row, fargate),
                storage == null ? 0 : Objects.requireNonNullElse(storage.sizeInGiB(), 0) * UNITS,
                "task".equals(definition.pidMode()),
                Map.of("account", scope.account(), "region", scope.region()),
                OptionalLong.empty());
    }

    private static PodSpec.Limits limits(TaskRow row, boolean fargate) {
        String cpu = row.told().cpu();
        String memory = row.told().memory();
        int units = cpu == null ? 0 : Integer.parseInt(cpu);
        return new PodSpec.Limits(
                memory == null ? 0 : Integer.parseInt(memory),
                fargate ? units * MILLIS / UNITS : 0,
                units,
                fargate ? FARGATE_PIDS : 0);
    }

    /** A task's private address; empty where it has none of its own. */
    static String address(TaskRow row) {
        return detail(row, "privateIPv4Address");
    }

    private static String detail(TaskRow row, String name) {
        return row.told().attachments().stream()
                .flatMap(each -> each.details().stream())
                .filter(each -> name.equals(each.name()))
                .map(each -> String.valueOf(each.value()))
                .findFirst()
                .orElse("");
    }

    /** A task runs: what its start was kept for is over, but its roles' sessions. */
    void settled(String task) {
        readiness.settled(task);
    }

    /** Takes a task off its server's bridge. */
    void disconnect(Scope scope, TaskRow row) {
        servers.disconnect(scope, row);
    }

    void forget(String task) {
        readiness.forget(task);
    }

    /** Names of a task's containers. */
    static List<String> containers(TaskDefinition definition) {
        return definition.containerDefinitions().stream()
                .map(each -> Objects.requireNonNull(each.name()))
                .toList();
    }
}
