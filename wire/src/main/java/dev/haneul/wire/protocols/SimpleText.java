package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.TimestampFormat;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

/** Simple values as text: headers, query parameters, URI labels, form fields and XML text. */
final class SimpleText {
    private static final int MAX_NUMBER_LENGTH = 1024;

    /** How a place writes what can be written in several ways. */
    record Style(TimestampFormat timestamps, boolean offsets, boolean millis) {
        Style timestamps(TimestampFormat other) {
            return new Style(other, offsets, millis);
        }
    }

    private SimpleText() {}

    /**
     * Reads a value.
     *
     * @throws Malformed where the text is no value of the member's kind
     */
    static Object parse(Member member, String text, Style style) {
        Kind kind = member.shape().kind();
        try {
            return switch (kind) {
                case STRING -> text;
                case BOOLEAN -> bool(text);
                case BYTE -> Byte.valueOf(number(text));
                case SHORT -> Short.valueOf(number(text));
                case INTEGER -> Integer.valueOf(number(text));
                case LONG -> Long.valueOf(number(text));
                case FLOAT -> (float) decimal(text);
                case DOUBLE -> decimal(text);
                case BIG_INTEGER -> new BigInteger(number(text));
                case BIG_DECIMAL -> new BigDecimal(number(text));
                case BLOB -> base64(text);
                case TIMESTAMP -> Timestamps.parse(format(member, style), text, style.offsets());
                default -> throw new Malformed("Unexpected text for " + kind + ".");
            };
        } catch (NumberFormatException e) {
            throw new Malformed("STRING_VALUE cannot be converted to " + javaName(kind));
        }
    }

    /** Writes a value. */
    static String format(Member member, Object value, Style style) {
        return switch (value) {
            case String text -> text;
            case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
            case Instant time -> Timestamps.format(format(member, style), time, style.millis());
            default -> value.toString();
        };
    }

    /** The format of a timestamp at a place with this style. */
    static TimestampFormat format(Member member, Style style) {
        TimestampFormat own = member.timestampFormat();
        return own == null ? style.timestamps() : own;
    }

    /**
     * Decodes base64 strictly: the standard alphabet, padded.
     *
     * @throws Malformed otherwise
     */
    static byte[] base64(String text) {
        if (text.length() % 4 != 0) {
            throw new Malformed("Invalid base64: the padding is wrong.");
        }
        try {
            return Base64.getDecoder().decode(text.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw new Malformed("Invalid base64.");
        }
    }

    /** How messages name a kind. */
    static String javaName(Kind kind) {
        return switch (kind) {
            case BLOB -> "ByteBuffer";
            case BIG_INTEGER -> "BigInteger";
            case BIG_DECIMAL -> "BigDecimal";
            case STRUCTURE, UNION -> "structure";
            default -> {
                String name = kind.name();
                yield name.charAt(0) + name.substring(1).toLowerCase(java.util.Locale.ROOT);
            }
        };
    }

    private static Boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Malformed("STRING_VALUE cannot be converted to Boolean");
        };
    }

    /** The text itself, if it can only be a decimal number of bounded length. */
    private static String number(String text) {
        if (text.isEmpty() || text.length() > MAX_NUMBER_LENGTH) {
            throw new NumberFormatException();
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean allowed = (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
            if (!allowed) {
                throw new NumberFormatException();
            }
        }
        return text;
    }

    private static double decimal(String text) {
        return switch (text) {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(number(text));
        };
    }
}
