package dev.haneul.engines;

import java.util.List;

/**
 * Runs workloads in one way of isolating them.
 *
 * <p>Workloads outlive the server: each has a folder on disk with what is needed to adopt it, and is known by pid plus
 * start time, never by pid alone.
 */
public interface Engine extends AutoCloseable {
    /** {@code sandbox}, {@code process}, … */
    String name();

    /** What really works here, found by doing. Takes well under a second; the answer does not change while we run. */
    Probe probe();

    /**
     * Starts a workload. Returns when its first process runs and its doors are open.
     *
     * @throws LaunchException where it cannot be started; nothing is left behind then
     */
    Workload launch(WorkloadSpec spec) throws LaunchException, InterruptedException;

    /**
     * Finds the workloads that an earlier server of this data folder started and that still run. Whatever else it
     * left behind (folders, cgroups, mounts, dead processes) is cleared away.
     */
    List<Workload> recover();

    /** Lets go of what the engine itself holds. Running workloads are left running. */
    @Override
    void close();
}
