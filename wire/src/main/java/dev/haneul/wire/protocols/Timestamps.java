package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.TimestampFormat;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/**
 * Timestamps in the three formats of the wire. Written with milliseconds at most, as AWS does; read with any fraction.
 *
 * <p>See Smithy's {@code timestampFormat}, RFC 3339 and RFC 9110's IMF-fixdate. By hand, for these stand in nearly
 * every answer and java.time's formatters are slow.
 */
final class Timestamps {
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
    private static final String DAYS = "MonTueWedThuFriSatSun";
    private static final long MIN_SECONDS =
            Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();
    private static final long MAX_SECONDS =
            Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
    private static final int MAX_LENGTH = 64;

    private Timestamps() {}

    /**
     * Reads a timestamp.
     *
     * @param offsets whether date-times may carry an offset instead of {@code Z}
     * @throws Malformed where the text is not of the format or outside the years 1 to 9999
     */
    static Instant parse(TimestampFormat format, String text, boolean offsets) {
        if (text.length() > MAX_LENGTH) {
            throw invalid(format);
        }
        try {
            return switch (format) {
                case DATE_TIME -> dateTime(text, offsets);
                case HTTP_DATE -> httpDate(text);
                case EPOCH_SECONDS -> epochSeconds(text);
            };
        } catch (DateTimeException | NumberFormatException | StringIndexOutOfBoundsException e) {
            throw invalid(format);
        }
    }

    /** A timestamp of seconds since 1970, as JSON numbers and CBOR give it. */
    static Instant ofSeconds(BigDecimal seconds) {
        // A huge exponent would cost as many digits: look before computing.
        if (Math.abs((long) seconds.scale()) > MAX_LENGTH || seconds.precision() - seconds.scale() > 12) {
            throw invalid(TimestampFormat.EPOCH_SECONDS);
        }
        BigDecimal nanos = seconds.setScale(9, RoundingMode.DOWN);
        long whole = nanos.setScale(0, RoundingMode.FLOOR).longValueExact();
        int fraction =
                nanos.subtract(BigDecimal.valueOf(whole)).movePointRight(9).intValueExact();
        return bounded(Instant.ofEpochSecond(whole, fraction));
    }

    /** Writes a timestamp; {@code millis} writes milliseconds of date-times even where they are zero. */
    static String format(TimestampFormat format, Instant time, boolean millis) {
        return switch (format) {
            case DATE_TIME -> writeDateTime(time, millis);
            case HTTP_DATE -> writeHttpDate(time);
            case EPOCH_SECONDS -> writeEpochSeconds(time);
        };
    }

    private static Malformed invalid(TimestampFormat format) {
        String wanted = switch (format) {
            case DATE_TIME -> "an ISO 8601 date-time";
            case HTTP_DATE -> "an HTTP date";
            case EPOCH_SECONDS -> "a number of seconds since 1970";
        };
        return new Malformed("Unable to parse timestamp: it must be " + wanted + ".");
    }

    private static Instant bounded(Instant time) {
        if (time.getEpochSecond() < MIN_SECONDS || time.getEpochSecond() > MAX_SECONDS) {
            throw invalid(TimestampFormat.EPOCH_SECONDS);
        }
        return time;
    }

    /** {@code 2014-04-29T18:30:38.123Z}. */
    private static Instant dateTime(String text, boolean offsets) {
        if (text.length() == 10 && offsets) {
            return dateTime(text + "T00:00:00Z", true);
        }
        expect(text, 4, '-');
        expect(text, 7, '-');
        expect(text, 10, 'T');
        expect(text, 13, ':');
        expect(text, 16, ':');
        int end = fractionEnd(text, 19);
        LocalDateTime local = LocalDateTime.of(
                digits(text, 0, 4),
                digits(text, 5, 7),
                digits(text, 8, 10),
                digits(text, 11, 13),
                digits(text, 14, 16),
                digits(text, 17, 19),
                nanos(text, 19, end));
        String zone = text.substring(end);
        if (zone.equals("Z")) {
            return bounded(local.toInstant(ZoneOffset.UTC));
        }
        if (!offsets || zone.isEmpty() || (zone.charAt(0) != '+' && zone.charAt(0) != '-')) {
            throw invalid(TimestampFormat.DATE_TIME);
        }
        return bounded(local.toInstant(ZoneOffset.of(zone)));
    }

    /** {@code Tue, 29 Apr 2014 18:30:38 GMT}, with or without a fraction. */
    private static Instant httpDate(String text) {
        boolean day = text.length() > 3 && DAYS.indexOf(text.substring(0, 3)) % 3 == 0;
        int month = MONTHS.indexOf(text.substring(8, 11));
        int end = fractionEnd(text, 25);
        if (!day || month < 0 || month % 3 != 0 || !text.substring(end).equals(" GMT")) {
            throw invalid(TimestampFormat.HTTP_DATE);
        }
        expect(text, 3, ',');
        expect(text, 4, ' ');
        expect(text, 7, ' ');
        expect(text, 11, ' ');
        expect(text, 16, ' ');
        expect(text, 19, ':');
        expect(text, 22, ':');
        return bounded(LocalDateTime.of(
                        digits(text, 12, 16),
                        month / 3 + 1,
                        digits(text, 5, 7),
                        digits(text, 17, 19),
                        digits(text, 20, 22),
                        digits(text, 23, 25),
                        nanos(text, 25, end))
                .toInstant(ZoneOffset.UTC));
    }

    private static Instant epochSeconds(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && c != '.' && !(c == '-' && i == 0)) {
                throw invalid(TimestampFormat.EPOCH_SECONDS);
            }
        }
        return ofSeconds(new BigDecimal(text));
    }

    private static void expect(String text, int at, char wanted) {
        if (text.charAt(at) != wanted) {
            throw new DateTimeException("malformed");
        }
    }

    private static int digits(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new DateTimeException("malformed");
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** Where a fraction of a second that may begin here ends. */
    private static int fractionEnd(String text, int at) {
        if (at >= text.length() || text.charAt(at) != '.') {
            return at;
        }
        int end = at + 1;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        if (end == at + 1) {
            throw new DateTimeException("malformed");
        }
        return end;
    }

    private static int nanos(String text, int dot, int end) {
        int value = 0;
        for (int i = 0; i < 9; i++) {
            int at = dot + 1 + i;
            value = value * 10 + (at < end ? text.charAt(at) - '0' : 0);
        }
        return value;
    }

    private static String writeDateTime(Instant time, boolean millis) {
        OffsetDateTime at = time.atOffset(ZoneOffset.UTC);
        StringBuilder out = new StringBuilder(24);
        pad(out, at.getYear(), 4).append('-');
        pad(out, at.getMonthValue(), 2).append('-');
        pad(out, at.getDayOfMonth(), 2).append('T');
        clock(out, at);
        int fraction = at.getNano() / 1_000_000;
        if (fraction != 0 || millis) {
            pad(out.append('.'), fraction, 3);
        }
        return out.append('Z').toString();
    }

    private static String writeHttpDate(Instant time) {
        OffsetDateTime at = time.atOffset(ZoneOffset.UTC);
        int day = (at.getDayOfWeek().getValue() - 1) * 3;
        int month = (at.getMonthValue() - 1) * 3;
        StringBuilder out = new StringBuilder(29);
        out.append(DAYS, day, day + 3).append(", ");
        pad(out, at.getDayOfMonth(), 2).append(' ');
        out.append(MONTHS, month, month + 3).append(' ');
        pad(out, at.getYear(), 4).append(' ');
        clock(out, at);
        return out.append(" GMT").toString();
    }

    private static String writeEpochSeconds(Instant time) {
        int fraction = time.getNano() / 1_000_000;
        if (fraction == 0) {
            return Long.toString(time.getEpochSecond());
        }
        return BigDecimal.valueOf(time.toEpochMilli(), 3).stripTrailingZeros().toPlainString();
    }

    private static void clock(StringBuilder out, OffsetDateTime at) {
        pad(out, at.getHour(), 2).append(':');
        pad(out, at.getMinute(), 2).append(':');
        pad(out, at.getSecond(), 2);
    }

    private static StringBuilder pad(StringBuilder out, int value, int width) {
        for (int bound = 10, i = 1; i < width; i++, bound *= 10) {
            if (value < bound) {
                out.append('0');
            }
        }
        return out.append(value);
    }
}
