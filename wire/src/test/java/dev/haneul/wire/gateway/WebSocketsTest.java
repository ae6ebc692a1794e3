package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.plane.WebSocket.Binary;
import dev.haneul.kernel.plane.WebSocket.Message;
import dev.haneul.kernel.plane.WebSocket.Text;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Planes that go on with a WebSocket, through the JDK's own client. */
class WebSocketsTest {
    private static final int MOST = 1 << 16;

    @TempDir
    Path folder;

    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    private @Nullable Fixture fixture;
    private final HttpClient client = HttpClient.newHttpClient();

    /** Says back what it hears, in capitals where it is text; "stay" makes it silent. */
    private final class Echo implements DataPlane {
        @Override
        public boolean claims(Exchange exchange) {
            return exchange.path().equals("/echo") && exchange.asksForWebSocket();
        }

        @Override
        public void serve(Exchange exchange) throws IOException {
            exchange.upgrade(MOST, socket -> {
                try {
                    while (true) {
                        Message heard = socket.receive(Duration.ofSeconds(20));
                        switch (heard) {
                            case Text(String text)
                            when text.equals("bye") -> {
                                ends.add("said bye");
                                return;
                            }
                            case Text(String text) -> socket.send(new Text(text.toUpperCase(java.util.Locale.ROOT)));
                            case Binary binary -> socket.send(binary);
                            case null -> throw new IOException("nothing came");
                        }
                    }
                } catch (EOFException gone) {
                    ends.add("gone");
                    throw gone;
                }
            });
        }
    }

    private static final class Ear implements WebSocket.Listener {
        final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
        private final java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            heard.add(data.toString());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            bytes.writeBytes(part);
            if (last) {
                heard.add(bytes.toByteArray());
                bytes.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
            heard.add("pong");
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add(code);
            return null;
        }

        Object next() throws InterruptedException {
            return java.util.Objects.requireNonNull(heard.poll(20, TimeUnit.SECONDS), "nothing came");
        }
    }

    @BeforeEach
    void open() throws IOException {
        fixture = new Fixture(folder, new Echo());
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        if (fixture != null) {
            fixture.close();
        }
    }

    private WebSocket connect(Ear ear) {
        return client.newWebSocketBuilder()
                .buildAsync(
                        URI.create("ws://127.0.0.1:"
                                + java.util.Objects.requireNonNull(fixture).port() + "/echo"),
                        ear)
                .join();
    }

    @Test
    void talksInTextAndBytesWholeAndInPieces() throws Exception {
        Ear ear = new Ear();
        WebSocket socket = connect(ear);
        socket.sendText("hel", false).join();
        socket.sendText("lo", true).join();
        assertThat(ear.next()).isEqualTo("HELLO");
        byte[] much = new byte[50_000];
        new java.util.Random(7).nextBytes(much);
        socket.sendBinary(ByteBuffer.wrap(much), true).join();
        assertThat(ear.next()).isEqualTo(much);
        socket.sendPing(ByteBuffer.allocate(4)).join();
        assertThat(ear.next()).isEqualTo("pong");
        for (int i = 0; i < 200; i++) {
            socket.sendText("n" + i, true).join();
        }
        for (int i = 0; i < 200; i++) {
            assertThat(ear.next()).isEqualTo("N" + i);
        }
        socket.sendText("bye", true).join();
        assertThat(ear.next()).isEqualTo(1000);
        assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo("said bye");
    }

    @Test
    void whoClosesEndsTheTalkAndWhoSendsTooMuchIsClosed() throws Exception {
        Ear ear = new Ear();
        WebSocket socket = connect(ear);
        socket.sendClose(1000, "enough").join();
        assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo("gone");

        Ear second = new Ear();
        WebSocket greedy = connect(second);
        greedy.sendBinary(ByteBuffer.allocate(MOST / 2), false).join();
        greedy.sendBinary(ByteBuffer.allocate(MOST), true)
                .exceptionally(gone -> greedy)
                .join();
        assertThat(second.next()).isEqualTo(1009);
        assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo("gone");

        Ear third = new Ear();
        WebSocket vanishing = connect(third);
        vanishing.abort();
        assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo("gone");
    }

    @Test
    void theRegionStopsWithoutWaitingForTalks() throws Exception {
        Ear ear = new Ear();
        connect(ear);
        java.util.Objects.requireNonNull(fixture).close();
        fixture = null;
        assertThat(ear.next()).isEqualTo(1001);
        assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo("gone");
    }

    @Test
    void othersAreNoWebSockets() {
        assertThatThrownBy(() -> client.newWebSocketBuilder()
                        .buildAsync(
                                URI.create("ws://127.0.0.1:"
                                        + java.util.Objects.requireNonNull(fixture)
                                                .port() + "/other"),
                                new Ear())
                        .join())
                .hasCauseInstanceOf(java.net.http.WebSocketHandshakeException.class);
    }
}
