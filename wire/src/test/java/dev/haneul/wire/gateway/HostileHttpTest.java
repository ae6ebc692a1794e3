package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.wire.gateway.Fixture.Answer;
import dev.haneul.wire.gateway.Signed.Draft;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Malformed, oversized and broken-off requests, over raw sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileHttpTest {
    private static final String END = "\r\nConnection: close\r\n\r\n";
    private Fixture fixture;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        fixture = new Fixture(folder);
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

    private static void refused(Answer answer, int status, String code) {
        assertThat(answer.body()).contains(code);
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\na",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\na",
                "GET / HTTP/1.1\r\nHost: a\r\nFolded: one\r\n two\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nSpace : one\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n",
                "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /bucket/%C3%28 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                "GET /bucket/key?a=%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                "NONSENSE\r\n\r\n",
                "GET / HTTP/9.9\r\nHost: a\r\n\r\n"
            })
    void malformedRequestsAreBadRequestsInXml(String request) throws Exception {
        Answer answer = fixture.raw(request);
        assertThat(answer.status()).as(answer.body()).isBetween(400, 505);
        assertThat(answer.body()).startsWith("<?xml").contains("<Error><Code>");
        assertThat(answer.status()).isIn(400, 501, 505);
    }

    @ParameterizedTest
    @ValueSource(ints = {70_000, 200_000})
    void oversizedHeadersGetAwsErrorAndNotTheServerLibrarys(int size) throws Exception {
        Answer answer = fixture.raw("GET /bucket/key HTTP/1.1\r\nHost: a\r\nx-amz-meta-a: " + "a".repeat(size) + END);
        refused(answer, 400, "<Code>RequestHeaderSectionTooLarge</Code>");
    }

    @Test
    void headersBeyondAllReadingAreCutOffAndTheServerGoesOn() throws Exception {
        try {
            Answer answer = fixture.raw("GET /bucket/key HTTP/1.1\r\nHost: a\r\nx: " + "a".repeat(4_000_000) + END);
            refused(answer, 400, "<Code>RequestHeaderSectionTooLarge</Code>");
        } catch (SocketException cut) {
            assertThat(cut).hasMessageMatching("(?i).*(reset|broken pipe|aborted).*");
        }
        assertThat(fixture.raw("NONSENSE\r\n\r\n").status()).isEqualTo(400);
    }

    @Test
    void oversizedHeaderIsToldInTheServicesFormat() throws Exception {
        Signed call = new Draft("POST", "http://localhost/")
                .to("logs", "us-east-1")
                .header("Content-Type", "application/x-amz-json-1.1")
                .header("X-Amz-Target", "Logs_20140328.DescribeLogGroups")
                .header("x-more", "a".repeat(70_000))
                .body("{}")
                .sign();
        Answer answer = fixture.send(call);
        refused(answer, 400, "\"__type\":\"RequestHeaderSectionTooLarge\"");
    }

    @Test
    void oversizedRequestLineIsTold() throws Exception {
        refused(
                fixture.raw("GET /bucket/" + "a".repeat(270_000) + " HTTP/1.1\r\nHost: a" + END),
                400,
                "RequestHeaderSectionTooLarge");
    }

    @Test
    void smuggledRequestIsNotServed() throws Exception {
        Answer answer = fixture.raw("POST /bucket/key HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /bucket/key HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).doesNotContain("value");
    }

    @Test
    void refusedSignatureNeverReceivesTheBody() throws Exception {
        Signed forged = new Draft("PUT", "http://bucket.s3.localhost/key")
                .header("Expect", "100-continue")
                .body(new byte[100_000])
                .by(Fakes.KEY, "another")
                .sign();
        byte[] all = forged.bytes();
        try (Socket socket = new Socket("127.0.0.1", fixture.port())) {
            socket.getOutputStream().write(all, 0, all.length - 100_000);
            String head = Fixture.readUntil(socket.getInputStream(), "\r\n\r\n");
            assertThat(head).startsWith("HTTP/1.1 403").contains("Connection: close");
        }
    }

    @Test
    void shortBodyIsHeardOutSoThatTheRefusalIsRead() throws Exception {
        Signed forged = new Draft("PUT", "http://bucket.s3.localhost/key")
                .header("Expect", "100-continue")
                .body("0123456789")
                .by(Fakes.KEY, "another")
                .sign();
        byte[] all = forged.bytes();
        try (Socket socket = new Socket("127.0.0.1", fixture.port())) {
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            out.write(all, 0, all.length - 10);
            assertThat(Fixture.readUntil(in, "\r\n\r\n")).startsWith("HTTP/1.1 100 Continue");
            out.write(all, all.length - 10, 10);
            assertThat(Fixture.readUntil(in, "</Error>"))
                    .startsWith("HTTP/1.1 403")
                    .contains("SignatureDoesNotMatch");
        }
    }

    @Test
    void whoeverIsOfHttp10IsToldNothingBeforeTheAnswer() throws Exception {
        Signed signed = new Draft("PUT", "http://bucket.s3.localhost/key")
                .header("Expect", "100-continue")
                .body("0123456789")
                .sign();
        String request = new String(signed.bytes(), StandardCharsets.ISO_8859_1).replace("HTTP/1.1", "HTTP/1.0");
        try (Socket socket = new Socket("127.0.0.1", fixture.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(Fixture.readUntil(socket.getInputStream(), "\r\n\r\n")).contains(" 200 ");
        }
        assertThat(fixture.fakes.objects.stored.get("bucket/key")).asString().isEqualTo("0123456789");
    }

    @Test
    void acceptedSignatureIsToldToGoOn() throws Exception {
        Signed signed = new Draft("PUT", "http://bucket.s3.localhost/key")
                .header("Expect", "100-continue")
                .body("0123456789")
                .sign();
        byte[] all = signed.bytes();
        try (Socket socket = new Socket("127.0.0.1", fixture.port())) {
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            out.write(all, 0, all.length - 10);
            assertThat(Fixture.readUntil(in, "\r\n\r\n")).startsWith("HTTP/1.1 100 Continue");
            out.write(all, all.length - 10, 10);
            assertThat(Fixture.readUntil(in, "\r\n\r\n")).startsWith("HTTP/1.1 200");
        }
        assertThat(fixture.fakes.objects.stored.get("bucket/key")).asString().isEqualTo("0123456789");
    }

    @Test
    void refusedUploadIsAnsweredAndTheConnectionGoesOn() throws Exception {
        Signed forged = new Draft("PUT", "http://bucket.s3.localhost/key")
                .body(new byte[1_000_000])
                .by(Fakes.KEY, "another")
                .sign();
        String request = new String(forged.bytes(), StandardCharsets.ISO_8859_1).replace("Connection: close\r\n", "");
        try (Socket socket = new Socket("127.0.0.1", fixture.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(Fixture.readUntil(socket.getInputStream(), "</Error>")).startsWith("HTTP/1.1 403");
            socket.getOutputStream()
                    .write(("GET /bucket/key HTTP/1.1\r\nHost: a" + END).getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("value");
        }
    }

    @Test
    void bodiesThatAreHeldWholeAreBounded() throws Exception {
        String head = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Logs_20140328.DescribeLogGroups\r\n"
                + "Content-Type: application/x-amz-json-1.1\r\n";
        Signed signed = new Draft("POST", "http://localhost/")
                .to("logs", "us-east-1")
                .header("Content-Type", "application/x-amz-json-1.1")
                .header("X-Amz-Target", "Logs_20140328.DescribeLogGroups")
                .body("{}")
                .sign();
        String signature = "Authorization: " + signed.headers().get("Authorization") + "\r\nX-Amz-Date: "
                + signed.headers().get("X-Amz-Date") + "\r\n";
        Answer announced = fixture.raw(head + signature + "Content-Length: 16777217" + END);
        refused(announced, 413, "RequestEntityTooLargeException");
        Answer unsigned = fixture.raw(head + "Content-Length: 16777217" + END);
        refused(unsigned, 400, "MissingAuthenticationTokenException");
    }

    @Test
    void emptyAnswersHaveNoBody() throws Exception {
        Answer head = fixture.raw("HEAD /bucket/key HTTP/1.1\r\nHost: a" + END);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Length")).isEqualTo("5");
        assertThat(head.body()).isEmpty();
        Answer missing = fixture.raw("HEAD /bucket/none HTTP/1.1\r\nHost: a" + END);
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.body()).isEmpty();
        Answer deleted = fixture.raw("DELETE /bucket/key HTTP/1.1\r\nHost: a" + END);
        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.header("Content-Length")).isEmpty();
        assertThat(deleted.body()).isEmpty();
    }

    @Test
    void oddHeaderBytesSurvive() throws Exception {
        Answer answer = fixture.raw(
                "PUT /bucket/key HTTP/1.1\r\nHost: a\r\nx-amz-meta-name: caf\u00c3\u00a9  au lait\r\nContent-Length: 0"
                        + END);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(Objects.requireNonNull(fixture.fakes.objects.lastPut)
                        .metadata()
                        .get("name"))
                .isEqualTo("café  au lait");
    }
}
