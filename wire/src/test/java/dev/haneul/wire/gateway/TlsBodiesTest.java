package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies over TLS, whose records the gateway passes on several at once, come through as they are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsBodiesTest {
    private static final int[] SIZES = {1, 16_383, 16_384, 16_385, 65_536, 65_537, 300_001, 5_000_003};
    private Fixture fixture;
    private SSLContext trust;

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
        fixture = new Fixture(folder, new Echo());
        fixture.gateway.prepareCertificates();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(fixture.gateway.authorityFile())) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        trust = SSLContext.getInstance("TLS");
        trust.init(null, managers.getTrustManagers(), null);
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

    private SSLSocket socket(String protocol) throws IOException {
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
        "TLSv1.2,TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,secp256r1"
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
        try (SSLSocket socket = socket("TLSv1.3")) {
            socket.startHandshake();
            assertThat(socket.getSession().getCipherSuite()).isEqualTo("TLS_AES_128_GCM_SHA256");
        }
    }
}
