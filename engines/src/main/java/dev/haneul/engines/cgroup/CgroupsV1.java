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
                    ControlFiles.number(file("memory", "memory.max_usage_in_bytes"), 0),
                    0,
                    0);
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
        public void remove() throws IOException {
            for (var parent : parents.values()) {
                ControlFiles.remove(parent.resolve(name));
            }
        }
    }
}
