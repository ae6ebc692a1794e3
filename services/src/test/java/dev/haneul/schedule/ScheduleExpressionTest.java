package dev.haneul.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleExpressionTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z"); // a Friday

    private static ScheduleExpression parse(String text) {
        return ScheduleExpression.parse(text).orElseThrow();
    }

    private static List<String> next(String text, String zone, Instant from, int count) {
        List<String> found = new ArrayList<>();
        Instant at = from;
        for (int i = 0; i < count; i++) {
            at = parse(text).next(at, START, ZoneId.of(zone)).orElseThrow();
            found.add(at.toString());
        }
        return found;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 10 * * ? *         | 2026-01-02T10:00:00Z",
                "15 12 * * ? *        | 2026-01-02T12:15:00Z",
                "0 18 ? * MON-FRI *   | 2026-01-02T18:00:00Z",
                "0 8 1 * ? *          | 2026-02-01T08:00:00Z",
                "0/15 * * * ? *       | 2026-01-02T03:15:00Z",
                "0/10 * ? * MON-FRI * | 2026-01-02T03:10:00Z",
                "0/5 8-17 ? * MON-FRI * | 2026-01-02T08:00:00Z",
                "0 9 ? * 2#1 *        | 2026-01-05T09:00:00Z",
                "0 9 ? * 6L *         | 2026-01-30T09:00:00Z",
                "0 9 ? * L *          | 2026-01-03T09:00:00Z",
                "0 0 L * ? *          | 2026-01-31T00:00:00Z",
                "0 0 L-2 FEB ? *      | 2026-02-26T00:00:00Z",
                "0 0 LW * ? *         | 2026-01-30T00:00:00Z",
                "0 0 3W * ? *         | 2026-02-03T00:00:00Z",
                "0 0 1W AUG ? *       | 2026-08-03T00:00:00Z",
                "0 0 29 2 ? *         | 2028-02-29T00:00:00Z",
                "30 1,4 ? * SUN,WED 2027 | 2027-01-03T01:30:00Z",
                "0 22-2 ? * FRI-MON * | 2026-01-02T22:00:00Z",
            })
    void calendarsMeanWhatAwsSays(String cron, String expected) {
        assertThat(next("cron(" + cron + ")", "UTC", START, 1)).containsExactly(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "daily",
                "cron()",
                "cron(* * * * * *)",
                "cron(* * ? * ? *)",
                "cron(0 10 * * ?)",
                "cron(60 10 * * ? *)",
                "cron(0 24 * * ? *)",
                "cron(0 10 0 * ? *)",
                "cron(0 10 ? * 8 *)",
                "cron(0 10 ? * MON#6 *)",
                "cron(0 10 * 13 ? *)",
                "cron(0 10 * * ? 1969)",
                "cron(0/0 10 * * ? *)",
                "cron(a 10 * * ? *)",
                "rate()",
                "rate(5)",
                "rate(0 minutes)",
                "rate(-1 minutes)",
                "rate(1 minutes)",
                "rate(5 minute)",
                "rate(5 weeks)",
                "rate(1.5 hours)",
                "rate(5 minutes daily)",
                "at(2026-02-30T00:00:00)",
                "at(2026-01-01)",
            })
    void whatIsNoExpressionIsRefused(String text) {
        assertThat(ScheduleExpression.parse(text)).isEmpty();
    }

    @Test
    void aYearThatIsOverHasNoNext() {
        assertThat(parse("cron(0 0 1 1 ? 2020)").next(START, START, ZoneOffset.UTC))
                .isEmpty();
        assertThat(parse("cron(0 0 31 2 ? *)").next(START, START, ZoneOffset.UTC))
                .isEmpty();
        assertThat(parse("at(2026-01-01T00:00:00)").next(START, START, ZoneOffset.UTC))
                .isEmpty();
        assertThat(next("at(2026-07-01T12:00:00)", "Asia/Seoul", START, 1)).containsExactly("2026-07-01T03:00:00Z");
    }

    @Test
    void clockChangesLeaveOutAndRepeatNothingTwice() {
        // Forward on March 8th 2026: 02:30 does not exist there.
        assertThat(next("cron(30 2 * * ? *)", "America/New_York", Instant.parse("2026-03-07T00:00:00Z"), 2))
                .containsExactly("2026-03-07T07:30:00Z", "2026-03-09T06:30:00Z");
        // Back on November 1st: 01:30 comes twice.
        assertThat(next("cron(30 1 * * ? *)", "America/New_York", Instant.parse("2026-11-01T00:00:00Z"), 2))
                .containsExactly("2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z");
        assertThat(next("cron(0/30 * * * ? *)", "America/New_York", Instant.parse("2026-11-01T05:00:00Z"), 3))
                .containsExactly("2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z", "2026-11-01T07:30:00Z");
    }

    @Property(tries = 300, seed = "2026")
    void aRateKeepsItsPace(
            @ForAll @IntRange(min = 2, max = 5000) int minutes,
            @ForAll @LongRange(min = 0, max = 9_000_000) long gone) {
        Instant after = START.plusSeconds(gone);
        Instant next = parse("rate(" + minutes + " minutes)")
                .next(after, START, ZoneOffset.UTC)
                .orElseThrow();
        Duration since = Duration.between(START, next);
        assertThat(next).isAfter(after).isBeforeOrEqualTo(after.plus(Duration.ofMinutes(minutes)));
        assertThat(since.toSeconds() % (minutes * 60L)).isZero();
    }

    /** Looks at every minute, as a cron that knows nothing clever would. */
    @Property(tries = 200, seed = "2026")
    void aCalendarNeverMissesAMinute(
            @ForAll @IntRange(min = 0, max = 59) int minute,
            @ForAll @IntRange(min = 1, max = 23) int everyHours,
            @ForAll @IntRange(min = 1, max = 7) int weekday,
            @ForAll @LongRange(min = 0, max = 40_000_000) long gone) {
        Instant after = START.plusSeconds(gone);
        Instant next = parse("cron(" + minute + " 0/" + everyHours + " ? * " + weekday + " *)")
                .next(after, START, ZoneOffset.UTC)
                .orElseThrow();
        LocalDateTime slow = LocalDateTime.ofInstant(after, ZoneOffset.UTC)
                .withSecond(0)
                .withNano(0)
                .plusMinutes(1);
        DayOfWeek wanted = DayOfWeek.of(weekday == 1 ? 7 : weekday - 1);
        while (slow.getMinute() != minute || slow.getHour() % everyHours != 0 || slow.getDayOfWeek() != wanted) {
            slow = slow.plusMinutes(1);
        }
        assertThat(next).isEqualTo(slow.toInstant(ZoneOffset.UTC));
    }
}
