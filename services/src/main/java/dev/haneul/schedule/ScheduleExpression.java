package dev.haneul.schedule;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When something is to happen.
 *
 * @see <a href="https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html">Schedule types</a>
 */
public sealed interface ScheduleExpression {
    /** {@code cron(…)} and {@code rate(…)} and nothing looser, as rules take them. */
    Pattern RATE = Pattern.compile("rate\\(\\s*([1-9]\\d{0,8}) (minute|minutes|hour|hours|day|days)\\s*\\)");

    Pattern AT = Pattern.compile("at\\((\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2})\\)");

    /**
     * The first moment after this one.
     *
     * @param anchor where a rate is counted from
     * @param zone whose local time is meant
     * @return empty where there is none any more
     */
    Optional<Instant> next(Instant after, Instant anchor, ZoneId zone);

    /** Every so often, counted from the anchor; local time and its changes do not matter. */
    record Rate(Duration every) implements ScheduleExpression {
        @Override
        public Optional<Instant> next(Instant after, Instant anchor, ZoneId zone) {
            if (after.isBefore(anchor)) {
                return Optional.of(anchor);
            }
            long periods = Duration.between(anchor, after).dividedBy(every) + 1;
            return Optional.of(anchor.plus(every.multipliedBy(periods)));
        }
    }

    /** Once. */
    record At(LocalDateTime time) implements ScheduleExpression {
        @Override
        public Optional<Instant> next(Instant after, Instant anchor, ZoneId zone) {
            return Optional.of(time.atZone(zone).toInstant()).filter(moment -> moment.isAfter(after));
        }
    }

    /** By the calendar. */
    record OnCalendar(Cron cron) implements ScheduleExpression {
        @Override
        public Optional<Instant> next(Instant after, Instant anchor, ZoneId zone) {
            return cron.next(after, zone);
        }
    }

    /** Reads an expression; empty where it is none. */
    static Optional<ScheduleExpression> parse(String text) {
        if (text.startsWith("cron(") && text.endsWith(")")) {
            return Cron.parse(text.substring(5, text.length() - 1)).map(OnCalendar::new);
        }
        Matcher rate = RATE.matcher(text);
        if (rate.matches()) {
            long value = Long.parseLong(rate.group(1));
            String unit = rate.group(2);
            boolean plural = unit.endsWith("s");
            if (plural == (value == 1)) {
                return Optional.empty();
            }
            return Optional.of(new Rate(
                    switch (unit.charAt(0)) {
                        case 'm' -> Duration.ofMinutes(value);
                        case 'h' -> Duration.ofHours(value);
                        default -> Duration.ofDays(value);
                    }));
        }
        Matcher at = AT.matcher(text);
        try {
            return at.matches() ? Optional.of(new At(LocalDateTime.parse(at.group(1)))) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
