package dev.haneul.services.cloudwatch;

import dev.haneul.schedule.Cron;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * When a rule mutes: from each moment of its expression on, for so long. Cron expressions have the five fields of cron
 * itself, Sunday being 0 or 7; one of the two day fields may be a question mark. Pure.
 *
 * @param starts when windows begin, any of them
 * @param once a single window; empty for recurring ones
 * @param length of a window
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Schedule.html">Schedule</a>
 */
record MuteWindow(List<Cron> starts, Optional<LocalDateTime> once, Duration length, ZoneId zone) {
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(15);
    private static final Pattern AT = Pattern.compile("at\\((\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(?::\\d{2})?)\\)");
    private static final String NUMBER = "(?:\\*|\\d{1,2})";
    private static final String NAME = "(?:\\*|\\d{1,2}|[A-Z]{3})";
    private static final Pattern NUMBERS = Pattern.compile(NUMBER + "(?:[,/-]" + NUMBER + ")*");
    private static final Pattern NAMES = Pattern.compile(NAME + "(?:[,/-]" + NAME + ")*");
    private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    /** Reads a schedule; empty where it is none. */
    static Optional<MuteWindow> parse(String expression, String duration, @Nullable String zone) {
        try {
            Duration length = Duration.parse(duration);
            ZoneId where = ZoneId.of(zone == null ? "UTC" : zone);
            if (length.compareTo(SHORTEST) < 0 || length.compareTo(LONGEST) > 0) {
                return Optional.empty();
            }
            Matcher at = AT.matcher(expression);
            if (at.matches()) {
                LocalDateTime moment = LocalDateTime.parse(at.group(1));
                return Optional.of(new MuteWindow(List.of(), Optional.of(moment), length, where));
            }
            return crons(expression).map(starts -> new MuteWindow(starts, Optional.empty(), length, where));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<List<Cron>> crons(String expression) {
        if (!expression.startsWith("cron(") || !expression.endsWith(")")) {
            return Optional.empty();
        }
        String[] fields = expression
                .substring(5, expression.length() - 1)
                .trim()
                .toUpperCase(Locale.ROOT)
                .split(" +", -1);
        if (fields.length != 5) {
            return Optional.empty();
        }
        for (int i = 0; i < fields.length; i++) {
            boolean day = i == 2 || i == 4;
            if (!(i < 3 ? NUMBERS : NAMES).matcher(fields[i]).matches() && !(day && fields[i].equals("?"))) {
                return Optional.empty();
            }
        }
        boolean anyDay = fields[2].equals("*") || fields[2].equals("?");
        boolean anyWeekday = fields[4].equals("*") || fields[4].equals("?");
        List<String> days = new ArrayList<>(); // where both are given, each is enough
        if (!anyDay || anyWeekday) {
            days.add((anyDay ? "*" : fields[2]) + " " + fields[3] + " ?");
        }
        if (!anyWeekday) {
            days.add("? " + fields[3] + " " + weekdays(fields[4]));
        }
        List<Cron> found = new ArrayList<>();
        for (String each : days) {
            Optional<Cron> cron = Cron.parse(fields[0] + " " + fields[1] + " " + each + " *");
            if (cron.isEmpty()) {
                return Optional.empty();
            }
            found.add(cron.get());
        }
        return Optional.of(List.copyOf(found));
    }

    /** Days of the week by their names: AWS's other expressions count them from 1. */
    private static String weekdays(String field) {
        StringBuilder out = new StringBuilder();
        for (String part : field.split(",", -1)) {
            String[] step = part.split("/", 2);
            StringBuilder range = new StringBuilder();
            for (String end : step[0].split("-", -1)) {
                range.append(range.isEmpty() ? "" : "-")
                        .append(end.matches("[0-7]") ? DAYS.get(Integer.parseInt(end) % 7) : end);
            }
            out.append(out.isEmpty() ? "" : ",").append(range).append(step.length > 1 ? "/" + step[1] : "");
        }
        return out.toString();
    }

    /** Whether a window is open. */
    boolean open(Instant now) {
        return next(now.minus(length)).filter(begin -> !begin.isAfter(now)).isPresent();
    }

    /** Whether no window will be open any more, nor is. */
    boolean over(Instant now) {
        return once.isPresent() && !open(now) && next(now).isEmpty();
    }

    /** When the first window begins after this moment. */
    private Optional<Instant> next(Instant after) {
        if (once.isPresent()) {
            return once.map(moment -> moment.atZone(zone).toInstant()).filter(moment -> moment.isAfter(after));
        }
        return starts.stream().flatMap(cron -> cron.next(after, zone).stream()).min(Instant::compareTo);
    }
}
