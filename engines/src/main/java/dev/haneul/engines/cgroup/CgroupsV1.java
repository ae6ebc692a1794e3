package dev.haneul.engines.cgroup;

import dev.haneul.engines.Workload.Usage;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** One tree per controller (Linux: Documentation/admin-guide/cgroup-v1). */
final class CgroupsV1 implements Cgroups {
    private static final List<String> WANTED = List.of("memory", "cpu", "cpuacct", "pids", "freezer");
    private static final long CPU_PERIOD_MICROS = 100_000;
    private static final long CPU_QUOTA_LEAST_MICROS = 1_000;
    /** What the kernel says where nothing bounds memory: the largest number of whole pages. */
    private static final long UNBOUNDED_BYTES = Long.MAX_VALUE >> 12 << 12;

    private static final int FREEZE_ATTEMPTS = 10;
    private static final int FREEZE_LOOKS = 200;
    private static final long FREEZE_PAUSE_NANOS = 5_000_000;

    /** Our parent group for each controller there is. */
    private final Map<String, Path> parents;

    private CgroupsV1(Map<String, Path> parents) {
        this.parents = parents;
    }

    static CgroupsV1 open(String parentName) throws IOException {
        var mounted = MountedHierarchies.v1();
        var parents = new LinkedHashMap<String, Path>();
        for (var controller : WANTED) {
            var own = mounted.get(controller);
            if (own != null) {
                parents.put(controller, own.resolve(parentName));
            }
        }
        if (!parents.containsKey("memory") && !parents.containsKey("freezer")) {
            throw new IOException("not mounted");
        }
        for (var parent : parents.values()) {
            Files.createDirectories(parent);
        }
        return new CgroupsV1(parents);
    }

    /** The group of somebody else's that a process is in; its name is the same in every tree. */
    static Optional<Cgroup> around(long pid) throws IOException {
        var parents = new LinkedHashMap<String, Path>();
        String name = "";
        for (var entry :
                MountedHierarchies.v1(Path.of("/proc/" + pid + "/cgroup")).entrySet()) {
            var parent = entry.getValue().getParent();
            if (WANTED.contains(entry.getKey()) && parent != null) {
                name = entry.getValue().getFileName().toString();
                parents.put(entry.getKey(), parent);
            }
        }
        return parents.containsKey("memory") ? Optional.of(new CgroupsV1(parents).existing(name)) : Optional.empty();
    }

    @Override
    public List<String> guarantees() {
        var list = new ArrayList<String>();
        offered("memory", "memory limit (cgroup v1)", list);
        offered("cpu", "CPU quota (cgroup v1)", list);
        offered("pids", "limit on processes (cgroup v1)", list);
        offered("freezer", "freezing (cgroup v1)", list);
        offered("cpuacct", "CPU accounting (cgroup v1)", list);
        return list;
    }

    private void offered(String controller, String guarantee, List<String> to) {
        if (parents.containsKey(controller)) {
            to.add(guarantee);
        }
    }

    @Override
    public List<String> weaknesses() {
        return WANTED.stream()
                .filter(controller -> !parents.containsKey(controller))
                .map(controller -> "The cgroup controller " + controller + " is not mounted: its limits do not bite.")
                .toList();
    }

    @Override
    public boolean threadsMayEnter() {
        return true;
    }

    @Override
    public Cgroup create(String name) throws IOException {
        var group = existing(name);
        try {
            for (var parent : parents.values()) {
                Files.createDirectory(parent.resolve(name));
            }
            return group;
        } catch (IOException e) {
            group.remove();
            throw e;
        }
    }

    @Override
    public Cgroup existing(String name) {
        return new Group(name);
    }

    @Override
    public Optional<String> nameWithin(long pid, String inner) {
        try {
            var others = MountedHierarchies.v1(Path.of("/proc/" + pid + "/cgroup"));
            var names = new LinkedHashSet<String>();
            for (var entry : parents.entrySet()) {
                var other = others.get(entry.getKey());
                names.add(
                        other == null
                                ? ""
                                : entry.getValue()
                                        .relativize(other)
                                        .resolve(inner)
                                        .toString());
            }
            // One name for all trees, or none.
            return names.size() == 1
                    ? names.stream().filter(it -> !it.isEmpty()).findFirst()
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // it has ended
        }
    }

    @Override
    public List<String> names() throws IOException {
        var names = new LinkedHashSet<String>();
        for (var parent : parents.values()) {
            names.addAll(ControlFiles.folders(parent));
        }
        return List.copyOf(names);
    }

    @Override
    public void close() {
        parents.values().forEach(ControlFiles::removeIfUnused);
    }

    private final class Group implements Cgroup {
        private final String name;

        Group(String name) {
            this.name = name;
        }

        private Path file(String controller, String file) {
            var parent = parents.get(controller);
            // A controller that is absent reads as a file that is absent.
            return parent == null
                    ? Path.of("/proc/absent")
                    : parent.resolve(name).resolve(file);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void enterThread() throws IOException {
            var tid = Integer.toString(Linux.gettid());
            for (var controller : parents.keySet()) {
                ControlFiles.write(file(controller, "tasks"), tid);
            }
        }

        @Override
        public void add(long pid) throws IOException {
            for (var controller : parents.keySet()) {
                ControlFiles.write(file(controller, "cgroup.procs"), Long.toString(pid));
            }
        }

        @Override
        public void limitSpace(Limits limits) throws IOException {
            if (parents.containsKey("memory") && limits.memoryMib() > 0) {
                limitMemory(Long.toString((long) limits.memoryMib() << 20));
            }
            if (parents.containsKey("pids") && limits.pids() > 0) {
                ControlFiles.write(file("pids", "pids.max"), Integer.toString(limits.pids()));
            }
        }

        /** Memory and swap together may never be less than memory alone: raising and lowering need opposite orders. */
        private void limitMemory(String bytes) throws IOException {
            var memory = file("memory", "memory.limit_in_bytes");
            var withSwap = file("memory", "memory.memsw.limit_in_bytes");
            if (!Files.exists(withSwap)) {
                ControlFiles.write(memory, bytes);
            } else if (Long.parseLong(bytes) > ControlFiles.number(memory, 0)) {
                ControlFiles.write(withSwap, bytes);
                ControlFiles.write(memory, bytes);
            } else {
                ControlFiles.write(memory, bytes);
                ControlFiles.write(withSwap, bytes);
            }
        }

        @Override
        public void limitCpu(int cpuMilli) throws IOException {
            if (parents.containsKey("cpu")) {
                long quota = cpuMilli == 0 ? -1 : Math.max(CPU_QUOTA_LEAST_MICROS, cpuMilli * CPU_PERIOD_MICROS / 1000);
                ControlFiles.write(file("cpu", "cpu.cfs_quota_us"), Long.toString(quota));
            }
        }

        @Override
        public void weigh(int cpuShares) throws IOException {
            if (parents.containsKey("cpu")) {
                ControlFiles.write(file("cpu", "cpu.shares"), Integer.toString(cpuShares));
            }
        }

        @Override
        public void reserve(int memoryMib) throws IOException {
            if (parents.containsKey("memory")) {
                ControlFiles.write(file("memory", "memory.soft_limit_in_bytes"), Long.toString((long) memoryMib << 20));
            }
        }

        @Override
        public Cgroup within(String inner) throws IOException {
            return create(name + "/" + inner);
        }

        @Override
        public Cgroup inner(String inner) {
            return existing(name + "/" + inner);
        }

        @Override
        public List<Path> entrances() {
            return parents.keySet().stream()
                    .map(controller -> file(controller, "cgroup.procs"))
                    .toList();
        }

        @Override
        public GroupStats stats() {
            long user = ControlFiles.number(file("cpuacct", "cpuacct.usage_user"), 0);
            long limit = ControlFiles.number(file("memory", "memory.limit_in_bytes"), 0);
            long[] traffic = ControlFiles.traffic(this);
            long total = ControlFiles.number(file("cpuacct", "cpuacct.usage"), 0);
            return new GroupStats(
                    Duration.ofNanos(total),
                    Duration.ofNanos(user),
                    Duration.ofNanos(Math.max(0, total - user)),
                    ControlFiles.keyed(file("cpu", "cpu.stat"), "nr_periods"),
                    ControlFiles.keyed(file("cpu", "cpu.stat"), "nr_throttled"),
                    Duration.ofNanos(ControlFiles.keyed(file("cpu", "cpu.stat"), "throttled_time")),
                    ControlFiles.number(file("memory", "memory.usage_in_bytes"), 0),
                    ControlFiles.keyed(file("memory", "memory.stat"), "total_inactive_file"),
                    ControlFiles.number(file("memory", "memory.max_usage_in_bytes"), 0),
                    limit >= UNBOUNDED_BYTES ? 0 : limit,
                    ControlFiles.number(file("pids", "pids.current"), 0),
                    ControlFiles.number(file("pids", "pids.max"), 0),
                    traffic[0],
                    traffic[1]);
        }

        @Override
        public boolean freeze() throws IOException {
            if (!parents.containsKey("freezer")) {
                return false;
            }
            // A process caught in the middle of a fork can hold the group back until it may run again for a moment.
            for (int attempt = 1; attempt < FREEZE_ATTEMPTS; attempt++) {
                ControlFiles.write(file("freezer", "freezer.state"), "FROZEN");
                if (ControlFiles.awaitContent(file("freezer", "freezer.state"), "FROZEN", FREEZE_LOOKS)) {
                    return true;
                }
                ControlFiles.write(file("freezer", "freezer.state"), "THAWED");
                LockSupport.parkNanos(FREEZE_PAUSE_NANOS);
            }
            ControlFiles.write(file("freezer", "freezer.state"), "FROZEN");
            return ControlFiles.awaitContent(file("freezer", "freezer.state"), "FROZEN");
        }

        @Override
        public void thaw() throws IOException {
            if (parents.containsKey("freezer")) {
                try {
                    ControlFiles.write(file("freezer", "freezer.state"), "THAWED");
                } catch (NoSuchFileException e) {
                    return; // removed meanwhile
                }
            }
        }

        @Override
        public Usage usage() {
            return new Usage(
                    Duration.ofNanos(ControlFiles.number(file("cpuacct", "cpuacct.usage"), 0)),
                    peakMemoryBytes(),
                    0,
                    0);
        }

        @Override
        public long peakMemoryBytes() {
            return ControlFiles.number(file("memory", "memory.max_usage_in_bytes"), 0);
        }

        @Override
        public long outOfMemoryKills() {
            return ControlFiles.keyed(file("memory", "memory.oom_control"), "oom_kill");
        }

        @Override
        public List<Long> processes() throws IOException {
            var all = new LinkedHashSet<Long>();
            for (var parent : parents.values()) {
                all.addAll(ControlFiles.processes(parent.resolve(name)));
            }
            return List.copyOf(all);
        }

        @Override
        public List<Long> allProcesses() throws IOException {
            var all = new LinkedHashSet<Long>();
            for (var parent : parents.values()) {
                for (var folder : ControlFiles.tree(parent.resolve(name))) {
                    all.addAll(ControlFiles.processes(folder));
                }
            }
            return List.copyOf(all);
        }

        @Override
        public void remove() throws IOException {
            for (var parent : parents.values()) {
                ControlFiles.remove(parent.resolve(name));
            }
        }

        @Override
        public void removeAll() throws IOException {
            for (var parent : parents.values()) {
                for (var folder : ControlFiles.tree(parent.resolve(name))) {
                    ControlFiles.remove(folder);
                }
            }
        }
    }
}
