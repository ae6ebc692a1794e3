package dev.haneul.services.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {
    @Property(seed = "2026")
    void aRangeIsTheBytesBothSidesName(
            @ForAll @LongRange(min = 1, max = 50) long size,
            @ForAll @LongRange(max = 60) long first,
            @ForAll @LongRange(max = 60) long last) {
        String header = "bytes=" + first + "-" + last;
        if (last < first) {
            assertThat(ByteRange.parse(header, size)).isNull();
        } else if (first >= size) {
            assertThatThrownBy(() -> ByteRange.parse(header, size)).isInstanceOf(Fault.class);
        } else {
            long end = Math.min(last, size - 1);
            assertThat(ByteRange.parse(header, size)).isEqualTo(new ByteRange(first, end - first + 1));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-, 0, 10",
        "bytes=9-, 9, 1",
        "bytes=-3, 7, 3",
        "bytes=-100, 0, 10",
        "bytes=2-99999999999999999999, 2, 8",
        "bytes= 1-2, 1, 2"
    })
    void openAndSuffixRanges(String header, long first, long length) {
        assertThat(ByteRange.parse(header, 10)).isEqualTo(new ByteRange(first, length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=-", "bytes=a-b", "bytes=0-1,3-4", "items=0-1", "bytes 0-1", "bytes=1", "bytes=--1"})
    void whatIsMalformedOrNotServedIsIgnored(String header) {
        assertThat(ByteRange.parse(header, 10)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"bytes=10-, 10", "bytes=10-20, 10", "bytes=-0, 10", "bytes=0-, 0", "bytes=-1, 0"})
    void outsideOfTheObjectIs416WithItsSize(String header, long size) {
        assertThatThrownBy(() -> ByteRange.parse(header, size)).isInstanceOfSatisfying(Fault.class, fault -> {
            assertThat(fault.code()).isEqualTo("InvalidRange");
            assertThat(fault.status()).isEqualTo(416);
            assertThat(fault.extras())
                    .containsEntry("RangeRequested", header)
                    .containsEntry("ActualObjectSize", Long.toString(size));
        });
    }

    @Test
    void aCopyRangeMustBeWholeAndInside() {
        assertThat(ByteRange.parseCopySource("bytes=2-4", 5)).isEqualTo(new ByteRange(2, 3));
        for (String bad :
                new String[] {"bytes=2-", "bytes=-4", "2-4", "bytes=4-2", "bytes=2-5", "bytes=x-y", "bytes="}) {
            assertThatThrownBy(() -> ByteRange.parseCopySource(bad, 5))
                    .as(bad)
                    .isInstanceOfSatisfying(
                            Fault.class, fault -> assertThat(fault.code()).isEqualTo("InvalidArgument"));
        }
    }

    @Test
    void contentRangeTellsBothEndsAndTheSize() {
        assertThat(new ByteRange(2, 3).contentRange(10)).isEqualTo("bytes 2-4/10");
    }
}
