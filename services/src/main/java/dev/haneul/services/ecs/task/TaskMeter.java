package dev.haneul.services.ecs.task;

import dev.haneul.engines.cgroup.GroupStats;
import dev.haneul.engines.container.Pod;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.usage.Usage;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.cluster.Clusters;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks once a minute at what tasks use: what CloudWatch shows of services and clusters, and what Fargate is billed for,
 * from the start of the pull to the stop.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html">Metrics</a>
 */
final class TaskMeter implements Reconciler<String> {
    /** Until when a task's use was told. */
    static final Table<Metered> METERED = Table.of("ecs.metered", RecordCodecs.of(Metered.class));

    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final Duration LEAST = Duration.ofMinutes(1);
    private static final double MIB = 1 << 20;
    private static final double UNITS = 1024;
    private static final double HOUR = 3600;
    private static final int FREE_GIB = 20;

    private final EcsRoom room;
    private final Machinery machinery;
    private final Map<String, Sample> samples = new ConcurrentHashMap<>();

    record Metered(Instant until) {}

    /** What a task had used at a moment. */
    private record Sample(Instant at, Duration cpu) {}

    /** What tasks together use and have reserved, in CPU units and MiB. */
    private record Load(double cpu, double cpuReserved, double memory, double memoryReserved) {}

    TaskMeter(EcsRoom room, Machinery machinery) {
        this.room = room;
        this.machinery = machinery;
    }

    void join(Driver driver) {
        driver.add(this, 1).wake("minute");
    }

    @Override
    public String name() {
        return "ecs.meter";
    }

    @Override
    public Next reconcile(String minute) {
        List<Key> keys = room.read(tx -> EcsTables.everywhere(tx, EcsTables.TASKS, EcsTables.OPEN, "yes"));
        for (Key key : keys) {
            TaskRow row = room.read(tx -> tx.get(EcsTables.TASKS, key))
                    .map(Row::value)
                    .orElse(null);
            if (row == null || row.told().pullStartedAt() == null) {
                continue;
            }
            bill(key, row, room.now(), false);
            if (row.lastStatus().equals("RUNNING")) {
                measure(key.scope(), row);
            }
        }
        samples.keySet().retainAll(keys.stream().map(Key::id).toList());
        return Next.after(PERIOD);
    }

    private void measure(Scope scope, TaskRow row) {
        Load load = load(row);
        if (load == null) {
            return;
        }
        Instant now = room.now();
        String service = row.means().service();
        if (service != null) {
            Map<String, String> of = Map.of("ClusterName", row.cluster(), "ServiceName", service);
            percent(scope, of, "CPUUtilization", load.cpu(), load.cpuReserved(), now);
            percent(scope, of, "MemoryUtilization", load.memory(), load.memoryReserved(), now);
        }
        Map<String, String> cluster = Map.of("ClusterName", row.cluster());
        percent(scope, cluster, "CPUUtilization", load.cpu(), load.cpuReserved(), now);
        percent(scope, cluster, "MemoryUtilization", load.memory(), load.memoryReserved(), now);
        boolean insights = room.read(tx -> Clusters.find(tx, scope, row.cluster()))
                .map(found -> !"disabled".equals(Clusters.setting(found, "containerInsights")))
                .orElse(false);
        if (insights) {
            insights(scope, row, load, now);
        }
    }

    private void percent(
            Scope scope, Map<String, String> dimensions, String name, double used, double reserved, Instant now) {
        if (reserved > 0) {
            room.metrics()
                    .add(new Metrics.What(scope, "AWS/ECS", name, dimensions, "Percent"), now, 100 * used / reserved);
        }
    }

    private void insights(Scope scope, TaskRow row, Load load, Instant now) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("CpuUtilized", load.cpu());
        values.put("CpuReserved", load.cpuReserved());
        values.put("MemoryUtilized", load.memory());
        values.put("MemoryReserved", load.memoryReserved());
        Map<String, String> dimensions = new HashMap<>(Map.of("ClusterName", row.cluster()));
        String service = row.means().service();
        if (service != null) {
            dimensions.put("ServiceName", service);
        } else {
            dimensions.put("TaskDefinitionFamily", row.group().replaceFirst("^family:", ""));
        }
        values.forEach((name, value) -> room.metrics()
                .add(
                        new Metrics.What(
                                scope,
                                "ECS/ContainerInsights",
                                name,
                                dimensions,
                                name.startsWith("Memory") ? "Megabytes" : "None"),
                        now,
                        value));
    }

    private @Nullable Load load(TaskRow row) {
        Pod pod = machinery.containers().find(row.id()).orElse(null);
        if (pod == null) {
            return null;
        }
        GroupStats stats = pod.stats();
        Instant now = room.now();
        Sample before = samples.put(row.id(), new Sample(now, stats.cpu()));
        if (before == null || !before.at().isBefore(now)) {
            return null;
        }
        double seconds = Duration.between(before.at(), now).toMillis() / 1000.0;
        double cpu = (stats.cpu().minus(before.cpu()).toNanos() / 1e9) / seconds * UNITS;
        double memory = Math.max(0, stats.memoryBytes() - stats.cacheBytes()) / MIB;
        return new Load(Math.max(0, cpu), reserved(row, true), memory, reserved(row, false));
    }

    /** What a task has reserved: its own size, or what its containers ask for. */
    private static double reserved(TaskRow row, boolean cpu) {
        String own = cpu ? row.told().cpu() : row.told().memory();
        if (own != null) {
            return Double.parseDouble(own);
        }
        return row.told().containers().stream()
                .map(each -> cpu ? each.cpu() : Objects.requireNonNullElse(each.memory(), each.memoryReservation()))
                .filter(Objects::nonNull)
                .mapToDouble(Double::parseDouble)
                .sum();
    }

    /** Tells the rest of a task's use. */
    void ended(Key key, TaskRow row) {
        if (row.told().pullStartedAt() != null) {
            Instant stopped = Objects.requireNonNullElse(row.told().stoppedAt(), room.now());
            bill(key, row, stopped, true);
        }
        samples.remove(row.id());
    }

    private void bill(Key key, TaskRow row, Instant now, boolean last) {
        if (!"FARGATE".equals(row.told().launchType())) {
            return;
        }
        Instant began = Objects.requireNonNull(row.told().pullStartedAt());
        Instant from = room.read(tx -> tx.get(METERED, key))
                .map(each -> each.value().until())
                .orElse(began);
        Instant least = began.plus(LEAST);
        Instant until = last && now.isBefore(least) ? least : now;
        if (!from.isBefore(until)) {
            return;
        }
        room.store().write(tx -> tx.put(METERED, key, new Metered(until)));
        double hours = Duration.between(from, until).toMillis() / 1000.0 / HOUR;
        boolean spot = Capacity.FARGATE_SPOT.equals(row.told().capacityProviderName());
        String prefix = spot ? "SpotUsage-Fargate" : "Fargate";
        use(key, row, prefix + "-vCPU-Hours:perCPU", hours * reserved(row, true) / UNITS, "hours");
        use(key, row, prefix + "-GB-Hours", hours * reserved(row, false) / UNITS, "hours");
        var storage = row.told().ephemeralStorage();
        int gib = storage == null ? 0 : Objects.requireNonNullElse(storage.sizeInGiB(), 0) - FREE_GIB;
        if (gib > 0) {
            use(key, row, "Fargate-EphemeralStorage-GB-Hours", hours * gib, "GB-Hours");
        }
    }

    private void use(Key key, TaskRow row, String type, double quantity, String unit) {
        room.usage().add(new Usage.What(key.account(), key.region(), "AmazonECS", type, row.arn(), unit), quantity);
    }

    void forget(WriteTx tx, Key key) {
        tx.delete(METERED, key);
    }
}
