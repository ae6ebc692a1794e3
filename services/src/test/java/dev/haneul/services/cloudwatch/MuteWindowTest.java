package dev.haneul.services.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Windows of mute rules. 2026-01-04 is a Sunday. */
class MuteWindowTest {
    private static boolean open(String expression, String duration, String zone, String at) {
        return MuteWindow.parse(expression, duration, zone).orElseThrow().open(Instant.parse(at));
    }

    @ParameterizedTest
    @CsvSource({
        "cron(0 2 * * *), PT2H, UTC, 2026-01-05T02:00:00Z, true",
        "cron(0 2 * * *), PT2H, UTC, 2026-01-05T03:59:59Z, true",
        "cron(0 2 * * *), PT2H, UTC, 2026-01-05T04:00:00Z, false",
        "cron(0 2 * * ?), PT2H, UTC, 2026-01-05T01:59:59Z, false",
        "cron(0 2 * * SUN), PT1H, UTC, 2026-01-04T02:30:00Z, true",
        "cron(0 2 * * 0), PT1H, UTC, 2026-01-04T02:30:00Z, true",
        "cron(0 2 * * 7), PT1H, UTC, 2026-01-04T02:30:00Z, true",
        "cron(0 2 * * 1-5), PT1H, UTC, 2026-01-04T02:30:00Z, false",
        "cron(0 2 * * 1-5), PT1H, UTC, 2026-01-05T02:30:00Z, true",
        "cron(0 0 ? * SAT), PT4H, America/Los_Angeles, 2026-01-03T09:00:00Z, true",
        "cron(0 1 1 * *), PT6H, UTC, 2026-02-01T06:59:00Z, true",
        "cron(0 1 1 * MON), PT1H, UTC, 2026-01-05T01:10:00Z, true",
        "cron(0 1 1 * MON), PT1H, UTC, 2026-01-01T01:10:00Z, true",
        "cron(0 18 * * FRI), P2DT12H, UTC, 2026-01-05T05:59:00Z, true",
        "at(2026-01-20T14:00), PT1H, America/New_York, 2026-01-20T19:30:00Z, true",
        "at(2026-01-20T14:00), PT1H, America/New_York, 2026-01-20T18:59:00Z, false",
        "at(2026-01-20T14:00:00), PT1H, UTC, 2026-01-20T15:00:00Z, false",
    })
    void isOpenFromEachMomentOnForSoLong(String expression, String duration, String zone, String at, boolean open) {
        assertThat(open(expression, duration, zone, at)).isEqualTo(open);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cron(0 2 * * * *)",
                "cron(0 25 * * *)",
                "cron(0 2 L * *)",
                "rate(5 minutes)",
                "at(2026-13-20T14:00)",
                "cron(? 2 * * *)",
                "0 2 * * *"
            })
    void whatIsNoScheduleIsNone(String expression) {
        assertThat(MuteWindow.parse(expression, "PT1H", null)).isEmpty();
    }

    @Test
    void durationsAndZonesHaveTheirBounds() {
        assertThat(MuteWindow.parse("cron(0 2 * * *)", "PT1M", null)).isPresent();
        assertThat(MuteWindow.parse("cron(0 2 * * *)", "P15D", "Asia/Seoul")).isPresent();
        assertThat(MuteWindow.parse("cron(0 2 * * *)", "PT59S", null)).isEmpty();
        assertThat(MuteWindow.parse("cron(0 2 * * *)", "P15DT1M", null)).isEmpty();
        assertThat(MuteWindow.parse("cron(0 2 * * *)", "2h", null)).isEmpty();
        assertThat(MuteWindow.parse("cron(0 2 * * *)", "PT1H", "Mars/Base")).isEmpty();
    }

    @Test
    void whatHappensOnceIsOver() {
        MuteWindow once = MuteWindow.parse("at(2026-01-20T14:00)", "PT1H", null).orElseThrow();
        assertThat(once.over(Instant.parse("2026-01-20T13:00:00Z"))).isFalse();
        assertThat(once.over(Instant.parse("2026-01-20T14:30:00Z"))).isFalse();
        assertThat(once.over(Instant.parse("2026-01-20T15:00:00Z"))).isTrue();
    }
}
