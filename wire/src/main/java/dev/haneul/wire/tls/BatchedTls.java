package dev.haneul.wire.tls;

import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * TLS whose connections pass several records to the socket and from it at once. Of large bodies each record has but 16
 * KiB, and Jetty's own connection goes to the system for every one of them, on either side of which somebody wakes up.
 */
final class BatchedTls extends SslConnectionFactory {
    /** At once: beyond that, fewer calls of the system save less than memory far from the processor costs. */
    static final int RECORDS = 4;

    BatchedTls(SslContextFactory.Server context, String nextProtocol) {
        super(context, nextProtocol);
    }

    @Override
    protected SslConnection newSslConnection(Connector connector, EndPoint endPoint, SSLEngine engine) {
        if (NativeTls.made(engine)) {
            NativeTls.lend(engine, connector.getByteBufferPool());
        }
        return new BatchedTlsConnection(
                new Roomy(connector.getByteBufferPool()),
                connector.getExecutor(),
                getSslContextFactory(),
                endPoint,
                engine);
    }

    /** The connection asks for buffers that have room for one record, and gets such as have it for all. */
    private static final class Roomy extends ByteBufferPool.Wrapper {
        Roomy(ByteBufferPool pool) {
            super(pool);
        }

        @Override
        public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
            return super.acquire(size * RECORDS, direct);
        }
    }
}
