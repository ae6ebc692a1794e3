package dev.haneul.schedule;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One field of a cron expression: lists, ranges, steps, names. */
enum CronField {
    MINUTES(0, 59, List.of()),
    HOURS(0, 23, List.of()),
    DAYS_OF_MONTH(1, 31, List.of()),
    MONTHS(1, 12, List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")),
    DAYS_OF_WEEK(1, 7, List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")),
    YEARS(1970, 2199, List.of());

    private final int least;
    private final int most;
    private final List<String> names;

    CronField(int least, int most, List<String> names) {
        this.least = least;
        this.most = most;
        this.names = names;
    }

    /** The values a field means, null where it is malformed or means none. */
    @Nullable
    BitSet parse(String field) {
        BitSet set = new BitSet();
        for (String part : field.split(",", -1)) {
            if (!add(part, set)) {
                return null;
            }
        }
        return set.isEmpty() ? null : set;
    }

    private boolean add(String part, BitSet set) {
        int slash = part.indexOf('/');
        String range = slash < 0 ? part : part.substring(0, slash);
        int step = slash < 0 ? 1 : number(part.substring(slash + 1));
        if (step < 1) {
            return false;
        }
        int from;
        int to;
        int dash = range.indexOf('-');
        if (range.equals("*")) {
            from = least;
            to = most;
        } else if (dash > 0) {
            from = value(range.substring(0, dash));
            to = value(range.substring(dash + 1));
        } else {
            from = value(range);
            to = slash < 0 ? from : most;
        }
        if (from < 0 || to < 0) {
            return false;
        }
        // A range over the end goes round: FRI-MON, 22-2.
        int end = to < from ? to + (most - least + 1) : to;
        for (int i = from; i <= end; i += step) {
            set.set(i > most ? i - (most - least + 1) : i);
        }
        return true;
    }

    /** A number or a name, -1 where it is neither or out of range. */
    int value(String text) {
        int named = names.indexOf(text.toUpperCase(Locale.ROOT));
        int value = named >= 0 ? named + 1 : number(text);
        return value < least || value > most ? -1 : value;
    }

    private static int number(String text) {
        return text.matches("\\d{1,4}") ? Integer.parseInt(text) : -1;
    }
}
