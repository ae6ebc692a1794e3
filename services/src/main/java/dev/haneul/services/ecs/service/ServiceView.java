package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.Attachment;
import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.KeyValuePair;
import dev.haneul.api.ecs.LoadBalancer;
import dev.haneul.api.ecs.NetworkBinding;
import dev.haneul.api.ecs.ServiceRegistry;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.DefinitionRow;
import dev.haneul.services.ecs.EcsTables.InstanceRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.definition.Definitions;
import dev.haneul.services.ecs.instance.Expression;
import dev.haneul.services.ecs.instance.Instances;
import dev.haneul.services.ecs.service.MemberPlan.TaskView;
import dev.haneul.services.ecs.service.ServiceTables.MemberRow;
import dev.haneul.services.ecs.service.ServiceTables.Place;
import dev.haneul.services.ecs.service.ServiceTables.RevisionRow;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import dev.haneul.services.ecs.task.Tasks;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A service and all that belongs to it, from one moment.
 *
 * @param members what it has done with its tasks
 * @param tasks the tasks by their ids
 * @param revisions by the ids of their deployments or task sets
 * @param definitions by ARN
 * @param instances the cluster's container instances by id
 */
record ServiceView(
        Scope scope,
        ServiceRow row,
        List<MemberRow> members,
        Map<String, TaskRow> tasks,
        Map<String, RevisionRow> revisions,
        Map<String, TaskDefinition> definitions,
        Map<String, InstanceRow> instances) {
    private static final int PAGE = 1000;

    static Optional<ServiceView> read(ReadTx tx, Key key) {
        return tx.get(ServiceTables.SERVICES, key).map(Row::value).map(row -> read(tx, key.scope(), row));
    }

    private static ServiceView read(ReadTx tx, Scope scope, ServiceRow row) {
        Map<String, TaskRow> tasks = new HashMap<>();
        Tasks.ofGroup(tx, scope, row.cluster(), "service:" + row.name()).forEach(each -> tasks.put(each.id(), each));
        Map<String, RevisionRow> revisions = new HashMap<>();
        Map<String, TaskDefinition> definitions = new HashMap<>();
        row.rollouts()
                .forEach(rollout -> Rolls.revision(tx, scope, row, rollout.revision())
                        .ifPresent(revision -> {
                            revisions.put(rollout.id(), revision);
                            String arn = String.valueOf(revision.told().taskDefinition());
                            Definitions.find(tx, scope, arn)
                                    .map(DefinitionRow::told)
                                    .ifPresent(found -> definitions.put(arn, found));
                        }));
        Map<String, InstanceRow> instances = new HashMap<>();
        if (!ServiceSpec.fargate(row.told()) || row.controller().equals("EXTERNAL")) {
            EcsTables.every(tx, EcsTables.INSTANCES, scope, EcsTables.CLUSTER, row.cluster())
                    .forEach(each -> instances.put(each.id(), each));
        }
        return new ServiceView(scope, row, members(tx, scope, row), tasks, revisions, definitions, instances);
    }

    private static List<MemberRow> members(ReadTx tx, Scope scope, ServiceRow row) {
        List<MemberRow> found = new ArrayList<>();
        String from = row.id() + "/";
        while (true) {
            List<Row<MemberRow>> rows = tx.range(ServiceTables.MEMBERS, scope, from, row.id() + "0", PAGE);
            rows.forEach(each -> found.add(each.value()));
            if (rows.size() < PAGE) {
                return found;
            }
            from = rows.getLast().key().id() + "\u0000";
        }
    }

    /** The task definition of a deployment or task set. */
    @Nullable
    TaskDefinition definition(String rollout) {
        RevisionRow revision = revisions.get(rollout);
        return revision == null
                ? null
                : definitions.get(String.valueOf(revision.told().taskDefinition()));
    }

    /** A task, as its plan sees it. */
    TaskView task(MemberRow member) {
        TaskRow task = tasks.get(member.task());
        if (task == null) {
            return TaskView.GONE;
        }
        RevisionRow revision = revisions.get(member.rollout());
        TaskDefinition definition = definition(member.rollout());
        boolean checked = definition != null
                && definition.containerDefinitions().stream()
                        .anyMatch(each -> !Boolean.FALSE.equals(each.essential()) && each.healthCheck() != null);
        boolean placed = revision != null
                && (!revision.told().loadBalancers().isEmpty()
                        || !revision.told().serviceRegistries().isEmpty());
        return new TaskView(
                task.lastStatus().equals("RUNNING"),
                task.desiredStatus().equals("RUNNING"),
                task.stopped(),
                "UserInitiated".equals(task.told().stopCode()),
                task.told().startedAt(),
                Objects.requireNonNullElse(task.told().healthStatus(), "UNKNOWN"),
                checked,
                placed && revision != null ? places(task, revision, definition) : List.of(),
                placed);
    }

    /** Where a task is to be registered; empty while its addresses are not known. */
    private List<Place> places(TaskRow task, RevisionRow revision, @Nullable TaskDefinition definition) {
        boolean own = definition != null && Definitions.network(definition).equals("awsvpc");
        List<Place> places = new ArrayList<>();
        for (LoadBalancer each : revision.told().loadBalancers()) {
            String group = Balancers.group(each, revision.slot());
            Place place = own
                    ? ownPlace(task, group, each.containerPort())
                    : hostPlace(task, group, each.containerName(), each.containerPort());
            if (place == null) {
                return List.of();
            }
            places.add(place);
        }
        for (ServiceRegistry each : revision.told().serviceRegistries()) {
            String address = address(task);
            if (address == null) {
                return List.of();
            }
            places.add(registryPlace(task, each, address));
        }
        return places;
    }

    private static @Nullable Place ownPlace(TaskRow task, String group, @Nullable Integer port) {
        String address = address(task);
        return address == null ? null : new Place(group, address, port, Map.of());
    }

    private @Nullable Place hostPlace(TaskRow task, String group, @Nullable String container, @Nullable Integer port) {
        InstanceRow instance = instances.get(Objects.requireNonNullElse(task.instance(), ""));
        String ec2 = instance == null ? null : instance.told().ec2InstanceId();
        Integer host = task.told().containers().stream()
                .filter(each -> Objects.equals(each.name(), container))
                .flatMap(each -> each.networkBindings().stream())
                .filter(each -> Objects.equals(each.containerPort(), port))
                .map(NetworkBinding::hostPort)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        return ec2 == null || host == null ? null : new Place(group, ec2, host, Map.of());
    }

    private Place registryPlace(TaskRow task, ServiceRegistry registry, String address) {
        Map<String, String> attributes = new HashMap<>();
        attributes.put("AWS_INSTANCE_IPV4", address);
        Integer port = registry.port() == null ? registry.containerPort() : registry.port();
        if (port != null) {
            attributes.put("AWS_INSTANCE_PORT", String.valueOf(port));
        }
        attributes.put("ECS_CLUSTER_NAME", row.cluster());
        attributes.put("ECS_SERVICE_NAME", row.name());
        String definition = String.valueOf(task.told().taskDefinitionArn());
        attributes.put(
                "ECS_TASK_DEFINITION_FAMILY",
                definition.substring(definition.lastIndexOf('/') + 1, definition.lastIndexOf(':')));
        attributes.put("REGION", scope.region());
        String zone = task.told().availabilityZone();
        if (zone != null) {
            attributes.put("AVAILABILITY_ZONE", zone);
        }
        return new Place(Objects.requireNonNullElse(registry.registryArn(), ""), task.id(), port, attributes);
    }

    /** The private address of a task's own interface; null before it has one. */
    private static @Nullable String address(TaskRow task) {
        for (Container each : task.told().containers()) {
            if (!each.networkInterfaces().isEmpty()) {
                return each.networkInterfaces().getFirst().privateIpv4Address();
            }
        }
        return task.told().attachments().stream()
                .map(Attachment::details)
                .flatMap(List::stream)
                .filter(each -> "privateIPv4Address".equals(each.name()))
                .map(KeyValuePair::value)
                .findFirst()
                .orElse(null);
    }

    /** Container instances on which a daemon runs: those that are there and meet its constraints. */
    List<String> daemonPlaces() {
        return daemonPlaces(row, instances.values());
    }

    /** How many tasks a service is to have: for daemons, as many as there are places. */
    static int count(ReadTx tx, Scope scope, ServiceRow row) {
        if (!row.daemon()) {
            return row.count();
        }
        return row.status().equals("ACTIVE")
                ? daemonPlaces(row, EcsTables.every(tx, EcsTables.INSTANCES, scope, EcsTables.CLUSTER, row.cluster()))
                        .size()
                : 0;
    }

    private static List<String> daemonPlaces(ServiceRow row, Collection<InstanceRow> instances) {
        List<Expression> constraints = row.told().placementConstraints().stream()
                .filter(each -> "memberOf".equals(each.type()))
                .map(each -> Expression.parse(each.expression()))
                .toList();
        return instances.stream()
                .filter(each -> "ACTIVE".equals(each.told().status())
                        && Boolean.TRUE.equals(each.told().agentConnected()))
                .filter(each ->
                        constraints.stream().allMatch(constraint -> constraint.holds(Instances.facts(each, List.of()))))
                .map(InstanceRow::id)
                .sorted()
                .toList();
    }

    /** Whether the instance a task runs on drains. */
    boolean evicted(TaskRow task) {
        InstanceRow instance = instances.get(Objects.requireNonNullElse(task.instance(), ""));
        return instance != null && "DRAINING".equals(instance.told().status());
    }
}
