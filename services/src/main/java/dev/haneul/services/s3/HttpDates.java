package dev.haneul.services.s3;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Dates as HTTP headers write them (RFC 9110, 5.6.7). */
final class HttpDates {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private HttpDates() {}

    /** A header's moment, null where it is absent or no date. */
    static @Nullable Instant parse(@Nullable String header) {
        try {
            return header == null ? null : FORMAT.parse(header, Instant::from);
        } catch (DateTimeException malformed) {
            return null;
        }
    }

    static String format(Instant instant) {
        return FORMAT.format(instant);
    }
}
