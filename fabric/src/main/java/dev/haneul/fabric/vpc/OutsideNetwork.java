package dev.haneul.fabric.vpc;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The outside world for sandboxes that belong to no VPC: a way out through the host, names resolved as the host does,
 * and nothing else. Sandboxes do not reach each other, nor the host's own ports, nor are they reached.
 */
public interface OutsideNetwork extends AutoCloseable {
    /** The resolver to name in a sandbox's {@code /etc/resolv.conf}. */
    String RESOLVER = VpcFabric.RESOLVER_ADDRESS;

    /**
     * Gives a network namespace a device {@code eth0}, an address and a default route. The connection goes with the
     * namespace.
     *
     * @param netns a path that opens it: {@code /proc/PID/ns/net}
     * @return its address
     */
    default String join(Path netns) throws IOException {
        return join(List.of(netns)).getFirst();
    }

    /** As {@link #join(Path)} for several at once, which costs less than one by one. */
    List<String> join(List<Path> netns) throws IOException;

    /**
     * A network namespace that was made and joined before anybody asked for it, its loopback interface up. It is there
     * for as long as somebody has it open or lives in it.
     *
     * @return a descriptor for the caller to close; -1 where none is ready just now
     */
    default int joined() {
        return -1;
    }

    /** Lets go of threads and listeners; connections stay. */
    @Override
    void close();
}
