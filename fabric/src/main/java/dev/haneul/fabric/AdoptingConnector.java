package dev.haneul.fabric;

import dev.haneul.kernel.plane.Traffic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.thread.Scheduler;

/** A Jetty connector that listens nowhere and remembers with each connection whose it is. */
final class AdoptingConnector extends AbstractConnector {
    private final Selectors selectors;
    /** All that was handed over and has not ended. */
    private final Set<SocketChannel> held = ConcurrentHashMap.newKeySet();

    private volatile boolean over;

    AdoptingConnector(Server server, ConnectionFactory factory) {
        super(server, null, null, null, 0, factory);
        selectors = new Selectors();
        installBean(selectors, true);
        setIdleTimeout(0);
    }

    /** @throws IOException where the server is closed; the socket is still the caller's then */
    void adopt(SocketChannel socket, SocketHttpServer.Site site, Traffic traffic) throws IOException {
        held.add(socket);
        if (over) {
            held.remove(socket);
            throw new IOException("the door server is closed");
        }
        selectors.accept(socket, new Guest(site, traffic));
    }

    /**
     * Closes what is left once the server has stopped. Its selector does not look at what is handed over from then on:
     * who had connected just before would wait for an answer as long as this process lives.
     */
    void hangUp() {
        over = true;
        for (SocketChannel socket : held) {
            IO.close(socket);
        }
        held.clear();
    }

    /** Whose a connection is, and where its bytes are counted. */
    private record Guest(SocketHttpServer.Site site, Traffic traffic) {}

    int connections() {
        return held.size();
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

    private final class SiteEndPoint extends SocketChannelEndPoint {
        private final SocketHttpServer.Site site;
        private final Traffic traffic;

        SiteEndPoint(
                SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler, Guest guest) {
            super(channel, selector, key, scheduler);
            this.site = guest.site;
            this.traffic = guest.traffic;
        }

        private void left() {
            held.remove(getChannel());
            site.closed();
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
            onEndPointOpened(endPoint);
        }

        @Override
        protected void endPointClosed(EndPoint endPoint) {
            onEndPointClosed(endPoint);
            ((SiteEndPoint) endPoint).left();
            super.endPointClosed(endPoint);
        }
    }
}
