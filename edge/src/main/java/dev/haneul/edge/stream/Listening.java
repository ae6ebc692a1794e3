package dev.haneul.edge.stream;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A socket that listens, and the virtual thread that waits at it: each connection is a visitor's, on another one. */
public final class Listening implements Closeable {
    private static final System.Logger LOG = System.getLogger(Listening.class.getName());
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ServerSocketChannel socket;
    private final Acceptor.Visitor visitor;
    private final Thread accepting;

    /** @param socket bound, in blocking mode; owned from now on */
    public Listening(ServerSocketChannel socket, Acceptor.Visitor visitor) {
        this.socket = socket;
        this.visitor = visitor;
        this.accepting = Thread.ofVirtual().name("listening").start(this::accept);
    }

    private void accept() {
        while (socket.isOpen()) {
            try {
                SocketChannel connection = socket.accept();
                Thread.ofVirtual().name("visit").start(() -> visit(connection));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "a connection cannot be accepted just now", e);
                LockSupport.parkNanos(PAUSE_NANOS); // out of descriptors, most likely
            }
        }
    }

    private void visit(SocketChannel connection) {
        try (connection) {
            visitor.visit(connection, (InetSocketAddress) connection.getRemoteAddress());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a visit broke off", e);
        }
    }

    /** Ends the listening, not the connections. The kernel listens until the last accept has returned: so long this waits. */
    @Override
    public void close() throws IOException {
        socket.close();
        try {
            accepting.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
