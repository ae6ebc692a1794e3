package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.VpcFabric.Caller;
import dev.haneul.fabric.vpc.VpcFabric.Visitor;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where the region answers inside its networks: the same services in each, and a name server. */
final class Doors {
    private static final Logger LOG = System.getLogger(Doors.class.getName());

    private final Supplier<Networks> networks;
    private final Resolver resolver;
    private final Map<InetSocketAddress, Visitor> services = new LinkedHashMap<>();
    private final Map<String, Inside> open = new HashMap<>();

    /** @param networks the present ones: they say who calls */
    Doors(Supplier<Networks> networks, Resolver resolver) {
        this.networks = networks;
        this.resolver = resolver;
    }

    /** The doors of one VPC. */
    private record Inside(Path netns, List<Closeable> names, Map<InetSocketAddress, Closeable> services) {}

    /** Opens what is not open yet. */
    synchronized void open(Network network, Path netns) throws IOException {
        var inside = open.computeIfAbsent(network.id(), id -> new Inside(netns, new ArrayList<>(), new HashMap<>()));
        if (network.vpc().dnsSupport() && inside.names.isEmpty()) {
            inside.names.add(Listeners.names(
                    netns,
                    List.of(VpcFabric.RESOLVER_ADDRESS, network.vpc().resolver()),
                    (question, overTcp) -> answer(network.id(), question, overTcp)));
        } else if (!network.vpc().dnsSupport() && !inside.names.isEmpty()) {
            Listeners.closeAll(inside.names);
            inside.names.clear();
        }
        for (var service : services.entrySet()) {
            openService(network.id(), inside, service.getKey(), service.getValue());
        }
    }

    private void openService(String vpcId, Inside inside, InetSocketAddress address, Visitor visitor)
            throws IOException {
        if (!inside.services.containsKey(address)) {
            inside.services.put(
                    address, Listeners.tcp(inside.netns, address, connection -> visit(vpcId, connection, visitor)));
        }
    }

    private byte @Nullable [] answer(String vpcId, byte[] question, boolean overTcp) {
        var network = networks.get().vpc(vpcId);
        return resolver.answer(network == null ? null : network.vpc(), question, overTcp);
    }

    /** Takes a connection, knowing whose it is; closes it where the visitor fails. */
    void visit(String vpcId, SocketChannel connection, Visitor visitor) {
        try {
            var from = (InetSocketAddress) connection.getRemoteAddress();
            String eni = networks.get().portAt(vpcId, from.getAddress().getHostAddress());
            visitor.visit(connection, new Caller(vpcId, eni, from));
        } catch (IOException | RuntimeException e) {
            LOG.log(e instanceof IOException ? Level.DEBUG : Level.WARNING, "a visitor in " + vpcId, e);
            Listeners.closeAll(List.of(connection));
        }
    }

    synchronized void close(String vpcId) {
        var inside = open.remove(vpcId);
        if (inside != null) {
            Listeners.closeAll(inside.names);
            Listeners.closeAll(List.copyOf(inside.services.values()));
        }
    }

    synchronized Closeable serve(InetSocketAddress address, Visitor visitor) throws IOException {
        if (services.putIfAbsent(address, visitor) != null) {
            throw new IOException(address + " is served already");
        }
        try {
            for (var inside : open.entrySet()) {
                openService(inside.getKey(), inside.getValue(), address, visitor);
            }
        } catch (IOException e) {
            leave(address);
            throw e;
        }
        return () -> leave(address);
    }

    private synchronized void leave(InetSocketAddress address) {
        services.remove(address);
        for (var inside : open.values()) {
            var listener = inside.services.remove(address);
            if (listener != null) {
                Listeners.closeAll(List.of(listener));
            }
        }
    }

    synchronized void closeAll() {
        List.copyOf(open.keySet()).forEach(this::close);
    }
}
