package dev.haneul.wire.checksum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.s3.S3Model;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.wire.protocols.Headers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckedBodyTest {
    private static final byte[] BYTES = "123456789".getBytes(StandardCharsets.US_ASCII);
    private static final OperationShape PUT = operation("PutObject");

    private static OperationShape operation(String name) {
        return Objects.requireNonNull(S3Model.SHAPE.operation(name));
    }

    private static CheckedBody body(OperationShape operation, Headers headers, Map<String, String> trailers) {
        CheckedBody body = new CheckedBody(new ByteArrayInputStream(BYTES), BYTES.length);
        DeclaredChecksums.of(operation, headers).expectOf(body, () -> trailers);
        return body;
    }

    private static String checksum(ChecksumAlgorithm algorithm) {
        ChecksumAlgorithm.Running running = algorithm.start();
        running.update(BYTES, 0, BYTES.length);
        return running.base64();
    }

    private static void refusedWith(Headers headers, Map<String, String> trailers, String code, String message) {
        assertThatThrownBy(() -> body(PUT, headers, trailers).stream().readAllBytes())
                .isInstanceOfSatisfying(Fault.class, fault -> {
                    assertThat(fault.code()).isEqualTo(code);
                    assertThat(fault.message()).isEqualTo(message);
                });
    }

    @ParameterizedTest
    @EnumSource(ChecksumAlgorithm.class)
    void rightChecksumsPassAndAreTold(ChecksumAlgorithm algorithm) throws IOException {
        CheckedBody inHeader = body(PUT, new Headers().add(algorithm.header(), checksum(algorithm)), Map.of());
        assertThat(inHeader.checksums()).isEmpty();
        assertThat(inHeader.stream().readAllBytes()).isEqualTo(BYTES);
        assertThat(inHeader.checksums()).containsExactly(Map.entry(algorithm.header(), checksum(algorithm)));
        CheckedBody inTrailer = body(
                PUT,
                new Headers().add("x-amz-trailer", algorithm.header()),
                Map.of(algorithm.header(), checksum(algorithm)));
        inTrailer.stream().readAllBytes();
        assertThat(inTrailer.checksums()).containsExactly(Map.entry(algorithm.header(), checksum(algorithm)));
    }

    @Test
    void wrongChecksumsAreBadDigests() {
        refusedWith(
                new Headers().add("x-amz-checksum-crc32", "AAAAAA=="),
                Map.of(),
                "BadDigest",
                "The CRC32 you specified did not match the calculated checksum.");
        refusedWith(
                new Headers().add("x-amz-trailer", "x-amz-checksum-crc32c"),
                Map.of("x-amz-checksum-crc32c", "AAAAAA=="),
                "BadDigest",
                "The CRC32C you specified did not match the calculated checksum.");
        refusedWith(
                new Headers().add("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="),
                Map.of(),
                "BadDigest",
                "The Content-MD5 you specified did not match what we received.");
    }

    @Test
    void malformedDeclarationsAreRefused() {
        refusedWith(
                new Headers().add("x-amz-checksum-crc32", "nonsense"),
                Map.of(),
                "InvalidRequest",
                "Value for x-amz-checksum-crc32 header is invalid.");
        refusedWith(
                new Headers().add("Content-MD5", "nonsense"),
                Map.of(),
                "InvalidDigest",
                "The Content-MD5 you specified was invalid.");
        refusedWith(
                new Headers().add("x-amz-checksum-crc32", "AAAAAA==").add("x-amz-checksum-crc32c", "AAAAAA=="),
                Map.of(),
                "InvalidRequest",
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
        refusedWith(
                new Headers().add("x-amz-sdk-checksum-algorithm", "CRC32"),
                Map.of(),
                "InvalidRequest",
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer"
                        + " headers were found.");
    }

    @Test
    void declaredTrailerMustCome() {
        assertThatThrownBy(() -> body(PUT, new Headers().add("x-amz-trailer", "x-amz-checksum-sha1"), Map.of()).stream()
                        .readAllBytes())
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("MalformedTrailerError"));
    }

    @Test
    void unknownAlgorithmIsNotTakenOnTrust() {
        assertThatThrownBy(() -> DeclaredChecksums.of(PUT, new Headers().add("x-amz-checksum-blake3", "AAAA")))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("NotImplemented"));
    }

    @Test
    void operationsThatNeedOneSaySo() {
        assertThatThrownBy(() -> DeclaredChecksums.of(operation("DeleteObjects"), new Headers()))
                .hasMessage("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
    }

    @Test
    void checksumOfTheWholeObjectIsNotTheBodys() throws IOException {
        CheckedBody body = body(
                operation("CompleteMultipartUpload"), new Headers().add("x-amz-checksum-crc32", "AAAAAA=="), Map.of());
        assertThat(body.stream().readAllBytes()).isEqualTo(BYTES);
    }

    @Test
    void readerThatStopsAtTheLastByteHasReadACheckedBody() {
        CheckedBody body = body(PUT, new Headers().add("x-amz-checksum-crc32", "AAAAAA=="), Map.of());
        assertThatThrownBy(() -> body.stream().readNBytes(BYTES.length)).isInstanceOf(Fault.class);
        // And asking again does not make it right.
        assertThatThrownBy(() -> body.stream().read()).isInstanceOf(Fault.class);
    }
}
