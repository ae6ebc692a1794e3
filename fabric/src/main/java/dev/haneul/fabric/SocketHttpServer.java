package dev.haneul.fabric;

import dev.haneul.kernel.plane.Traffic;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 server without a port: it serves connections that were accepted elsewhere, for instance inside the
 * network namespaces of thousands of workloads, all with one selector. A {@link Site} says who answers and within
 * which bounds; each request runs on a virtual thread and may block for as long as it likes (there is no idle timeout,
 * a Runtime API's {@code /next} waits for days).
 */
public final class SocketHttpServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(SocketHttpServer.class.getName());
    private static final int HEADER_BYTES = 64 * 1024;
    private static final int PLATFORM_THREADS = 8;

    private final Server server;
    private final AdoptingConnector connector;

    public SocketHttpServer() throws IOException {
        var pool = new QueuedThreadPool(PLATFORM_THREADS, 2);
        pool.setName("doors");
        pool.setDaemon(true);
        pool.setVirtualThreadsExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("door-", 0).factory()));
        server = new Server(pool);
        var configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(false);
        configuration.setRequestHeaderSize(HEADER_BYTES);
        configuration.setResponseHeaderSize(HEADER_BYTES);
        configuration.setIdleTimeout(0);
        connector = new AdoptingConnector(server, new HttpConnectionFactory(configuration));
        server.addConnector(connector);
        server.setHandler(new Front());
        server.setStopTimeout(0);
        try {
            server.start();
        } catch (Exception e) {
            throw new IOException("the door server did not start", e);
        }
    }

    /** Who answers a request. */
    @FunctionalInterface
    public interface Handler {
        /** Serves one request, blocking as it likes. A request left unanswered, or a throw, is answered with 500. */
        void serve(HttpVisit visit) throws IOException;
    }

    /**
     * A place to knock at.
     *
     * @param maxConnections held open at once; more are closed unanswered, so that one workload cannot use up the
     *     server's descriptors
     * @param maxBodyBytes of a request; more is answered with 413
     */
    public Site site(int maxConnections, long maxBodyBytes, Handler handler) {
        return new Site(maxConnections, maxBodyBytes, handler);
    }

    /** Connections in use now, of all sites. */
    public int connections() {
        return connector.connections();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the door server did not stop", e);
        } finally {
            connector.hangUp();
        }
    }

    /** One handler and its bounds; the connections of one workload's door. */
    public final class Site {
        private final int maxConnections;
        final long maxBodyBytes;
        final Handler handler;
        private final AtomicInteger open = new AtomicInteger();

        private Site(int maxConnections, long maxBodyBytes, Handler handler) {
            this.maxConnections = maxConnections;
            this.maxBodyBytes = maxBodyBytes;
            this.handler = handler;
        }

        /** Takes over a connected socket and serves requests on it until either side closes it. */
        public void adopt(SocketChannel socket) throws IOException {
            adopt(socket, new Traffic());
        }

        /** As {@link #adopt(SocketChannel)}, and counts what goes over the socket. */
        public void adopt(SocketChannel socket, Traffic traffic) throws IOException {
            if (open.incrementAndGet() > maxConnections) {
                open.decrementAndGet();
                socket.close();
                return;
            }
            try {
                socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
                socket.configureBlocking(false);
                connector.adopt(socket, this, traffic);
            } catch (IOException | RuntimeException e) {
                open.decrementAndGet();
                socket.close();
                throw e;
            }
        }

        void closed() {
            open.decrementAndGet();
        }
    }

    /** Leads each request to its connection's site. */
    private static final class Front extends org.eclipse.jetty.server.Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            var site = AdoptingConnector.site(request);
            if (bodyLength(request) > site.maxBodyBytes) {
                Response.writeError(request, response, callback, HttpStatus.PAYLOAD_TOO_LARGE_413);
                return true;
            }
            var visit = new JettyVisit(request, response, site.maxBodyBytes);
            try {
                site.handler.serve(visit);
                visit.finish();
                callback.succeeded();
            } catch (JettyVisit.BodyTooLargeException e) {
                refuse(request, response, callback, HttpStatus.PAYLOAD_TOO_LARGE_413, e);
            } catch (IOException | RuntimeException e) {
                LOG.log(e instanceof IOException ? Level.DEBUG : Level.WARNING, "serving " + visit.path(), e);
                refuse(request, response, callback, HttpStatus.INTERNAL_SERVER_ERROR_500, e);
            }
            return true;
        }

        private static void refuse(Request request, Response response, Callback callback, int status, Exception e) {
            if (response.isCommitted()) {
                callback.failed(e);
            } else {
                response.reset();
                Response.writeError(request, response, callback, status);
            }
        }

        private static long bodyLength(Request request) {
            @Nullable HttpField length = request.getHeaders().getField(HttpHeader.CONTENT_LENGTH);
            return length == null ? -1 : length.getLongValue();
        }
    }
}
