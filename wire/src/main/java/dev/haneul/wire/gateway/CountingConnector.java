package dev.haneul.wire.gateway;

import dev.haneul.kernel.plane.Traffic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A connector that counts what goes over adopted connections, whose attachment is where. */
final class CountingConnector extends ServerConnector {
    CountingConnector(Server server, int selectors, ConnectionFactory... factories) {
        super(server, null, null, null, 1, selectors, factories);
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key)
            throws IOException {
        if (key.attachment() instanceof Traffic traffic) {
            CountingEndPoint counting = new CountingEndPoint(channel, selector, key, traffic);
            counting.setIdleTimeout(getIdleTimeout());
            return counting;
        }
        return super.newEndPoint(channel, selector, key);
    }

    private final class CountingEndPoint extends SocketChannelEndPoint {
        private final Traffic traffic;

        CountingEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Traffic traffic) {
            super(channel, selector, key, CountingConnector.this.getScheduler());
            this.traffic = traffic;
        }

        @Override
        public int fill(ByteBuffer buffer) throws IOException {
            return traffic.read(super.fill(buffer));
        }

        @Override
        public boolean flush(ByteBuffer... buffers) throws IOException {
            long before = Traffic.remaining(buffers);
            try {
                return super.flush(buffers);
            } finally {
                traffic.wrote(before - Traffic.remaining(buffers));
            }
        }
    }
}
