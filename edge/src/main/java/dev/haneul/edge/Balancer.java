package dev.haneul.edge;

import dev.haneul.edge.facts.FlowFact;
import dev.haneul.edge.h2.H2ServerConnection;
import dev.haneul.edge.http.Client;
import dev.haneul.edge.http.H1Server;
import dev.haneul.edge.http.Inbound;
import dev.haneul.edge.http.Probe;
import dev.haneul.edge.http.Proxy;
import dev.haneul.edge.live.LiveGroup;
import dev.haneul.edge.stream.Deadlines;
import dev.haneul.edge.stream.Flow;
import dev.haneul.edge.stream.PlainWire;
import dev.haneul.edge.stream.ServerTls;
import dev.haneul.edge.stream.TlsWire;
import dev.haneul.edge.stream.Wire;
import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.TargetGroup;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** One balancer at work. */
public final class Balancer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Balancer.class.getName());
    private static final int MOST_CONNECTIONS = 20_000;
    private static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Edge.Means means;
    private final Deadlines deadlines;
    private final Proxy proxy;
    private final Flow flow;
    private final Checks checks;
    private final Map<Slot, Closeable> open = new HashMap<>();
    private final Semaphore seats = new Semaphore(MOST_CONNECTIONS);
    private final AtomicInteger connections = new AtomicInteger();
    private volatile @Nullable Live live;

    /** A node's port. */
    private record Slot(String node, int port) {}

    /** A table at work. */
    private record Live(
            RoutingTable table,
            Map<String, LiveGroup> groups,
            Map<Integer, Listener> listeners,
            Map<Integer, Proxy.Route> routes,
            Map<Listener.Tls, ServerTls> encryption) {}

    Balancer(Edge.Means means, Deadlines deadlines) {
        this.means = means;
        this.deadlines = deadlines;
        this.proxy = new Proxy(new Proxy.Means(
                means.dialer(),
                deadlines,
                means.functions(),
                means.logins(),
                means.observer(),
                means.tokens(),
                means.clock(),
                means.random()));
        this.flow = new Flow(means.dialer(), deadlines);
        this.checks = new Checks(
                new Probe(means.dialer(), deadlines, means.functions()),
                means.clock(),
                (group, target, health) -> means.observer()
                        .health(target(), group.group().id(), target.target().key(), health));
    }

    private String target() {
        Live now = live;
        return now == null ? "" : now.table().id();
    }

    synchronized void apply(RoutingTable table) throws IOException {
        Live before = live;
        Map<String, LiveGroup> groups = new HashMap<>();
        table.groups().forEach((id, group) -> {
            LiveGroup known = before == null ? null : before.groups().get(id);
            if (known == null) {
                known = new LiveGroup(group, means.clock(), means.random());
            } else {
                known.follow(group);
            }
            groups.put(id, known);
        });
        Map<Listener.Tls, ServerTls> encryption = new HashMap<>();
        Map<Integer, Listener> listeners = new HashMap<>();
        Map<Integer, Proxy.Route> routes = new HashMap<>();
        for (Listener listener : table.listeners()) {
            Listener.Tls tls = listener.tls();
            if (tls != null) {
                ServerTls known = before == null ? null : before.encryption().get(tls);
                encryption.put(tls, known == null ? new ServerTls(tls) : known);
            }
            listeners.put(listener.port(), listener);
            routes.put(listener.port(), new Proxy.Route(table, listener, groups));
        }
        live = new Live(table, groups, listeners, routes, encryption);
        if (before != null) {
            before.groups().forEach((id, group) -> {
                if (groups.get(id) != group) {
                    group.leave();
                }
            });
        }
        checks.follow(table.nodes(), groups.values());
        listen(table);
    }

    private void listen(RoutingTable table) throws IOException {
        Set<Slot> wanted = new HashSet<>();
        for (RoutingTable.Node node : table.nodes()) {
            for (Listener listener : table.listeners()) {
                if (listener.protocol() != Listener.Protocol.UDP) {
                    wanted.add(new Slot(node.id(), listener.port()));
                }
            }
        }
        for (Slot slot : List.copyOf(open.keySet())) {
            if (!wanted.contains(slot)) {
                Closeable gone = open.remove(slot);
                if (gone != null) {
                    gone.close();
                }
            }
        }
        IOException failed = null;
        for (Slot slot : wanted) {
            if (!open.containsKey(slot)) {
                try {
                    open.put(
                            slot,
                            means.acceptor()
                                    .listen(slot.node(), slot.port(), (channel, from) -> visit(slot, channel, from)));
                } catch (IOException e) {
                    failed = e;
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    /** The table it works by. */
    public RoutingTable table() {
        Live now = live;
        if (now == null) {
            throw new IllegalStateException("no table yet");
        }
        return now.table();
    }

    /** Clients that are connected now. */
    public int connections() {
        return connections.get();
    }

    /** How many targets of a group are healthy. */
    public long healthy(String group) {
        Live now = live;
        LiveGroup found = now == null ? null : now.groups().get(group);
        return found == null ? 0 : found.healthy();
    }

    /** Serves a request that came in elsewhere, as the listener of this port would; false where there is none. */
    public boolean serve(Inbound in, int port) {
        Proxy.Route route = route(port);
        if (route == null || !route.listener().protocol().http()) {
            return false;
        }
        proxy.serve(in, route);
        return true;
    }

    private Proxy.@Nullable Route route(int port) {
        Live now = live;
        return now == null ? null : now.routes().get(port);
    }

    private void visit(Slot slot, SocketChannel channel, InetSocketAddress from) throws IOException {
        Live now = live;
        Listener listener = now == null ? null : now.listeners().get(slot.port());
        if (now == null || listener == null || !seats.tryAcquire()) {
            channel.close();
            return;
        }
        String zone = now.table().nodes().stream()
                .filter(each -> each.id().equals(slot.node()))
                .map(RoutingTable.Node::zone)
                .findFirst()
                .orElse("");
        Instant began = means.clock().instant();
        connections.incrementAndGet();
        means.observer().opened(now.table().id(), zone);
        Flow.Outcome outcome = new Flow.Outcome(null, 0, 0, null);
        try (channel) {
            outcome = serve(now, listener, slot, zone, channel, from);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "a connection from " + from + ": " + e);
            outcome = new Flow.Outcome(null, 0, 0, listener.protocol().encrypted() ? "tls" : null);
        } finally {
            connections.decrementAndGet();
            seats.release();
            means.observer().closed(fact(now, listener, zone, began, from, outcome));
        }
    }

    private FlowFact fact(
            Live now, Listener listener, String zone, Instant began, InetSocketAddress from, Flow.Outcome outcome) {
        TargetGroup.Target at =
                outcome.target() == null ? null : outcome.target().target();
        return new FlowFact(
                now.table().id(),
                zone,
                listener.id(),
                listener.protocol().name(),
                began,
                means.clock().instant(),
                from.getAddress().getHostAddress() + ":" + from.getPort(),
                at == null ? null : at.address() + ":" + at.port(),
                outcome.target() == null ? null : outcome.target().group(),
                outcome.received(),
                outcome.sent(),
                outcome.failure(),
                null);
    }

    private Flow.Outcome serve(
            Live now, Listener listener, Slot slot, String zone, SocketChannel channel, InetSocketAddress from)
            throws IOException {
        Wire wire;
        Client.Secured secured = null;
        String protocol = "";
        Listener.Tls tls = listener.tls();
        if (tls != null) {
            ServerTls encryption = now.encryption().get(tls);
            if (encryption == null) {
                throw new IOException("no certificate");
            }
            TlsWire made = TlsWire.server(channel, deadlines, encryption, HANDSHAKE_NANOS);
            secured = secured(made.session());
            protocol = made.protocol();
            wire = made;
        } else {
            wire = new PlainWire(channel, deadlines);
        }
        if (!listener.protocol().http()) {
            return carried(now, listener, slot, zone, wire, from);
        }
        Client client = new Client(from, slot.port(), slot.node(), zone, secured);
        if (protocol.equals("h2")) {
            new H2ServerConnection(wire, client, proxy, () -> route(slot.port())).run();
        } else {
            new H1Server(wire, client, proxy, () -> route(slot.port())).run();
        }
        return new Flow.Outcome(null, 0, 0, null);
    }

    private Flow.Outcome carried(
            Live now, Listener listener, Slot slot, String zone, Wire wire, InetSocketAddress from) {
        if (!(listener.rules().getLast().actions().getLast() instanceof Action.Forward forward)) {
            wire.reset();
            return new Flow.Outcome(null, 0, 0, "no-target");
        }
        int sum = forward.groups().stream().mapToInt(Action.Weighted::weight).sum();
        int left = sum == 0 ? 0 : means.random().nextInt(sum);
        String chosen = forward.groups().getFirst().group();
        for (Action.Weighted each : forward.groups()) {
            left -= each.weight();
            if (left < 0) {
                chosen = each.group();
                break;
            }
        }
        LiveGroup group = now.groups().get(chosen);
        if (group == null) {
            throw new IllegalStateException(chosen + " is not at work");
        }
        Boolean own = group.group().crossZone();
        boolean cross = own == null ? now.table().settings().crossZone() : own;
        return flow.carry(wire, from, group, slot.node(), cross ? null : zone, listener.idle());
    }

    private static Client.Secured secured(SSLSession session) {
        String name = null;
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName each : extended.getRequestedServerNames()) {
                name = each instanceof SNIHostName host ? host.getAsciiName() : name;
            }
        }
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate each : session.getPeerCertificates()) {
                if (each instanceof X509Certificate certificate) {
                    chain.add(certificate);
                }
            }
        } catch (SSLPeerUnverifiedException e) {
            chain.clear();
        }
        return new Client.Secured(session.getProtocol(), session.getCipherSuite(), name, chain);
    }

    @Override
    public synchronized void close() {
        Live before = live;
        live = null;
        checks.close();
        open.values().forEach(each -> {
            try {
                each.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "closing a listener", e);
            }
        });
        open.clear();
        if (before != null) {
            before.groups().values().forEach(LiveGroup::leave);
        }
        proxy.close();
    }
}
