package dev.haneul.fabric.vpc;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * Sockets at hosted interfaces, and those that speak in a client's name. In the namespace of an interface that may do so
 * every address counts as its own, for what comes in; what goes out is routed as elsewhere. So sockets are bound to any
 * address without a privilege, and answers reach them; that answers come here at all is the router's part
 * ({@link FilterTable}, {@link RouterPlan}).
 */
final class Speaker {
    private static final int FIRST = 10;
    private static final int SECOND = 20;
    private static final int LAST = 30;

    private Speaker() {}

    /** Lines of {@code ip} for a namespace whose rules are these; the one that makes it so comes last. */
    static List<String> lines(String rules, String device) {
        boolean untouched = rules.lines().anyMatch(line -> line.startsWith("0:"));
        return untouched
                ? List.of(
                        "rule flush",
                        "route replace local default dev lo table local",
                        "rule add priority " + FIRST + " iif " + device + " lookup local",
                        "rule add priority " + SECOND + " lookup main",
                        "rule add priority " + LAST + " lookup local",
                        "rule del priority 0")
                : List.of();
    }

    /** Whether an interface may speak to a target in a client's name. */
    static boolean may(Network network, String eniId, InetSocketAddress client, InetAddress target) {
        return client.getAddress() instanceof Inet4Address
                && target instanceof Inet4Address
                && network.port(eniId).filter(Network.Port::speaker).isPresent()
                && network.vpc().cidrs().stream().anyMatch(cidr -> cidr.contains(target.getHostAddress()));
    }

    static SocketChannel connect(Path netns, InetSocketAddress target, int timeoutMillis) throws IOException {
        return connected(open(netns), target, timeoutMillis);
    }

    /** With the client's port, unless that is taken on this way already. */
    static SocketChannel connect(Path netns, InetSocketAddress client, InetSocketAddress target, int timeoutMillis)
            throws IOException {
        try {
            return connected(bound(open(netns), client), target, timeoutMillis);
        } catch (BindException | NoRouteToHostException e) {
            return connected(bound(open(netns), anyPort(client)), target, timeoutMillis);
        }
    }

    static DatagramChannel datagrams(Path netns, InetSocketAddress client) throws IOException {
        return Commands.inside(netns, () -> {
            try {
                return Listeners.bind(client);
            } catch (BindException e) {
                return Listeners.bind(anyPort(client));
            }
        });
    }

    private static InetSocketAddress anyPort(InetSocketAddress client) {
        return new InetSocketAddress(client.getAddress(), 0);
    }

    private static SocketChannel open(Path netns) throws IOException {
        return Commands.inside(netns, () -> SocketChannel.open(StandardProtocolFamily.INET));
    }

    private static SocketChannel bound(SocketChannel channel, InetSocketAddress address) throws IOException {
        try {
            return channel.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(address);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static SocketChannel connected(SocketChannel channel, InetSocketAddress target, int timeoutMillis)
            throws IOException {
        try {
            channel.socket().connect(target, timeoutMillis);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }
}
