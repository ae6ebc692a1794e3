package dev.haneul.edge.stream;

import dev.haneul.edge.table.Listener;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** How a listener's connections are encrypted: certificates by the name a client asks for, and clients' certificates. */
public final class ServerTls {
    private final Listener.Tls tls;
    private final SSLContext context;

    /**
     * Makes a context.
     *
     * @throws IOException where this platform cannot
     */
    public ServerTls(Listener.Tls tls) throws IOException {
        this.tls = tls;
        try {
            context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new Keys(tls.identities())},
                    new TrustManager[] {new Clients(tls.clients())},
                    null);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    SSLContext context() {
        return context;
    }

    void configure(SSLSocket socket) {
        socket.setUseClientMode(false);
        SSLParameters parameters = socket.getSSLParameters();
        List<String> supported = Arrays.asList(socket.getSupportedProtocols());
        parameters.setProtocols(
                tls.versions().stream().filter(supported::contains).toArray(String[]::new));
        List<String> known = Arrays.asList(socket.getSupportedCipherSuites());
        String[] ciphers = tls.ciphers().stream().filter(known::contains).toArray(String[]::new);
        if (ciphers.length > 0) {
            parameters.setCipherSuites(ciphers);
        }
        parameters.setUseCipherSuitesOrder(true);
        if (!tls.alpn().isEmpty()) {
            parameters.setApplicationProtocols(tls.alpn().toArray(String[]::new));
        }
        Listener.ClientCertificates clients = tls.clients();
        if (clients != null) {
            if (clients.verify()) {
                parameters.setNeedClientAuth(true);
            } else {
                parameters.setWantClientAuth(true);
            }
        }
        socket.setSSLParameters(parameters);
    }

    /**
     * The identity for a name: one that has it exactly, then one whose wildcard covers it, else the first of all. A kind of
     * key that none of these has is refused, so that the handshake asks for the next kind, not for another name.
     *
     * @return -1 where there is none with this kind of key
     */
    static int choose(List<Listener.Identity> all, @Nullable String name, String keyType) {
        List<Integer> candidates = new ArrayList<>();
        if (name != null) {
            named(all, candidates, name);
            int dot = name.indexOf('.');
            if (candidates.isEmpty() && dot > 0) {
                named(all, candidates, "*" + name.substring(dot));
            }
        }
        if (candidates.isEmpty()) {
            candidates.add(0);
        }
        return candidates.stream()
                .filter(each -> fits(all.get(each).key().getAlgorithm(), keyType))
                .findFirst()
                .orElse(-1);
    }

    private static void named(List<Listener.Identity> all, List<Integer> into, String name) {
        for (int i = 0; i < all.size(); i++) {
            if (names(all.get(i).chain().getFirst()).contains(name)) {
                into.add(i);
            }
        }
    }

    private static boolean fits(String algorithm, String keyType) {
        return switch (keyType) {
            case "RSA", "RSASSA-PSS" -> algorithm.equals("RSA") || algorithm.equals(keyType);
            default -> keyType.startsWith("EC") ? algorithm.equals("EC") : algorithm.equals(keyType);
        };
    }

    private static List<String> names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            if (certificate.getSubjectAlternativeNames() != null) {
                certificate.getSubjectAlternativeNames().stream()
                        .filter(each -> Integer.valueOf(2).equals(each.getFirst()))
                        .forEach(each -> names.add(String.valueOf(each.get(1)).toLowerCase(Locale.ROOT)));
            }
            if (names.isEmpty()) {
                for (Rdn part :
                        new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                    if (part.getType().equalsIgnoreCase("CN")) {
                        names.add(String.valueOf(part.getValue()).toLowerCase(Locale.ROOT));
                    }
                }
            }
        } catch (CertificateException | InvalidNameException e) {
            return names;
        }
        return names;
    }

    /** Certificates by name. */
    private static final class Keys extends X509ExtendedKeyManager {
        private final List<Listener.Identity> all;

        Keys(List<Listener.Identity> all) {
            this.all = all;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            String name = null;
            if (socket instanceof SSLSocket tls && tls.getHandshakeSession() instanceof ExtendedSSLSession session) {
                for (SNIServerName each : session.getRequestedServerNames()) {
                    if (each instanceof SNIHostName host) {
                        name = host.getAsciiName().toLowerCase(Locale.ROOT);
                    }
                }
            }
            int chosen = choose(all, name, keyType);
            return chosen < 0 ? null : String.valueOf(chosen);
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return all.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return all.get(Integer.parseInt(alias)).key();
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }

    /** Whom clients' certificates must come from. */
    private static final class Clients extends X509ExtendedTrustManager {
        private final Listener.@Nullable ClientCertificates wanted;

        Clients(Listener.@Nullable ClientCertificates wanted) {
            this.wanted = wanted;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            Listener.ClientCertificates rules = wanted;
            if (rules == null) {
                throw new CertificateException("no client certificates here");
            }
            if (!rules.verify()) {
                return;
            }
            X509Certificate own = chain[0];
            if (!rules.ignoreExpiry()) {
                own.checkValidity();
            }
            for (X509CRL list : rules.revoked()) {
                if (list.isRevoked(own)) {
                    throw new CertificateException("revoked");
                }
            }
            walk(List.of(chain), rules.trusted());
        }

        /** From the client's certificate up to a trusted one, which may be any in the bundle. */
        private static void walk(List<X509Certificate> chain, List<X509Certificate> trusted)
                throws CertificateException {
            X509Certificate now = chain.getFirst();
            for (int depth = 0; depth < 5; depth++) {
                for (X509Certificate anchor : trusted) {
                    if (anchor.equals(now) || signed(now, anchor)) {
                        return;
                    }
                }
                X509Certificate below = now;
                now = chain.stream()
                        .filter(each -> each != below && signed(below, each))
                        .findFirst()
                        .orElseThrow(() -> new CertificateException("not trusted"));
            }
            throw new CertificateException("the chain is too long");
        }

        private static boolean signed(X509Certificate certificate, X509Certificate issuer) {
            if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
                    || issuer.getBasicConstraints() < 0) {
                return false;
            }
            try {
                certificate.verify(issuer.getPublicKey());
                return true;
            } catch (GeneralSecurityException e) {
                return false;
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("this is a server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this is a server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("this is a server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            Listener.ClientCertificates rules = wanted;
            return rules != null && rules.advertise()
                    ? rules.trusted().toArray(X509Certificate[]::new)
                    : new X509Certificate[0];
        }
    }
}
