package dev.haneul.edge.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** HTTP's dates. */
final class Dates {
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Dates() {}

    static String now() {
        return FORM.format(Instant.now());
    }

    static String of(Instant moment) {
        return FORM.format(moment);
    }
}
