package dev.haneul.fabric;

import dev.haneul.kernel.plane.Traffic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.Scheduler;

/** A Jetty connector that listens nowhere and remembers with each connection whose it is. */
final class AdoptingConnector extends AbstractConnector {
    private final Selectors selectors;
    private final AtomicInteger connections = new AtomicInteger();

    AdoptingConnector(Server server, ConnectionFactory factory) {
        super(server, null, null, null, 0, factory);
        selectors = new Selectors();
        installBean(selectors, true);
        setIdleTimeout(0);
    }

    void adopt(SocketChannel socket, SocketHttpServer.Site site, Traffic traffic) {
        selectors.accept(socket, new Guest(site, traffic));
    }

    /** Whose a connection is, and where its bytes are counted. */
    private record Guest(SocketHttpServer.Site site, Traffic traffic) {}

    int connections() {
        return connections.get();
    }

    static SocketHttpServer.Site site(Request request) {
        return ((SiteEndPoint) request.getConnectionMetaData().getConnection().getEndPoint()).site;
    }

    @Override
    protected void accept(int acceptor) {
        throw new UnsupportedOperationException("connections are handed over, not accepted");
    }

    @Override
    public Object getTransport() {
        return this;
    }

    private static final class SiteEndPoint extends SocketChannelEndPoint {
        private final SocketHttpServer.Site site;
        private final Traffic traffic;

        SiteEndPoint(
                SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler, Guest guest) {
            super(channel, selector, key, scheduler);
            this.site = guest.site;
            this.traffic = guest.traffic;
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

    private final class Selectors extends SelectorManager {
        Selectors() {
            super(AdoptingConnector.this.getExecutor(), AdoptingConnector.this.getScheduler(), 1);
        }

        @Override
        protected EndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
            var guest = (Guest) key.attachment();
            var endPoint = new SiteEndPoint((SocketChannel) channel, selector, key, getScheduler(), guest);
            endPoint.setIdleTimeout(0);
            return endPoint;
        }

        @Override
        public Connection newConnection(SelectableChannel channel, EndPoint endPoint, Object attachment)
                throws IOException {
            return getDefaultConnectionFactory().newConnection(AdoptingConnector.this, endPoint);
        }

        @Override
        protected void endPointOpened(EndPoint endPoint) {
            super.endPointOpened(endPoint);
            connections.incrementAndGet();
            onEndPointOpened(endPoint);
        }

        @Override
        protected void endPointClosed(EndPoint endPoint) {
            onEndPointClosed(endPoint);
            connections.decrementAndGet();
            ((SiteEndPoint) endPoint).site.closed();
            super.endPointClosed(endPoint);
        }
    }
}
