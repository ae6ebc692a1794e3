package dev.haneul.wire.chunked;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.kernel.call.SigningKey;
import dev.haneul.wire.chunked.AwsChunkedStream.Mode;
import dev.haneul.wire.sigv4.AuthFaults;
import dev.haneul.wire.sigv4.Claim;
import dev.haneul.wire.sigv4.Scope;
import dev.haneul.wire.sigv4.Verified;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples are those of S3's API reference: 65 KiB of the letter a in chunks of 64 KiB. */
class AwsChunkedStreamTest {
    private static final int LENGTH = 66_560;
    private static final String SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    private static final String FIRST = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648";
    private static final String SECOND = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497";
    private static final String LAST = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";

    private static ChunkSignatures signatures(String seed) {
        Scope scope = new Scope("20130524", "us-east-1", "s3");
        Instant at = Instant.parse("2013-05-24T00:00:00Z");
        Claim claim = new Claim("AKIAIOSFODNN7EXAMPLE", scope, List.of("host"), seed, "20130524T000000Z", at, null, -1);
        SigningKey key = SigningKey.derive(
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", scope.date(), scope.region(), scope.service());
        Verified verified = new Verified(Principal.root("123456789012", claim.accessKeyId()), claim, key);
        return new ChunkSignatures(verified, AuthFaults.of(Protocol.REST_XML, true));
    }

    private static byte[] letters(int count) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) 'a');
        return bytes;
    }

    private static InputStream encoded(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            out.writeBytes(
                    part instanceof byte[] bytes ? bytes : part.toString().getBytes(StandardCharsets.UTF_8));
        }
        return new ByteArrayInputStream(out.toByteArray());
    }

    private static InputStream example(String first, String second, String last) {
        return encoded(
                "10000;chunk-signature=" + first + "\r\n",
                letters(65_536),
                "\r\n400;chunk-signature=" + second + "\r\n",
                letters(1024),
                "\r\n0;chunk-signature=" + last + "\r\n\r\n");
    }

    private static AwsChunkedStream signed(InputStream in) {
        return new AwsChunkedStream(in, Mode.SIGNED, signatures(SEED), LENGTH);
    }

    private static AwsChunkedStream unsigned(long length, Object... parts) {
        return new AwsChunkedStream(encoded(parts), Mode.UNSIGNED_TRAILER, null, length);
    }

    @Test
    void documentedExampleDecodes() throws IOException {
        assertThat(signed(example(FIRST, SECOND, LAST)).readAllBytes()).isEqualTo(letters(LENGTH));
    }

    @Test
    void everyForgedChunkSignatureIsRefused() {
        for (InputStream forged :
                List.of(example(SECOND, SECOND, LAST), example(FIRST, FIRST, LAST), example(FIRST, SECOND, SECOND))) {
            assertThatThrownBy(() -> signed(forged).readAllBytes()).isInstanceOfSatisfying(Fault.class, fault -> {
                assertThat(fault.code()).isEqualTo("SignatureDoesNotMatch");
                assertThat(fault.extras()).containsKey("StringToSign");
            });
        }
    }

    @Test
    void changedByteIsRefusedAtItsChunksEnd() throws IOException {
        byte[] body = example(FIRST, SECOND, LAST).readAllBytes();
        body[5_000] ^= 1;
        AwsChunkedStream stream = signed(new ByteArrayInputStream(body));
        assertThatThrownBy(stream::readAllBytes).hasMessageContaining("does not match");
    }

    @Test
    void documentedTrailerExampleDecodes() throws IOException {
        AwsChunkedStream stream = new AwsChunkedStream(
                encoded(
                        "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n",
                        letters(65_536),
                        "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n",
                        letters(1024),
                        "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n",
                        "x-amz-checksum-crc32c:sOO8/Q==\r\n",
                        "x-amz-trailer-signature:"
                                + "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"),
                Mode.SIGNED_TRAILER,
                signatures("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"),
                LENGTH);
        assertThat(stream.readAllBytes()).hasSize(LENGTH);
        assertThat(stream.trailers()).containsEntry("x-amz-checksum-crc32c", "sOO8/Q==");
    }

    @Test
    void unsignedChunksWithTrailer() throws IOException {
        AwsChunkedStream stream = unsigned(5, "5\r\nhello\r\n0\r\nX-Amz-Checksum-Crc32: NhCmhg==\r\n\r\n");
        assertThat(stream.readAllBytes()).asString().isEqualTo("hello");
        assertThat(stream.trailers()).containsEntry("x-amz-checksum-crc32", "NhCmhg==");
    }

    @Test
    void emptyBodyIsOneEmptyChunk() throws IOException {
        assertThat(unsigned(0, "0\r\n\r\n").readAllBytes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5\r\nhello\r\n",
                "5\r\nhel",
                "5\r\nhello\r\n0\r\n\r\n",
                "7\r\nhello12\r\n0\r\n\r\n",
                "",
                "ffffffffffffff\r\nhello\r\n0\r\n\r\n"
            })
    void lengthOtherThanAnnouncedIsIncomplete(String body) {
        int announced = body.startsWith("5") && body.endsWith("0\r\n\r\n") ? 6 : 5;
        assertThatThrownBy(() -> unsigned(announced, body).readAllBytes())
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("IncompleteBody"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello\r\n",
                "-1\r\nhello\r\n0\r\n\r\n",
                "5\r\nhello!\r\n0\r\n\r\n",
                "5\r\nhello\r\n0\r\n\r\nmore",
                "0000000000000005\r\nhello\r\n0\r\n\r\n"
            })
    void brokenFramingIsRefused(String body) {
        assertThatThrownBy(() -> unsigned(5, body).readAllBytes())
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.status()).isEqualTo(400));
    }

    @Test
    void linesAndTrailersAreBounded() {
        assertThatThrownBy(() -> unsigned(5, "5;" + "x".repeat(5_000) + "\r\nhello\r\n0\r\n\r\n")
                        .readAllBytes())
                .hasMessageContaining("too long");
        assertThatThrownBy(() -> unsigned(5, "5\r\nhello\r\n0\r\n" + "a:b\r\n".repeat(2) + "\r\n")
                        .readAllBytes())
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("MalformedTrailerError"));
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            many.append("t").append(i).append(":v\r\n");
        }
        assertThatThrownBy(
                        () -> unsigned(5, "5\r\nhello\r\n0\r\n" + many + "\r\n").readAllBytes())
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("MalformedTrailerError"));
    }

    @Test
    void onlyTheLastChunkMayBeSmall() {
        assertThatThrownBy(() ->
                        unsigned(10, "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n").readAllBytes())
                .isInstanceOfSatisfying(Fault.class, fault -> {
                    assertThat(fault.code()).isEqualTo("InvalidChunkSizeError");
                    assertThat(fault.extras()).containsEntry("BadChunkSize", "5");
                });
    }

    @Test
    void missingTrailerSignatureIsRefused() {
        AwsChunkedStream stream = new AwsChunkedStream(
                encoded(
                        "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n",
                        letters(65_536),
                        "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n",
                        letters(1024),
                        "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n",
                        "x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n"),
                Mode.SIGNED_TRAILER,
                signatures("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"),
                LENGTH);
        assertThatThrownBy(stream::readAllBytes)
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("MalformedTrailerError"));
    }
}
