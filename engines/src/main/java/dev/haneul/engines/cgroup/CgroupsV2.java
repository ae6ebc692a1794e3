package dev.haneul.engines.cgroup;

import dev.haneul.engines.Workload.Usage;
import dev.haneul.engines.WorkloadSpec.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;

/** One tree for all controllers (Linux: Documentation/admin-guide/cgroup-v2). */
final class CgroupsV2 implements Cgroups {
    private static final List<String> WANTED = List.of("memory", "cpu", "pids");
    private static final long CPU_PERIOD_MICROS = 100_000;
    private static final long CPU_QUOTA_LEAST_MICROS = 1_000;

    private final Path parent;
    private final Set<String> controllers;

    CgroupsV2(Path parent, Set<String> controllers) {
        this.parent = parent;
        this.controllers = controllers;
    }

    /**
     * A group with processes in it cannot hand controllers to groups below (the root excepted), so our own group may
     * not do and the tree's root is the second choice.
     */
    static CgroupsV2 open(String parentName) throws IOException {
        var problem = new IOException("not mounted");
        CgroupsV2 best = null;
        for (var place : MountedHierarchies.v2()) {
            var parent = place.resolve(parentName);
            try {
                Files.createDirectories(parent);
                var controllers = new LinkedHashSet<String>();
                for (var controller : WANTED) {
                    if (handDown(place, controller) && handDown(parent, controller)) {
                        controllers.add(controller);
                    }
                }
                if (best == null || controllers.size() > best.controllers.size()) {
                    if (best != null) {
                        ControlFiles.remove(best.parent);
                    }
                    best = new CgroupsV2(parent, controllers);
                } else if (!parent.equals(best.parent)) {
                    ControlFiles.remove(parent);
                }
            } catch (IOException e) {
                problem = e;
            }
        }
        if (best == null) {
            throw problem;
        }
        return best;
    }

    /** The group of somebody else's that a process is in. */
    static Optional<Cgroup> around(long pid) {
        try {
            var folder =
                    MountedHierarchies.v2(Path.of("/proc/" + pid + "/cgroup")).getFirst();
            var parent = folder.getParent();
            return parent == null || Files.notExists(folder.resolve("cgroup.freeze"))
                    ? Optional.empty()
                    : Optional.of(new CgroupsV2(parent, Set.copyOf(WANTED))
                            .existing(folder.getFileName().toString()));
        } catch (IOException | NoSuchElementException e) {
            return Optional.empty();
        }
    }

    private static boolean handDown(Path folder, String controller) {
        var file = folder.resolve("cgroup.subtree_control");
        try {
            if (!words(file).contains(controller)) {
                ControlFiles.write(file, "+" + controller);
            }
            return words(file).contains(controller);
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> words(Path file) throws IOException {
        return Arrays.asList(ControlFiles.read(file).split(" "));
    }

    @Override
    public List<String> guarantees() {
        var list = new ArrayList<String>();
        if (controllers.contains("memory")) {
            list.add("memory limit (cgroup v2)");
        }
        if (controllers.contains("cpu")) {
            list.add("CPU quota (cgroup v2)");
        }
        if (controllers.contains("pids")) {
            list.add("limit on processes (cgroup v2)");
        }
        list.add("freezing (cgroup v2)");
        list.add("CPU accounting (cgroup v2)");
        return list;
    }

    @Override
    public List<String> weaknesses() {
        return WANTED.stream()
                .filter(controller -> !controllers.contains(controller))
                .map(controller ->
                        "The cgroup controller " + controller + " is not handed down to us: its limits do not bite.")
                .toList();
    }

    @Override
    public boolean threadsMayEnter() {
        return false;
    }

    @Override
    public Cgroup create(String name) throws IOException {
        Files.createDirectory(parent.resolve(name));
        return existing(name);
    }

    @Override
    public Cgroup existing(String name) {
        return new Group(parent.resolve(name));
    }

    /** None: a group with processes in it cannot bound groups within it. */
    @Override
    public Optional<String> nameWithin(long pid, String inner) {
        return Optional.empty();
    }

    @Override
    public List<String> names() throws IOException {
        return ControlFiles.folders(parent);
    }

    @Override
    public void close() {
        ControlFiles.removeIfUnused(parent);
    }

    private final class Group implements Cgroup {
        private final Path folder;

        Group(Path folder) {
            this.folder = folder;
        }

        @Override
        public String name() {
            return folder.getFileName().toString();
        }

        @Override
        public void enterThread() {
            throw new UnsupportedOperationException("in cgroup v2 all threads of a process share its group");
        }

        @Override
        public void add(long pid) throws IOException {
            ControlFiles.write(folder.resolve("cgroup.procs"), Long.toString(pid));
        }

        @Override
        public void limitSpace(Limits limits) throws IOException {
            if (controllers.contains("memory") && limits.memoryMib() > 0) {
                ControlFiles.write(folder.resolve("memory.max"), Long.toString((long) limits.memoryMib() << 20));
                var swap = folder.resolve("memory.swap.max");
                if (Files.exists(swap)) {
                    ControlFiles.write(swap, "0");
                }
            }
            if (controllers.contains("pids") && limits.pids() > 0) {
                ControlFiles.write(folder.resolve("pids.max"), Integer.toString(limits.pids()));
            }
        }

        @Override
        public void limitCpu(int cpuMilli) throws IOException {
            if (controllers.contains("cpu")) {
                var quota = cpuMilli == 0
                        ? "max"
                        : Long.toString(Math.max(CPU_QUOTA_LEAST_MICROS, cpuMilli * CPU_PERIOD_MICROS / 1000));
                ControlFiles.write(folder.resolve("cpu.max"), quota + " " + CPU_PERIOD_MICROS);
            }
        }

        @Override
        public void weigh(int cpuShares) throws IOException {
            if (controllers.contains("cpu")) {
                // 2 to 262144 becomes 1 to 10000, as the kernel's documentation has it for machines that mix both.
                long weight = 1 + (Math.clamp(cpuShares, 2, 262_144) - 2L) * 9_999 / 262_142;
                ControlFiles.write(folder.resolve("cpu.weight"), Long.toString(weight));
            }
        }

        @Override
        public void reserve(int memoryMib) throws IOException {
            if (controllers.contains("memory")) {
                ControlFiles.write(folder.resolve("memory.low"), Long.toString((long) memoryMib << 20));
            }
        }

        @Override
        public Cgroup within(String inner) throws IOException {
            var handed = new LinkedHashSet<String>();
            for (var controller : controllers) {
                if (handDown(folder, controller)) {
                    handed.add(controller);
                }
            }
            Files.createDirectory(folder.resolve(inner));
            return new CgroupsV2(folder, handed).existing(inner);
        }

        @Override
        public Cgroup inner(String inner) {
            return new CgroupsV2(folder, controllers).existing(inner);
        }

        @Override
        public List<Path> entrances() {
            return List.of(folder.resolve("cgroup.procs"));
        }

        @Override
        public GroupStats stats() {
            var cpu = folder.resolve("cpu.stat");
            long current = ControlFiles.number(folder.resolve("memory.current"), 0);
            long[] traffic = ControlFiles.traffic(this);
            return new GroupStats(
                    Duration.ofNanos(ControlFiles.keyed(cpu, "usage_usec") * 1000),
                    Duration.ofNanos(ControlFiles.keyed(cpu, "user_usec") * 1000),
                    Duration.ofNanos(ControlFiles.keyed(cpu, "system_usec") * 1000),
                    ControlFiles.keyed(cpu, "nr_periods"),
                    ControlFiles.keyed(cpu, "nr_throttled"),
                    Duration.ofNanos(ControlFiles.keyed(cpu, "throttled_usec") * 1000),
                    current,
                    ControlFiles.keyed(folder.resolve("memory.stat"), "inactive_file"),
                    ControlFiles.number(folder.resolve("memory.peak"), current),
                    ControlFiles.number(folder.resolve("memory.max"), 0),
                    ControlFiles.number(folder.resolve("pids.current"), 0),
                    ControlFiles.number(folder.resolve("pids.max"), 0),
                    traffic[0],
                    traffic[1]);
        }

        @Override
        public boolean freeze() throws IOException {
            ControlFiles.write(folder.resolve("cgroup.freeze"), "1");
            return ControlFiles.awaitContent(folder.resolve("cgroup.events"), "frozen 1");
        }

        @Override
        public void thaw() throws IOException {
            try {
                ControlFiles.write(folder.resolve("cgroup.freeze"), "0");
            } catch (NoSuchFileException e) {
                return; // removed meanwhile
            }
        }

        @Override
        public Usage usage() {
            long micros = ControlFiles.keyed(folder.resolve("cpu.stat"), "usage_usec");
            return new Usage(Duration.ofNanos(micros * 1000), peakMemoryBytes(), 0, 0);
        }

        @Override
        public long peakMemoryBytes() {
            long peak = ControlFiles.number(folder.resolve("memory.peak"), -1);
            return peak < 0 ? ControlFiles.number(folder.resolve("memory.current"), 0) : peak;
        }

        @Override
        public long outOfMemoryKills() {
            return ControlFiles.keyed(folder.resolve("memory.events"), "oom_kill");
        }

        @Override
        public List<Long> processes() throws IOException {
            return ControlFiles.processes(folder);
        }

        @Override
        public List<Long> allProcesses() throws IOException {
            var all = new ArrayList<Long>();
            for (var each : ControlFiles.tree(folder)) {
                all.addAll(ControlFiles.processes(each));
            }
            return List.copyOf(all);
        }

        @Override
        public void remove() throws IOException {
            ControlFiles.remove(folder);
        }

        @Override
        public void removeAll() throws IOException {
            for (var each : ControlFiles.tree(folder)) {
                ControlFiles.remove(each);
            }
        }
    }
}
