package dev.haneul.kernel.policy;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One key of a Condition block: the operator, how it treats several values, and what it compares with.
 *
 * @param key the condition key in lower case
 * @param ifExists whether it holds where the request lacks the key
 * @param expected one of these must match (none, for negated operators)
 */
public record Condition(
        ConditionOperator operator, Quantifier quantifier, boolean ifExists, String key, List<Expected> expected) {
    /** How a condition treats a request's values. */
    public enum Quantifier {
        /** The request has one value; of several, one that matches is enough. */
        SINGLE,
        /** Each value must satisfy it; holds where there is none. */
        FOR_ALL_VALUES,
        /** One value must satisfy it; fails where there is none. */
        FOR_ANY_VALUE
    }

    public Condition {
        expected = List.copyOf(expected);
    }

    /**
     * Reads an operator as documents write it.
     *
     * @return null where there is no such operator
     */
    static @Nullable Condition parse(String operatorText, String key, List<String> values, boolean variables) {
        Quantifier quantifier = Quantifier.SINGLE;
        String rest = operatorText;
        String lower = operatorText.toLowerCase(Locale.ROOT);
        if (lower.startsWith("forallvalues:")) {
            quantifier = Quantifier.FOR_ALL_VALUES;
            rest = operatorText.substring("forallvalues:".length());
        } else if (lower.startsWith("foranyvalue:")) {
            quantifier = Quantifier.FOR_ANY_VALUE;
            rest = operatorText.substring("foranyvalue:".length());
        }
        boolean ifExists = rest.toLowerCase(Locale.ROOT).endsWith("ifexists");
        ConditionOperator operator =
                ConditionOperator.of(ifExists ? rest.substring(0, rest.length() - "ifexists".length()) : rest);
        if (operator == null || (ifExists && operator == ConditionOperator.NULL)) {
            return null;
        }
        boolean withVariables = variables && operator.variables();
        List<Expected> expected = values.stream()
                .map(value -> Expected.of(operator, value, withVariables))
                .toList();
        return new Condition(operator, quantifier, ifExists, key.toLowerCase(Locale.ROOT), expected);
    }

    /** Whether it holds for a request. */
    boolean holds(RequestContext context) {
        List<String> values = context.get(key);
        if (operator == ConditionOperator.NULL) {
            boolean absent = values == null || values.isEmpty();
            return expected.stream().anyMatch(wanted -> wanted.wantsAbsent() == absent);
        }
        if (values == null || values.isEmpty()) {
            return ifExists || whereAbsent();
        }
        return switch (quantifier) {
            case FOR_ALL_VALUES -> all(values, context);
            case FOR_ANY_VALUE -> any(values, context);
            case SINGLE -> operator.negated() ? all(values, context) : any(values, context);
        };
    }

    private boolean whereAbsent() {
        return switch (quantifier) {
            case FOR_ALL_VALUES -> true;
            case FOR_ANY_VALUE -> false;
            case SINGLE -> operator.negated();
        };
    }

    private boolean all(List<String> values, RequestContext context) {
        for (String value : values) {
            if (!satisfies(value, context)) {
                return false;
            }
        }
        return true;
    }

    private boolean any(List<String> values, RequestContext context) {
        for (String value : values) {
            if (satisfies(value, context)) {
                return true;
            }
        }
        return false;
    }

    private boolean satisfies(String value, RequestContext context) {
        for (Expected wanted : expected) {
            if (wanted.matches(value, context)) {
                return !operator.negated();
            }
        }
        return operator.negated();
    }
}
