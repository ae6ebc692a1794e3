package dev.haneul.fabric.vpc;

import dev.haneul.fabric.NetworkNamespace;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sockets of ours inside networks, each with a virtual thread that waits at it. All bounded. */
final class Listeners {
    private static final Logger LOG = System.getLogger(Listeners.class.getName());
    private static final int MOST_CONNECTIONS = 10_000;
    private static final int MOST_QUESTIONS = 256;
    private static final int MOST_DATAGRAM_BYTES = 4096;
    private static final int DNS_PORT = 53;
    private static final int DNS_IDLE_MILLIS = 10_000;

    private Listeners() {}

    /** Waits for connections at an address of a network namespace. */
    static Closeable tcp(Path netns, InetSocketAddress address, Consumer<SocketChannel> visitor) throws IOException {
        var listener = Commands.inside(netns, () -> NetworkNamespace.listenHere(List.of(address)))
                .getFirst();
        Thread.ofVirtual().name("listen " + address).start(() -> accept(listener, visitor));
        return listener;
    }

    private static void accept(ServerSocketChannel listener, Consumer<SocketChannel> visitor) {
        var seats = new Semaphore(MOST_CONNECTIONS);
        while (listener.isOpen()) {
            try {
                var connection = listener.accept();
                if (!seats.tryAcquire()) {
                    connection.close();
                    continue;
                }
                Thread.ofVirtual().start(() -> {
                    try {
                        visitor.accept(connection);
                    } finally {
                        seats.release();
                    }
                });
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.log(Level.WARNING, "a listener inside a network", e);
                pause();
            }
        }
    }

    /** Out of descriptors, most likely: not at once again. */
    private static void pause() {
        java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
    }

    /**
     * A name server at addresses of a network namespace, by UDP and TCP.
     *
     * @param answer from a question, and whether it came by TCP; null for no answer
     */
    static Closeable names(Path netns, List<String> addresses, BiFunction<byte[], Boolean, byte @Nullable []> answer)
            throws IOException {
        var open = new ArrayList<Closeable>();
        try {
            for (String text : addresses) {
                var address = new InetSocketAddress(InetAddress.ofLiteral(text), DNS_PORT);
                var socket = Commands.inside(netns, () -> bind(address));
                open.add(socket);
                Thread.ofVirtual().name("names " + text).start(() -> receive(socket, answer));
                open.add(tcp(netns, address, connection -> converse(connection, answer)));
            }
            return () -> closeAll(open);
        } catch (IOException e) {
            closeAll(open);
            throw e;
        }
    }

    static DatagramChannel bind(InetSocketAddress address) throws IOException {
        var channel = DatagramChannel.open(StandardProtocolFamily.INET);
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            return channel.bind(address);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static void receive(DatagramChannel socket, BiFunction<byte[], Boolean, byte @Nullable []> answer) {
        var seats = new Semaphore(MOST_QUESTIONS);
        var buffer = ByteBuffer.allocate(MOST_DATAGRAM_BYTES);
        while (socket.isOpen()) {
            try {
                buffer.clear();
                var from = socket.receive(buffer);
                byte[] question = Arrays.copyOf(buffer.array(), buffer.position());
                if (from == null || !seats.tryAcquire()) {
                    continue;
                }
                Thread.ofVirtual().start(() -> {
                    try {
                        byte[] reply = answer.apply(question, false);
                        if (reply != null) {
                            socket.send(ByteBuffer.wrap(reply), from);
                        }
                    } catch (IOException e) {
                        LOG.log(Level.DEBUG, "a name server's answer", e);
                    } finally {
                        seats.release();
                    }
                });
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "a name server inside a network", e);
                pause();
            }
        }
    }

    private static void converse(SocketChannel connection, BiFunction<byte[], Boolean, byte @Nullable []> answer) {
        try (connection) {
            var socket = connection.socket();
            socket.setSoTimeout(DNS_IDLE_MILLIS);
            var in = new DataInputStream(socket.getInputStream());
            var out = socket.getOutputStream();
            while (true) {
                byte[] reply = answer.apply(in.readNBytes(in.readUnsignedShort()), true);
                if (reply == null) {
                    return;
                }
                var framed = ByteBuffer.allocate(reply.length + 2)
                        .putShort((short) reply.length)
                        .put(reply);
                out.write(framed.array());
                out.flush();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a name server's conversation ended", e);
        }
    }

    /** Closes what it can. */
    static void closeAll(List<? extends Closeable> things) {
        for (var thing : things) {
            try {
                thing.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "closing a listener", e);
            }
        }
    }
}
