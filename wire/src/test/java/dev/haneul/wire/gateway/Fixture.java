package dev.haneul.wire.gateway;

import dev.haneul.api.runtime.Api;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.wire.router.VirtualHosting;
import dev.haneul.wire.tls.LazyTls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The real gateway on a free port, over the fakes, at a fixed time. */
final class Fixture implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-01-15T10:00:00Z");
    private static final int PATIENCE_MILLIS = 30_000;

    final Fakes fakes = new Fakes();
    final Gateway gateway;
    volatile Instant now = NOW;

    Fixture(Path folder, DataPlane... planes) throws IOException {
        this(folder, GatewaySettings.Limits.DEFAULT, planes);
    }

    Fixture(Path folder, GatewaySettings.Limits limits, DataPlane... planes) throws IOException {
        this(folder, limits, GatewaySettings.Origins.ANY, planes);
    }

    Fixture(Path folder, GatewaySettings.Limits limits, GatewaySettings.Origins origins, DataPlane... planes)
            throws IOException {
        this(folder, limits, origins, LazyTls.Engine.BEST, planes);
    }

    Fixture(
            Path folder,
            GatewaySettings.Limits limits,
            GatewaySettings.Origins origins,
            LazyTls.Engine engine,
            DataPlane... planes)
            throws IOException {
        InstantSource clock = () -> now;
        Backend backend = new Backend(
                fakes.services.stream().map(Api::service).toList(),
                fakes,
                fakes,
                clock,
                List.of(planes),
                new VirtualHosting("s3", "s3", "AmazonS3"));
        gateway = new Gateway(new GatewaySettings("127.0.0.1", 0, folder, List.of(), limits, origins), backend, engine);
        gateway.start();
    }

    /** What trusts the gateway's authority, for clients over TLS. */
    SSLContext trusting() throws IOException, GeneralSecurityException {
        gateway.prepareCertificates();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(gateway.authorityFile())) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    int port() {
        return gateway.port();
    }

    /** Sends bytes as they are and answers everything that comes back until the server closes. */
    Answer raw(byte[] request, boolean halfClose) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            if (halfClose) {
                socket.shutdownOutput();
            }
            return Answer.parse(socket.getInputStream().readAllBytes());
        }
    }

    Answer raw(String request) throws IOException {
        return raw(request.getBytes(StandardCharsets.ISO_8859_1), false);
    }

    /** Sends a signed request and answers its answer; the connection is closed after it. */
    Answer send(Signed signed) throws IOException {
        return raw(signed.bytes(), false);
    }

    /** Reads until a text has come, for conversations. */
    static String readUntil(InputStream in, String end) throws IOException {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        while (!got.toString(StandardCharsets.ISO_8859_1).endsWith(end)) {
            int b = in.read();
            if (b < 0) {
                break;
            }
            got.write(b);
        }
        return got.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        gateway.close();
    }

    /** An HTTP/1.1 answer. */
    record Answer(int status, String head, byte[] bytes) {
        static Answer parse(byte[] all) {
            String text = new String(all, StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end < 0) {
                throw new AssertionError("no answer: '" + text + "'");
            }
            String head = text.substring(0, end);
            byte[] body = java.util.Arrays.copyOfRange(all, end + 4, all.length);
            return new Answer(Integer.parseInt(head.substring(9, 12)), head, body);
        }

        String body() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        String header(String name) {
            for (String line : head.split("\r\n")) {
                if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
                    return line.substring(name.length() + 1).strip();
                }
            }
            return "";
        }
    }
}
