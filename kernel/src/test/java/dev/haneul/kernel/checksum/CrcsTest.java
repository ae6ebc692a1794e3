package dev.haneul.kernel.checksum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CrcsTest {
    @ParameterizedTest
    @EnumSource(names = {"CRC32", "CRC32C", "CRC64NVME"})
    void crcsOfPartsCombineToTheCrcOfTheWhole(ChecksumAlgorithm crc) {
        Random random = new Random(7);
        for (int second : new int[] {0, 1, 7, 8, 9, 1000, 70_001}) {
            byte[] whole = new byte[1234 + second];
            random.nextBytes(whole);
            byte[] first = Arrays.copyOf(whole, 1234);
            byte[] rest = Arrays.copyOfRange(whole, 1234, whole.length);
            assertThat(Crcs.combine(crc, crc.of(first), crc.of(rest), second)).isEqualTo(crc.of(whole));
        }
    }

    @Test
    void onlyCrcsCombine() {
        byte[] md5 = ChecksumAlgorithm.MD5.of(new byte[0]);
        assertThatThrownBy(() -> Crcs.combine(ChecksumAlgorithm.MD5, md5, md5, 1))
                .isInstanceOf(IllegalArgumentException.class);
        byte[] crc = ChecksumAlgorithm.CRC32.of(new byte[0]);
        assertThatThrownBy(() -> Crcs.combine(ChecksumAlgorithm.CRC32, crc, crc, -1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Crcs.combine(ChecksumAlgorithm.CRC64NVME, crc, crc, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
