package dev.haneul.edge.facts;

import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * What a client and a listener agreed on.
 *
 * @param alpn the protocol; empty for none
 * @param handshakeNanos how long that took
 * @param domain the name the client asked for
 * @param certificate the id of the one presented, e.g. its ARN
 * @param client the client's own certificate
 */
public record TlsFact(
        String version,
        String cipher,
        String alpn,
        long handshakeNanos,
        @Nullable String domain,
        @Nullable String certificate,
        @Nullable X509Certificate client) {}
