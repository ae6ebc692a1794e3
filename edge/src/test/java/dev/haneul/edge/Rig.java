package dev.haneul.edge;

import dev.haneul.edge.facts.FlowFact;
import dev.haneul.edge.facts.Observer;
import dev.haneul.edge.facts.RequestFact;
import dev.haneul.edge.http.Functions;
import dev.haneul.edge.http.Logins;
import dev.haneul.edge.http.RequestHead;
import dev.haneul.edge.stream.Acceptor;
import dev.haneul.edge.stream.Listening;
import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.Condition;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.Rule;
import dev.haneul.edge.table.TargetGroup;
import dev.haneul.edge.table.TargetGroup.Health;
import dev.haneul.edge.table.TargetGroup.HealthCheck;
import dev.haneul.edge.table.TargetGroup.Target;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.time.Clock;
import dev.haneul.kernel.time.SystemClock;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** An edge on loopback, and what tests need around it. */
final class Rig implements AutoCloseable {
    static final String BALANCER = "lb";
    static final HealthCheck NO_CHECK = new HealthCheck(
            false, Listener.Protocol.HTTP, 0, "/", Duration.ofSeconds(5), Duration.ofSeconds(2), 2, 2, "200");

    final Clock clock = new SystemClock();
    final Queue<RequestFact> requests = new ConcurrentLinkedQueue<>();
    final Queue<FlowFact> flows = new ConcurrentLinkedQueue<>();
    final Queue<Health> healths = new ConcurrentLinkedQueue<>();
    final Edge edge;
    private final Map<Integer, Integer> ports = new ConcurrentHashMap<>();
    /** Where a listener for datagrams is reached. */
    final Map<Integer, Integer> datagrams = new ConcurrentHashMap<>();

    volatile Functions functions = Functions.NONE;
    volatile Logins logins = Logins.NONE;

    Rig() {
        Acceptor acceptor = new Acceptor() {
            @Override
            public Closeable listen(String node, int port, Visitor visitor) throws IOException {
                return accept(node, port, visitor);
            }

            @Override
            public DatagramChannel datagrams(String node, int port) throws IOException {
                return opened(port);
            }
        };
        edge = new Edge(new Edge.Means(
                acceptor,
                (node, target, timeout) -> {
                    SocketChannel channel = SocketChannel.open();
                    channel.socket().connect(target, timeout);
                    return channel;
                },
                (group, arn, event) -> functions.invoke(group, arn, event),
                new Logins() {
                    @Override
                    public Outcome check(Action.Login login, String balancer, RequestHead head) {
                        return logins.check(login, balancer, head);
                    }

                    @Override
                    public Optional<Outcome.Answered> returned(
                            List<Action.Login> all, String balancer, RequestHead head) {
                        return logins.returned(all, balancer, head);
                    }

                    @Override
                    public Optional<Outcome.Answered> bearer(Action.Bearer wanted, RequestHead head) {
                        return logins.bearer(wanted, head);
                    }
                },
                new Heard(),
                new Tokens(new byte[32]),
                clock,
                ThreadLocalRandom.current()));
    }

    private final class Heard implements Observer {
        @Override
        public void request(RequestFact fact) {
            requests.add(fact);
        }

        @Override
        public void opened(String balancer, String zone, String protocol) {}

        @Override
        public void closed(FlowFact fact) {
            flows.add(fact);
        }

        @Override
        public void health(String balancer, String group, String target, Health health) {
            healths.add(health);
        }
    }

    private DatagramChannel opened(int port) throws IOException {
        DatagramChannel channel =
                DatagramChannel.open().bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        if (port != 0) {
            datagrams.put(port, ((InetSocketAddress) channel.getLocalAddress()).getPort());
        }
        return channel;
    }

    private Closeable accept(String node, int port, Acceptor.Visitor visitor) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open().bind(loopback(0));
        ports.put(port, server.socket().getLocalPort());
        return new Listening(server, visitor);
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    }

    /** Where a listener of a table is reached. */
    int port(int listener) {
        return ports.get(listener);
    }

    static Target target(int port) {
        return new Target("127.0.0.1:" + port, "127.0.0.1", "127.0.0.1", port, "", false, Health.HEALTHY, null);
    }

    static TargetGroup group(String id, TargetGroup.Version version, HealthCheck check, Target... targets) {
        return new TargetGroup(
                id,
                TargetGroup.Kind.ADDRESS,
                Listener.Protocol.HTTP,
                version,
                TargetGroup.Algorithm.ROUND_ROBIN,
                Duration.ZERO,
                TargetGroup.Stickiness.NONE,
                check,
                null,
                false,
                false,
                false,
                false,
                Arrays.asList(targets));
    }

    static TargetGroup group(String id, Target... targets) {
        return group(id, TargetGroup.Version.HTTP1, NO_CHECK, targets);
    }

    static Rule rule(List<Condition> conditions, Action action) {
        return new Rule("rule-" + action, conditions.isEmpty() ? 0 : 10, conditions, List.of(action), List.of());
    }

    static Action.Forward forward(String... groups) {
        return new Action.Forward(
                Arrays.stream(groups).map(each -> new Action.Weighted(each, 1)).toList(), null);
    }

    static Listener listener(int port, Listener.Protocol protocol, Listener.@Nullable Tls tls, Rule... rules) {
        return new Listener(
                "listener-" + port, port, protocol, tls, Arrays.asList(rules), Duration.ofSeconds(350), Map.of());
    }

    static RoutingTable table(RoutingTable.Settings settings, Listener listener, TargetGroup... groups) {
        Map<String, TargetGroup> all = new java.util.HashMap<>();
        for (TargetGroup group : groups) {
            all.put(group.id(), group);
        }
        return new RoutingTable(
                BALANCER,
                listener.protocol().http(),
                List.of(new RoutingTable.Node("node", "zone-a")),
                settings,
                List.of(listener),
                all);
    }

    /** A plain listener at port 80 that forwards all to these targets. */
    void forwardTo(Target... targets) throws IOException {
        edge.apply(table(
                RoutingTable.Settings.APPLICATION,
                listener(80, Listener.Protocol.HTTP, null, rule(List.of(), forward("g"))),
                group("g", targets)));
    }

    /** Says something to a listener and reads until the end, or until what came holds a text. */
    String say(int listener, String text, String until) throws IOException {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port(listener))) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return read(socket.getInputStream(), until);
        }
    }

    static String read(InputStream in, String until) throws IOException {
        StringBuilder all = new StringBuilder();
        byte[] buffer = new byte[4096];
        int count;
        while ((count = in.read(buffer)) >= 0) {
            all.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
            if (!until.isEmpty() && all.indexOf(until) >= 0) {
                break;
            }
        }
        return all.toString();
    }

    @Override
    public void close() {
        edge.close();
    }
}
