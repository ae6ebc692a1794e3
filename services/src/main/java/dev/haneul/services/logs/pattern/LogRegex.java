package dev.haneul.services.logs.pattern;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression between percent signs: AWS's small syntax, without groups. Matching is bounded, for patterns
 * come from strangers: a message that takes too many steps does not match.
 */
final class LogRegex {
    private static final String SYMBOLS = ":_#=@/;,-^$?[]{}|\\*+.";
    private static final int STEPS = 5_000_000;

    private final Pattern pattern;

    private LogRegex(Pattern pattern) {
        this.pattern = pattern;
    }

    static LogRegex compile(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!plain && SYMBOLS.indexOf(c) < 0) {
                throw InvalidPatternException.badTerm(String.valueOf(c));
            }
        }
        try {
            return new LogRegex(Pattern.compile(text));
        } catch (PatternSyntaxException e) {
            throw new InvalidPatternException("Invalid regular expression: " + e.getDescription());
        }
    }

    /** Whether some part of the text matches. */
    boolean find(String text) {
        try {
            return pattern.matcher(new Budgeted(text, new int[] {STEPS})).find();
        } catch (OutOfSteps _) {
            return false;
        }
    }

    private static final class OutOfSteps extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OutOfSteps() {
            super(null, null, false, false);
        }
    }

    /** Text that can only be looked at so often. */
    private record Budgeted(CharSequence text, int[] left) implements CharSequence {
        @Override
        public char charAt(int index) {
            if (left[0]-- <= 0) {
                throw new OutOfSteps();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Budgeted(text.subSequence(start, end), left);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
