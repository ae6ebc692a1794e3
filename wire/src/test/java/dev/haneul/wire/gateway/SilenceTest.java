package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Body;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.wire.gateway.Fixture.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that fall silent, at a gateway of little patience; and services that take their time, which is no silence. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SilenceTest {
    private static final long PATIENCE_MILLIS = 700;
    private Fixture fixture;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        GatewaySettings.Limits limits =
                new GatewaySettings.Limits(200, 50, 1_000, 64L << 20, 64 << 10, PATIENCE_MILLIS, 960_000, 1_000);
        fixture = new Fixture(folder, limits, new Slow());
    }

    @AfterAll
    void close() throws Exception {
        fixture.close();
    }

    @BeforeEach
    void reset() {
        fixture.fakes.objects.stored.clear();
        fixture.fakes.objects.stored.put("bucket/key", "value".getBytes());
    }

    @Test
    void silentClientIsToldThatItsTimeIsUp() throws Exception {
        fixture.fakes.objects.stored.clear();
        Answer answer = fixture.raw("PUT /bucket/key HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("<Code>RequestTimeout</Code>");
        assertThat(fixture.fakes.objects.stored).isEmpty();
    }

    /** Takes several times as long as a client may be silent. */
    private static final class Slow implements DataPlane {
        @Override
        public boolean claims(Exchange exchange) {
            return exchange.path().equals("/slow");
        }

        @Override
        public void serve(Exchange exchange) throws IOException {
            try {
                Thread.sleep(3 * PATIENCE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.respond(200, Map.of(), 0).close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void slowAnswerIsNotTheClientsSilence(HttpClient.Version version) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().version(version).build()) {
            URI base = URI.create("http://localhost:" + fixture.port());
            HttpRequest quick =
                    HttpRequest.newBuilder(base.resolve("/bucket/key")).build();
            assertThat(client.send(quick, HttpResponse.BodyHandlers.ofString()).body())
                    .isEqualTo("value");
            HttpRequest slow = HttpRequest.newBuilder(base.resolve("/slow")).build();
            assertThat(client.send(slow, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void readerThatStopsReadingIsLetGo() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        fixture.fakes.objects.served = body -> Body.of(
                new InputStream() {
                    @Override
                    public int read() {
                        return 'a';
                    }

                    @Override
                    public int read(byte[] target, int offset, int count) {
                        return count;
                    }

                    @Override
                    public void close() {
                        closed.countDown();
                    }
                },
                -1);
        try (Socket socket = new Socket("127.0.0.1", fixture.port())) {
            socket.getOutputStream().write("GET /bucket/key HTTP/1.1\r\nHost: a\r\n\r\n".getBytes());
            assertThat(socket.getInputStream().readNBytes(1000)).hasSize(1000);
            assertThat(closed.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            fixture.fakes.objects.served = body -> body;
        }
    }

    @Test
    void headersThatNeverEndAreHungUpOn() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", fixture.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readAllBytes().length).isLessThan(1_000);
        }
    }
}
