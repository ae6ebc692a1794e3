package dev.haneul.engines.container;

import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What the containers of a pod share.
 *
 * @param id unique in the engine's home, safe as a file name
 * @param hostname what they take their host for
 * @param network in which network they are
 * @param hosts the text of {@code /etc/hosts}
 * @param resolvConf the text of {@code /etc/resolv.conf}
 * @param limits of all of them together
 * @param diskMib what they may write altogether, volumes of the pod included; zero for as much as the host has
 * @param sharedProcesses whether they see each other's processes
 * @param labels kept with the pod and given back by {@link Containers#recover()}
 * @param accountedTo the pid of a process whose control group the pod shall count to, e.g. the init of the server
 *     that it runs on; none where it counts to nobody
 */
public record PodSpec(
        String id,
        String hostname,
        Network network,
        String hosts,
        String resolvConf,
        Limits limits,
        int diskMib,
        boolean sharedProcesses,
        Map<String, String> labels,
        OptionalLong accountedTo) {
    public PodSpec {
        if (!id.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")) {
            throw new IllegalArgumentException("not a pod id: " + id);
        }
        if (!hostname.matches("[A-Za-z0-9][A-Za-z0-9.-]{0,63}")) {
            throw new IllegalArgumentException("not a hostname: " + hostname);
        }
        labels = Map.copyOf(labels);
    }

    /** Where a pod's sockets are. */
    public sealed interface Network {
        /** A new namespace with nothing but loopback. */
        record Own() implements Network {}

        /** A namespace that is there, as a path for setns(2): a server's, or the host's ({@code /proc/self/ns/net}). */
        record Join(Path netns) implements Network {}
    }

    /**
     * What a pod may use; zero means no limit.
     *
     * @param memoryMib memory, page cache included as the kernel counts it
     * @param cpuMilli thousandths of a CPU at most
     * @param cpuShares its weight among others, 1024 for an average one; zero for that
     * @param pids processes and threads
     */
    public record Limits(int memoryMib, int cpuMilli, int cpuShares, int pids) {
        /** No limit. */
        public static final Limits NONE = new Limits(0, 0, 0, 0);
    }
}
