package dev.haneul.wire.sigv4;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {
    @Test
    void readsWhatItWrites() {
        for (String moment : new String[] {"2013-05-24T00:00:00Z", "2024-02-29T23:59:59Z", "0001-01-01T10:20:30Z"}) {
            Instant instant = Instant.parse(moment);
            assertThat(Timestamps.parseBasic(Timestamps.basic(instant))).isEqualTo(instant);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "20130524T000000",
                "20130524t000000Z",
                "20130524T000000z",
                "20130524 000000Z",
                "20131324T000000Z",
                "20130532T000000Z",
                "20130230T000000Z",
                "20130524T240000Z",
                "20130524T006000Z",
                "20130524T000060Z",
                "2013052aT000000Z",
                "-0130524T000000Z",
                "20130524T+00000Z",
                "\u0662\u0660130524T000000Z",
                "20130524T000000Z ",
            })
    void takesNothingElse(String text) {
        assertThat(Timestamps.parseBasic(text)).isNull();
    }
}
