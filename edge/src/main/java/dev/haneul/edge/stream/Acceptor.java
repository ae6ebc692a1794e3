package dev.haneul.edge.stream;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;

/** Where balancers listen: at nodes, which an owner knows by their ids. */
public interface Acceptor {
    /**
     * Listens at a node's port.
     *
     * @return ends the listening, not the connections
     * @throws IOException where that is not possible now
     */
    Closeable listen(String node, int port, Visitor visitor) throws IOException;

    /**
     * Opens a socket for datagrams at a node, in blocking mode.
     *
     * @param port 0 for any
     * @throws IOException where that is not possible now
     */
    DatagramChannel datagrams(String node, int port) throws IOException;

    /** A socket towards a target that is to see the client's address; it does not, where that is not possible. */
    default DatagramChannel datagramsFor(InetSocketAddress client, String node, InetAddress target) throws IOException {
        return datagrams(node, 0);
    }

    /** Takes a connection, on a virtual thread of its own, and closes it. */
    @FunctionalInterface
    interface Visitor {
        void visit(SocketChannel connection, InetSocketAddress client) throws IOException;
    }
}
