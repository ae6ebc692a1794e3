package dev.haneul.kernel.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ChecksumAlgorithmTest {
    private static final byte[] CHECK = "123456789".getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest
    @CsvSource({
        "CRC32, y/Q5Jg==",
        "CRC32C, 4waSgw==",
        "CRC64NVME, rosUhgp5mIg=",
        "SHA1, 98O8HYCOBHMq32eZZczDTKeuNEE=",
        "SHA256, FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
        "SHA512, 2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6z1dPuo/+hQ==",
        "MD5, JfnnlDI7RTiF9RgfG2JNCw==",
        "XXHASH64, jLhB20DmroM=",
        "XXHASH3, ctyxi2ehff8=",
        "XXHASH128, MxGUd+3l3NXpcWQnaB1YYA=="
    })
    void checkValuesAreThoseOfTheStandards(ChecksumAlgorithm algorithm, String expected) {
        ChecksumAlgorithm.Running running = algorithm.start();
        running.update(CHECK, 0, CHECK.length);
        assertThat(running.base64()).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(ChecksumAlgorithm.class)
    void piecesGiveTheSameValueAsTheWhole(ChecksumAlgorithm algorithm) {
        byte[] bytes = new byte[10_007];
        new Random(7).nextBytes(bytes);
        ChecksumAlgorithm.Running whole = algorithm.start();
        whole.update(bytes, 0, bytes.length);
        ChecksumAlgorithm.Running pieces = algorithm.start();
        int at = 0;
        for (int size = 0; at < bytes.length; size++) {
            int count = Math.min(size, bytes.length - at);
            pieces.update(bytes, at, count);
            at += count;
        }
        byte[] value = pieces.value();
        assertThat(value).isEqualTo(whole.value()).hasSize(algorithm.bytes());
    }

    @Test
    void crc64NvmeByBytesEqualsByBlocks() {
        Crc64Nvme blocks = new Crc64Nvme();
        blocks.update(CHECK, 0, CHECK.length);
        Crc64Nvme bytes = new Crc64Nvme();
        for (byte b : CHECK) {
            bytes.update(b);
        }
        assertThat(bytes.getValue()).isEqualTo(blocks.getValue()).isEqualTo(0xAE8B14860A799888L);
        bytes.reset();
        assertThat(bytes.getValue()).isZero();
    }

    @Test
    void crc64NvmeOfLongContentsEqualsByBytes() {
        byte[] content = new byte[20_000];
        new Random(64).nextBytes(content);
        for (int length : new int[] {4095, 4096, 4097, 8191, 8200, 12_345, 19_999}) {
            Crc64Nvme whole = new Crc64Nvme();
            whole.update(content, 1, length);
            Crc64Nvme bytes = new Crc64Nvme();
            for (int i = 1; i <= length; i++) {
                bytes.update(content[i]);
            }
            assertThat(whole.getValue()).as("%s bytes", length).isEqualTo(bytes.getValue());
        }
    }

    @Test
    void valuesOfAnotherLengthOrAlphabetAreRefused() {
        assertThat(ChecksumAlgorithm.CRC32.parse("y/Q5Jg==")).hasSize(4);
        assertThat(ChecksumAlgorithm.CRC32.parse("y/Q5")).isNull();
        assertThat(ChecksumAlgorithm.CRC32.parse("not base64!")).isNull();
    }

    @Test
    void headersNameTheirAlgorithm() {
        assertThat(ChecksumAlgorithm.ofHeader("X-Amz-Checksum-Crc32c")).isEqualTo(ChecksumAlgorithm.CRC32C);
        assertThat(ChecksumAlgorithm.ofHeader("x-amz-checksum-type")).isNull();
        assertThat(ChecksumAlgorithm.CRC64NVME.header()).isEqualTo("x-amz-checksum-crc64nvme");
    }
}
