package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.Network.Kind;
import dev.haneul.fabric.vpc.Network.Port;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * {@link VpcFabric} on Linux, as root, with {@code ip}, {@code nft} and {@code nsenter}. In the host's own network it
 * changes what {@link HostSide} tells of, {@code net.ipv4.ip_forward} among it, and nothing before a plan has an
 * internet gateway.
 */
public final class LinuxVpcFabric implements VpcFabric {
    private static final int LEAVING_POLLS = 20;
    private static final long LEAVING_POLL_NANOS = 50_000_000;

    private final Names names;
    private final Namespaces namespaces;
    private final HostSide host;
    private final HostedNamespaces hosted;
    private final Links links;
    private final Doors doors;
    private final NameBook book;
    private final OutsideRouter outside;
    private volatile boolean outsideReady;
    /** By interface: those behind which there are sandboxes. */
    private final Map<String, SharedInterface> shared = new HashMap<>();

    private final FabricProbe probe = new FabricProbe();
    /** Held by whoever changes the kernel. Never while somebody else's code runs. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<String, Router> routers = new HashMap<>();
    private final Map<String, List<Closeable>> listeners = new HashMap<>();
    private volatile Networks networks = Networks.NONE;
    private Instant flowsSince = Instant.now();

    /**
     * Changes nothing yet.
     *
     * @param folder the region's, where the fabric keeps what it must remember of the host; its path, too, tells the
     *     networks of two regions on one machine apart
     */
    public LinuxVpcFabric(Path folder) throws IOException {
        this(folder, new Resolver());
    }

    LinuxVpcFabric(Path folder, Resolver resolver) throws IOException {
        names = new Names(folder);
        namespaces = new Namespaces(names);
        host = new HostSide(names, folder);
        hosted = new HostedNamespaces(names);
        links = new Links(names, host);
        book = resolver.book();
        doors = new Doors(() -> networks, resolver);
        outside = new OutsideRouter(names, host, resolver, lock);
    }

    /**
     * A fabric for this machine: this one where it may work ({@link #probe} tells), else one that says why there are no
     * networks.
     */
    public static VpcFabric open(Path folder) throws IOException {
        var obstacle = FabricProbe.obstacle();
        return obstacle.isEmpty() ? new LinuxVpcFabric(folder) : new UnavailableVpcFabric(obstacle.get(), folder);
    }

    @Override
    public Probe probe() {
        var found = probe.result(this::standing);
        if (found.works()) {
            try {
                host.range();
            } catch (UncheckedIOException e) {
                return new Probe(false, String.valueOf(e.getMessage()));
            }
        }
        return found;
    }

    /** Whether an earlier server left networks here. */
    private boolean standing() {
        try {
            return !namespaces.present().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public Cidr publicRange() {
        return host.range();
    }

    @Override
    public String hostAddress() {
        return host.address();
    }

    @Override
    public String hostSixAddress() {
        return host.sixAddress();
    }

    @Override
    public void apply(NetworkPlan plan) throws IOException {
        var next = Networks.of(plan);
        for (var network : next.all()) {
            for (var address : network.published()) {
                if (!host.range().contains(String.valueOf(address.publicAddress()))) {
                    throw new IllegalArgumentException(
                            address.publicAddress() + " is not in " + host.range() + ", the region's public range");
                }
            }
        }
        lock.lock();
        try {
            networks = next;
            change(next);
        } catch (IOException e) {
            routers.values().forEach(Router::doubt);
            hosted.forget();
            host.doubt();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private void change(Networks next) throws IOException {
        boolean internet = false;
        var wanted = new LinkedHashSet<String>();
        for (var network : next.all()) {
            internet |= network.internet();
            wanted.add(names.namespace(network.id()));
            network.ports().stream()
                    .filter(HostedNamespaces::ours)
                    .forEach(port -> wanted.add(names.namespace(port.id())));
        }
        var present = namespaces.present();
        present.remove(OutsideRouter.namespace(names));
        removeAllBut(wanted, present);
        var missing = new LinkedHashSet<>(wanted);
        missing.removeAll(present);
        namespaces.create(missing);
        if (internet) {
            host.ready();
        }
        var devices = new HashMap<String, Set<String>>();
        for (var network : next.all()) {
            var router = router(network, missing.contains(names.namespace(network.id())));
            router.filter(network);
            devices.put(network.id(), router.look());
        }
        var fresh = links.change(next, routers, devices);
        for (var network : next.all()) {
            var router = router(network, false);
            router.look();
            router.route(network, fresh.getOrDefault(network.id(), Set.of()));
            for (var port : network.ports()) {
                if (HostedNamespaces.ours(port)) {
                    hosted.configure(
                            port, fresh.getOrDefault(network.id(), Set.of()).contains(port.device()));
                }
            }
            doors.open(network, router.netns());
        }
        if (wanted.isEmpty() && !host.leadsOutside()) {
            host.clear();
        } else {
            host.route(next, internet);
        }
    }

    private Router router(Network network, boolean fresh) throws IOException {
        var known = routers.get(network.id());
        if (known == null) {
            known = new Router(names.namespace(network.id()));
            known.init(fresh);
            routers.put(network.id(), known);
        }
        return known;
    }

    private void removeAllBut(Set<String> wanted, Set<String> present) throws IOException {
        var gone = new LinkedHashSet<>(present);
        gone.removeAll(wanted);
        for (var router : List.copyOf(routers.entrySet())) {
            if (!present.contains(router.getValue().namespace())
                    || gone.contains(router.getValue().namespace())) {
                doors.close(router.getKey());
                routers.remove(router.getKey());
            }
        }
        for (var entry : List.copyOf(listeners.entrySet())) {
            if (!wanted.contains(names.namespace(entry.getKey()))) {
                Listeners.closeAll(entry.getValue());
                listeners.remove(entry.getKey());
            }
        }
        shared.keySet().removeIf(eni -> !wanted.contains(names.namespace(eni)));
        namespaces.delete(gone);
    }

    @Override
    public void attach(String eniId, Path netns, int deviceIndex) throws IOException {
        String device = "eth" + deviceIndex;
        lock.lock();
        try {
            var network = network(eniId);
            var port = network.port(eniId)
                    .filter(p -> p.kind() == Kind.WORKLOAD)
                    .orElseThrow(() -> new IOException(eniId + " is not for workloads"));
            var router = routers.get(network.id());
            if (router == null || !router.filtered()) {
                throw new IOException("the network of " + eniId + " is not ready");
            }
            plug(router, network, port, netns, device);
            try {
                FarEnd.configure(network, port, netns, deviceIndex);
            } catch (IOException e) {
                router.remove(Set.of(port.device()));
                throw e;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Twice: the end of a workload takes its device along at any moment, also at this one. */
    private static void plug(Router router, Network network, Port port, Path netns, String device) throws IOException {
        try {
            router.plug(network, port, netns, device);
        } catch (IOException e) {
            router.plug(network, port, netns, device);
        }
    }

    @Override
    public void detach(String eniId) throws IOException {
        lock.lock();
        try {
            var network = networks.ofPort(eniId);
            var router = network.isEmpty() ? null : routers.get(network.get().id());
            if (router != null && network.get().port(eniId).orElseThrow().kind() == Kind.WORKLOAD) {
                var devices = router.look();
                if (devices.contains(Names.port(eniId))) {
                    router.remove(Set.of(Names.port(eniId)));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Set<String> attached() throws IOException {
        lock.lock();
        try {
            var found = new LinkedHashSet<String>();
            for (var network : networks.all()) {
                var router = routers.get(network.id());
                var devices = router == null ? Set.<String>of() : router.look();
                network.ports().stream()
                        .filter(port -> port.kind() == Kind.WORKLOAD && devices.contains(port.device()))
                        .forEach(port -> found.add(port.id()));
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String resolvConf(String eniId, @Nullable String searchDomain) {
        var network =
                networks.ofPort(eniId).orElseThrow(() -> new IllegalArgumentException(eniId + " is not in the plan"));
        return (searchDomain == null ? "" : "search " + searchDomain + "\n") + "nameserver "
                + network.vpc().resolver() + "\n";
    }

    @Override
    public Map<String, InterfaceUsage> usage() throws IOException {
        lock.lock();
        try {
            var usage = new HashMap<String, InterfaceUsage>();
            for (var network : networks.all()) {
                var router = routers.get(network.id());
                if (router != null) {
                    String shown = Commands.nftList(router.netns(), "list", "set", "inet", UsageTable.TABLE, "pairs");
                    usage.putAll(UsageTable.usage(network, shown));
                }
            }
            return usage;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<FlowRecord> flows() throws IOException {
        lock.lock();
        try {
            var records = new ArrayList<FlowRecord>();
            var now = Instant.now();
            for (var network : networks.all()) {
                var router = routers.get(network.id());
                boolean logs = network.ports().stream().anyMatch(Port::flowLog);
                if (router != null && (logs || !router.flowsSeen.isEmpty())) {
                    String shown = Commands.nftList(router.netns(), "list", "table", "inet", UsageTable.TABLE);
                    records.addAll(UsageTable.flows(network, shown, router.flowsSeen, flowsSince, now));
                }
            }
            flowsSince = now;
            return records;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Closeable serve(InetSocketAddress address, Visitor visitor) throws IOException {
        return doors.serve(address, visitor);
    }

    @Override
    public Closeable resolve(NameSource source) {
        return book.add(source);
    }

    @Override
    public Closeable listen(String eniId, int port, Visitor visitor) throws IOException {
        lock.lock();
        try {
            var network = network(eniId);
            var any = new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), port);
            var listener = Listeners.tcp(
                    hostedNamespace(network, eniId), any, connection -> doors.visit(network.id(), connection, visitor));
            listeners.computeIfAbsent(eniId, id -> new ArrayList<>()).add(listener);
            return listener;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public SocketChannel connect(String eniId, InetSocketAddress target, int timeoutMillis) throws IOException {
        return Speaker.connect(hostedNamespace(network(eniId), eniId), target, timeoutMillis);
    }

    @Override
    public SocketChannel connectFor(InetSocketAddress client, String eniId, InetSocketAddress target, int timeoutMillis)
            throws IOException {
        var network = network(eniId);
        return Speaker.may(network, eniId, client, target.getAddress())
                ? Speaker.connect(hostedNamespace(network, eniId), client, target, timeoutMillis)
                : connect(eniId, target, timeoutMillis);
    }

    @Override
    public DatagramChannel datagramsFor(InetSocketAddress client, String eniId, InetAddress target) throws IOException {
        var network = network(eniId);
        return Speaker.may(network, eniId, client, target)
                ? Speaker.datagrams(hostedNamespace(network, eniId), client)
                : datagrams(eniId, 0);
    }

    @Override
    public DatagramChannel datagrams(String eniId, int port) throws IOException {
        var any = new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), port);
        return Commands.inside(hostedNamespace(network(eniId), eniId), () -> Listeners.bind(any));
    }

    private Path hostedNamespace(Network network, String eniId) throws IOException {
        if (network.port(eniId).filter(port -> port.kind() == Kind.HOSTED).isEmpty()) {
            throw new IOException(eniId + " is not hosted");
        }
        return Namespaces.path(names.namespace(eniId));
    }

    private Network network(String eniId) throws IOException {
        return networks.ofPort(eniId).orElseThrow(() -> new IOException(eniId + " is not in the plan"));
    }

    @Override
    public OutsideNetwork outside() throws IOException {
        if (outsideReady) {
            return outside; // a start does not wait for changes of others
        }
        lock.lock();
        try {
            if (!outsideReady) {
                outside.ready(namespaces);
                host.route(networks, true);
                outsideReady = true;
            }
            return outside;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void endOutside() throws IOException {
        lock.lock();
        try {
            String router = OutsideRouter.namespace(names);
            if (!namespaces.present().contains(router)) {
                return;
            }
            outside.endReady();
            // The kernel takes the devices of sandboxes away a moment after their end; on a busy machine, long after.
            // What is left then has nobody behind it, and goes with its router's end.
            for (int i = 0; outside.inUse() && i < LEAVING_POLLS; i++) {
                LockSupport.parkNanos(LEAVING_POLL_NANOS);
            }
            outside.close();
            outsideReady = false;
            namespaces.delete(Set.of(router));
            if (namespaces.present().isEmpty()) {
                host.clear();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public OutsideNetwork behind(String eniId) throws IOException {
        lock.lock();
        try {
            var netns = hostedNamespace(network(eniId), eniId);
            var known = shared.get(eniId);
            if (known == null) {
                known = new SharedInterface(netns, lock).ready();
                shared.put(eniId, known);
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            shared.clear();
            outside.close();
            outsideReady = false;
            doors.closeAll();
            listeners.values().forEach(Listeners::closeAll);
            listeners.clear();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void clear() throws IOException {
        lock.lock();
        try {
            close();
            networks = Networks.NONE;
            for (String device : host.gateways()) {
                host.remove(device);
            }
            removeAllBut(Set.of(), namespaces.present());
            hosted.forget();
            host.clear();
        } finally {
            lock.unlock();
        }
    }
}
