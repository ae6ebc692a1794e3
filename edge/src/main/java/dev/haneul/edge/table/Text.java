package dev.haneul.edge.table;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** What a text is compared with: wildcards, or a regular expression that must match as a whole. */
public final class Text {
    /** Characters an expression may look at for one text: bounded, for both come from strangers. */
    private static final int MOST_LOOKS = 200_000;

    private final String source;
    private final boolean anyCase;
    private final @Nullable Pattern expression;

    private Text(String source, boolean anyCase, @Nullable Pattern expression) {
        this.source = source;
        this.anyCase = anyCase;
        this.expression = expression;
    }

    /** With wildcards. */
    public static Text wild(String pattern, boolean anyCase) {
        return new Text(pattern, anyCase, null);
    }

    /**
     * By a regular expression.
     *
     * @throws IllegalArgumentException where it is none
     */
    public static Text regex(String expression, boolean anyCase) {
        try {
            return new Text(expression, anyCase, Pattern.compile(expression, anyCase ? Pattern.CASE_INSENSITIVE : 0));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(e.getDescription(), e);
        }
    }

    /** Whether a text matches; an expression that takes too long does not. */
    public boolean matches(String text) {
        Pattern regex = expression;
        if (regex == null) {
            return wildcards(source, text, anyCase);
        }
        try {
            return regex.matcher(new Watched(text, new int[1])).matches();
        } catch (TooLong | StackOverflowError e) {
            return false;
        }
    }

    /** A text with the first match replaced; {@code $1} stands for a group. The text itself where nothing matches. */
    static String replaced(Pattern pattern, String text, String replacement) {
        try {
            Matcher matcher = pattern.matcher(new Watched(text, new int[1]));
            return matcher.find() ? matcher.replaceFirst(replacement) : text;
        } catch (TooLong | StackOverflowError | IndexOutOfBoundsException | IllegalArgumentException e) {
            return text;
        }
    }

    /** Greedy, with one step back to the last star: time is at most the product of both lengths. */
    static boolean wildcards(String pattern, String text, boolean anyCase) {
        int p = 0;
        int t = 0;
        int star = -1;
        int marked = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                marked = t;
            } else if (p < pattern.length()
                    && (pattern.charAt(p) == '?' || same(pattern.charAt(p), text.charAt(t), anyCase))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++marked;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    private static boolean same(char one, char other, boolean anyCase) {
        return one == other || anyCase && Character.toLowerCase(one) == Character.toLowerCase(other);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Text text
                && source.equals(text.source)
                && anyCase == text.anyCase
                && (expression == null) == (text.expression == null);
    }

    @Override
    public int hashCode() {
        return source.hashCode();
    }

    @Override
    public String toString() {
        return source;
    }

    private static final class TooLong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private TooLong() {
            super("an expression took too long", null, false, false);
        }
    }

    /** A text that counts how often it is looked at. */
    private record Watched(String text, int[] looks) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++looks[0] > MOST_LOOKS) {
                throw new TooLong();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
