package dev.haneul.wire.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.TimestampFormat;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Header lists, timestamps and percent-encoding. */
class TextFormsTest {
    @Test
    void quotedValuesKeepTheirCommasAndQuotes() {
        assertThat(HeaderLists.split("a, \"b,c\" , \"d \\\"e\\\"\",,f"))
                .containsExactly("a", "b,c", "d \"e\"", "", "f");
        assertThat(HeaderLists.splitHttpDates("Mon, 16 Dec 2019 23:48:18 GMT, Tue, 17 Dec 2019 23:48:18 GMT"))
                .containsExactly("Mon, 16 Dec 2019 23:48:18 GMT", "Tue, 17 Dec 2019 23:48:18 GMT");
        assertThatThrownBy(() -> HeaderLists.split("\"open")).isInstanceOf(Malformed.class);
        assertThatThrownBy(() -> HeaderLists.split("\"a\"b")).isInstanceOf(Malformed.class);
    }

    @Property(tries = 500, seed = "6")
    void aQuotedListIsReadBackAsItWas(@ForAll List<String> values) {
        List<String> plain =
                values.stream().map(String::strip).filter(v -> !v.isEmpty()).toList();
        String line = plain.stream().map(HeaderLists::quote).collect(Collectors.joining(", "));
        if (plain.stream().noneMatch(v -> v.startsWith("\""))) {
            assertThat(HeaderLists.split(line)).isEqualTo(plain);
        }
    }

    @Property(tries = 500, seed = "7")
    void httpDatesAreThoseOfRfc9110(@ForAll @LongRange(min = -62_135_596_800L, max = 253_402_300_799L) long seconds) {
        Instant time = Instant.ofEpochSecond(seconds);
        String text = Timestamps.format(TimestampFormat.HTTP_DATE, time, false);
        String expected = DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", java.util.Locale.ROOT)
                .format(time.atOffset(ZoneOffset.UTC));
        assertThat(text).isEqualTo(expected);
        assertThat(Timestamps.parse(TimestampFormat.HTTP_DATE, text, false)).isEqualTo(time);
    }

    @ParameterizedTest
    @CsvSource({
        "2019-12-16T23:48:18Z, 2019-12-16T23:48:18Z",
        "2019-12-16T23:48:18.1Z, 2019-12-16T23:48:18.100Z",
        "2019-12-16T22:48:18-01:00, 2019-12-16T23:48:18Z",
        "2019-12-16, 2019-12-16T00:00:00Z"
    })
    void queryAndXmlTakeOffsetsAndDates(String text, Instant expected) {
        assertThat(Timestamps.parse(TimestampFormat.DATE_TIME, text, true)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2019-13-16T23:48:18Z",
                "2019-02-30T23:48:18Z",
                "2019-12-16T25:48:18Z",
                "2019-12-16t23:48:18z",
                "2019-12-16 23:48:18Z",
                "2019-12-16T23:48Z",
                "2019-12-16T23:48:18.Z",
                "2019-12-16T23:48:18+01:00",
                "0000-01-01T00:00:00Z"
            })
    void otherDateTimesAreRefused(String text) {
        assertThatThrownBy(() -> Timestamps.parse(TimestampFormat.DATE_TIME, text, false))
                .isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1e5", "1.2.3", "--1", "999999999999999999999", "0x10", "NaN"})
    void otherSecondsAreRefused(String text) {
        assertThatThrownBy(() -> Timestamps.parse(TimestampFormat.EPOCH_SECONDS, text, false))
                .isInstanceOf(Malformed.class);
    }

    @Property(tries = 500, seed = "8")
    void percentEncodingIsReversible(@ForAll String text) {
        String readable = new String(
                text.getBytes(java.nio.charset.StandardCharsets.UTF_8), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(Percent.decode(Percent.encode(text, false))).isEqualTo(readable);
        assertThat(Percent.decodeForm(Percent.encode(text, true))).isEqualTo(readable);
    }

    @Test
    void aQueryKeepsOrderAndTellsAbsentValuesFromEmptyOnes() {
        QueryString query = QueryString.parse("b=2&a&b=%201+1&&c=");
        assertThat(query.parameters()).extracting(QueryString.Parameter::name).containsExactly("b", "a", "b", "c");
        assertThat(query.all("b")).containsExactly("2", " 1 1");
        assertThat(query.parameters().get(1).rawValue()).isNull();
        assertThat(query.parameters().get(3).rawValue()).isEmpty();
        assertThat(query.first("missing")).isNull();
    }
}
