package dev.haneul.fabric;

import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Listeners inside another process's network namespace, owned by this one: a socket belongs for ever to the namespace
 * it was made in, whoever holds it. Needs CAP_SYS_ADMIN in the namespace's user namespace: root, or the user who made
 * it.
 */
public final class NetworkNamespace {
    private static final int BACKLOG = 128;
    /** A sandbox that is just being set up has no loopback address for some tenths of a millisecond. */
    private static final int BIND_ATTEMPTS = 1000;

    private static final long BIND_PAUSE_NANOS = 50_000;

    private NetworkNamespace() {}

    /**
     * Opens listeners in the namespace of a process, on a thread that is thrown away.
     *
     * @param pid a process in that namespace
     * @param addresses where to listen; port 0 lets the kernel choose
     * @return one listener per address, for the caller to close
     */
    public static List<ServerSocketChannel> listen(long pid, List<InetSocketAddress> addresses) throws IOException {
        return listen(Path.of("/proc/" + pid + "/ns/net"), addresses);
    }

    /**
     * Opens listeners in a namespace.
     *
     * @param netns as a path for setns(2)
     */
    public static List<ServerSocketChannel> listen(Path netns, List<InetSocketAddress> addresses) throws IOException {
        int namespace = Linux.open(netns.toString(), Linux.O_RDONLY);
        try {
            return NamespaceThread.call("netns", () -> {
                Linux.setns(namespace, Linux.CLONE_NEWNET);
                return listenHere(addresses);
            });
        } finally {
            Linux.close(namespace);
        }
    }

    /**
     * Makes a socket in the namespace of a process: whatever it is connected to later lies there.
     *
     * @param pid a process in that namespace
     * @return for the caller to connect and to close
     */
    public static SocketChannel socket(long pid) throws IOException {
        return socket(Path.of("/proc/" + pid + "/ns/net"));
    }

    /**
     * Makes a socket in a namespace.
     *
     * @param netns as a path for setns(2)
     */
    public static SocketChannel socket(Path netns) throws IOException {
        int namespace = Linux.open(netns.toString(), Linux.O_RDONLY);
        try {
            return NamespaceThread.call("netns", () -> {
                Linux.setns(namespace, Linux.CLONE_NEWNET);
                return SocketChannel.open(StandardProtocolFamily.INET);
            });
        } finally {
            Linux.close(namespace);
        }
    }

    /** Opens listeners in the calling thread's namespace; all of them or none. */
    public static List<ServerSocketChannel> listenHere(List<InetSocketAddress> addresses) throws IOException {
        var open = new ArrayList<ServerSocketChannel>(addresses.size());
        try {
            for (var address : addresses) {
                open.add(listenHere(address));
            }
            return open;
        } catch (IOException e) {
            for (var channel : open) {
                channel.close();
            }
            throw e;
        }
    }

    private static ServerSocketChannel listenHere(InetSocketAddress address) throws IOException {
        var channel = ServerSocketChannel.open(StandardProtocolFamily.INET);
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            for (int attempt = 1; ; attempt++) {
                try {
                    return channel.bind(address, BACKLOG);
                } catch (BindException e) {
                    if (attempt == BIND_ATTEMPTS) {
                        throw e;
                    }
                    LockSupport.parkNanos(BIND_PAUSE_NANOS);
                }
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }
}
