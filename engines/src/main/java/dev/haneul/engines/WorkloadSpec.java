package dev.haneul.engines;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What to run and within which walls.
 *
 * @param id unique in the region, safe as a file name, e.g. {@code lambda-3f9c…}
 * @param root what it sees as its file system
 * @param command program and arguments, as seen inside
 * @param environment its whole environment; nothing is inherited. {@link Door#variable()} entries are added
 * @param workingDirectory as seen inside
 * @param mounts what else it sees, in order
 * @param limits what it may use
 * @param doors sockets inside its network that the server answers
 * @param labels kept with the workload and given back by {@link Engine#recover()}
 * @param joinedOutput whether standard error goes to the file of standard output, so that their order is kept
 * @param link where its network leads; engines without networks of their own do not ask
 */
public record WorkloadSpec(
        String id,
        Root root,
        List<String> command,
        Map<String, String> environment,
        String workingDirectory,
        List<Mount> mounts,
        Limits limits,
        List<Door> doors,
        Map<String, String> labels,
        boolean joinedOutput,
        Link link) {

    /** Connects a workload's network with others, before its program runs. */
    @FunctionalInterface
    public interface Link {
        /** Leads nowhere: the workload reaches its doors and nothing else. */
        Link NONE = _ -> {};

        /** @param netns a path that opens the workload's network namespace: {@code /proc/PID/ns/net} */
        void join(Path netns) throws IOException;

        /**
         * A network namespace that is connected already and has nobody in it, for one workload to be born in.
         *
         * @return a descriptor for the caller to close; -1 where none is ready: the workload's own is to be joined
         */
        default int ready() {
            return -1;
        }
    }

    /** A workload that reaches its doors and nothing else. */
    public WorkloadSpec(
            String id,
            Root root,
            List<String> command,
            Map<String, String> environment,
            String workingDirectory,
            List<Mount> mounts,
            Limits limits,
            List<Door> doors,
            Map<String, String> labels,
            boolean joinedOutput) {
        this(id, root, command, environment, workingDirectory, mounts, limits, doors, labels, joinedOutput, Link.NONE);
    }

    /** The same with a file for standard output and another for standard error. */
    public WorkloadSpec(
            String id,
            Root root,
            List<String> command,
            Map<String, String> environment,
            String workingDirectory,
            List<Mount> mounts,
            Limits limits,
            List<Door> doors,
            Map<String, String> labels) {
        this(id, root, command, environment, workingDirectory, mounts, limits, doors, labels, false, Link.NONE);
    }

    /** The same with a network that leads somewhere. */
    public WorkloadSpec linked(Link where) {
        return new WorkloadSpec(
                id, root, command, environment, workingDirectory, mounts, limits, doors, labels, joinedOutput, where);
    }

    public WorkloadSpec {
        if (!id.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")) {
            throw new IllegalArgumentException("not a workload id: " + id);
        }
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        mounts = List.copyOf(mounts);
        doors = List.copyOf(doors);
        labels = Map.copyOf(labels);
    }

    /** Where the workload's files come from. */
    public sealed interface Root {
        /** The host's own programs and libraries, read-only, with an {@code /etc} of our making. */
        record HostRuntime() implements Root {}

        /** An unpacked root file system, writable through a layer of the workload's own. */
        record Directory(Path path) implements Root {}
    }

    /** Something else that is visible inside. */
    public sealed interface Mount {
        /** A host file or folder. {@code target} is absolute, as seen inside. */
        record Bind(Path source, String target, boolean readOnly) implements Mount {}

        /** An empty folder in memory or on disk that vanishes with the workload. */
        record Scratch(String target, int sizeMib) implements Mount {}
    }

    /**
     * What a workload may use; zero means no limit.
     *
     * @param memoryMib resident memory, page cache included as the kernel counts it
     * @param cpuMilli thousandths of a CPU
     * @param pids processes and threads
     * @param openFiles file descriptors per process
     */
    public record Limits(int memoryMib, int cpuMilli, int pids, int openFiles) {}
}
