package dev.haneul.runtime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents as nearly everybody writes them. What is rare, or wrong, it leaves to AWS's serializer, of which nothing
 * is loaded for the others: that takes longer than the JVM's own start.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8259">RFC 8259</a>
 */
final class PlainReader {
    private static final int DEEPEST = 200;
    /** Digits that surely fit a long. */
    private static final int MOST_DIGITS = 18;

    private static final char UNREADABLE = '\uFFFD';

    private final byte[] document;
    private int at;

    PlainReader(byte[] document) {
        this.document = document;
    }

    /** The document as maps, lists, strings, {@code Integer}s, {@code Long}s, {@code Double}s, {@code Boolean}s and nulls. */
    @Nullable
    Object read() throws OtherwiseException {
        Object value = value(0);
        if (next() >= 0) {
            throw new OtherwiseException();
        }
        return value;
    }

    /** The next byte that is no white space, which stays the next; -1 at the end. */
    private int next() {
        while (at < document.length) {
            int c = document[at] & 0xFF;
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return c;
            }
            at++;
        }
        return -1;
    }

    private @Nullable Object value(int depth) throws OtherwiseException {
        if (depth > DEEPEST) {
            throw new OtherwiseException();
        }
        switch (next()) {
            case '{':
                return map(depth);
            case '[':
                return list(depth);
            case '"':
                return string();
            case 't':
                return word("true", Boolean.TRUE);
            case 'f':
                return word("false", Boolean.FALSE);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, @Nullable Object> map(int depth) throws OtherwiseException {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        at++;
        if (next() == '}') {
            at++;
            return map;
        }
        while (true) {
            if (next() != '"') {
                throw new OtherwiseException();
            }
            String name = string();
            take(':');
            map.put(name, value(depth + 1));
            if (next() == '}') {
                at++;
                return map;
            }
            take(',');
        }
    }

    private List<@Nullable Object> list(int depth) throws OtherwiseException {
        List<@Nullable Object> list = new ArrayList<>();
        at++;
        if (next() == ']') {
            at++;
            return list;
        }
        while (true) {
            list.add(value(depth + 1));
            if (next() == ']') {
                at++;
                return list;
            }
            take(',');
        }
    }

    private void take(char expected) throws OtherwiseException {
        if (next() != expected) {
            throw new OtherwiseException();
        }
        at++;
    }

    private @Nullable Object word(String word, @Nullable Object meant) throws OtherwiseException {
        for (int i = 0; i < word.length(); i++) {
            if (at >= document.length || document[at++] != word.charAt(i)) {
                throw new OtherwiseException();
            }
        }
        return meant;
    }

    private Object number() throws OtherwiseException {
        int from = at;
        boolean whole = true;
        while (at < document.length && "+-.0123456789Ee".indexOf(document[at]) >= 0) {
            whole &= document[at] == '-' || document[at] >= '0' && document[at] <= '9';
            at++;
        }
        String text = new String(document, from, at - from, StandardCharsets.ISO_8859_1);
        if (!whole) {
            return fraction(text);
        }
        int digits = text.startsWith("-") ? 1 : 0;
        boolean plain = text.length() > digits
                && text.length() - digits <= MOST_DIGITS
                && text.indexOf('-', digits) < 0
                && (text.charAt(digits) != '0' || text.length() == digits + 1);
        if (!plain || text.equals("-0")) {
            throw new OtherwiseException();
        }
        long value = Long.parseLong(text);
        if (value == (int) value) {
            return (int) value;
        }
        return value;
    }

    /** Digits on both sides of a point; other ways to write a number are rare. */
    private static Double fraction(String text) throws OtherwiseException {
        int point = text.indexOf('.');
        int first = text.startsWith("-") ? 1 : 0;
        boolean plain = point > first && point < text.length() - 1 && (text.charAt(first) != '0' || point == first + 1);
        for (int i = first; plain && i < text.length(); i++) {
            plain = i == point || text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        if (!plain) {
            throw new OtherwiseException();
        }
        return Double.valueOf(text);
    }

    private String string() throws OtherwiseException {
        int from = ++at;
        boolean escaped = false;
        while (at < document.length && document[at] != '"') {
            byte c = document[at];
            if (c >= 0 && c < ' ') {
                throw new OtherwiseException();
            }
            if (c == '\\') {
                escaped = true;
                at++;
            }
            at++;
        }
        if (at >= document.length) {
            throw new OtherwiseException();
        }
        String text = new String(document, from, at - from, StandardCharsets.UTF_8);
        at++;
        if (text.indexOf(UNREADABLE) >= 0) {
            throw new OtherwiseException();
        }
        return escaped ? unescaped(text) : text;
    }

    private static String unescaped(String text) throws OtherwiseException {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            c = text.charAt(++i);
            int known = "\"\\/bfnrt".indexOf(c);
            if (known >= 0) {
                plain.append("\"\\/\b\f\n\r\t".charAt(known));
            } else if (c == 'u' && i + 4 < text.length()) {
                plain.append(hex(text, i + 1));
                i += 4;
            } else {
                throw new OtherwiseException();
            }
        }
        return plain.toString();
    }

    private static char hex(String text, int from) throws OtherwiseException {
        int value = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0 || text.charAt(i) > 'f') {
                throw new OtherwiseException();
            }
            value = value * 16 + digit;
        }
        return (char) value;
    }
}
