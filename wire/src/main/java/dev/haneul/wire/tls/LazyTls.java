package dev.haneul.wire.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
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
    private final Certificates certificates;
    private final String nextProtocol;
    private @Nullable SslConnectionFactory delegate;

    /**
     * A factory.
     *
     * @param nextProtocol what is spoken inside, e.g. {@code alpn}
     */
    public LazyTls(Certificates certificates, String nextProtocol) {
        super("ssl");
        this.certificates = certificates;
        this.nextProtocol = nextProtocol;
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
            char[] password = {};
            SslContextFactory.Server context = new SslContextFactory.Server();
            context.setKeyStore(certificates.keyStore(password));
            context.setKeyStorePassword("");
            context.setSniRequired(false);
            context.setIncludeProtocols("TLSv1.2", "TLSv1.3");
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

    @Override
    public List<String> getProtocols() {
        return List.of("ssl");
    }
}
