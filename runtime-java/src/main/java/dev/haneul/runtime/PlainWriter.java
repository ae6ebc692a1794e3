package dev.haneul.runtime;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the values that {@link PlainReader} gives, to the byte as AWS's serializer does; others it leaves to that. */
final class PlainWriter {
    private static final int DEEPEST = 200;
    private static final String ESCAPED = "\"\\\b\f\n\r\t";
    private static final String ESCAPES = "\"\\bfnrt";

    private final StringBuilder out = new StringBuilder();

    private PlainWriter() {}

    static String write(@Nullable Object value) throws OtherwiseException {
        PlainWriter writer = new PlainWriter();
        writer.value(value, 0);
        return writer.out.toString();
    }

    private void value(@Nullable Object value, int depth) throws OtherwiseException {
        if (depth > DEEPEST) {
            throw new OtherwiseException();
        }
        if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            out.append(value);
        } else if (value instanceof Double && Double.isFinite((Double) value)) {
            out.append((double) (Double) value);
        } else if (value instanceof String) {
            string((String) value);
        } else if (value instanceof Map && isOfJava(value)) {
            map((Map<?, ?>) value, depth);
        } else if (value instanceof List && isOfJava(value)) {
            list((List<?>) value, depth);
        } else {
            throw new OtherwiseException();
        }
    }

    /** A class of the function's own may say by annotations how it is to be written. */
    private static boolean isOfJava(Object value) {
        return value.getClass().getClassLoader() == null;
    }

    private void map(Map<?, ?> map, int depth) throws OtherwiseException {
        char before = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof String) || entry.getValue() == null) {
                throw new OtherwiseException(); // how those look is the serializer's business
            }
            out.append(before);
            string((String) entry.getKey());
            out.append(':');
            value(entry.getValue(), depth + 1);
            before = ',';
        }
        out.append(before == '{' ? "{}" : "}");
    }

    private void list(List<?> list, int depth) throws OtherwiseException {
        char before = '[';
        for (Object each : list) {
            out.append(before);
            value(each, depth + 1);
            before = ',';
        }
        out.append(before == '[' ? "[]" : "]");
    }

    private void string(String text) throws OtherwiseException {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int escape = ESCAPED.indexOf(c);
            if (escape >= 0) {
                out.append('\\').append(ESCAPES.charAt(escape));
            } else if (c < ' ') {
                out.append("\\u00").append(hex(c >> 4)).append(hex(c & 15));
            } else if (Character.isSurrogate(c)) {
                throw new OtherwiseException();
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    private static char hex(int digit) {
        return "0123456789ABCDEF".charAt(digit);
    }
}
