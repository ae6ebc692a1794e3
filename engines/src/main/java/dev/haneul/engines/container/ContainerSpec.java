package dev.haneul.engines.container;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to run in a pod. Defaults of the image's configuration are the caller's to fill in.
 *
 * @param name unique in the pod, safe as a file name
 * @param labels kept with the container
 * @param image what it sees as its file system
 * @param architecture what the image says it is for, as Go names it, e.g. {@code amd64}; empty where it says nothing
 * @param process what to run
 * @param mounts what else it sees, in order
 * @param walls what it may do
 * @param limits what it may use, within what the pod may
 */
public record ContainerSpec(
        String name,
        Map<String, String> labels,
        ImageRoot image,
        String architecture,
        Process process,
        List<Mount> mounts,
        Walls walls,
        Limits limits) {
    public ContainerSpec {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")) {
            throw new IllegalArgumentException("not a container name: " + name);
        }
        labels = Map.copyOf(labels);
        mounts = List.copyOf(mounts);
    }

    /**
     * The first process.
     *
     * @param command program (a path, or a name that is looked up in {@code PATH}) and arguments
     * @param environment all of it; {@code PATH}, {@code HOSTNAME}, {@code HOME} and {@code TERM} are added where they miss
     * @param workingDirectory as seen inside; made where it is missing
     * @param user {@code name}, {@code uid}, each with {@code :group} or {@code :gid} or without; empty for root
     * @param tty whether it has a terminal: both outputs go to {@link Container#stdout()} then
     * @param stdin whether its input stays open (nobody writes to it); else it is at its end at once
     * @param init whether a small init is the first process, which reaps and passes signals on
     * @param stopSignal e.g. {@code SIGTERM}
     */
    public record Process(
            List<String> command,
            Map<String, String> environment,
            String workingDirectory,
            String user,
            boolean tty,
            boolean stdin,
            boolean init,
            String stopSignal) {
        public Process {
            command = List.copyOf(command);
            environment = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        }

        /** A command as root in {@code /}. */
        public static Process of(String... command) {
            return new Process(List.of(command), Map.of(), "/", "", false, false, false, "SIGTERM");
        }
    }

    /** Something else that is visible inside; targets are absolute, as seen inside. */
    public sealed interface Mount {
        String target();

        /** A file or folder of the host's, which must be there. */
        record Bind(Path source, String target, boolean readOnly) implements Mount {}

        /**
         * A file or folder as another process sees it, e.g. the init of the server that the pod runs on; a folder is made
         * where there is none. It stays mounted, and the file system it is on in use, until the pod is closed.
         *
         * @param process that process's pid
         */
        record Foreign(long process, String source, String target, boolean readOnly) implements Mount {}

        /**
         * A folder of the pod's disk that all its containers may mount. A new one takes over what the image has at the
         * target, owner and mode included.
         */
        record Volume(String name, String target, boolean readOnly) implements Mount {
            public Volume {
                if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")) {
                    throw new IllegalArgumentException("not a volume name: " + name);
                }
            }
        }

        /** An empty folder in memory, with options of tmpfs(5), e.g. {@code mode=1777}, {@code noexec}. */
        record Memory(String target, int sizeMib, List<String> options) implements Mount {
            public Memory {
                options = List.copyOf(options);
            }
        }

        /** A small read-only file, e.g. a secret. */
        record Text(String target, String content, int mode) implements Mount {}
    }

    /**
     * What it may do.
     *
     * @param readOnlyRoot whether it may write to its mounts only
     * @param privileged refused: there are no privileged containers here
     * @param noNewPrivileges whether set-user-id programs have no effect
     * @param added capabilities beyond the usual ones, e.g. {@code SYS_PTRACE}; those over the host are refused
     * @param dropped usual capabilities it shall not have; {@code ALL} for every one
     * @param sysctls of its namespaces, e.g. {@code net.core.somaxconn}; others are refused
     */
    public record Walls(
            boolean readOnlyRoot,
            boolean privileged,
            boolean noNewPrivileges,
            Set<String> added,
            Set<String> dropped,
            Map<String, String> sysctls) {
        /** As container runtimes have it by default. */
        public static final Walls USUAL = new Walls(false, false, false, Set.of(), Set.of(), Map.of());

        public Walls {
            added = Set.copyOf(added);
            dropped = Set.copyOf(dropped);
            sysctls = Map.copyOf(sysctls);
        }
    }

    /**
     * What it may use; zero means no limit of its own.
     *
     * @param memoryMib memory beyond which it is killed
     * @param reservationMib memory it is pressed back to when memory is short
     * @param cpuMilli thousandths of a CPU at most
     * @param cpuShares its weight among the pod's containers
     * @param pids processes and threads
     * @param sharedMemoryMib the size of {@code /dev/shm}; zero for 64
     * @param ulimits by the names of getrlimit(2) in small letters, e.g. {@code nofile}
     */
    public record Limits(
            int memoryMib,
            int reservationMib,
            int cpuMilli,
            int cpuShares,
            int pids,
            int sharedMemoryMib,
            Map<String, Ulimit> ulimits) {
        /** No limit. */
        public static final Limits NONE = new Limits(0, 0, 0, 0, 0, 0, Map.of());

        public Limits {
            ulimits = Map.copyOf(ulimits);
        }
    }

    /** A resource limit; -1 for none. Where our own hard limit is lower it counts. */
    public record Ulimit(long soft, long hard) {}

    /** A root container with a command and nothing else. */
    public static ContainerSpec of(String name, ImageRoot image, String... command) {
        return new ContainerSpec(name, Map.of(), image, "", Process.of(command), List.of(), Walls.USUAL, Limits.NONE);
    }

    public ContainerSpec with(Process changed) {
        return new ContainerSpec(name, labels, image, architecture, changed, mounts, walls, limits);
    }

    public ContainerSpec with(List<Mount> changed) {
        return new ContainerSpec(name, labels, image, architecture, process, changed, walls, limits);
    }

    public ContainerSpec with(Walls changed) {
        return new ContainerSpec(name, labels, image, architecture, process, mounts, changed, limits);
    }

    public ContainerSpec with(Limits changed) {
        return new ContainerSpec(name, labels, image, architecture, process, mounts, walls, changed);
    }
}
