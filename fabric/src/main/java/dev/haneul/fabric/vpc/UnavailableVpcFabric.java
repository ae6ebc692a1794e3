package dev.haneul.fabric.vpc;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * For machines where no network can be made: plans are taken and nothing comes of them, so that the records of a region
 * can be kept; what would need a network is refused with the reason.
 */
public final class UnavailableVpcFabric implements VpcFabric {
    private final String why;
    private final Cidr range;

    /** @param why one sentence */
    public UnavailableVpcFabric(String why) {
        this.why = why;
        this.range = Cidr.parse("198.18.0.0/20");
    }

    /**
     * @param why one sentence
     * @param folder the region's: public addresses are what they will be when networks can be made
     */
    public UnavailableVpcFabric(String why, Path folder) throws IOException {
        this.why = why;
        this.range = PublicRange.of(folder);
    }

    @Override
    public Probe probe() {
        return new Probe(false, why);
    }

    @Override
    public Cidr publicRange() {
        return range;
    }

    @Override
    public String hostAddress() {
        return range.at(1);
    }

    /** Nobody calls over IPv6 where there are no networks. */
    @Override
    public String hostSixAddress() {
        return "::1";
    }

    @Override
    public void apply(NetworkPlan plan) {}

    @Override
    public void attach(String eniId, Path netns, int deviceIndex) throws IOException {
        throw refusal();
    }

    @Override
    public void detach(String eniId) {}

    @Override
    public Set<String> attached() {
        return Set.of();
    }

    @Override
    public String resolvConf(String eniId, @Nullable String searchDomain) {
        return "";
    }

    @Override
    public Map<String, InterfaceUsage> usage() {
        return Map.of();
    }

    @Override
    public List<FlowRecord> flows() {
        return List.of();
    }

    @Override
    public Closeable serve(InetSocketAddress address, Visitor visitor) {
        return () -> {};
    }

    @Override
    public Closeable listen(String eniId, int port, Visitor visitor) throws IOException {
        throw refusal();
    }

    @Override
    public SocketChannel connect(String eniId, InetSocketAddress target, int timeoutMillis) throws IOException {
        throw refusal();
    }

    @Override
    public DatagramChannel datagrams(String eniId, int port) throws IOException {
        throw refusal();
    }

    @Override
    public void close() {}

    @Override
    public void clear() {}

    private IOException refusal() {
        return new IOException("there are no networks here: " + why);
    }
}
