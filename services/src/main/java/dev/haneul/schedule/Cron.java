package dev.haneul.schedule;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * AWS's cron: minutes, hours, day of month, month, day of week (1 to 7 from Sunday), year. One of the two day fields is
 * {@code ?}. A local time that a clock change leaves out is skipped; one that comes twice counts the first time.
 */
public final class Cron {
    private static final int FIRST_YEAR = 1970;
    private static final int LAST_YEAR = 2199;
    /** An hour that comes twice holds sixty minutes to pass over. */
    private static final int MOST_SKIPPED = 10_000;

    private final BitSet minutes;
    private final BitSet hours;
    private final BitSet months;
    private final BitSet years;
    private final Days days;

    /** Which days of a month are meant. */
    @FunctionalInterface
    private interface Days {
        boolean include(LocalDate day);
    }

    private Cron(BitSet minutes, BitSet hours, Days days, BitSet months, BitSet years) {
        this.minutes = minutes;
        this.hours = hours;
        this.days = days;
        this.months = months;
        this.years = years;
    }

    /** Reads six fields; empty where they are no AWS cron expression. */
    public static Optional<Cron> parse(String text) {
        String[] fields = text.trim().split(" +", -1);
        if (fields.length != 6) {
            return Optional.empty();
        }
        BitSet minutes = CronField.MINUTES.parse(fields[0]);
        BitSet hours = CronField.HOURS.parse(fields[1]);
        BitSet months = CronField.MONTHS.parse(fields[3]);
        BitSet years = CronField.YEARS.parse(fields[5]);
        boolean monthDayOpen = fields[2].equals("?");
        Days days = monthDayOpen == fields[4].equals("?")
                ? null
                : monthDayOpen ? daysOfWeek(fields[4]) : daysOfMonth(fields[2]);
        return minutes == null || hours == null || months == null || years == null || days == null
                ? Optional.empty()
                : Optional.of(new Cron(minutes, hours, days, months, years));
    }

    private static @Nullable Days daysOfMonth(String field) {
        if (field.equals("L")) {
            return day -> day.getDayOfMonth() == day.lengthOfMonth();
        }
        if (field.equals("LW")) {
            return day -> day.equals(weekdayNear(YearMonth.from(day).atEndOfMonth()));
        }
        if (field.matches("L-\\d{1,2}")) {
            int before = Integer.parseInt(field.substring(2));
            return before > 30 ? null : day -> day.getDayOfMonth() == day.lengthOfMonth() - before;
        }
        if (field.matches("\\d{1,2}W")) {
            int wanted = Integer.parseInt(field.substring(0, field.length() - 1));
            return wanted < 1 || wanted > 31
                    ? null
                    : day -> wanted <= day.lengthOfMonth() && day.equals(weekdayNear(day.withDayOfMonth(wanted)));
        }
        BitSet set = CronField.DAYS_OF_MONTH.parse(field);
        return set == null ? null : day -> set.get(day.getDayOfMonth());
    }

    /** The weekday nearest to a day, in the same month. */
    private static LocalDate weekdayNear(LocalDate day) {
        return switch (day.getDayOfWeek()) {
            case SATURDAY -> day.getDayOfMonth() == 1 ? day.plusDays(2) : day.minusDays(1);
            case SUNDAY -> day.getDayOfMonth() == day.lengthOfMonth() ? day.minusDays(2) : day.plusDays(1);
            default -> day;
        };
    }

    private static @Nullable Days daysOfWeek(String field) {
        if (field.equals("L")) {
            return day -> day.getDayOfWeek() == DayOfWeek.SATURDAY;
        }
        if (field.endsWith("L")) {
            int wanted = CronField.DAYS_OF_WEEK.value(field.substring(0, field.length() - 1));
            return wanted < 0
                    ? null
                    : day -> fromSunday(day) == wanted && day.getDayOfMonth() + 7 > day.lengthOfMonth();
        }
        int hash = field.indexOf('#');
        if (hash > 0) {
            int wanted = CronField.DAYS_OF_WEEK.value(field.substring(0, hash));
            String which = field.substring(hash + 1);
            return wanted < 0 || !which.matches("[1-5]")
                    ? null
                    : day -> fromSunday(day) == wanted && (day.getDayOfMonth() - 1) / 7 + 1 == Integer.parseInt(which);
        }
        BitSet set = CronField.DAYS_OF_WEEK.parse(field);
        return set == null ? null : day -> set.get(fromSunday(day));
    }

    private static int fromSunday(LocalDate day) {
        return day.getDayOfWeek().getValue() % 7 + 1;
    }

    /** The first moment after this one, empty where there is none up to the year 2199. */
    public Optional<Instant> next(Instant after, ZoneId zone) {
        LocalDateTime from = LocalDateTime.ofInstant(after, zone);
        for (int i = 0; i < MOST_SKIPPED; i++) {
            LocalDateTime candidate = nextLocal(from);
            if (candidate == null) {
                return Optional.empty();
            }
            List<ZoneOffset> offsets = zone.getRules().getValidOffsets(candidate);
            if (!offsets.isEmpty()) {
                Instant moment = candidate.toInstant(offsets.getFirst());
                if (moment.isAfter(after)) {
                    return Optional.of(moment);
                }
            }
            from = candidate;
        }
        return Optional.empty();
    }

    private @Nullable LocalDateTime nextLocal(LocalDateTime after) {
        LocalDateTime from = after.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
        LocalDate day = nextDay(from.toLocalDate());
        if (day == null) {
            return null;
        }
        if (day.equals(from.toLocalDate())) {
            int hour = from.getHour();
            int minute = hours.get(hour) ? minutes.nextSetBit(from.getMinute()) : -1;
            if (minute >= 0) {
                return day.atTime(hour, minute);
            }
            int later = hours.nextSetBit(hour + 1);
            if (later >= 0) {
                return day.atTime(later, minutes.nextSetBit(0));
            }
            day = nextDay(day.plusDays(1));
        }
        return day == null ? null : day.atTime(hours.nextSetBit(0), minutes.nextSetBit(0));
    }

    /** The first day from this one on; bounded by the last year. */
    private @Nullable LocalDate nextDay(LocalDate from) {
        LocalDate day = from.getYear() < FIRST_YEAR ? LocalDate.of(FIRST_YEAR, 1, 1) : from;
        while (day.getYear() <= LAST_YEAR) {
            if (!years.get(day.getYear())) {
                int year = years.nextSetBit(day.getYear());
                if (year < 0) {
                    return null;
                }
                day = LocalDate.of(year, 1, 1);
            } else if (!months.get(day.getMonthValue())) {
                day = day.withDayOfMonth(1).plusMonths(1);
            } else if (days.include(day)) {
                return day;
            } else {
                day = day.plusDays(1);
            }
        }
        return null;
    }
}
