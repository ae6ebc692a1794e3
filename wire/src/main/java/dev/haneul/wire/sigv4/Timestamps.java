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
        if (text.length() != 16) {
            return null;
        }
        try {
            return LocalDateTime.parse(text, BASIC).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException malformed) {
            return null;
        }
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
