package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.haneul.wire.gateway.Signed.Draft;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.checksums.DefaultChecksumAlgorithm;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;

/**
 * Requests of every signature form and protocol, mutated from a seed: each is answered, or hung up on, none is the
 * server's fault, and nothing stays open. A thousand of each over real sockets, ten thousand in a soak run
 * ({@code -Dhaneul.soak=200}); the codecs alone get ten thousand of each in every run, see {@code ModelFuzzTest}.
 */
class FuzzTest {
    private static final long SEED = 20_260_115;
    private static final int REQUESTS =
            Integer.getInteger("haneul.fuzz.requests", System.getProperty("haneul.soak") != null ? 10_000 : 1_000);
    private static final int CLIENTS = 4;
    private static final int SPARE_FILES = 20;
    private static final int PATIENCE_MILLIS = 20_000;
    private static final List<String> TOKENS = List.of(
            "\r\n",
            "\r\n\r\n",
            ":",
            "/",
            "//",
            "..",
            "%",
            "%00",
            "%2e%2e",
            "%zz",
            "?",
            "&",
            "=",
            ";",
            ",",
            "\0",
            "\u00ff",
            "-1",
            "99999999999999999999",
            "Host: x\r\n",
            "Content-Length: 3\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Expect: 100-continue\r\n",
            "Upgrade: h2c\r\nConnection: Upgrade\r\n",
            "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n",
            "x-amz-decoded-content-length: 5\r\n",
            "Action=",
            "aws4_request",
            "{\"a\":[[[[",
            "<a><b>");

    /** What is mutated: every protocol with a good and a bad call, every form of signature, and none. */
    private static Map<String, List<byte[]>> families() {
        Map<String, List<byte[]>> families = new LinkedHashMap<>();
        for (Asked protocol : Asked.values()) {
            families.put(
                    protocol.name(),
                    List.of(
                            protocol.good().sign().bytes(),
                            protocol.bad().sign().bytes(),
                            protocol.good().session(Fakes.TOKEN).sign().bytes()));
        }
        families.put(
                "METRICS_QUERY",
                List.of(Asked.form("monitoring", Asked.METRIC_FORM).sign().bytes()));
        families.put(
                "QUEUES_JSON", List.of(queue("{\"QueueName\":\"q\"}").sign().bytes()));
        families.put(
                "QUEUES_QUERY",
                List.of(Asked.form("sqs", "Action=GetQueueUrl&Version=2012-11-05&QueueName=q")
                        .sign()
                        .bytes()));
        families.put("OBJECTS", objects());
        families.put("SIGNED_CHUNKS", List.of(chunked(true)));
        families.put("UNSIGNED_CHUNKS", List.of(chunked(false)));
        families.put("PRESIGNED", presigned());
        families.put("SIGNATURE_2", signature2());
        families.put("UNSIGNED", unsigned());
        return families;
    }

    private static Draft queue(String json) {
        return Asked.json("sqs", "application/x-amz-json-1.0", "AmazonSQS.GetQueueUrl", json);
    }

    private static List<byte[]> objects() {
        return List.of(
                new Draft("PUT", "http://bucket.s3.localhost/a%20key")
                        .body("hello")
                        .sign()
                        .bytes(),
                new Draft("GET", "http://localhost/bucket/key?versionId=1")
                        .sign()
                        .bytes());
    }

    private static byte[] chunked(boolean signed) {
        Draft chunked = new Draft("PUT", "http://localhost/bucket/chunked")
                .body(new byte[20_000])
                .header("Content-Length", "20000")
                .with(request -> request.putProperty(AwsV4HttpSigner.CHUNK_ENCODING_ENABLED, true)
                        .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, signed)
                        .putProperty(AwsV4HttpSigner.CHECKSUM_ALGORITHM, DefaultChecksumAlgorithm.CRC32));
        return (signed ? chunked : chunked.secure()).sign().bytes();
    }

    private static List<byte[]> presigned() {
        return List.of(
                new Draft("GET", "http://bucket.s3.us-east-1.localhost/key")
                        .presigned(Duration.ofMinutes(5))
                        .sign()
                        .bytes(),
                new Draft("GET", "http://localhost/?Action=GetCallerIdentity&Version=2011-06-15")
                        .to("sts", "us-east-1")
                        .presigned(Duration.ofMinutes(5))
                        .sign()
                        .bytes());
    }

    private static List<byte[]> signature2() {
        return List.of(
                bytes("GET /bucket/key?" + OldSignaturesTest.GET + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bytes("GET /bucket/key HTTP/1.1\r\nHost: localhost\r\nDate: Thu, 15 Jan 2026 10:00:00 GMT\r\n"
                        + "Authorization: AWS AKIDEXAMPLE:bm90IHRoZSBzaWduYXR1cmU=\r\n\r\n"));
    }

    private static List<byte[]> unsigned() {
        return List.of(
                bytes("GET /bucket?list-type=2&prefix=a HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bytes(
                        "POST /bucket?delete HTTP/1.1\r\nHost: localhost\r\nContent-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\r\n"
                                + "Content-Length: 64\r\n\r\n<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>"),
                bytes("OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\n"
                        + "Access-Control-Request-Method: POST\r\n\r\n"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** One to six changes: bytes flipped, cut, doubled, or a token put in, mostly in the head. */
    private static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed;
        int changes = 1 + random.nextInt(6);
        for (int change = 0; change < changes && bytes.length > 0; change++) {
            int span = random.nextInt(4) == 0 ? bytes.length : Math.min(bytes.length, 700);
            int at = random.nextInt(span);
            int end = Math.min(bytes.length, at + 1 + random.nextInt(20));
            ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 64);
            out.write(bytes, 0, at);
            switch (random.nextInt(5)) {
                case 0 -> out.write(bytes[at] ^ (1 << random.nextInt(8)));
                case 1 -> at = end - 1;
                case 2 -> {
                    out.write(bytes, at, end - at);
                    at--;
                }
                case 3 -> {
                    out.writeBytes(TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.ISO_8859_1));
                    at--;
                }
                default -> {
                    if (random.nextInt(8) == 0) {
                        return out.toByteArray();
                    }
                    at--;
                }
            }
            out.write(bytes, at + 1, bytes.length - at - 1);
            bytes = out.toByteArray();
        }
        return bytes;
    }

    private static String answer(int port, byte[] request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            try {
                socket.getOutputStream().write(request);
                socket.shutdownOutput();
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            } catch (SocketException hungUp) {
                return "";
            }
        }
    }

    @Test
    void mutatedRequestsAreNeverTheServersFault(@TempDir Path folder) throws Exception {
        Map<String, List<byte[]>> families = families();
        AtomicInteger answered = new AtomicInteger();
        try (Fixture fixture = new Fixture(folder)) {
            answer(fixture.port(), families.values().iterator().next().getFirst());
            long openBefore = openFiles();
            try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
                List<Future<?>> running = new ArrayList<>();
                families.forEach((name, seeds) ->
                        running.add(clients.submit(() -> fuzz(fixture.port(), name, seeds, answered))));
                for (Future<?> one : running) {
                    one.get();
                }
            }
            assertThat(fixture.raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                            .status())
                    .isEqualTo(200);
            for (int wait = 0; wait < 200 && openFiles() > openBefore + SPARE_FILES; wait++) {
                Thread.sleep(50);
            }
            assertThat(openFiles()).as("sockets stay open").isLessThanOrEqualTo(openBefore + SPARE_FILES);
        }
        assertThat(answered.get()).isGreaterThan(REQUESTS * families.size() * 3 / 4);
    }

    private static Void fuzz(int port, String family, List<byte[]> seeds, AtomicInteger answered) throws IOException {
        Random random = new Random(SEED + family.hashCode());
        for (int number = 0; number < REQUESTS; number++) {
            byte[] request = mutate(seeds.get(number % seeds.size()), random);
            for (String line : answer(port, request).split("\r\n")) {
                if (line.startsWith("HTTP/1.1 ")) {
                    answered.incrementAndGet();
                    assertThat(line.substring(9, 12))
                            .as("%s %d: %s", family, number, new String(request, StandardCharsets.ISO_8859_1))
                            .matches("[1-4]\\d\\d|501|505");
                }
            }
        }
        return null;
    }

    private static long openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
    }
}
