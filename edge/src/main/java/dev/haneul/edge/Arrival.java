package dev.haneul.edge;

import dev.haneul.edge.facts.FlowFact;
import dev.haneul.edge.facts.TlsFact;
import dev.haneul.edge.http.Client;
import dev.haneul.edge.stream.Flow;
import dev.haneul.edge.stream.TlsWire;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.TargetGroup;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A client's connection or flow, from its beginning to its end. One thread's. */
final class Arrival {
    private final String zone;
    private final String id;
    private final InetSocketAddress from;
    private final Instant began;
    private @Nullable TlsFact tls;
    private Client.@Nullable Secured secured;

    /**
     * Somebody has come.
     *
     * @param number makes its id, which logs have
     */
    Arrival(String zone, long number, InetSocketAddress from, Instant began) {
        this.zone = zone;
        this.id = "TID_" + String.format("%016x", number);
        this.from = from;
        this.began = began;
    }

    String zone() {
        return zone;
    }

    InetSocketAddress from() {
        return from;
    }

    /** Whether TLS was agreed on. */
    boolean agreed() {
        return tls != null;
    }

    Client client(int port, String node) {
        return new Client(from, port, node, zone, id, secured);
    }

    /** TLS was agreed on. */
    void agreed(TlsWire wire, List<Listener.Identity> identities, long handshakeNanos) {
        SSLSession session = wire.session();
        String name = null;
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName each : extended.getRequestedServerNames()) {
                name = each instanceof SNIHostName host ? host.getAsciiName() : name;
            }
        }
        Certificate[] own = session.getLocalCertificates();
        String presented = own == null || own.length == 0
                ? null
                : identities.stream()
                        .filter(each -> each.chain().getFirst().equals(own[0]))
                        .map(Listener.Identity::id)
                        .findFirst()
                        .orElse(null);
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
        secured = new Client.Secured(session.getProtocol(), session.getCipherSuite(), name, presented, chain);
        tls = new TlsFact(
                session.getProtocol(),
                session.getCipherSuite(),
                wire.protocol(),
                handshakeNanos,
                name,
                presented,
                chain.isEmpty() ? null : chain.getFirst());
    }

    /** It has ended. */
    FlowFact ended(String balancer, Listener listener, String protocol, Instant ended, Flow.Outcome outcome) {
        TargetGroup.Target at =
                outcome.target() == null ? null : outcome.target().target();
        return new FlowFact(
                balancer,
                zone,
                id,
                listener.id(),
                listener.port(),
                protocol,
                began,
                ended,
                from.getAddress().getHostAddress() + ":" + from.getPort(),
                at == null ? null : at.address() + ":" + at.port(),
                outcome.target() == null ? null : outcome.target().group(),
                outcome.received(),
                outcome.sent(),
                tls,
                outcome.failure(),
                outcome.resetBy());
    }
}
