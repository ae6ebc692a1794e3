package dev.haneul.edge;

import static dev.haneul.edge.Rig.forward;
import static dev.haneul.edge.Rig.group;
import static dev.haneul.edge.Rig.listener;
import static dev.haneul.edge.Rig.rule;
import static dev.haneul.edge.Rig.table;
import static dev.haneul.edge.Rig.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.edge.h2.H2Client;
import dev.haneul.edge.http.Content;
import dev.haneul.edge.http.Headers;
import dev.haneul.edge.http.RequestHead;
import dev.haneul.edge.stream.Deadlines;
import dev.haneul.edge.stream.TlsWire;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable.Settings;
import dev.haneul.edge.table.TargetGroup;
import dev.haneul.edge.table.TargetGroup.HealthCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.Content.Sink;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** TLS, HTTP/2, gRPC, flows and health checks, with clients and targets of others' making. */
class SecureProxyTest {
    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private static Listener.Tls tls(Listener.@Nullable ClientCertificates clients, Certified... own) {
        List<Listener.Identity> identities = new ArrayList<>();
        for (Certified each : own) {
            identities.add(each.identity());
        }
        return new Listener.Tls(
                identities, List.of("TLSv1.2", "TLSv1.3"), List.of(), List.of("h2", "http/1.1"), clients);
    }

    private void secure(Listener.Tls tls, TargetGroup group) throws IOException {
        rig.edge.apply(table(
                Settings.APPLICATION,
                listener(443, Listener.Protocol.HTTPS, tls, rule(List.of(), forward(group.id()))),
                group));
    }

    /** Echoes bodies. */
    private static Backend echo() throws IOException {
        return new Backend((self, in, out, socket) -> {
            String head;
            while (!(head = Backend.head(in)).isEmpty()) {
                self.heads.add(head);
                int length = 0;
                for (String line : head.split("\r\n")) {
                    if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                        length = Integer.parseInt(line.substring(15).trim());
                    }
                }
                byte[] body = in.readNBytes(length);
                out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(body);
                out.flush();
            }
        });
    }

    @Test
    void clientsSpeakHttp2OverTlsToTargetsThatDoNot() throws Exception {
        try (Backend backend = echo()) {
            secure(tls(null, Certified.of("localhost", null, false)), group("g", target(backend.port())));
            byte[] body = new byte[700_000];
            new Random(3).nextBytes(body);
            try (HttpClient client =
                    HttpClient.newBuilder().sslContext(Certified.client(null)).build()) {
                List<CompletableFuture<HttpResponse<byte[]>>> all = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    all.add(client.sendAsync(
                            HttpRequest.newBuilder(URI.create("https://localhost:" + rig.port(443) + "/" + i))
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray()));
                }
                for (CompletableFuture<HttpResponse<byte[]>> each : all) {
                    assertThat(each.get().version()).isEqualTo(HttpClient.Version.HTTP_2);
                    assertThat(each.get().body()).isEqualTo(body);
                }
            }
            assertThat(backend.heard()).hasSize(8).allMatch(head -> head.contains("X-Forwarded-Proto: https"));
            assertThat(rig.requests).allMatch(each -> each.type().equals("h2") && each.status() == 200);
        }
    }

    @Test
    void certificatesAreChosenByName() throws Exception {
        try (Backend backend = Backend.saying("hi")) {
            secure(
                    tls(null, Certified.of("one.example", null, false), Certified.of("*.two.example", null, false)),
                    group("g", target(backend.port())));
            assertThat(presented("a.two.example")).contains("two.example");
            assertThat(presented("one.example")).contains("one.example");
            assertThat(presented("other.example")).contains("one.example");
        }
    }

    private String presented(String name) throws IOException {
        try (Socket plain = new Socket(InetAddress.ofLiteral("127.0.0.1"), rig.port(443));
                SSLSocket socket =
                        (SSLSocket) Certified.client(null).getSocketFactory().createSocket(plain, null, 0, false)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            socket.setSSLParameters(parameters);
            socket.setUseClientMode(true);
            socket.startHandshake();
            return String.valueOf(socket.getSession().getPeerPrincipal());
        }
    }

    @Test
    void clientsNeedCertificatesOfTrustedAuthorities() throws Exception {
        Certified authority = Certified.of("authority", null, true);
        Listener.ClientCertificates clients =
                new Listener.ClientCertificates(true, List.of(authority.certificate), List.of(), false, true);
        try (Backend backend = Backend.saying("hi")) {
            secure(tls(clients, Certified.of("localhost", null, false)), group("g", target(backend.port())));
            assertThat(status(Certified.of("friend", authority, false))).isEqualTo(200);
            assertThat(backend.heard().getFirst())
                    .contains("X-Amzn-Mtls-Clientcert-Subject: CN=friend\r\n")
                    .contains("X-Amzn-Mtls-Clientcert-Leaf: -----BEGIN%20CERTIFICATE-----");
            assertThatThrownBy(() -> status(null)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> status(Certified.of("stranger", null, false)))
                    .isInstanceOf(IOException.class);
        }
    }

    private int status(@Nullable Certified own) throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(Certified.client(own)).build()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("https://localhost:" + rig.port(443) + "/"))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    /** A gRPC-like target: echoes messages, and says how it went in trailers. */
    private static Server grpc() throws Exception {
        Server server = new Server();
        ServerConnector connector =
                new ServerConnector(server, new HTTP2CServerConnectionFactory(new HttpConfiguration()));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                ByteBuffer whole = org.eclipse.jetty.io.Content.Source.asByteBuffer(request);
                byte[] body = new byte[whole.remaining()];
                whole.get(body);
                response.getHeaders().put("content-type", "application/grpc");
                boolean check = request.getHttpURI().getPath().endsWith("healthcheck");
                HttpFields trailers = HttpFields.build().put("grpc-status", check ? "12" : "0");
                response.setTrailersSupplier(() -> trailers);
                // In parts: this server does not send more than a frame with trailers behind it.
                for (int at = 0; at < body.length; at += 10_000) {
                    Sink.write(response, false, ByteBuffer.wrap(body, at, Math.min(10_000, body.length - at)));
                }
                Sink.write(response, true, ByteBuffer.allocate(0));
                callback.succeeded();
                return true;
            }
        });
        server.start();
        return server;
    }

    @Test
    void callsAndTheirTrailersPass() throws Exception {
        Server server = grpc();
        int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        HealthCheck check = new HealthCheck(
                true,
                Listener.Protocol.HTTP,
                0,
                "/AWS.ALB/healthcheck",
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                2,
                2,
                "12");
        TargetGroup.Target target = new TargetGroup.Target(
                "k", "127.0.0.1", "127.0.0.1", port, "", false, TargetGroup.Health.INITIAL, null);
        try (Deadlines deadlines = new Deadlines()) {
            secure(
                    tls(null, Certified.of("localhost", null, false)),
                    group("g", TargetGroup.Version.GRPC, check, target));
            SocketChannel channel = SocketChannel.open(Rig.loopback(rig.port(443)));
            TlsWire wire = TlsWire.client(channel, deadlines, Certified.client(null), List.of("h2"), 10_000_000_000L);
            assertThat(wire.protocol()).isEqualTo("h2");
            H2Client client = new H2Client(wire);
            for (int i = 0; i < 3; i++) {
                H2Client.Exchange exchange = client.begin();
                exchange.within(10_000_000_000L);
                Headers headers =
                        new Headers().add("content-type", "application/grpc").add("te", "trailers");
                byte[] message = new byte[100_000];
                Content body = Content.of(message);
                exchange.send(new RequestHead("POST", "/x.Y/Z", "localhost", "HTTP/2.0", headers), body);
                exchange.pump(body);
                assertThat(exchange.head().getStatus()).isEqualTo(200);
                Content answer = exchange.content();
                assertThat(answer.readAllBytes().length).isEqualTo(message.length);
                assertThat(answer.trailers()).isNotNull();
                assertThat(answer.trailers().get("grpc-status")).isEqualTo("0");
                exchange.close();
            }
            assertThat(status(null)).isEqualTo(464);
            HttpProxyTest.await(() -> rig.healths.stream().anyMatch(TargetGroup.Health::healthy));
        } finally {
            server.stop();
        }
    }

    @Test
    void flowsPassAsTheyAreWithEachSideEndingForItself() throws Exception {
        try (Backend backend = new Backend((self, in, out, socket) -> {
            byte[] all = in.readAllBytes();
            out.write(("heard " + all.length).getBytes(StandardCharsets.US_ASCII));
        })) {
            rig.edge.apply(table(
                    Settings.NETWORK,
                    listener(25, Listener.Protocol.TCP, null, rule(List.of(), forward("g"))),
                    group("g", target(backend.port()))));
            try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), rig.port(25))) {
                socket.getOutputStream().write(new byte[500_000]);
                socket.shutdownOutput();
                assertThat(Rig.read(socket.getInputStream(), "")).isEqualTo("heard 500000");
            }
            HttpProxyTest.await(() -> !rig.flows.isEmpty());
            assertThat(rig.flows.element().received()).isEqualTo(500_000);
        }
    }

    @Test
    void targetsFallAndRiseByTheirChecks() throws Exception {
        java.util.concurrent.atomic.AtomicInteger code = new java.util.concurrent.atomic.AtomicInteger(200);
        try (Backend backend = new Backend((self, in, out, socket) -> {
            Backend.head(in);
            Backend.write(out, "HTTP/1.1 " + code.get() + " X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        })) {
            HealthCheck check = new HealthCheck(
                    true,
                    Listener.Protocol.HTTP,
                    0,
                    "/health",
                    Duration.ofMillis(50),
                    Duration.ofSeconds(2),
                    3,
                    2,
                    "200-299");
            TargetGroup.Target target = new TargetGroup.Target(
                    "k", "127.0.0.1", "127.0.0.1", backend.port(), "", false, TargetGroup.Health.INITIAL, null);
            rig.edge.apply(table(
                    Settings.APPLICATION,
                    listener(80, Listener.Protocol.HTTP, null, rule(List.of(), forward("g"))),
                    group("g", TargetGroup.Version.HTTP1, check, target)));
            HttpProxyTest.await(
                    () -> rig.edge.balancer(Rig.BALANCER).orElseThrow().healthy("g") == 1);
            code.set(500);
            HttpProxyTest.await(() -> rig.healths.stream()
                    .anyMatch(each -> "Target.ResponseCodeMismatch".equals(each.reason())
                            && "Health checks failed with these codes: [500]".equals(each.description())));
            code.set(204);
            HttpProxyTest.await(
                    () -> rig.edge.balancer(Rig.BALANCER).orElseThrow().healthy("g") == 1);
        }
    }
}
