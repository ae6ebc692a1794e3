package dev.haneul.engines.sandbox;

import dev.haneul.engines.Workload.Usage;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.cgroup.GroupStats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Real cgroups, of which one step fails on demand. */
final class BreakingCgroups implements Cgroups {
    enum Step {
        CREATE,
        ENTER,
        LIMIT_SPACE,
        LIMIT_CPU
    }

    private final Cgroups real;
    private volatile Step broken;

    BreakingCgroups(Cgroups real) {
        this.real = real;
    }

    void breakAt(Step step) {
        broken = step;
    }

    private void step(Step step) throws IOException {
        if (step == broken) {
            throw new IOException(step + " is broken");
        }
    }

    @Override
    public List<String> guarantees() {
        return real.guarantees();
    }

    @Override
    public List<String> weaknesses() {
        return real.weaknesses();
    }

    @Override
    public boolean threadsMayEnter() {
        return real.threadsMayEnter();
    }

    @Override
    public Cgroup create(String name) throws IOException {
        step(Step.CREATE);
        return existing(name, real.create(name));
    }

    @Override
    public Cgroup existing(String name) {
        return existing(name, real.existing(name));
    }

    @Override
    public Optional<String> nameWithin(long pid, String inner) {
        return real.nameWithin(pid, inner);
    }

    @Override
    public List<String> names() throws IOException {
        return real.names();
    }

    @Override
    public void close() {
        real.close();
    }

    private Cgroup existing(String name, Cgroup group) {
        return new Cgroup() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void enterThread() throws IOException {
                step(Step.ENTER);
                group.enterThread();
            }

            @Override
            public void add(long pid) throws IOException {
                step(Step.ENTER);
                group.add(pid);
            }

            @Override
            public void limitSpace(Limits limits) throws IOException {
                step(Step.LIMIT_SPACE);
                group.limitSpace(limits);
            }

            @Override
            public void limitCpu(int cpuMilli) throws IOException {
                step(Step.LIMIT_CPU);
                group.limitCpu(cpuMilli);
            }

            @Override
            public void weigh(int cpuShares) throws IOException {
                group.weigh(cpuShares);
            }

            @Override
            public void reserve(int memoryMib) throws IOException {
                group.reserve(memoryMib);
            }

            @Override
            public Cgroup within(String inner) throws IOException {
                return group.within(inner);
            }

            @Override
            public Cgroup inner(String inner) {
                return group.inner(inner);
            }

            @Override
            public List<Path> entrances() {
                return group.entrances();
            }

            @Override
            public GroupStats stats() {
                return group.stats();
            }

            @Override
            public List<Long> allProcesses() throws IOException {
                return group.allProcesses();
            }

            @Override
            public void removeAll() throws IOException {
                group.removeAll();
            }

            @Override
            public boolean freeze() throws IOException {
                return group.freeze();
            }

            @Override
            public void thaw() throws IOException {
                group.thaw();
            }

            @Override
            public Usage usage() {
                return group.usage();
            }

            @Override
            public long outOfMemoryKills() {
                return group.outOfMemoryKills();
            }

            @Override
            public List<Long> processes() throws IOException {
                return group.processes();
            }

            @Override
            public void remove() throws IOException {
                group.remove();
            }
        };
    }
}
