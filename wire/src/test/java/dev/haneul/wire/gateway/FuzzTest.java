package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.wire.gateway.Signed.Draft;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.checksums.DefaultChecksumAlgorithm;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;

/**
 * Requests of every signature form and protocol, mutated from a seed: each is answered, or hung up on, and none is the
 * server's fault. {@code -Dhaneul.fuzz.requests=N} for more of them.
 */
class FuzzTest {
    private static final long SEED = 20_260_115;
    private static final int REQUESTS = Integer.getInteger("haneul.fuzz.requests", 2_000);
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

    private static List<byte[]> seeds() {
        byte[] body = new byte[20_000];
        List<byte[]> seeds = new ArrayList<>();
        seeds.add(new Draft("PUT", "http://bucket.s3.localhost/a%20key")
                .body("hello")
                .sign()
                .bytes());
        seeds.add(new Draft("GET", "http://localhost/bucket/key?versionId=1")
                .sign()
                .bytes());
        for (boolean signed : new boolean[] {true, false}) {
            Draft chunked = new Draft("PUT", "http://localhost/bucket/chunked")
                    .body(body)
                    .header("Content-Length", "20000")
                    .with(request -> request.putProperty(AwsV4HttpSigner.CHUNK_ENCODING_ENABLED, true)
                            .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, signed)
                            .putProperty(AwsV4HttpSigner.CHECKSUM_ALGORITHM, DefaultChecksumAlgorithm.CRC32));
            seeds.add((signed ? chunked : chunked.secure()).sign().bytes());
        }
        seeds.add(new Draft("GET", "http://bucket.s3.us-east-1.localhost/key")
                .presigned(Duration.ofMinutes(5))
                .sign()
                .bytes());
        seeds.add(new Draft("POST", "http://localhost/")
                .to("sts", "us-east-1")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body("Action=GetCallerIdentity&Version=2011-06-15")
                .sign()
                .bytes());
        seeds.add(new Draft("POST", "http://logs.us-east-1.localhost/")
                .to("logs", "us-east-1")
                .header("Content-Type", "application/x-amz-json-1.1")
                .header("X-Amz-Target", "Logs_20140328.DescribeLogGroups")
                .body("{\"logGroupNamePrefix\":\"a\",\"limit\":5}")
                .sign()
                .bytes());
        seeds.add(new Draft("POST", "http://localhost/2015-03-31/functions")
                .to("lambda", "us-east-1")
                .header("Content-Type", "application/json")
                .body("{\"FunctionName\":\"f\",\"Role\":\"arn:aws:iam::1:role/r\",\"Code\":{\"ZipFile\":\"UEs=\"}}")
                .sign()
                .bytes());
        seeds.add("GET /bucket?list-type=2&prefix=a HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
        seeds.add(("POST /bucket?delete HTTP/1.1\r\nHost: localhost\r\nContent-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\r\n"
                        + "Content-Length: 64\r\n\r\n<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>")
                .getBytes());
        return seeds;
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
        List<byte[]> seeds = seeds();
        Random random = new Random(SEED);
        int answered = 0;
        try (Fixture fixture = new Fixture(folder)) {
            for (int number = 0; number < REQUESTS; number++) {
                byte[] request = mutate(seeds.get(number % seeds.size()), random);
                for (String line : answer(fixture.port(), request).split("\r\n")) {
                    if (line.startsWith("HTTP/1.1 ")) {
                        answered++;
                        String status = line.substring(9, 12);
                        assertThat(status)
                                .as("request %d: %s", number, new String(request, StandardCharsets.ISO_8859_1))
                                .matches("[1-4]\\d\\d|501|505");
                    }
                }
            }
            assertThat(fixture.raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                            .status())
                    .isEqualTo(200);
        }
        assertThat(answered).isGreaterThan(REQUESTS * 3 / 4);
    }
}
