package dev.haneul.engines.cgroup;

import dev.haneul.engines.Workload.Usage;
import dev.haneul.engines.WorkloadSpec.Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where no control group can be made: nothing is bounded, and that is said. */
public final class NoCgroups implements Cgroups {
    private final String why;

    public NoCgroups(String why) {
        this.why = why;
    }

    @Override
    public List<String> guarantees() {
        return List.of();
    }

    @Override
    public List<String> weaknesses() {
        return List.of("No cgroups can be made (" + why + "): limits on memory, CPU and processes do not bite.");
    }

    @Override
    public boolean threadsMayEnter() {
        return false;
    }

    @Override
    public Cgroup create(String name) {
        return existing(name);
    }

    @Override
    public Cgroup existing(String name) {
        return new Nothing(name);
    }

    @Override
    public Optional<String> nameWithin(long pid, String inner) {
        return Optional.empty();
    }

    @Override
    public List<String> names() {
        return List.of();
    }

    @Override
    public void close() {}

    private record Nothing(String name) implements Cgroup {
        @Override
        public void enterThread() {}

        @Override
        public void add(long pid) {}

        @Override
        public void limitSpace(Limits limits) {}

        @Override
        public void limitCpu(int cpuMilli) {}

        @Override
        public void weigh(int cpuShares) {}

        @Override
        public void reserve(int memoryMib) {}

        @Override
        public Cgroup within(String inner) {
            return new Nothing(inner);
        }

        @Override
        public Cgroup inner(String inner) {
            return new Nothing(inner);
        }

        @Override
        public List<Path> entrances() {
            return List.of();
        }

        @Override
        public GroupStats stats() {
            return GroupStats.NONE;
        }

        @Override
        public List<Long> allProcesses() {
            return List.of();
        }

        @Override
        public void removeAll() {}

        @Override
        public boolean freeze() {
            return false;
        }

        @Override
        public void thaw() {}

        @Override
        public Usage usage() {
            return new Usage(Duration.ZERO, 0, 0, 0);
        }

        @Override
        public long outOfMemoryKills() {
            return 0;
        }

        @Override
        public List<Long> processes() {
            return List.of();
        }

        @Override
        public void remove() {}
    }
}
