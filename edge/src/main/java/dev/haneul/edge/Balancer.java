package dev.haneul.edge;

import dev.haneul.edge.h2.H2ServerConnection;
import dev.haneul.edge.http.Client;
import dev.haneul.edge.http.H1Server;
import dev.haneul.edge.http.Inbound;
import dev.haneul.edge.http.Probe;
import dev.haneul.edge.http.Proxy;
import dev.haneul.edge.live.LiveGroup;
import dev.haneul.edge.live.LiveTarget;
import dev.haneul.edge.stream.Datagrams;
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
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    private final Map<String, AtomicInteger> connections = new ConcurrentHashMap<>();
    private volatile @Nullable Live live;
    private boolean closed;

    /** A node's port, for connections or for datagrams. */
    private record Slot(String node, int port, boolean datagrams) {}

    /** A table at work. */
    private record Live(
            RoutingTable table,
            Map<String, LiveGroup> groups,
            Map<Integer, Listener> listeners,
            Map<Integer, Listener> datagrams,
            Map<Integer, Proxy.Route> routes,
            Map<Listener.Tls, ServerTls> encryption) {
        /** What listens there: a port can have one listener for connections and one for datagrams. */
        @Nullable
        Listener listener(Slot slot) {
            return slot.datagrams() ? datagrams.get(slot.port()) : listeners.get(slot.port());
        }

        String zone(Slot slot) {
            return table.nodes().stream()
                    .filter(each -> each.id().equals(slot.node()))
                    .map(RoutingTable.Node::zone)
                    .findFirst()
                    .orElse("");
        }
    }

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

    /** Works by a table where it has none yet. */
    synchronized void resume(RoutingTable table) throws IOException {
        if (live == null) {
            apply(table);
        }
    }

    synchronized void apply(RoutingTable table) throws IOException {
        if (closed) {
            return; // it was removed since it was found
        }
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
        Map<Integer, Listener> datagrams = new HashMap<>();
        Map<Integer, Proxy.Route> routes = new HashMap<>();
        for (Listener listener : table.listeners()) {
            Listener.Tls tls = listener.tls();
            if (tls != null) {
                ServerTls known = before == null ? null : before.encryption().get(tls);
                encryption.put(tls, known == null ? new ServerTls(tls) : known);
            }
            if (listener.protocol().datagrams()) {
                datagrams.put(listener.port(), listener);
            }
            if (listener.protocol() == Listener.Protocol.UDP) {
                continue;
            }
            listeners.put(listener.port(), listener);
            routes.put(listener.port(), new Proxy.Route(table, listener, groups));
        }
        live = new Live(table, groups, listeners, datagrams, routes, encryption);
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
                    wanted.add(new Slot(node.id(), listener.port(), false));
                }
                if (listener.protocol().datagrams()) {
                    wanted.add(new Slot(node.id(), listener.port(), true));
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
                    open.put(slot, opened(slot));
                } catch (IOException e) {
                    failed = e;
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    private Closeable opened(Slot slot) throws IOException {
        if (!slot.datagrams()) {
            return means.acceptor().listen(slot.node(), slot.port(), (channel, from) -> visit(slot, channel, from));
        }
        return new Datagrams(
                means.acceptor().datagrams(slot.node(), slot.port()),
                () -> way(slot),
                (client, group, target) -> group.preservesClient()
                        ? means.acceptor().datagramsFor(client, slot.node(), target)
                        : means.acceptor().datagrams(slot.node(), 0),
                new Datagrams.Told() {
                    @Override
                    public void opened() {
                        counted("UDP").incrementAndGet();
                        means.observer().opened(target(), zone(slot), "UDP");
                    }

                    @Override
                    public void moved(long bytes) {
                        means.observer().moved(target(), "UDP", bytes);
                    }

                    @Override
                    public void closed(InetSocketAddress client, Flow.Outcome outcome, long beganNanos) {
                        ended(slot, client, outcome, beganNanos);
                    }
                });
    }

    private Datagrams.@Nullable Way way(Slot slot) {
        Live now = live;
        Listener listener = now == null ? null : now.listener(slot);
        LiveGroup group = now == null || listener == null ? null : chosen(now, listener);
        if (now == null || listener == null || group == null) {
            return null;
        }
        Duration idle = listener.idle().compareTo(Datagrams.IDLE) < 0 ? listener.idle() : Datagrams.IDLE;
        return new Datagrams.Way(group, near(now, group, zone(slot)), idle);
    }

    private void ended(Slot slot, InetSocketAddress client, Flow.Outcome outcome, long beganNanos) {
        if (outcome.failure() == null) {
            counted("UDP").decrementAndGet();
        }
        Live now = live;
        Listener listener = now == null ? null : now.listener(slot);
        if (now != null && listener != null) {
            Instant end = means.clock().instant();
            Arrival arrival = new Arrival(
                    zone(slot), means.random().nextLong(), client, end.minusNanos(System.nanoTime() - beganNanos));
            means.observer().closed(arrival.ended(now.table().id(), listener, "UDP", end, outcome));
        }
    }

    private String zone(Slot slot) {
        Live now = live;
        return now == null ? "" : now.zone(slot);
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
        return connections.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    /** Those of one of {@link dev.haneul.edge.facts.FlowFact}'s protocols. */
    public int connections(String protocol) {
        AtomicInteger count = connections.get(protocol);
        return count == null ? 0 : count.get();
    }

    /** What a connection to a listener counts as. */
    private static String connected(Listener listener) {
        return listener.protocol() == Listener.Protocol.TCP_UDP
                ? "TCP"
                : listener.protocol().name();
    }

    private AtomicInteger counted(String protocol) {
        return connections.computeIfAbsent(protocol, each -> new AtomicInteger());
    }

    /** How many targets of a group are healthy. */
    public long healthy(String group) {
        Live now = live;
        LiveGroup found = now == null ? null : now.groups().get(group);
        return found == null ? 0 : found.healthy();
    }

    /** What is known of a target's health, in the first group that has it; null where none has. */
    public TargetGroup.@Nullable Health health(String key) {
        Live now = live;
        if (now != null) {
            for (LiveGroup group : now.groups().values()) {
                for (LiveTarget each : group.targets()) {
                    if (each.target().key().equals(key)) {
                        return each.health();
                    }
                }
            }
        }
        return null;
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
        Listener listener = now == null ? null : now.listener(slot);
        if (now == null || listener == null || !seats.tryAcquire()) {
            channel.close();
            return;
        }
        Arrival arrival = new Arrival(
                now.zone(slot), means.random().nextLong(), from, means.clock().instant());
        String protocol = connected(listener);
        counted(protocol).incrementAndGet();
        means.observer().opened(now.table().id(), arrival.zone(), protocol);
        Flow.Outcome outcome = new Flow.Outcome(null, 0, 0, null);
        try (channel) {
            outcome = serve(now, listener, slot, arrival, channel);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "a connection from " + from + ": " + e);
            boolean unshaken = listener.protocol().encrypted() && !arrival.agreed();
            outcome = new Flow.Outcome(null, 0, 0, unshaken ? "tls" : null);
        } finally {
            counted(protocol).decrementAndGet();
            seats.release();
            means.observer()
                    .closed(arrival.ended(
                            now.table().id(), listener, protocol, means.clock().instant(), outcome));
        }
    }

    private Flow.Outcome serve(Live now, Listener listener, Slot slot, Arrival arrival, SocketChannel channel)
            throws IOException {
        Wire wire;
        String protocol = "";
        Listener.Tls tls = listener.tls();
        if (tls != null) {
            ServerTls encryption = now.encryption().get(tls);
            if (encryption == null) {
                throw new IOException("no certificate");
            }
            long start = System.nanoTime();
            TlsWire made = TlsWire.server(channel, deadlines, encryption, HANDSHAKE_NANOS);
            arrival.agreed(made, tls.identities(), System.nanoTime() - start);
            protocol = made.protocol();
            wire = made;
        } else {
            wire = new PlainWire(channel, deadlines);
        }
        if (!listener.protocol().http()) {
            return carried(now, listener, slot, arrival, wire);
        }
        Client client = arrival.client(slot.port(), slot.node());
        if (protocol.equals("h2")) {
            new H2ServerConnection(wire, client, proxy, () -> route(slot.port())).run();
        } else {
            new H1Server(wire, client, proxy, () -> route(slot.port())).run();
        }
        return new Flow.Outcome(null, 0, 0, null);
    }

    private Flow.Outcome carried(Live now, Listener listener, Slot slot, Arrival arrival, Wire wire) {
        LiveGroup group = chosen(now, listener);
        if (group == null) {
            wire.reset();
            return new Flow.Outcome(null, 0, 0, "no-target", "elb");
        }
        return flow.carry(
                wire,
                arrival.from(),
                group,
                slot.node(),
                near(now, group, arrival.zone()),
                listener.idle(),
                bytes -> means.observer().moved(now.table().id(), connected(listener), bytes));
    }

    /** One of the groups of a listener without rules, by their weights; null where it forwards to none. */
    private @Nullable LiveGroup chosen(Live now, Listener listener) {
        if (!(listener.rules().getLast().actions().getLast() instanceof Action.Forward forward)) {
            return null;
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
        return group;
    }

    /** The zone that targets must be in; null where they may be in any. */
    private static @Nullable String near(Live now, LiveGroup group, String zone) {
        Boolean own = group.group().crossZone();
        boolean cross = own == null ? now.table().settings().crossZone() : own;
        return cross ? null : zone;
    }

    @Override
    public synchronized void close() {
        closed = true;
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
