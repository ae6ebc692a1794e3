package dev.haneul.services.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
    @Provide
    Arbitrary<String> unicode() {
        return Arbitraries.oneOf(
                        Arbitraries.of(
                                0, 1, 2, 0x2F, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF),
                        Arbitraries.integers().between(0, 0x10FFFF).filter(c -> c < 0xD800 || c > 0xDFFF))
                .list()
                .ofMaxSize(6)
                .map(points -> points.stream()
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString());
    }

    private static int byBytes(String a, String b) {
        return Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    @Property(seed = "2026")
    void orderIsThatOfUtf8Bytes(@ForAll("unicode") String a, @ForAll("unicode") String b) {
        assertThat(Integer.signum(Utf8Order.compare(a, b))).isEqualTo(Integer.signum(byBytes(a, b)));
    }

    @Property(seed = "2026")
    void whatFollowsAPrefixIsTheLeastStringPastIt(@ForAll("unicode") String prefix, @ForAll("unicode") String other) {
        String after = Utf8Order.after(prefix);
        if (after == null) {
            assertThat(prefix.codePoints().allMatch(c -> c == Character.MAX_CODE_POINT))
                    .isTrue();
            return;
        }
        assertThat(byBytes(prefix + other, after)).isNegative();
        boolean past = byBytes(other, prefix) > 0 && !other.startsWith(prefix);
        assertThat(byBytes(other, after) >= 0).isEqualTo(past);
    }

    @Property(seed = "2026")
    void positionsKeepTheOrderAndTellTheKey(@ForAll("unicode") String a, @ForAll("unicode") String b) {
        assertThat(Keys.ofPosition(Keys.position(a))).isEqualTo(a);
        assertThat(Keys.position(a)).doesNotContain("\0");
        assertThat(Integer.signum(byBytes(Keys.position(a), Keys.position(b))))
                .isEqualTo(Integer.signum(byBytes(a, b)));
        assertThat(Keys.position(a).startsWith(Keys.position(b))).isEqualTo(a.startsWith(b));
        assertThat(Keys.ofPosition(Keys.position(a) + "\0version")).isEqualTo(a);
    }

    @Test
    void aKeyHasAtMost1024BytesOfUtf8() {
        Keys.check("é".repeat(512));
        assertThatThrownBy(() -> Keys.check("é".repeat(512) + "x")).isInstanceOfSatisfying(Fault.class, fault -> {
            assertThat(fault.code()).isEqualTo("KeyTooLongError");
            assertThat(fault.extras()).containsEntry("Size", "1025").containsEntry("MaxSizeAllowed", "1024");
        });
    }

    @Test
    void halfASurrogatePairIsNoKey() {
        assertThatThrownBy(() -> Keys.check("a\uD800"))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("InvalidURI"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "abc",
                "a.b-c",
                "123",
                "my.bucket.example",
                "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"
            })
    void validBucketNames(String name) {
        assertThat(BucketNames.valid(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ab",
                "Abc",
                "a_b",
                "-abc",
                "abc-",
                ".abc",
                "abc.",
                "a..b",
                "192.168.5.4",
                "xn--abc",
                "sthree-abc",
                "amzn-s3-demo-bucket",
                "abc-s3alias",
                "abc--ol-s3",
                "abc.mrap",
                "abc--x-s3",
                "abc--table-s3",
                "a b",
                "abé",
                "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234"
            })
    void namesNoBucketMayHave(String name) {
        assertThat(BucketNames.valid(name)).isFalse();
    }
}
