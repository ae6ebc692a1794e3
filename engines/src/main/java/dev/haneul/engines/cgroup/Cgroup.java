package dev.haneul.engines.cgroup;

import dev.haneul.engines.Workload.Usage;
import dev.haneul.engines.WorkloadSpec.Limits;
import java.io.IOException;
import java.util.List;

/** One workload's control group. */
public interface Cgroup {
    String name();

    /** Moves the calling thread in; only where {@link Cgroups#threadsMayEnter()}. */
    void enterThread() throws IOException;

    /** Moves a process in; those it starts later follow. */
    void add(long pid) throws IOException;

    /** Bounds memory and number of processes; what is zero or not offered here stays unbounded. */
    void limitSpace(Limits limits) throws IOException;

    /** Bounds CPU time; zero lifts the bound. */
    void limitCpu(int cpuMilli) throws IOException;

    /** Stops all its processes, and waits until they have stopped; false where that cannot be done here. */
    boolean freeze() throws IOException;

    void thaw() throws IOException;

    /** Network bytes are not known here and zero. */
    Usage usage();

    /** How often the kernel has killed a process of it for its memory. */
    long outOfMemoryKills();

    /** The processes in it. */
    List<Long> processes() throws IOException;

    /** Removes it; waits a bounded time for the dead to leave. */
    void remove() throws IOException;
}
