package dev.haneul.fabric.vpc;

import java.io.Closeable;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@link VpcFabric} on Linux, as root, with {@code ip}, {@code nft} and {@code nsenter}. */
public final class LinuxVpcFabric implements VpcFabric {
    private final Path folder;

    /**
     * @param folder the region's, where the fabric keeps what it must remember of the host; its path, too, tells the
     *     networks of two regions on one machine apart
     */
    public LinuxVpcFabric(Path folder) {
        this.folder = folder;
    }

    @Override
    public Probe probe() {
        return new Probe(false, "not built yet: " + folder);
    }

    @Override
    public Cidr publicRange() {
        return Cidr.parse("198.18.0.0/20");
    }

    @Override
    public String hostAddress() {
        return publicRange().at(1);
    }

    @Override
    public void apply(NetworkPlan plan) {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }

    @Override
    public String resolvConf(String eniId, @Nullable String searchDomain) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, InterfaceUsage> usage() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<FlowRecord> flows() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Closeable serve(InetSocketAddress address, Visitor visitor) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Closeable listen(String eniId, int port, Visitor visitor) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketChannel connect(String eniId, InetSocketAddress target, int timeoutMillis) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}

    @Override
    public void clear() {
        throw new UnsupportedOperationException();
    }
}
