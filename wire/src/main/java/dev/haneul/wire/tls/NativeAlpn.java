package dev.haneul.wire.tls;

import java.util.List;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.alpn.server.ALPNServerConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.ALPNProcessor;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.jspecify.annotations.Nullable;

/**
 * How connections of {@link NativeTls} agree on what is spoken inside, RFC 7301. Jetty finds it as a service.
 */
public final class NativeAlpn implements ALPNProcessor.Server {
    /** For Jetty. */
    public NativeAlpn() {}

    @Override
    public boolean appliesTo(SSLEngine engine) {
        return NativeTls.made(engine);
    }

    @Override
    public void configure(SSLEngine engine, Connection connection) {
        ALPNServerConnection agreement = (ALPNServerConnection) connection;
        engine.setHandshakeApplicationProtocolSelector((asked, offered) -> select(agreement, offered));
        ((SslConnection.SslEndPoint) agreement.getEndPoint())
                .getSslConnection()
                .addHandshakeListener(new SslHandshakeListener() {
                    @Override
                    public void handshakeSucceeded(Event event) {
                        // Who did not offer anything speaks what is spoken by default.
                        if (agreement.getProtocol() == null) {
                            agreement.unsupported();
                        }
                    }
                });
    }

    /** Null ends the handshake: nothing that was offered is spoken here. */
    private static @Nullable String select(ALPNServerConnection agreement, List<String> offered) {
        agreement.select(offered);
        return agreement.getProtocol();
    }
}
