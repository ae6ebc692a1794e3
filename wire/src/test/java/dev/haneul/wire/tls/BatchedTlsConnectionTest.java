package dev.haneul.wire.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteArrayEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchedTlsConnectionTest {
    /** What somebody says before they are gone: nothing, the first bytes of a hello, and no TLS at all. */
    @ParameterizedTest
    @ValueSource(strings = {"", "16030100f001", "17030300050000000000"})
    void anEngineLetsGoOfWhatItHoldsWhenItsConnectionEnds(String said) throws Exception {
        SSLContext context = NativeTls.context(new KeyManager[0]);
        assertThat(context).isNotNull();
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setSslContext(context);
        factory.start();
        SSLEngine engine = factory.newSSLEngine();
        engine.setUseClientMode(false);
        ByteArrayEndPoint end = new ByteArrayEndPoint(HexFormat.of().parseHex(said), 1 << 16);
        SslConnection connection =
                new BatchedTlsConnection(new ArrayByteBufferPool(), Runnable::run, factory, end, engine);
        end.setConnection(connection);
        connection.getSslEndPoint().setConnection(new Silent(connection));
        connection.onOpen();
        try {
            connection.getSslEndPoint().fill(ByteBuffer.allocate(0));
        } catch (SSLException notTls) {
            // As it should.
        }

        end.close();
        connection.onClose(null);

        assertThat(engine.isInboundDone()).isTrue();
        assertThat(engine.isOutboundDone()).isTrue();
        factory.stop();
    }

    @Test
    void machineCodeIsThereOnTheMachinesThatTestsRunOn() {
        assertThat(NativeTls.context(new KeyManager[0])).isNotNull();
    }

    /** What would be spoken inside. */
    private static final class Silent extends AbstractConnection {
        Silent(SslConnection connection) {
            super(connection.getSslEndPoint(), Runnable::run);
        }

        @Override
        public void onFillable() {}
    }
}
