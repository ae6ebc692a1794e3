package dev.haneul.wire.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** TLS that costs nothing until somebody speaks it: the context is made when the first handshake comes. */
public final class LazyTls extends AbstractConnectionFactory implements ConnectionFactory.Detecting {
    private static final int HANDSHAKE_RECORD = 0x16;
    /**
     * All that go with our key, of which each engine takes those it has. The first is what AWS prefers too: the processor
     * encrypts faster with it, and derives its keys with SHA-256, which it has instructions for. Machine code leaves it to
     * the client which of the first two it is.
     */
    private static final String[] SUITES = {
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"
    };
    /** Every client has one of them. */
    private static final String[] GROUPS = {"x25519", "secp256r1", "secp384r1", "secp521r1"};
    /** How our key signs, and the authority's has signed it. */
    private static final String[] SIGNATURES = {"ecdsa_secp256r1_sha256"};

    /** What encrypts. */
    public enum Engine {
        /** Machine code where there is a library for this machine, and the JDK elsewhere. */
        BEST,
        /** The JDK's own. */
        JDK
    }

    private final Certificates certificates;
    private final String nextProtocol;
    private final Engine engine;
    private @Nullable SslConnectionFactory delegate;

    /**
     * A factory.
     *
     * @param nextProtocol what is spoken inside, e.g. {@code alpn}
     */
    public LazyTls(Certificates certificates, String nextProtocol, Engine engine) {
        super("ssl");
        this.certificates = certificates;
        this.nextProtocol = nextProtocol;
        this.engine = engine;
    }

    @Override
    public Detection detect(ByteBuffer buffer) {
        if (!buffer.hasRemaining()) {
            return Detection.NEED_MORE_BYTES;
        }
        int first = buffer.get(buffer.position()) & 0xFF;
        return first == HANDSHAKE_RECORD ? Detection.RECOGNIZED : Detection.NOT_RECOGNIZED;
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        return delegate(connector).newConnection(connector, endPoint);
    }

    private synchronized SslConnectionFactory delegate(Connector connector) {
        SslConnectionFactory made = delegate;
        if (made == null) {
            made = make(connector);
            delegate = made;
        }
        return made;
    }

    private SslConnectionFactory make(Connector connector) {
        try {
            KeyManager[] keys = keys();
            SSLContext machineCode = engine == Engine.JDK ? null : NativeTls.context(keys);
            SSLContext used = machineCode == null ? jdk(keys) : machineCode;
            SslContextFactory.Server context = machineCode == null ? new Frugal() : new Deliberate();
            context.setSslContext(used);
            context.setSniRequired(false);
            context.setIncludeProtocols("TLSv1.2", "TLSv1.3");
            Set<String> known = Set.of(used.getSupportedSSLParameters().getCipherSuites());
            context.setIncludeCipherSuites(
                    Stream.of(SUITES).filter(known::contains).toArray(String[]::new));
            // AWS still serves those that Jetty would leave out, and machine code has no others of their kind.
            context.setExcludeCipherSuites();
            context.setUseCipherSuitesOrder(true);
            SslConnectionFactory made = new BatchedTls(context, nextProtocol);
            // Also starts it, for this factory is running; it stops with it.
            addBean(made, true);
            made.start();
            return made;
        } catch (IOException e) {
            throw new IllegalStateException("TLS cannot be served: " + e.getMessage(), e);
        } catch (Exception e) {
            throw new IllegalStateException("TLS cannot be served", e);
        }
    }

    private KeyManager[] keys() throws IOException, GeneralSecurityException {
        char[] password = {};
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(certificates.keyStore(password), password);
        return factory.getKeyManagers();
    }

    private static SSLContext jdk(KeyManager[] keys) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[0], null);
        return context;
    }

    @Override
    public List<String> getProtocols() {
        return List.of("ssl");
    }

    /** What stands in the list stands there on purpose: nobody is warned of it. */
    private static class Deliberate extends SslContextFactory.Server {
        @Override
        protected void checkCiphers(SSLParameters parameters) {
            // See above.
        }
    }

    /** What is enabled is held against the JDK's list of what is forbidden in each handshake anew: only what can be of use. */
    private static final class Frugal extends Deliberate {
        @Override
        public SSLParameters customize(SSLParameters parameters) {
            SSLParameters customized = super.customize(parameters);
            customized.setNamedGroups(GROUPS);
            customized.setSignatureSchemes(SIGNATURES);
            return customized;
        }
    }
}
