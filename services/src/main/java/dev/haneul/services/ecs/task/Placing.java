package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.Attribute;
import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.Failure;
import dev.haneul.api.ecs.NetworkBinding;
import dev.haneul.api.ecs.PlacementConstraint;
import dev.haneul.api.ecs.PlacementStrategy;
import dev.haneul.api.ecs.PortMapping;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.ecs.TaskDefinitionPlacementConstraint;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.InstanceRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.definition.Definitions;
import dev.haneul.services.ecs.instance.Expression;
import dev.haneul.services.ecs.instance.Instances;
import dev.haneul.services.ecs.task.LaunchRequest.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds container instances for tasks, and the ports of theirs that tasks get. */
final class Placing {
    /** Why a cluster without instances takes no task. */
    static final String EMPTY = "No Container Instances were found in your cluster.";

    private static final int FIRST_DYNAMIC = 32_768;
    private static final int LAST_DYNAMIC = 60_999;

    /**
     * What was found.
     *
     * @param instance null where none fits, for the reasons in {@code failures}
     * @param tcp ports of the instance that are taken
     */
    record Choice(
            @Nullable InstanceRow instance, String zone, Set<Integer> tcp, Set<Integer> udp, List<Failure> failures) {
        /** The containers with the host's ports they are reached at. */
        List<Container> bound(List<Container> containers, TaskDefinition definition) {
            if (!Set.of("bridge", "host").contains(Definitions.network(definition))) {
                return containers;
            }
            List<Container> found = new ArrayList<>();
            for (Container each : containers) {
                List<NetworkBinding> bindings = new ArrayList<>();
                for (PortMapping port : ports(definition, String.valueOf(each.name()))) {
                    bindings.add(binding(port));
                }
                found.add(bindings.isEmpty() ? each : Copies.of(each).networkBindings(bindings));
            }
            return found;
        }

        private NetworkBinding binding(PortMapping port) {
            boolean datagrams = "udp".equals(port.protocol());
            int host = Objects.requireNonNullElse(port.hostPort(), 0);
            Set<Integer> taken = datagrams ? udp : tcp;
            if (host == 0) {
                host = FIRST_DYNAMIC;
                while (taken.contains(host) && host < LAST_DYNAMIC) {
                    host++;
                }
            }
            taken.add(host);
            return new NetworkBinding()
                    .bindIP("0.0.0.0")
                    .containerPort(port.containerPort())
                    .hostPort(host)
                    .protocol(Objects.requireNonNullElse(port.protocol(), "tcp"));
        }
    }

    private static List<PortMapping> ports(TaskDefinition definition, String container) {
        return definition.containerDefinitions().stream()
                .filter(each -> container.equals(each.name()))
                .flatMap(each -> each.portMappings().stream())
                .filter(each -> each.containerPort() != null)
                .toList();
    }

    Choice choose(ReadTx tx, LaunchRequest wanted, Target target) {
        if (!"EC2".equals(target.launchType())) {
            throw EcsFaults.unbuilt("The " + target.launchType() + " launch type");
        }
        List<InstanceRow> rows = Instances.of(tx, wanted.scope(), wanted.cluster()).stream()
                .filter(row -> target.instance() == null
                        ? "ACTIVE".equals(row.told().status())
                        : row.id().equals(target.instance()))
                .filter(row -> target.provider() == null
                        || target.provider().equals(row.told().capacityProviderName()))
                .filter(row -> row.told().ec2InstanceId() != null)
                .toList();
        if (rows.isEmpty()) {
            Failure failure = new Failure().reason(target.instance() == null ? EMPTY : "MISSING");
            if (target.instance() != null) {
                failure.arn(EcsRoom.arn(
                        wanted.scope(), "container-instance/" + wanted.cluster() + "/" + target.instance()));
            }
            return none(List.of(failure));
        }
        Map<String, Instances.Resources> left = new HashMap<>();
        List<Placement.Candidate> candidates = new ArrayList<>();
        for (InstanceRow row : rows) {
            List<TaskRow> tasks = Instances.tasks(tx, wanted.scope(), row);
            Instances.Resources remaining = Instances.remaining(row, tasks);
            left.put(row.arn(), remaining);
            candidates.add(new Placement.Candidate(
                    row.arn(),
                    remaining.cpu(),
                    remaining.memory(),
                    remaining.tcp(),
                    remaining.udp(),
                    Boolean.TRUE.equals(row.told().agentConnected()),
                    (int) tasks.stream()
                            .filter(task -> task.group().equals(wanted.group()))
                            .filter(task -> "RUNNING".equals(task.desiredStatus()))
                            .count(),
                    Instances.facts(row, tasks)));
        }
        Placement.Choice choice = Placement.choose(need(wanted), candidates, wish(wanted), ThreadLocalRandom.current());
        if (choice.chosen() == null) {
            return none(choice.reasons().entrySet().stream()
                    .map(each -> new Failure().arn(each.getKey()).reason(each.getValue()))
                    .toList());
        }
        InstanceRow chosen = rows.stream()
                .filter(row -> row.arn().equals(choice.chosen()))
                .findFirst()
                .orElseThrow();
        Instances.Resources ports = Objects.requireNonNull(left.get(chosen.arn()));
        return new Choice(chosen, zone(chosen), ports.tcp(), ports.udp(), List.of());
    }

    private static Choice none(List<Failure> failures) {
        return new Choice(null, "", Set.of(), Set.of(), failures);
    }

    private static String zone(InstanceRow row) {
        return row.told().attributes().stream()
                .filter(each -> "ecs.availability-zone".equals(each.name()))
                .map(each -> String.valueOf(each.value()))
                .findFirst()
                .orElse("");
    }

    private static Placement.Need need(LaunchRequest wanted) {
        TaskDefinition definition = wanted.definition();
        String cpu = wanted.overrides().cpu() == null
                ? definition.cpu()
                : wanted.overrides().cpu();
        String memory = wanted.overrides().memory() == null
                ? definition.memory()
                : wanted.overrides().memory();
        List<ContainerDefinition> all = definition.containerDefinitions();
        Set<Integer> tcp = new HashSet<>();
        Set<Integer> udp = new HashSet<>();
        if (!"awsvpc".equals(definition.networkMode())) {
            all.stream().flatMap(each -> each.portMappings().stream()).forEach(port -> {
                int host = Objects.requireNonNullElse(port.hostPort(), 0);
                if (host != 0) {
                    ("udp".equals(port.protocol()) ? udp : tcp).add(host);
                }
            });
        }
        return new Placement.Need(
                cpu != null
                        ? Integer.parseInt(cpu)
                        : all.stream()
                                .mapToInt(each -> Objects.requireNonNullElse(each.cpu(), 0))
                                .sum(),
                memory != null
                        ? Integer.parseInt(memory)
                        : all.stream()
                                .mapToInt(each -> Objects.requireNonNullElse(
                                        each.memoryReservation() == null ? each.memory() : each.memoryReservation(), 0))
                                .sum(),
                tcp,
                udp,
                definition.requiresAttributes().stream().map(Attribute::name).collect(Collectors.toSet()));
    }

    private static Placement.Wish wish(LaunchRequest wanted) {
        List<Expression> members = new ArrayList<>();
        boolean distinct = false;
        for (PlacementConstraint each : wanted.placement().constraints()) {
            switch (String.valueOf(each.type())) {
                case "distinctInstance" -> distinct = true;
                case "memberOf" -> members.add(Expression.parse(each.expression()));
                default -> throw EcsFaults.invalid("Invalid placement constraint type: " + each.type() + ".");
            }
        }
        for (TaskDefinitionPlacementConstraint each : wanted.definition().placementConstraints()) {
            members.add(Expression.parse(each.expression()));
        }
        List<Placement.Strategy> strategies = new ArrayList<>();
        for (PlacementStrategy each : wanted.placement().strategy()) {
            String type = String.valueOf(each.type());
            String field = Objects.requireNonNullElse(each.field(), "");
            boolean known = switch (type) {
                case "random" -> true;
                case "binpack" -> field.equalsIgnoreCase("cpu") || field.equalsIgnoreCase("memory");
                case "spread" -> field.equals("instanceId") || field.equals("host") || field.startsWith("attribute:");
                default -> false;
            };
            if (!known) {
                throw EcsFaults.invalid("Invalid placement strategy: " + type + " of '" + field + "'.");
            }
            strategies.add(new Placement.Strategy(type, field));
        }
        return new Placement.Wish(distinct, members, strategies);
    }
}
