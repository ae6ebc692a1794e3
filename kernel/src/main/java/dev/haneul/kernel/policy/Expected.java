package dev.haneul.kernel.policy;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A value in a condition, read once when its document is parsed. A value its operator cannot read matches nothing. */
public sealed interface Expected {
    /** Whether a request's value matches. */
    boolean matches(String value, RequestContext context);

    /** For {@code Null}: whether the key must be absent. */
    default boolean wantsAbsent() {
        return false;
    }

    /** Reads a value for its operator. */
    static Expected of(ConditionOperator operator, String text, boolean variables) {
        return switch (operator.family()) {
            case STRING -> new Text(Glob.compile(text, false, variables));
            case STRING_GLOB -> new Text(Glob.compile(text, true, variables));
            case STRING_ANY_CASE -> new AnyCase(Glob.compile(text, false, variables));
            case NUMBER -> new Amount(operator, number(text));
            case DATE -> new Moment(operator, moment(text));
            case BOOL -> new Flag(text);
            case BINARY -> new Binary(text.replace("=", ""));
            case IP -> new Network(CidrBlock.parse(text));
            case ARN -> new Arn(ArnGlob.compile(text, variables));
            case NULL -> new Absence(text.equalsIgnoreCase("true"));
        };
    }

    /** StringEquals and StringLike. */
    record Text(Glob pattern) implements Expected {
        @Override
        public boolean matches(String value, RequestContext context) {
            return pattern.matches(value, context);
        }
    }

    /** StringEqualsIgnoreCase. */
    record AnyCase(Glob pattern) implements Expected {
        @Override
        public boolean matches(String value, RequestContext context) {
            String wanted = pattern.expand(context);
            return wanted != null && wanted.equalsIgnoreCase(value);
        }
    }

    /** The Numeric operators. */
    record Amount(ConditionOperator operator, @Nullable BigDecimal wanted) implements Expected {
        @Override
        public boolean matches(String value, RequestContext context) {
            BigDecimal given = number(value);
            return wanted != null && given != null && operator.satisfiedBy(given.compareTo(wanted));
        }
    }

    /** The Date operators. */
    record Moment(ConditionOperator operator, @Nullable Instant wanted) implements Expected {
        @Override
        public boolean matches(String value, RequestContext context) {
            Instant given = moment(value);
            return wanted != null && given != null && operator.satisfiedBy(given.compareTo(wanted));
        }
    }

    /** Bool. */
    record Flag(String text) implements Expected {
        @Override
        public boolean matches(String value, RequestContext context) {
            boolean truth = text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false");
            return truth && text.equalsIgnoreCase(value);
        }
    }

    /** BinaryEquals: base64, with padding or without. */
    record Binary(String unpadded) implements Expected {
        @Override
        public boolean matches(String value, RequestContext context) {
            return unpadded.equals(value.replace("=", ""));
        }
    }

    /** IpAddress. */
    record Network(@Nullable CidrBlock block) implements Expected {
        @Override
        public boolean matches(String value, RequestContext context) {
            return block != null && block.contains(value);
        }
    }

    /** The Arn operators. */
    record Arn(ArnGlob pattern) implements Expected {
        @Override
        public boolean matches(String value, RequestContext context) {
            return pattern.matches(value, context);
        }
    }

    /** Null. */
    record Absence(boolean absent) implements Expected {
        @Override
        public boolean matches(String value, RequestContext context) {
            return false;
        }

        @Override
        public boolean wantsAbsent() {
            return absent;
        }
    }

    private static @Nullable BigDecimal number(String text) {
        // Bounded, so that no exponent makes a comparison dear.
        if (text.length() > 40 || !text.matches("[+-]?[0-9]+(\\.[0-9]+)?")) {
            return null;
        }
        return new BigDecimal(text);
    }

    /** ISO 8601 with or without time and zone, or seconds since 1970. */
    private static @Nullable Instant moment(String text) {
        try {
            if (text.matches("-?[0-9]{5,12}")) {
                return Instant.ofEpochSecond(Long.parseLong(text));
            }
            if (text.length() <= 10) {
                return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            String upper = text.toUpperCase(Locale.ROOT);
            boolean zoned = upper.endsWith("Z") || upper.matches(".*[+-][0-9]{2}:?[0-9]{2}");
            return OffsetDateTime.parse(zoned ? upper : upper + "Z", DateTimeFormatter.ISO_OFFSET_DATE_TIME)
                    .toInstant();
        } catch (DateTimeException _) {
            return null;
        }
    }
}
