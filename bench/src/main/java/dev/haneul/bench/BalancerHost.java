package dev.haneul.bench;

import dev.haneul.edge.Edge;
import dev.haneul.edge.facts.Observer;
import dev.haneul.edge.http.Functions;
import dev.haneul.edge.http.Logins;
import dev.haneul.edge.stream.Acceptor;
import dev.haneul.edge.stream.Listening;
import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.Rule;
import dev.haneul.edge.table.TargetGroup;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.time.SystemClock;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** The load balancers' data plane alone, on loopback, in a process of its own: PORT TARGET_PORT. */
public final class BalancerHost {
    private static final int BACKLOG = 1024;

    private BalancerHost() {}

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        int target = Integer.parseInt(args[1]);
        Edge edge = new Edge(new Edge.Means(
                new Loopback(),
                (node, address, timeout) -> {
                    SocketChannel channel = SocketChannel.open();
                    channel.socket().connect(address, timeout);
                    return channel;
                },
                Functions.NONE,
                Logins.NONE,
                Observer.NONE,
                new Tokens(new byte[32]),
                new SystemClock(),
                ThreadLocalRandom.current()));
        edge.apply(table(port, target));
        Thread.sleep(Long.MAX_VALUE);
    }

    private static RoutingTable table(int port, int target) {
        TargetGroup.HealthCheck check = new TargetGroup.HealthCheck(
                false, Listener.Protocol.HTTP, 0, "/", Duration.ofSeconds(30), Duration.ofSeconds(5), 5, 2, "200");
        TargetGroup group = new TargetGroup(
                "group",
                TargetGroup.Kind.ADDRESS,
                Listener.Protocol.HTTP,
                TargetGroup.Version.HTTP1,
                TargetGroup.Algorithm.ROUND_ROBIN,
                Duration.ZERO,
                TargetGroup.Stickiness.NONE,
                check,
                null,
                false,
                false,
                false,
                false,
                List.of(new TargetGroup.Target(
                        "one", "127.0.0.1", "127.0.0.1", target, "", false, TargetGroup.Health.HEALTHY, null)));
        Action forward = new Action.Forward(List.of(new Action.Weighted("group", 1)), null);
        Listener listener = new Listener(
                "listener",
                port,
                Listener.Protocol.HTTP,
                null,
                List.of(new Rule("default", 0, List.of(), List.of(forward), List.of())),
                Duration.ofSeconds(350),
                Map.of());
        return new RoutingTable(
                "balancer",
                true,
                List.of(new RoutingTable.Node("here", "zone")),
                RoutingTable.Settings.APPLICATION,
                List.of(listener),
                Map.of("group", group));
    }

    /** Listens on this machine. */
    private static final class Loopback implements Acceptor {
        @Override
        public Closeable listen(String node, int port, Visitor visitor) throws IOException {
            return BalancerHost.listen(port, visitor);
        }

        @Override
        public DatagramChannel datagrams(String node, int port) throws IOException {
            return DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }
    }

    private static Closeable listen(int port, Acceptor.Visitor visitor) throws IOException {
        ServerSocketChannel server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        return new Listening(server, visitor);
    }
}
