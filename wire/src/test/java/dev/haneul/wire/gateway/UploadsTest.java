package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.wire.gateway.Fixture.Answer;
import dev.haneul.wire.gateway.Signed.Draft;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.checksums.DefaultChecksumAlgorithm;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;

/** Bodies that prove themselves, and what happens to those that cannot: nothing half-made is left. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UploadsTest {
    private static final String URL = "http://bucket.s3.localhost:4566/key";
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
        fixture.fakes.objects.lastPut = null;
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static Draft put(byte[] body) {
        return new Draft("PUT", URL).body(body);
    }

    private static Draft chunked(byte[] body, boolean signed, String algorithm) {
        return (signed ? put(body) : put(body).secure())
                .header("Content-Length", Integer.toString(body.length))
                .with(request -> request.putProperty(AwsV4HttpSigner.CHUNK_ENCODING_ENABLED, true)
                        .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, signed))
                .with(request -> {
                    if (!algorithm.isEmpty()) {
                        request.putProperty(
                                AwsV4HttpSigner.CHECKSUM_ALGORITHM, DefaultChecksumAlgorithm.fromValue(algorithm));
                    }
                });
    }

    private void stored(Answer answer, byte[] body) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(fixture.fakes.objects.stored.get("bucket/key")).isEqualTo(body);
    }

    private void refused(Answer answer, int status, String code) {
        assertThat(answer.body()).contains("<Code>" + code + "</Code>");
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(fixture.fakes.objects.stored).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "true, ''",
        "true, CRC32",
        "true, CRC32C",
        "true, CRC64NVME",
        "true, SHA1",
        "true, SHA256",
        "false, CRC32",
        "false, CRC64NVME",
        "false, SHA256"
    })
    void chunkedBodiesOfTheSdkDecode(boolean signed, String algorithm) throws Exception {
        if (algorithm.equals("CRC64NVME")) {
            // The SDK computes it with a native library only, so the trailer is made by hand elsewhere.
            return;
        }
        byte[] body = random(300_000);
        Signed request = chunked(body, signed, algorithm).sign();
        assertThat(request.headers().get("x-amz-content-sha256")).startsWith("STREAMING-");
        stored(fixture.send(request), body);
        if (!algorithm.isEmpty()) {
            assertThat(fixture.fakes.objects.lastChecksums)
                    .containsOnlyKeys("x-amz-checksum-" + algorithm.toLowerCase(java.util.Locale.ROOT));
        }
        PutObjectRequest in = Objects.requireNonNull(fixture.fakes.objects.lastPut);
        assertThat(in.contentLength()).isEqualTo(body.length);
        assertThat(in.contentEncoding()).isNull();
    }

    @Test
    void contentEncodingKeepsWhatIsNotTheWires() throws Exception {
        byte[] body = random(20);
        Signed request =
                chunked(body, true, "").header("Content-Encoding", "gzip").sign();
        stored(fixture.send(request), body);
        assertThat(Objects.requireNonNull(fixture.fakes.objects.lastPut).contentEncoding())
                .isEqualTo("gzip");
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 140_000, 299_000, 300_400})
    void byteFlippedAnywhereInAChunkedBodyIsRefused(int place) throws Exception {
        Signed request = chunked(random(300_000), true, "CRC32").sign();
        byte[] changed = request.body().clone();
        changed[place] ^= 1;
        Answer answer = fixture.send(request.body(changed));
        assertThat(answer.status()).as(answer.body()).isBetween(400, 403);
        assertThat(fixture.fakes.objects.stored).isEmpty();
    }

    @Test
    void byteFlippedInAnUnsignedChunkFailsItsChecksum() throws Exception {
        Signed request = chunked(random(300_000), false, "CRC32").sign();
        byte[] changed = request.body().clone();
        changed[5_000] ^= 1;
        refused(fixture.send(request.body(changed)), 400, "BadDigest");
    }

    @Test
    void signedHashIsChecked() throws Exception {
        byte[] body = random(100_000);
        Signed request = put(body)
                .with(r -> r.putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, true))
                .sign();
        stored(fixture.send(request), body);
        fixture.fakes.objects.stored.clear();
        byte[] changed = body.clone();
        changed[99_999] ^= 1;
        Answer answer = fixture.send(request.body(changed));
        refused(answer, 400, "XAmzContentSHA256Mismatch");
        assertThat(answer.body()).contains("<ClientComputedContentSHA256>", "<S3ComputedContentSHA256>");
    }

    @Test
    void payloadHashMustBeThereAndMakeSense() throws Exception {
        Signed request = put(random(10)).sign();
        refused(fixture.send(request.header("x-amz-content-sha256", "NONSENSE")), 400, "InvalidArgument");
    }

    @Test
    void checksumsInHeadersAreChecked() throws Exception {
        byte[] body = "123456789".getBytes();
        stored(
                fixture.send(put(body)
                        .header("x-amz-checksum-crc64nvme", "rosUhgp5mIg=")
                        .sign()),
                body);
        fixture.fakes.objects.stored.clear();
        refused(
                fixture.send(
                        put(body).header("x-amz-checksum-crc32", "AAAAAA==").sign()),
                400,
                "BadDigest");
        refused(fixture.send(put(body).header("x-amz-checksum-sha1", "?").sign()), 400, "InvalidRequest");
        refused(
                fixture.send(put(body)
                        .header("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")
                        .sign()),
                400,
                "BadDigest");
        refused(fixture.send(put(body).header("Content-MD5", "short").sign()), 400, "InvalidDigest");
    }

    @Test
    void lengthsMustBeAnnounced() throws Exception {
        String head = "PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        refused(fixture.raw(head + "\r\n"), 411, "MissingContentLength");
        refused(fixture.raw(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), 501, "NotImplemented");
        refused(
                fixture.raw(head + "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n"
                        + "Content-Length: 10\r\n\r\n0123456789"),
                411,
                "MissingContentLength");
    }

    @Test
    void chunkedTransferEncodingCarriesAwsChunks() throws Exception {
        Answer answer = fixture.raw("PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nx-amz-decoded-content-length: 9\r\n"
                + "x-amz-trailer: x-amz-checksum-crc64nvme\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3a\r\n9\r\n123456789\r\n0\r\nx-amz-checksum-crc64nvme:rosUhgp5mIg=\r\n\r\n\r\n0\r\n\r\n");
        stored(answer, "123456789".getBytes());
        assertThat(fixture.fakes.objects.lastChecksums).containsEntry("x-amz-checksum-crc64nvme", "rosUhgp5mIg=");
    }

    @Test
    void truncatedBodiesAreIncomplete() throws Exception {
        Signed whole = put(random(50_000)).sign();
        byte[] bytes = whole.bytes();
        Answer answer = fixture.raw(java.util.Arrays.copyOf(bytes, bytes.length - 1), true);
        refused(answer, 400, "IncompleteBody");
        byte[] chunks = chunked(random(200_000), true, "CRC32").sign().bytes();
        refused(fixture.raw(java.util.Arrays.copyOf(chunks, chunks.length - 100), true), 400, "IncompleteBody");
    }

    @Test
    void signedChunksNeedASignedRequest() throws Exception {
        Answer answer = fixture.raw("PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\nx-amz-decoded-content-length: 1\r\n"
                + "Content-Length: 5\r\n\r\n12345");
        refused(answer, 403, "AccessDenied");
    }
}
