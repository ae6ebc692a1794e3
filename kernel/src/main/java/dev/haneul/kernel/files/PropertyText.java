package dev.haneul.kernel.files;

import java.util.Map;

/**
 * Names and values as the text that {@link java.util.Properties} reads. Its own writer heads the text with the date,
 * which takes a cold start longer than everything else about such a file.
 */
public final class PropertyText {
    private PropertyText() {}

    /** One line for each entry, in the map's order. */
    public static String of(Map<String, String> values) {
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) -> {
            escape(name, text);
            text.append('=');
            escape(value, text);
            text.append('\n');
        });
        return text.toString();
    }

    private static void escape(String word, StringBuilder to) {
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            switch (c) {
                case '\n' -> to.append("\\n");
                case '\r' -> to.append("\\r");
                case '\t' -> to.append("\\t");
                case '\f' -> to.append("\\f");
                case ' ', '=', ':', '#', '!', '\\' -> to.append('\\').append(c);
                default -> to.append(c);
            }
        }
    }
}
