package dev.haneul.kernel.policy;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The condition operators, without their {@code …IfExists} and {@code For…Values:} forms. */
public enum ConditionOperator {
    STRING_EQUALS("StringEquals", Family.STRING, false),
    STRING_NOT_EQUALS("StringNotEquals", Family.STRING, true),
    STRING_EQUALS_IGNORE_CASE("StringEqualsIgnoreCase", Family.STRING_ANY_CASE, false),
    STRING_NOT_EQUALS_IGNORE_CASE("StringNotEqualsIgnoreCase", Family.STRING_ANY_CASE, true),
    STRING_LIKE("StringLike", Family.STRING_GLOB, false),
    STRING_NOT_LIKE("StringNotLike", Family.STRING_GLOB, true),
    NUMERIC_EQUALS("NumericEquals", Family.NUMBER, false),
    NUMERIC_NOT_EQUALS("NumericNotEquals", Family.NUMBER, true),
    NUMERIC_LESS_THAN("NumericLessThan", Family.NUMBER, false),
    NUMERIC_LESS_THAN_EQUALS("NumericLessThanEquals", Family.NUMBER, false),
    NUMERIC_GREATER_THAN("NumericGreaterThan", Family.NUMBER, false),
    NUMERIC_GREATER_THAN_EQUALS("NumericGreaterThanEquals", Family.NUMBER, false),
    DATE_EQUALS("DateEquals", Family.DATE, false),
    DATE_NOT_EQUALS("DateNotEquals", Family.DATE, true),
    DATE_LESS_THAN("DateLessThan", Family.DATE, false),
    DATE_LESS_THAN_EQUALS("DateLessThanEquals", Family.DATE, false),
    DATE_GREATER_THAN("DateGreaterThan", Family.DATE, false),
    DATE_GREATER_THAN_EQUALS("DateGreaterThanEquals", Family.DATE, false),
    BOOL("Bool", Family.BOOL, false),
    BINARY_EQUALS("BinaryEquals", Family.BINARY, false),
    IP_ADDRESS("IpAddress", Family.IP, false),
    NOT_IP_ADDRESS("NotIpAddress", Family.IP, true),
    ARN_EQUALS("ArnEquals", Family.ARN, false),
    ARN_NOT_EQUALS("ArnNotEquals", Family.ARN, true),
    ARN_LIKE("ArnLike", Family.ARN, false),
    ARN_NOT_LIKE("ArnNotLike", Family.ARN, true),
    NULL("Null", Family.NULL, false);

    /** How an operator's values are read and compared. */
    enum Family {
        STRING,
        STRING_ANY_CASE,
        STRING_GLOB,
        NUMBER,
        DATE,
        BOOL,
        BINARY,
        IP,
        ARN,
        NULL
    }

    private static final Map<String, ConditionOperator> BY_NAME = byName();

    private final String text;
    private final Family family;
    private final boolean negated;

    ConditionOperator(String text, Family family, boolean negated) {
        this.text = text;
        this.family = family;
        this.negated = negated;
    }

    /** As it stands in documents. */
    public String text() {
        return text;
    }

    Family family() {
        return family;
    }

    /** Whether it holds where no value matches, and where the key is absent. */
    boolean negated() {
        return negated;
    }

    /** Whether policy variables may stand in its values. */
    boolean variables() {
        return switch (family) {
            case STRING, STRING_ANY_CASE, STRING_GLOB, ARN -> true;
            default -> false;
        };
    }

    /** Whether a comparison of request value to policy value (as by {@code compareTo}) satisfies an ordering operator. */
    boolean satisfiedBy(int comparison) {
        return switch (this) {
            case NUMERIC_LESS_THAN, DATE_LESS_THAN -> comparison < 0;
            case NUMERIC_LESS_THAN_EQUALS, DATE_LESS_THAN_EQUALS -> comparison <= 0;
            case NUMERIC_GREATER_THAN, DATE_GREATER_THAN -> comparison > 0;
            case NUMERIC_GREATER_THAN_EQUALS, DATE_GREATER_THAN_EQUALS -> comparison >= 0;
            default -> comparison == 0;
        };
    }

    /** The operator of this name, which has no case; null for none. */
    static @Nullable ConditionOperator of(String name) {
        return BY_NAME.get(name.toLowerCase(Locale.ROOT));
    }

    private static Map<String, ConditionOperator> byName() {
        Map<String, ConditionOperator> found = new HashMap<>();
        for (ConditionOperator operator : values()) {
            found.put(operator.text.toLowerCase(Locale.ROOT), operator);
        }
        return Map.copyOf(found);
    }
}
