package dev.haneul.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SocketHttpServerTest {
    private static final Map<String, List<String>> NONE = Map.of();

    private SocketHttpServer server;
    private HttpClient client;
    private final List<ServerSocketChannel> listeners = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        server = new SocketHttpServer();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterEach
    void close() throws IOException {
        for (var listener : listeners) {
            listener.close();
        }
        client.close();
        server.close();
    }

    /** Somebody else accepts; the server adopts. */
    private int door(SocketHttpServer.Site site) throws IOException {
        var listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        listeners.add(listener);
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    site.adopt(listener.accept());
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    private int door(SocketHttpServer.Handler handler) throws IOException {
        return door(server.site(16, 1 << 20, handler));
    }

    private static HttpRequest.Builder to(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private HttpResponse<String> get(int port, String path) throws Exception {
        return client.send(to(port, path).build(), BodyHandlers.ofString());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aRequestArrivesWholeAndIsAnswered() throws Exception {
        int port = door(visit -> {
            var said = visit.method() + " " + visit.path() + " " + visit.query() + " " + visit.header("X-Custom") + " "
                    + visit.headers().get("x-custom") + " "
                    + new String(visit.body().readAllBytes(), StandardCharsets.UTF_8);
            visit.answer(202, Map.of("X-Answer", List.of("one", "two")), bytes(said));
        });

        var response = client.send(
                to(port, "/2018-06-01/a%20b?c=d%26")
                        .header("X-Custom", "v")
                        .POST(BodyPublishers.ofString("body"))
                        .build(),
                BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(response.body()).isEqualTo("POST /2018-06-01/a%20b c=d%26 v [v] body");
        assertThat(response.headers().allValues("x-answer")).containsExactly("one", "two");
        assertThat(response.headers().firstValueAsLong("content-length")).isPresent();
    }

    @Test
    void eachSiteHasItsOwnHandler() throws Exception {
        int one = door(visit -> visit.answer(200, NONE, bytes("one")));
        int two = door(visit -> visit.answer(200, NONE, bytes("two")));

        assertThat(get(one, "/").body()).isEqualTo("one");
        assertThat(get(two, "/").body()).isEqualTo("two");
        assertThat(get(one, "/").body()).isEqualTo("one");
    }

    @Test
    void connectionsAreKept() throws Exception {
        var remotes = new ArrayList<String>();
        int port = door(visit -> {
            synchronized (remotes) {
                remotes.add(visit.requestId().split("-")[0]);
            }
            visit.answer(200, NONE, bytes("ok"));
        });

        for (int i = 0; i < 5; i++) {
            get(port, "/");
        }

        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void manyMayWaitAtOnce() throws Exception {
        var all = new CountDownLatch(200);
        var site = server.site(500, 1024, visit -> {
            all.countDown();
            try {
                all.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            visit.answer(200, NONE, bytes("ok"));
        });
        int port = door(site);

        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<java.util.concurrent.Future<String>>();
            for (int i = 0; i < 200; i++) {
                answers.add(pool.submit(() -> get(port, "/next").body()));
            }
            for (var answer : answers) {
                assertThat(answer.get()).isEqualTo("ok");
            }
        }
    }

    @Test
    void anAnswerCanBeStreamed() throws Exception {
        var seen = new CountDownLatch(1);
        int port = door(visit -> {
            try (var out = visit.respond(200, NONE, -1)) {
                out.write(bytes("first,"));
                out.flush();
                seen.await();
                out.write(bytes("second"));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });

        var response = client.send(to(port, "/").build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertThat(body.readNBytes(6)).asString().isEqualTo("first,");
            seen.countDown();
            assertThat(body.readAllBytes()).asString().isEqualTo("second");
        }
    }

    @Test
    void largeBodiesPassBothWays() throws Exception {
        var large = new byte[6 << 20];
        new java.util.Random(1).nextBytes(large);
        var site = server.site(4, large.length, visit -> {
            var body = visit.body().readAllBytes();
            visit.answer(200, NONE, body);
        });
        int port = door(site);

        var response = client.send(
                to(port, "/").POST(BodyPublishers.ofByteArray(large)).build(), BodyHandlers.ofByteArray());

        assertThat(response.body()).isEqualTo(large);
    }

    @Test
    void aBodyAnnouncedTooLargeIsRefusedUnread() throws Exception {
        var called = new AtomicInteger();
        int port = door(server.site(4, 10, visit -> called.incrementAndGet()));

        var response = client.send(
                to(port, "/").POST(BodyPublishers.ofString("x".repeat(11))).build(), BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(called).hasValue(0);
    }

    @Test
    void aChunkedBodyThatGrowsTooLargeIsRefused() throws Exception {
        int port = door(server.site(4, 10, visit -> {
            visit.body().readAllBytes();
            visit.answer(200, NONE, bytes("never"));
        }));
        var stream = BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(new byte[1000]));

        var response = client.send(to(port, "/").POST(stream).build(), BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(413);
    }

    @Test
    void trailersAreThereAfterTheBody() throws Exception {
        var trailers = new AtomicReference<Map<String, List<String>>>();
        int port = door(visit -> {
            visit.body().readAllBytes();
            trailers.set(visit.trailers());
            visit.answer(202, NONE, bytes(""));
        });

        assertThat(raw(
                        port,
                        "POST /response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                                + "Trailer: Lambda-Runtime-Function-Error-Type\r\n\r\n2\r\nhi\r\n0\r\n"
                                + "Lambda-Runtime-Function-Error-Type: Boom\r\n\r\n"))
                .startsWith("HTTP/1.1 202");

        assertThat(trailers.get()).containsEntry("lambda-runtime-function-error-type", List.of("Boom"));
    }

    @Test
    void aHandlerThatThrowsIsAnInternalError() throws Exception {
        int port = door(visit -> {
            throw new IllegalStateException("secret detail");
        });

        var response = get(port, "/");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).doesNotContain("secret detail");
    }

    @Test
    void aHandlerThatForgetsToAnswerIsAnInternalError() throws Exception {
        assertThat(get(door(visit -> {}), "/").statusCode()).isEqualTo(500);
    }

    @Test
    void headersHaveABound() throws Exception {
        int port = door(visit -> visit.answer(200, NONE, bytes("ok")));

        assertThat(raw(port, "GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + "x".repeat(100_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431");
    }

    @Test
    void nonsenseIsRefused() throws Exception {
        int port = door(visit -> visit.answer(200, NONE, bytes("ok")));

        assertThat(raw(port, "\u0000\u0001 nonsense\r\n\r\n")).startsWith("HTTP/1.1 400");
    }

    @Test
    void moreConnectionsThanAllowedAreClosed() throws Exception {
        int port = door(server.site(2, 1024, visit -> visit.answer(200, NONE, bytes("ok"))));
        try (var one = new Socket("127.0.0.1", port);
                var two = new Socket("127.0.0.1", port)) {
            assertThat(ask(one)).startsWith("HTTP/1.1 200");
            assertThat(ask(two)).startsWith("HTTP/1.1 200");
            try (var three = new Socket("127.0.0.1", port)) {
                assertThat(three.getInputStream().read()).isEqualTo(-1);
            }
        }
        // A closed connection makes room, as soon as the selector has seen it.
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (server.connections() > 0) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
        try (var four = new Socket("127.0.0.1", port)) {
            assertThat(ask(four)).startsWith("HTTP/1.1 200");
        }
    }

    private static String ask(Socket socket) throws IOException {
        socket.getOutputStream().write(bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }

    private static String raw(int port, String request) throws IOException {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(bytes(request));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        }
    }

    /** A door's listener may take one more connection than its server does: whoever knocked must not wait for ever. */
    @Test
    void whoKnocksWhileTheServerClosesIsSentAway() throws Exception {
        SocketHttpServer.Site site = server.site(16, 1 << 20, visit -> visit.answer(200, NONE, new byte[0]));
        server.close();
        try (var listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                Socket late = new Socket(
                        InetAddress.getLoopbackAddress(), listener.socket().getLocalPort())) {
            var taken = listener.accept();
            assertThatThrownBy(() -> site.adopt(taken)).isInstanceOf(IOException.class);
            late.setSoTimeout(10_000);
            assertThat(late.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(server.connections()).isZero();
    }
}
