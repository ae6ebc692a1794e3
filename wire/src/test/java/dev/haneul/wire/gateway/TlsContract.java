package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.wire.tls.LazyTls;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What TLS does whichever engine encrypts; bodies, whose records go through several at once, come as they went. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TlsContract {
    private static final int[] SIZES = {1, 16_383, 16_384, 16_385, 65_536, 65_537, 300_001, 5_000_003};
    private final LazyTls.Engine engine;
    private Fixture fixture;
    private SSLContext trust;

    TlsContract(LazyTls.Engine engine) {
        this.engine = engine;
    }

    /** Answers with the body it was sent. */
    private static final class Echo implements DataPlane {
        @Override
        public boolean claims(Exchange exchange) {
            return exchange.path().equals("/echo");
        }

        @Override
        public void serve(Exchange exchange) throws IOException {
            byte[] body = exchange.body().readAllBytes();
            try (OutputStream out = exchange.respond(200, Map.of(), body.length)) {
                out.write(body);
            }
        }
    }

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        fixture = new Fixture(folder, GatewaySettings.Limits.DEFAULT, GatewaySettings.Origins.ANY, engine, new Echo());
        trust = fixture.trusting();
    }

    @AfterAll
    void close() throws Exception {
        fixture.close();
    }

    private static byte[] content(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }

    SSLSocket socket(String protocol) throws IOException {
        SSLSocket socket =
                (SSLSocket) trust.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), fixture.port());
        socket.setSoTimeout(30_000);
        socket.setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_1,TLSv1.2", "HTTP_1_1,TLSv1.3", "HTTP_2,TLSv1.2", "HTTP_2,TLSv1.3"})
    void comeBackAsTheyWent(String version, String protocol) throws Exception {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {protocol});
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.valueOf(version))
                .sslContext(trust)
                .sslParameters(parameters)
                .build()) {
            for (int size : SIZES) {
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create("https://localhost:" + fixture.port() + "/echo"))
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(content(size)))
                        .build();
                HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                assertThat(answer.body()).isEqualTo(content(size));
            }
        }
    }

    /** Records as small as can be, and a client that has sent its last word: all of it was heard. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void isHeardToTheEnd(String protocol) throws Exception {
        byte[] content = content(3_000);
        try (SSLSocket socket = socket(protocol)) {
            OutputStream out = socket.getOutputStream();
            out.write(("PUT /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " + content.length
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            for (byte each : content) {
                out.write(each);
            }
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(Arrays.copyOfRange(answer, answer.length - content.length, answer.length))
                    .isEqualTo(content);
        }
    }

    /** What does not fit into the socket waits in the gateway, and goes on from there. */
    @Test
    void waitForSlowReaders() throws Exception {
        byte[] content = content(16_000_000);
        try (SSLSocket socket = socket("TLSv1.3")) {
            OutputStream out = socket.getOutputStream();
            out.write(("PUT /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " + content.length
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(content);
            Thread.sleep(300);
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(Arrays.copyOfRange(answer, answer.length - content.length, answer.length))
                    .isEqualTo(content);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TLSv1.3,TLS_AES_256_GCM_SHA384,secp256r1",
        "TLSv1.3,TLS_CHACHA20_POLY1305_SHA256,secp384r1",
        "TLSv1.3,TLS_AES_128_GCM_SHA256,x25519",
        "TLSv1.2,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,secp256r1",
        "TLSv1.2,TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,secp256r1"
    })
    void clientsThatKnowOneCipherAreServed(String protocol, String suite, String group) throws Exception {
        try (SSLSocket socket = socket(protocol)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setCipherSuites(new String[] {suite});
            parameters.setNamedGroups(new String[] {group});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            assertThat(socket.getSession().getCipherSuite()).isEqualTo(suite);
        }
    }

    @Test
    void theCipherIsTheOneThatAwsPrefers() throws Exception {
        try (SSLSocket socket = socket("TLSv1.2")) {
            socket.startHandshake();
            assertThat(socket.getSession().getCipherSuite()).isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
        }
    }

    /** HTTP/2 where the client has it, whichever it prefers; HTTP/1.1 where it says nothing. */
    @ParameterizedTest
    @CsvSource({"h2 http/1.1,h2", "http/1.1 h2,h2", "http/1.1,http/1.1", "spdy/1 http/1.1,http/1.1", "'',''"})
    void whatIsSpokenInsideIsAgreedUpon(String offered, String agreed) throws Exception {
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            try (SSLSocket socket = socket(version)) {
                offer(socket, offered.isEmpty() ? new String[0] : offered.split(" "));
                socket.startHandshake();
                assertThat(socket.getApplicationProtocol()).isEqualTo(agreed);
            }
        }
    }

    private static void offer(SSLSocket socket, String... protocols) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
    }

    @Test
    void oldVersionsAreRefused() throws Exception {
        byte[] hello = HexFormat.of().parseHex("160301002d010000290301" + "00".repeat(32) + "000002002f0100");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), fixture.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(hello);
            byte[] answer = socket.getInputStream().readAllBytes();
            // An alert, RFC 8446, section 6, and nothing more.
            assertThat(answer).startsWith(0x15, 0x03).hasSize(7);
        }
    }

    /** Damage ends a connection, and nobody else's. */
    @Test
    void damagedRecordsEndTheirConnection() throws Exception {
        try (SSLSocket other = socket("TLSv1.3");
                Socket plain = new Socket(InetAddress.getLoopbackAddress(), fixture.port());
                SSLSocket socket =
                        (SSLSocket) trust.getSocketFactory().createSocket(plain, "localhost", fixture.port(), false)) {
            other.startHandshake();
            socket.startHandshake();
            plain.setSoTimeout(30_000);
            plain.getOutputStream().write(HexFormat.of().parseHex("1703030020" + "5a".repeat(32)));
            while (plain.getInputStream().read() >= 0) {
                // The alert, encrypted.
            }
            other.getOutputStream()
                    .write("PUT /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(other.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .endsWith("ok");
        }
    }

    /** After one byte of a record, all but one of its head, its head and a byte, a part of its hello: others are served. */
    @Test
    void whoeverLeavesInTheMiddleIsForgotten() throws Exception {
        for (int sent : new int[] {1, 4, 6, 40}) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), fixture.port())) {
                byte[] hello = HexFormat.of().parseHex("16030100f0010000ec0303" + "00".repeat(29));
                socket.getOutputStream().write(hello, 0, sent);
                socket.shutdownOutput();
                socket.setSoTimeout(30_000);
                socket.getInputStream().readAllBytes();
            } catch (SocketException reset) {
                // As good an end as any.
            }
        }
        comeBackAsTheyWent("HTTP_1_1", "TLSv1.3");
    }
}
