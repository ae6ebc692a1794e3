package dev.haneul.edge.table;

import java.security.PrivateKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A port and what happens there.
 *
 * @param tls null for protocols without
 * @param rules in the order in which they are tried; the last one has no conditions
 * @param idle how long a TCP flow may be silent; HTTP goes by the balancer's setting
 * @param headers what is added to or left out of answers and requests, by AWS's attribute names
 */
public record Listener(
        String id,
        int port,
        Protocol protocol,
        @Nullable Tls tls,
        List<Rule> rules,
        Duration idle,
        Map<String, String> headers) {
    public Listener {
        rules = List.copyOf(rules);
        headers = Map.copyOf(headers);
        if (rules.isEmpty() || !rules.getLast().conditions().isEmpty()) {
            throw new IllegalArgumentException(id + " has no default rule");
        }
    }

    /** All logins of its rules. */
    public List<Action.Login> logins() {
        return rules.stream()
                .flatMap(rule -> rule.actions().stream())
                .filter(Action.Login.class::isInstance)
                .map(Action.Login.class::cast)
                .toList();
    }

    /** What is spoken, also towards targets. */
    public enum Protocol {
        HTTP,
        HTTPS,
        TCP,
        TLS,
        UDP,
        TCP_UDP;

        /** Whether requests are told apart, not only connections. */
        public boolean http() {
            return this == HTTP || this == HTTPS;
        }

        public boolean encrypted() {
            return this == HTTPS || this == TLS;
        }

        public boolean datagrams() {
            return this == UDP || this == TCP_UDP;
        }
    }

    /**
     * How connections are encrypted.
     *
     * @param identities the default one first; others are chosen by the name the client asks for
     * @param versions e.g. {@code TLSv1.3}
     * @param ciphers in Java's (IANA's) names; empty for all that are sound
     * @param alpn offered protocols in the order of preference; empty for none
     * @param clients null where clients need no certificate
     */
    public record Tls(
            List<Identity> identities,
            List<String> versions,
            List<String> ciphers,
            List<String> alpn,
            @Nullable ClientCertificates clients) {
        public Tls {
            identities = List.copyOf(identities);
            versions = List.copyOf(versions);
            ciphers = List.copyOf(ciphers);
            alpn = List.copyOf(alpn);
            if (identities.isEmpty()) {
                throw new IllegalArgumentException("no certificate");
            }
        }
    }

    /** A certificate chain, its own first, and its key. */
    public record Identity(String id, List<X509Certificate> chain, PrivateKey key) {
        public Identity {
            chain = List.copyOf(chain);
        }
    }

    /**
     * Mutual TLS.
     *
     * @param verify false: whatever the client has is passed on to targets; true: it must be trusted
     * @param trusted authorities; empty when nothing is verified
     * @param ignoreExpiry whether a certificate that is over is as good
     * @param advertise whether clients are told the authorities' names
     */
    public record ClientCertificates(
            boolean verify,
            List<X509Certificate> trusted,
            List<X509CRL> revoked,
            boolean ignoreExpiry,
            boolean advertise) {
        public ClientCertificates {
            trusted = List.copyOf(trusted);
            revoked = List.copyOf(revoked);
        }
    }
}
