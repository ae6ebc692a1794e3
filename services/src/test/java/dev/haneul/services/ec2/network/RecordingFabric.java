package dev.haneul.services.ec2.network;

import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.fabric.vpc.NetworkPlan;
import dev.haneul.fabric.vpc.VpcFabric;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A machine that remembers what it was told to look like. */
final class RecordingFabric implements VpcFabric {
    volatile NetworkPlan applied = NetworkPlan.EMPTY;
    volatile int times;
    /** Runs before it takes over a plan. */
    volatile Runnable applying = () -> {};

    final Map<String, InterfaceUsage> usage = new ConcurrentHashMap<>();
    final List<FlowRecord> flows = new CopyOnWriteArrayList<>();

    @Override
    public Probe probe() {
        return new Probe(true, "");
    }

    @Override
    public Cidr publicRange() {
        return Cidr.parse("198.18.16.0/28");
    }

    @Override
    public String hostAddress() {
        return publicRange().at(1);
    }

    @Override
    public String hostSixAddress() {
        return "fd00::1";
    }

    @Override
    public void apply(NetworkPlan plan) {
        applying.run();
        applied = plan;
        times++;
    }

    @Override
    public Map<String, InterfaceUsage> usage() {
        return Map.copyOf(usage);
    }

    @Override
    public void attach(String eniId, Path netns, int deviceIndex) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void detach(String eniId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<String> attached() {
        return Set.of();
    }

    @Override
    public String resolvConf(String eniId, @Nullable String searchDomain) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<FlowRecord> flows() {
        List<FlowRecord> all = List.copyOf(flows);
        flows.clear();
        return all;
    }

    @Override
    public Closeable serve(InetSocketAddress address, Visitor visitor) {
        return () -> {};
    }

    @Override
    public Closeable listen(String eniId, int port, Visitor visitor) {
        return () -> {};
    }

    @Override
    public DatagramChannel datagrams(String eniId, int port) throws IOException {
        throw new IOException("nothing answers");
    }

    @Override
    public SocketChannel connect(String eniId, InetSocketAddress target, int timeoutMillis) throws IOException {
        throw new IOException("nothing answers");
    }

    @Override
    public void close() {}

    @Override
    public void clear() {}
}
