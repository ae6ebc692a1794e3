package dev.haneul.edge.http;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, and over what.
 *
 * @param address the connection's other end
 * @param port of the listener
 * @param node where the connection came in; empty for the region's gateway
 * @param connection its id in logs
 * @param tls null for plain connections
 */
public record Client(
        InetSocketAddress address,
        int port,
        String node,
        String zone,
        String connection,
        @Nullable Secured tls) {
    /**
     * What was agreed on.
     *
     * @param certificate the id of the one presented
     * @param chain the client's own certificates
     */
    public record Secured(
            String version,
            String cipher,
            @Nullable String serverName,
            @Nullable String certificate,
            List<X509Certificate> chain) {
        public Secured {
            chain = List.copyOf(chain);
        }
    }

    public boolean secure() {
        return tls != null;
    }

    /** The address as logs and headers have it. */
    public String ip() {
        return address.getAddress().getHostAddress();
    }
}
