package dev.haneul.engines.cgroup;

import dev.haneul.engines.Workload.Usage;
import dev.haneul.engines.WorkloadSpec.Limits;
import java.io.IOException;
import java.nio.file.Path;
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

    /** Its weight among its neighbours when CPUs are short, 1024 for an average one. */
    void weigh(int cpuShares) throws IOException;

    /** What it is pressed back to when memory is short; does nothing where that is not offered here. */
    void reserve(int memoryMib) throws IOException;

    /**
     * Makes an empty group within this one; its limits count beside this one's. This one must not hold processes itself.
     */
    Cgroup within(String inner) throws IOException;

    /** A group within this one that is there already. */
    Cgroup inner(String inner);

    /** Where a process enters by writing {@code 0}. */
    List<Path> entrances();

    /** Stops all its processes, and waits until they have stopped; false where that cannot be done here. */
    boolean freeze() throws IOException;

    void thaw() throws IOException;

    /** Network bytes are not known here and zero. */
    Usage usage();

    /** Of {@link #usage}, the most memory it has held: without looking for the rest. */
    default long peakMemoryBytes() {
        return usage().peakMemoryBytes();
    }

    /** What it has used and uses, groups within included. Traffic to disks is that of its present processes. */
    GroupStats stats();

    /** How often the kernel has killed a process of it for its memory. */
    long outOfMemoryKills();

    /** The processes in it. */
    List<Long> processes() throws IOException;

    /** The processes in it and in the groups within it. */
    List<Long> allProcesses() throws IOException;

    /** Removes it; waits a bounded time for the dead to leave. */
    void remove() throws IOException;

    /** As {@link #remove()}, with all groups within it. */
    void removeAll() throws IOException;
}
