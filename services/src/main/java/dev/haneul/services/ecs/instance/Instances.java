package dev.haneul.services.ecs.instance;

import dev.haneul.api.ecs.Attribute;
import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.ContainerInstance;
import dev.haneul.api.ecs.NetworkBinding;
import dev.haneul.api.ecs.Resource;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.InstanceRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Container instances as others ask for them, and what is free on them. */
public final class Instances {
    private Instances() {}

    /** What an instance has, or has left: CPU units, MiB, and ports that are taken. */
    public record Resources(int cpu, int memory, Set<Integer> tcp, Set<Integer> udp) {}

    /** An instance of a cluster by its ARN or id. */
    public static Optional<InstanceRow> find(ReadTx tx, Scope scope, String cluster, String reference) {
        String id = reference.substring(reference.lastIndexOf('/') + 1);
        return id.isEmpty()
                ? Optional.empty()
                : tx.get(EcsTables.INSTANCES, scope.key(id))
                        .map(Row::value)
                        .filter(row -> row.cluster().equals(cluster));
    }

    /** The instances of a cluster. */
    public static List<InstanceRow> of(ReadTx tx, Scope scope, String cluster) {
        return EcsTables.every(tx, EcsTables.INSTANCES, scope, EcsTables.CLUSTER, cluster);
    }

    /** The tasks on an instance that take room there. */
    public static List<TaskRow> tasks(ReadTx tx, Scope scope, InstanceRow row) {
        return EcsTables.every(tx, EcsTables.TASKS, scope, EcsTables.INSTANCE, row.id()).stream()
                .filter(task -> !task.stopped())
                .toList();
    }

    /** What is left of an instance's resources. */
    public static Resources remaining(InstanceRow row, List<TaskRow> tasks) {
        List<Resource> registered = row.told().registeredResources();
        int cpu = number(registered, "CPU");
        int memory = number(registered, "MEMORY");
        Set<Integer> tcp = ports(registered, "PORTS");
        Set<Integer> udp = ports(registered, "PORTS_UDP");
        for (TaskRow task : tasks) {
            cpu -= cpu(task);
            memory -= memory(task);
            for (Container each : task.told().containers()) {
                for (NetworkBinding bound : each.networkBindings()) {
                    ("udp".equals(bound.protocol()) ? udp : tcp).add(Objects.requireNonNullElse(bound.hostPort(), 0));
                }
            }
        }
        return new Resources(cpu, memory, tcp, udp);
    }

    private static int number(List<Resource> all, String name) {
        return all.stream()
                .filter(each -> name.equals(each.name()))
                .map(each -> Objects.requireNonNullElse(each.integerValue(), 0))
                .findFirst()
                .orElse(0);
    }

    private static Set<Integer> ports(List<Resource> all, String name) {
        Set<Integer> found = new HashSet<>();
        all.stream()
                .filter(each -> name.equals(each.name()))
                .forEach(each -> each.stringSetValue().stream()
                        .filter(port -> port.matches("[0-9]{1,5}"))
                        .forEach(port -> found.add(Integer.parseInt(port))));
        return found;
    }

    /** CPU units of a task. */
    static int cpu(TaskRow task) {
        String own = task.told().cpu();
        return own != null
                ? Integer.parseInt(own)
                : task.told().containers().stream()
                        .mapToInt(each -> amount(each.cpu()))
                        .sum();
    }

    /** MiB of a task: of containers with both, what they reserve. */
    static int memory(TaskRow task) {
        String own = task.told().memory();
        return own != null
                ? Integer.parseInt(own)
                : task.told().containers().stream()
                        .mapToInt(each ->
                                amount(each.memoryReservation() == null ? each.memory() : each.memoryReservation()))
                        .sum();
    }

    private static int amount(@Nullable String text) {
        return text == null ? 0 : Integer.parseInt(text);
    }

    /** What expressions ask of an instance. */
    public static Expression.Facts facts(InstanceRow row, List<TaskRow> tasks) {
        Map<String, String> values = new HashMap<>();
        ContainerInstance told = row.told();
        for (Attribute each : told.attributes()) {
            values.put("attribute:" + each.name(), Objects.requireNonNullElse(each.value(), ""));
        }
        values.put("agentConnected", String.valueOf(Boolean.TRUE.equals(told.agentConnected())));
        values.put("ec2InstanceId", Objects.requireNonNullElse(told.ec2InstanceId(), ""));
        values.put("registeredAt", String.valueOf(told.registeredAt()));
        values.put(
                "runningTasksCount",
                String.valueOf(tasks.stream()
                        .filter(task -> task.lastStatus().equals("RUNNING"))
                        .count()));
        if (told.versionInfo() != null && told.versionInfo().agentVersion() != null) {
            values.put("agentVersion", told.versionInfo().agentVersion());
        }
        return new Expression.Facts(values, tasks.stream().map(TaskRow::group).collect(Collectors.toSet()));
    }

    /** An instance as describe tells it, without tags. */
    static ContainerInstance told(ReadTx tx, Scope scope, InstanceRow row) {
        List<TaskRow> tasks = tasks(tx, scope, row);
        Resources left = remaining(row, tasks);
        long running = tasks.stream()
                .filter(task -> task.lastStatus().equals("RUNNING"))
                .count();
        return Copies.of(row.told())
                .remainingResources(resources(left))
                .runningTasksCount((int) running)
                .pendingTasksCount((int) tasks.stream()
                        .filter(task ->
                                Set.of("PENDING", "PROVISIONING", "ACTIVATING").contains(task.lastStatus()))
                        .count());
    }

    /** Resources as the API tells them. */
    static List<Resource> resources(Resources all) {
        List<Resource> found = new ArrayList<>();
        found.add(integer("CPU", all.cpu()));
        found.add(integer("MEMORY", all.memory()));
        found.add(set("PORTS", all.tcp()));
        found.add(set("PORTS_UDP", all.udp()));
        return found;
    }

    private static Resource integer(String name, int value) {
        return new Resource()
                .name(name)
                .type("INTEGER")
                .doubleValue(0.0)
                .longValue(0L)
                .integerValue(value);
    }

    private static Resource set(String name, Set<Integer> ports) {
        return new Resource()
                .name(name)
                .type("STRINGSET")
                .doubleValue(0.0)
                .longValue(0L)
                .integerValue(0)
                .stringSetValue(
                        new TreeSet<>(ports).stream().map(String::valueOf).toList());
    }
}
