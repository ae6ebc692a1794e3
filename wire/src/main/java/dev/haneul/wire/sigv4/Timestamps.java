package dev.haneul.wire.sigv4;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The date formats of signatures. */
final class Timestamps {
    private static final DateTimeFormatter BASIC =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Timestamps() {}

    /** {@code 20130524T000000Z}. */
    static String basic(Instant moment) {
        return BASIC.format(moment);
    }

    /** The moment of {@code 20130524T000000Z}, null for anything else. */
    static @Nullable Instant parseBasic(String text) {
        if (text.length() != 16 || text.charAt(8) != 'T' || text.charAt(15) != 'Z') {
            return null;
        }
        int day = digits(text, 0, 8);
        int time = digits(text, 9, 15);
        if (day < 0 || time < 0) {
            return null;
        }
        try {
            return LocalDateTime.of(
                            day / 10_000, day / 100 % 100, day % 100, time / 10_000, time / 100 % 100, time % 100)
                    .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException malformed) {
            return null;
        }
    }

    /** The number these digits are, -1 where they are none. Each request has such a date, and a formatter is slow. */
    private static int digits(String text, int from, int to) {
        int number = 0;
        for (int at = from; at < to; at++) {
            int digit = text.charAt(at) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /** The moment of an HTTP date, null for anything else. */
    static @Nullable Instant parseHttp(String text) {
        try {
            return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text));
        } catch (DateTimeException malformed) {
            return null;
        }
    }
}
