package dev.haneul.edge.stream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/** How balancers reach targets: from nodes, which an owner knows by their ids. */
@FunctionalInterface
public interface Dialer {
    /**
     * Connects, in blocking mode.
     *
     * @param node where from; empty where the request came in through the region's gateway
     * @throws java.net.SocketTimeoutException where nothing answered in time
     * @throws IOException where it was refused or is not possible
     */
    SocketChannel connect(String node, InetSocketAddress target, int timeoutMillis) throws IOException;

    /** As {@link #connect}, where the target is to see the client's address; it does not, where that is not possible. */
    default SocketChannel connectFor(InetSocketAddress client, String node, InetSocketAddress target, int timeoutMillis)
            throws IOException {
        return connect(node, target, timeoutMillis);
    }
}
