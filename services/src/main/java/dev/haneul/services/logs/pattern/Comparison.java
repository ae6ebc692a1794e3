package dev.haneul.services.logs.pattern;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What a value is compared with: a number, a text with wildcards, or a regular expression.
 *
 * @param operator one of {@code = != < <= > >=}
 */
record Comparison(
        String operator,
        String text,
        @Nullable BigDecimal number,
        @Nullable LogRegex regex) {
    private static final String NUMBER = "[+-]?[0-9]{1,30}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?";
    private static final String VALUE_CHARS = "*.:-/@+$";

    /** Reads an operator and a value. */
    static Comparison parse(Scanner in) {
        String operator = operator(in);
        in.skipSpace();
        if (in.peek() == '"') {
            String text = in.quoted();
            return new Comparison(operator, text, null, null);
        }
        if (in.peek() == '%') {
            return new Comparison(operator, "", null, LogRegex.compile(in.regex()));
        }
        String text = in.run(VALUE_CHARS);
        return new Comparison(operator, text, number(text), null).checked();
    }

    private Comparison checked() {
        boolean order = operator.startsWith("<") || operator.startsWith(">");
        if (order && number == null) {
            throw new InvalidPatternException("Invalid filter pattern: " + operator + " needs a number, not " + text);
        }
        return this;
    }

    private static String operator(Scanner in) {
        for (String each : new String[] {"!=", "<=", ">=", "=", "<", ">"}) {
            if (in.take(each)) {
                return each;
            }
        }
        throw in.unexpected();
    }

    static boolean startsHere(Scanner in) {
        return "=!<>".indexOf(in.peek()) >= 0 && !in.atEnd();
    }

    /** Whether a value satisfies it. Ordering is of numbers only; a value that is none satisfies none. */
    boolean holds(String value) {
        if (number != null) {
            BigDecimal given = number(value);
            if (given != null) {
                return ordered(given.compareTo(number));
            }
        }
        boolean equal = regex != null ? regex.find(value) : glob(text, value);
        return switch (operator) {
            case "=" -> equal;
            case "!=" -> !equal;
            default -> false;
        };
    }

    private boolean ordered(int comparison) {
        return switch (operator) {
            case "=" -> comparison == 0;
            case "!=" -> comparison != 0;
            case "<" -> comparison < 0;
            case "<=" -> comparison <= 0;
            case ">" -> comparison > 0;
            default -> comparison >= 0;
        };
    }

    private static @Nullable BigDecimal number(String text) {
        return text.length() <= 64 && text.matches(NUMBER) ? new BigDecimal(text) : null;
    }

    /** Text in which {@code *} is any run of characters. */
    private static boolean glob(String pattern, String value) {
        int p = 0;
        int v = 0;
        int star = -1;
        int resume = 0;
        while (v < value.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = v;
            } else if (p < pattern.length() && pattern.charAt(p) == value.charAt(v)) {
                p++;
                v++;
            } else if (star >= 0) {
                p = star + 1;
                v = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
