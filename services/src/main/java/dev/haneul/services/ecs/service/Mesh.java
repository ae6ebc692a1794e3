package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.Attachment;
import dev.haneul.api.ecs.PortMapping;
import dev.haneul.api.ecs.ServiceConnectService;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.Rule;
import dev.haneul.edge.table.TargetGroup;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.definition.Definitions;
import dev.haneul.services.ecs.service.ConnectTables.AliasRow;
import dev.haneul.services.ecs.service.ConnectTables.ConnectRow;
import dev.haneul.services.ecs.task.Tasks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A namespace of Service Connect at one moment: its endpoints, what clients call them, and the tasks behind them. */
final class Mesh {
    private static final Duration IDLE_HTTP = Duration.ofMinutes(5);
    private static final Duration IDLE_TCP = Duration.ofHours(1);

    private final List<Endpoint> endpoints;

    /**
     * Something that clients may reach.
     *
     * @param service its cluster and name
     * @param address where clients find it, in their own network
     * @param http whether requests are told apart
     */
    private record Endpoint(
            String service,
            String discovery,
            AliasRow alias,
            int port,
            boolean http,
            Duration idle,
            List<TargetGroup.Target> targets) {}

    private Mesh(List<Endpoint> endpoints) {
        this.endpoints = endpoints;
    }

    static Mesh of(ReadTx tx, Scope scope, String namespace) {
        Map<String, AliasRow> aliases = new HashMap<>();
        ConnectTables.aliases(tx, scope, namespace).forEach(each -> aliases.put(each.name(), each));
        List<Endpoint> found = new ArrayList<>();
        for (ConnectRow row : ConnectTables.in(tx, scope, namespace)) {
            int slash = row.service().indexOf('/');
            List<TaskRow> tasks = Tasks.ofGroup(
                    tx,
                    scope,
                    row.service().substring(0, slash),
                    "service:" + row.service().substring(slash + 1));
            for (ServiceConnectService each : row.told().services()) {
                endpoints(tx, scope, row, each, tasks, aliases, found);
            }
        }
        return new Mesh(found);
    }

    private static void endpoints(
            ReadTx tx,
            Scope scope,
            ConnectRow row,
            ServiceConnectService told,
            List<TaskRow> tasks,
            Map<String, AliasRow> aliases,
            List<Endpoint> found) {
        List<TargetGroup.Target> targets = new ArrayList<>();
        boolean http = false;
        for (TaskRow task : tasks) {
            PortMapping port = definition(tx, scope, task)
                    .flatMap(it -> ConnectSpec.port(it, told.portName()))
                    .orElse(null);
            if (port != null && port.containerPort() != null) {
                http |= "http".equals(port.appProtocol());
                target(task, port.containerPort()).ifPresent(targets::add);
            }
        }
        for (var alias : told.clientAliases()) {
            AliasRow known = aliases.get(String.valueOf(alias.dnsName()));
            if (known != null) {
                found.add(new Endpoint(
                        row.service(),
                        String.valueOf(told.discoveryName()),
                        known,
                        alias.port(),
                        http,
                        idle(told, http),
                        targets));
            }
        }
    }

    private static Optional<TaskDefinition> definition(ReadTx tx, Scope scope, TaskRow task) {
        return Definitions.find(tx, scope, String.valueOf(task.told().taskDefinitionArn()))
                .map(row -> row.told());
    }

    private static Duration idle(ServiceConnectService told, boolean http) {
        Integer seconds = told.timeout() == null ? null : told.timeout().idleTimeoutSeconds();
        Duration usual = http ? IDLE_HTTP : IDLE_TCP;
        return seconds == null || seconds == 0 ? usual : Duration.ofSeconds(seconds);
    }

    /** A task that runs, is to go on, and is not sick. */
    private static Optional<TargetGroup.Target> target(TaskRow task, int port) {
        boolean well = task.lastStatus().equals("RUNNING")
                && task.desiredStatus().equals("RUNNING")
                && !"UNHEALTHY".equals(task.told().healthStatus());
        return address(task)
                .filter(it -> well)
                .map(address -> new TargetGroup.Target(
                        task.id(), task.id(), address, port, "", false, TargetGroup.Health.HEALTHY, null));
    }

    private static Optional<String> address(TaskRow task) {
        return task.told().attachments().stream()
                .map(Attachment::details)
                .flatMap(List::stream)
                .filter(each -> "privateIPv4Address".equals(each.name()))
                .map(each -> Objects.requireNonNullElse(each.value(), ""))
                .filter(each -> !each.isEmpty())
                .findFirst();
    }

    /** What is at work in a client's network: one table for each name and port. */
    List<RoutingTable> tables(String client) {
        return endpoints.stream().map(each -> table(client, each)).toList();
    }

    private static RoutingTable table(String client, Endpoint endpoint) {
        Listener.Protocol protocol = endpoint.http() ? Listener.Protocol.HTTP : Listener.Protocol.TCP;
        String group = endpoint.service() + "/" + endpoint.discovery();
        TargetGroup targets = new TargetGroup(
                group,
                TargetGroup.Kind.ADDRESS,
                protocol,
                TargetGroup.Version.HTTP1,
                TargetGroup.Algorithm.ROUND_ROBIN,
                Duration.ZERO,
                TargetGroup.Stickiness.NONE,
                new TargetGroup.HealthCheck(
                        false, protocol, 0, "/", Duration.ofSeconds(30), Duration.ofSeconds(5), 2, 2, "200"),
                null,
                false,
                false,
                true,
                false,
                endpoint.targets());
        Rule all = new Rule(
                "default",
                0,
                List.of(),
                List.of(new Action.Forward(List.of(new Action.Weighted(group, 1)), null)),
                List.of());
        Listener listener =
                new Listener(group, endpoint.port(), protocol, null, List.of(all), endpoint.idle(), Map.of());
        RoutingTable.Settings usual = RoutingTable.Settings.APPLICATION;
        return new RoutingTable(
                client + " " + endpoint.alias().name() + ":" + endpoint.port(),
                endpoint.http(),
                List.of(new RoutingTable.Node(client + " " + endpoint.alias().address(), "")),
                new RoutingTable.Settings(
                        endpoint.idle(),
                        usual.clientKeepAlive(),
                        usual.forwardedFor(),
                        usual.clientPort(),
                        usual.dropInvalidHeaders(),
                        true,
                        usual.http2(),
                        usual.desync(),
                        usual.tlsHeaders(),
                        true),
                List.of(listener),
                Map.of(group, targets));
    }
}
