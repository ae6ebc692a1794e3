package dev.haneul.services.cloudwatch;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rule of a composite alarm: {@code ALARM("a") AND NOT (OK(b) OR FALSE)}. Pure.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html">AlarmRule</a>
 */
sealed interface AlarmRule {
    int LONGEST = 10_240;
    int ELEMENTS = 100;

    /** Whether it holds, given the state of an alarm by name or ARN (null: there is none, which is insufficient data). */
    boolean holds(Function<String, @Nullable String> state);

    record Constant(boolean value) implements AlarmRule {
        @Override
        public boolean holds(Function<String, @Nullable String> state) {
            return value;
        }
    }

    record In(String state, String alarm) implements AlarmRule {
        @Override
        public boolean holds(Function<String, @Nullable String> states) {
            String now = states.apply(alarm);
            return state.equals(now == null ? AlarmPlan.INSUFFICIENT_DATA : now);
        }
    }

    record Not(AlarmRule of) implements AlarmRule {
        @Override
        public boolean holds(Function<String, @Nullable String> state) {
            return !of.holds(state);
        }
    }

    record Both(AlarmRule left, AlarmRule right, boolean and) implements AlarmRule {
        @Override
        public boolean holds(Function<String, @Nullable String> state) {
            return and ? left.holds(state) && right.holds(state) : left.holds(state) || right.holds(state);
        }
    }

    /** The alarms it names, as it names them. */
    default Set<String> alarms() {
        Set<String> found = new LinkedHashSet<>();
        List<AlarmRule> open = new ArrayList<>(List.of(this));
        while (!open.isEmpty()) {
            switch (open.removeLast()) {
                case In in -> found.add(in.alarm());
                case Not not -> open.add(not.of());
                case Both both -> open.addAll(List.of(both.right(), both.left()));
                case Constant _ -> {}
            }
        }
        return found;
    }

    /** A rule that breaks the syntax. */
    final class BadRuleException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BadRuleException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Parses.
     *
     * @throws BadRuleException where it breaks the syntax or its limits
     */
    static AlarmRule parse(String text) {
        if (text.length() > LONGEST) {
            throw new BadRuleException("The rule is longer than " + LONGEST + " characters");
        }
        Parser in = new Parser(text);
        AlarmRule rule = in.either();
        in.requireEnd();
        if (in.elements > ELEMENTS) {
            throw new BadRuleException("The rule has more than " + ELEMENTS + " elements");
        }
        return rule;
    }

    /** Reads a rule. */
    final class Parser {
        private static final int DEEPEST = 60;
        private static final List<String> STATES = List.of(AlarmPlan.INSUFFICIENT_DATA, AlarmPlan.ALARM, AlarmPlan.OK);
        private final String text;
        private int at;
        private int depth;
        private int elements;

        Parser(String text) {
            this.text = text;
        }

        AlarmRule either() {
            depth++;
            if (depth > DEEPEST) {
                throw new BadRuleException("The rule is nested too deeply");
            }
            AlarmRule left = both();
            while (word("OR")) {
                left = new Both(left, both(), false);
            }
            depth--;
            return left;
        }

        private AlarmRule both() {
            AlarmRule left = one();
            while (word("AND")) {
                left = new Both(left, one(), true);
            }
            return left;
        }

        private AlarmRule one() {
            elements++;
            boolean negated = false;
            while (word("NOT")) {
                negated = !negated;
            }
            AlarmRule rule = plain();
            return negated ? new Not(rule) : rule;
        }

        private AlarmRule plain() {
            if (word("TRUE")) {
                return new Constant(true);
            }
            if (word("FALSE")) {
                return new Constant(false);
            }
            if (take("(")) {
                AlarmRule inner = either();
                expect(")");
                return inner;
            }
            for (String state : STATES) {
                if (word(state)) {
                    expect("(");
                    String alarm = alarm();
                    expect(")");
                    return new In(state, alarm);
                }
            }
            throw unexpected();
        }

        private String alarm() {
            space();
            if (take("\"")) {
                StringBuilder out = new StringBuilder();
                while (at < text.length() && text.charAt(at) != '"') {
                    if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                        at++;
                    }
                    out.append(text.charAt(at++));
                }
                expect("\"");
                return out.toString();
            }
            int end = text.indexOf(')', at);
            if (end < 0 || text.substring(at, end).isBlank()) {
                throw unexpected();
            }
            String name = text.substring(at, end).strip();
            at = end;
            return name;
        }

        private boolean word(String what) {
            space();
            int end = at + what.length();
            boolean there = text.toUpperCase(Locale.ROOT).startsWith(what, at)
                    && (end == text.length() || " \t\r\n()".indexOf(text.charAt(end)) >= 0);
            at = there ? end : at;
            return there;
        }

        private boolean take(String what) {
            space();
            boolean there = text.startsWith(what, at);
            at += there ? what.length() : 0;
            return there;
        }

        private void expect(String what) {
            if (!take(what)) {
                throw unexpected();
            }
        }

        private void space() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        void requireEnd() {
            space();
            if (at < text.length()) {
                throw unexpected();
            }
        }

        private BadRuleException unexpected() {
            return new BadRuleException(
                    at >= text.length()
                            ? "The rule ends too soon"
                            : "Unexpected '" + text.charAt(at) + "' at position " + at);
        }
    }
}
