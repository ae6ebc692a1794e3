package dev.haneul.kernel.digest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DigestTest {
    @ParameterizedTest
    @CsvSource({
        "MD5, 25f9e794323b453885f5181f1b624d0b",
        "SHA1, f7c3bc1d808e04732adf679965ccc34ca7ae3441",
        "SHA256, 15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
        "CRC32, cbf43926",
        "CRC32C, e3069283",
        "CRC64NVME, ae8b14860a799888"
    })
    void theCheckValueOfEachAlgorithmIsRight(Digest digest, String hex) {
        byte[] value = digest.of("123456789".getBytes(US_ASCII));
        assertThat(HexFormat.of().formatHex(value)).isEqualTo(hex);
        assertThat(value).hasSize(digest.bytes());
    }

    @Property
    void feedingInPiecesChangesNothing(
            @ForAll @Size(max = 200) byte[] content, @ForAll @IntRange(max = 200) int cut, @ForAll Digest digest) {
        int at = Math.min(cut, content.length);
        Digest.Digester digester = digest.begin();
        digester.update(content, 0, at);
        digester.update(content, at, content.length - at);
        assertThat(digester.value()).isEqualTo(digest.of(content));
    }

    @ParameterizedTest
    @EnumSource(names = {"CRC32", "CRC32C", "CRC64NVME"})
    void crcsOfPartsCombineToTheCrcOfTheWhole(Digest digest) {
        Random random = new Random(7);
        for (int second : new int[] {0, 1, 7, 8, 9, 1000, 70_001}) {
            byte[] whole = new byte[1234 + second];
            random.nextBytes(whole);
            byte[] first = Arrays.copyOf(whole, 1234);
            byte[] rest = Arrays.copyOfRange(whole, 1234, whole.length);
            assertThat(Crcs.combine(digest, digest.of(first), digest.of(rest), second))
                    .isEqualTo(digest.of(whole));
        }
    }

    @Test
    void onlyCrcsCombine() {
        byte[] md5 = Digest.MD5.of(new byte[0]);
        assertThatThrownBy(() -> Crcs.combine(Digest.MD5, md5, md5, 1)).isInstanceOf(IllegalArgumentException.class);
        byte[] crc = Digest.CRC32.of(new byte[0]);
        assertThatThrownBy(() -> Crcs.combine(Digest.CRC32, crc, crc, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Crcs.combine(Digest.CRC64NVME, crc, crc, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
