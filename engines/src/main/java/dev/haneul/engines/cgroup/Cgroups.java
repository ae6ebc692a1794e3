package dev.haneul.engines.cgroup;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The control groups of one data folder's workloads, all below one parent group of ours. */
public interface Cgroups extends AutoCloseable {
    /** What can be bounded here, e.g. {@code memory limit (cgroup v1)}. */
    List<String> guarantees();

    /** What cannot, each a plain sentence. */
    List<String> weaknesses();

    /**
     * Whether a single thread may enter a group, so that what it spawns is born there (v1). Entering costs 1 to 20 ms
     * after a pause (the kernel waits for an RCU grace period), which is best spent beforehand.
     */
    boolean threadsMayEnter();

    /** Makes an empty group. */
    Cgroup create(String name) throws IOException;

    /** A group that exists already, of a workload that is adopted. */
    Cgroup existing(String name);

    /**
     * A name for a group within the one that somebody else's process is in, so that it counts to that; empty where there
     * can be none.
     */
    Optional<String> nameWithin(long pid, String inner);

    /** The names of all groups there are, ours and those left behind. */
    List<String> names() throws IOException;

    /** Removes the parent group where no workload is left in it. */
    @Override
    void close();

    /** Finds out what this host offers, by making groups and entering them. */
    static Cgroups detect(String parentName) {
        var problems = new ArrayList<String>();
        try {
            return CgroupsV1.open(parentName);
        } catch (IOException e) {
            problems.add("v1: " + ControlFiles.words(e));
        }
        try {
            return CgroupsV2.open(parentName);
        } catch (IOException e) {
            problems.add("v2: " + ControlFiles.words(e));
        }
        return new NoCgroups(String.join("; ", problems));
    }

    /** The group that somebody else has put a process into; empty where there is none to be found. */
    static Optional<Cgroup> around(long pid) {
        try {
            return CgroupsV1.around(pid).or(() -> CgroupsV2.around(pid));
        } catch (IOException e) {
            return Optional.empty(); // it has ended, or this is not Linux
        }
    }
}
