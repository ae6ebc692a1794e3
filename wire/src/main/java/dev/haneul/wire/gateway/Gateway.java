package dev.haneul.wire.gateway;

import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.kernel.plane.Ingress;
import dev.haneul.kernel.plane.Traffic;
import dev.haneul.wire.router.VirtualHosting;
import dev.haneul.wire.tls.Certificates;
import dev.haneul.wire.tls.LazyTls;
import dev.haneul.wire.tls.ServerNames;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.DetectorConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** The region's one port. Started once, stopped once. */
public final class Gateway implements Ingress, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Gateway.class.getName());
    private static final int SELECTORS = 2;
    private static final long SHUTDOWN_IDLE_MILLIS = 100;
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int H2_WINDOW_BYTES = 1 << 20;
    private static final int BUFFER_STEP_BYTES = 4096;
    /** Kept for later, on the heap and outside of it. */
    private static final long MOST_BUFFERED_BYTES = 8 << 20;

    private final GatewaySettings settings;
    private final Certificates certificates;
    private final ExecutorService requestThreads;
    private final Server server;
    private final ServerConnector connector;
    private final WebSockets sockets;
    private volatile @Nullable Thread preparing;

    /** A gateway, not yet listening. */
    public Gateway(GatewaySettings settings, Backend backend) {
        this(settings, backend, LazyTls.Engine.BEST);
    }

    Gateway(GatewaySettings settings, Backend backend, LazyTls.Engine engine) {
        this.settings = settings;
        this.certificates = new Certificates(settings.tlsFolder(), names(settings, backend), InstantSource.system());
        this.requestThreads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("request-", 0).factory());
        Answers answers = new Answers(backend.clients());
        OperationPath operations = new OperationPath(backend, settings, answers);
        this.server = new Server(threads(), null, buffers());
        this.connector = connector(engine);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(settings.limits().connections(), connector));
        server.setErrorHandler(new BadMessages(operations, settings.limits().headerBytes()));
        this.sockets = new WebSockets(server);
        server.setHandler(new GracefulHandler(
                new FrontHandler(backend.planes(), operations, sockets, requestThreads, settings.limits())));
        server.setStopTimeout(settings.limits().stopMillis());
    }

    /** Buffers are used again up to the size in which bodies are sent, which Jetty's own pool would not keep. */
    private static ByteBufferPool buffers() {
        return new ArrayByteBufferPool(
                0, BUFFER_STEP_BYTES, Answers.COPY_BYTES, -1, MOST_BUFFERED_BYTES, MOST_BUFFERED_BYTES);
    }

    /**
     * Listens.
     *
     * @throws IOException where the port is taken or the address is none of this machine's
     */
    public void start() throws IOException {
        try {
            server.start();
            preparing = Thread.ofVirtual().name("certificates").start(this::prepareAside);
        } catch (IOException e) {
            close();
            throw e;
        } catch (Exception e) {
            close();
            throw new IOException("the gateway did not start", e);
        }
    }

    /** The port it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    /** The certificate authority's certificate, for users to trust. */
    public Path authorityFile() {
        return certificates.authorityFile();
    }

    /** So that the authority's file is there for users soon after the first start, which does not wait for it. */
    private void prepareAside() {
        try {
            certificates.prepare();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "TLS will not be served: " + e.getMessage());
        }
    }

    /**
     * Makes the certificates where they are missing or old, and waits until they are there.
     *
     * @throws IOException where their folder cannot be written
     */
    public void prepareCertificates() throws IOException {
        certificates.prepare();
    }

    @Override
    public void adopt(SocketChannel socket) throws IOException {
        adopt(socket, new Traffic());
    }

    @Override
    public void adopt(SocketChannel socket, Traffic traffic) throws IOException {
        socket.configureBlocking(false);
        if (socket.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        connector.getSelectorManager().accept(socket, traffic);
    }

    /** Takes no more connections, lets requests under way end within the limit, and stops. */
    @Override
    public void close() throws IOException {
        sockets.close();
        try {
            server.stop();
        } catch (Exception e) {
            throw new IOException("the gateway did not stop in peace", e);
        } finally {
            requestThreads.shutdownNow();
            awaitCertificates();
        }
    }

    /** Whoever has closed the gateway may delete its folder. */
    private void awaitCertificates() {
        Thread started = preparing;
        try {
            if (started != null) {
                started.join(Duration.ofMillis(settings.limits().stopMillis()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A few platform threads select and accept; everything that may block runs on virtual ones. */
    private QueuedThreadPool threads() {
        QueuedThreadPool pool = new QueuedThreadPool(SELECTORS + 8, SELECTORS + 1);
        pool.setName("gateway");
        pool.setDaemon(true);
        pool.setReservedThreads(0);
        pool.setVirtualThreadsExecutor(requestThreads);
        return pool;
    }

    private ServerConnector connector(LazyTls.Engine engine) {
        HttpConfiguration http = configuration();
        HttpConnectionFactory http1 = new HttpConnectionFactory(http);
        // HTTP/2's factories set their configuration to the size of their frames: one of their own for each.
        HTTP2ServerConnectionFactory h2 = new HTTP2ServerConnectionFactory(new HttpConfiguration(http));
        HTTP2CServerConnectionFactory h2c = new HTTP2CServerConnectionFactory(new HttpConfiguration(http));
        h2.setInitialStreamRecvWindow(H2_WINDOW_BYTES);
        h2.setInitialSessionRecvWindow(8 * H2_WINDOW_BYTES);
        h2c.setInitialStreamRecvWindow(H2_WINDOW_BYTES);
        h2c.setInitialSessionRecvWindow(8 * H2_WINDOW_BYTES);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory("h2", "http/1.1");
        alpn.setDefaultProtocol(http1.getProtocol());
        DetectorConnectionFactory detector =
                new DetectorConnectionFactory(new LazyTls(certificates, alpn.getProtocol(), engine));
        ServerConnector made = new CountingConnector(server, SELECTORS, detector, http1, h2c, alpn, h2);
        made.setHost(settings.bindAddress());
        made.setPort(settings.port());
        made.setIdleTimeout(settings.limits().idleMillis());
        // A kept-alive connection without a request must not hold up the stop.
        made.setShutdownIdleTimeout(SHUTDOWN_IDLE_MILLIS);
        made.setAcceptQueueSize(1024);
        return made;
    }

    private HttpConfiguration configuration() {
        HttpConfiguration http = new HttpConfiguration();
        // Paths and keys are the services' business: whatever AWS lets through comes through raw.
        http.setUriCompliance(UriCompliance.UNSAFE);
        http.setHttpCompliance(HttpCompliance.RFC9110);
        // Header values as they came: Jetty would write "charset=UTF-8" as "utf-8", and signatures cover the
        // difference.
        http.setHeaderCacheCaseSensitive(true);
        // Beyond the bound, so that the service meant can be told and answers in its own words. As much again is read
        // and thrown away before the connection is cut off, so that the client gets to see the answer.
        http.setRequestHeaderSize(4 * settings.limits().headerBytes());
        http.setInputBufferSize(BUFFER_BYTES);
        http.setMaxResponseHeaderSize(2 * settings.limits().headerBytes());
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        http.addCustomizer(new SecureRequestCustomizer(false));
        return http;
    }

    private static List<String> names(GatewaySettings settings, Backend backend) {
        TreeSet<String> endpoints = new TreeSet<>();
        for (ServiceShape service : backend.services()) {
            endpoints.add(service.facts().endpointPrefix());
        }
        List<String> more = new ArrayList<>(settings.tlsNames());
        if (!List.of("0.0.0.0", "::").contains(settings.bindAddress())) {
            more.add(settings.bindAddress());
        }
        VirtualHosting hosting = backend.hosting();
        return ServerNames.of(endpoints, hosting == null ? "" : hosting.label(), more);
    }
}
