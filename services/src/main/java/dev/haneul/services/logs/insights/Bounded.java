package dev.haneul.services.logs.insights;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Matching within a number of steps, for patterns come from strangers: what takes more does not match. */
final class Bounded {
    private static final int STEPS = 2_000_000;

    private Bounded() {}

    static boolean find(Pattern pattern, String text) {
        return matcher(pattern, text) != null;
    }

    static boolean matches(Pattern pattern, String text) {
        try {
            return pattern.matcher(new Budgeted(text, new int[] {STEPS})).matches();
        } catch (OutOfSteps _) {
            return false;
        }
    }

    /** The first match; null where there is none. */
    static @Nullable Matcher matcher(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(new Budgeted(text, new int[] {STEPS}));
        try {
            return matcher.find() ? matcher : null;
        } catch (OutOfSteps _) {
            return null;
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
            left[0]--;
            if (left[0] < 0) {
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
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
