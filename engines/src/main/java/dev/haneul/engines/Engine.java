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
     * Where a workload will see a path of its spec: the path itself in engines with file systems of their own, the
     * mount's source on the host elsewhere. Callers name files through this in command, environment and working
     * directory, e.g. {@code LAMBDA_TASK_ROOT}; nothing is replaced inside strings.
     *
     * @param id the workload's id
     * @param mounts the workload's mounts
     * @param path absolute, as meant inside
     */
    String resolve(String id, List<WorkloadSpec.Mount> mounts, String path);

    /** Whether {@link Workload#mount} works here. */
    boolean mountsLater();

    /**
     * Finds the workloads that an earlier server of this data folder started: those that still run, and those that have
     * ended since, whose end, output and usage are there until they are closed. Whatever else it left behind (folders,
     * cgroups, mounts, processes of launches that were cut short) is cleared away.
     */
    List<Workload> recover();

    /** Lets go of what the engine itself holds, doors included. Running workloads are left running for the next one. */
    @Override
    void close();
}
