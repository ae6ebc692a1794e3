package dev.haneul.wire.validation;

import java.util.regex.Pattern;

/**
 * Matching with a budget: a pattern such as {@code ^([0-9]+)+$} can take exponential time over hostile text. Every
 * look at a character counts; what exceeds the budget does not match.
 */
final class BoundedMatch {
    private static final long BASE_STEPS = 200_000;
    private static final long STEPS_PER_CHARACTER = 200;

    private BoundedMatch() {}

    /** Whether the whole text matches the pattern. */
    static boolean matches(Pattern pattern, String text) {
        try {
            return pattern.matcher(new Counted(text)).matches();
        } catch (BudgetExceeded | StackOverflowError e) {
            return false;
        }
    }

    private static final class BudgetExceeded extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BudgetExceeded() {
            super(null, null, false, false);
        }
    }

    private static final class Counted implements CharSequence {
        private final String text;
        private long stepsLeft;

        Counted(String text) {
            this.text = text;
            this.stepsLeft = BASE_STEPS + STEPS_PER_CHARACTER * text.length();
        }

        @Override
        public char charAt(int index) {
            if (--stepsLeft < 0) {
                throw new BudgetExceeded();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
