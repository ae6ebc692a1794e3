package dev.haneul.wire.validation;

import dev.haneul.api.runtime.Constraints;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.Location;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How the families of AWS's services tell that an input breaks its model. */
enum Wording {
    /**
     * Most services: {@code 1 validation error detected: Value 'x' at 'functionName' failed to satisfy constraint:
     * Member must have length less than or equal to 64}. Paths are in lower camel case with {@code 1.member} for
     * elements; what is wrong with plain elements, keys and values is told of the whole list or map.
     */
    CORAL {
        @Override
        Fault fault(OperationShape operation, ValidationPolicy policy, List<Violation> violations) {
            List<String> told = violations.stream().map(Coral::tell).distinct().toList();
            String head =
                    told.size() == 1 ? "1 validation error detected: " : told.size() + " validation errors detected: ";
            return Fault.client(policy.code(), 400, head + String.join("; ", told));
        }

        @Override
        String element(int index) {
            return (index + 1) + ".member";
        }

        @Override
        String entry(String key) {
            return key + ".member";
        }
    },

    /** Services on Smithy's server framework: {@code Value at '/list/0' failed to satisfy constraint: …}. */
    SMITHY {
        @Override
        Fault fault(OperationShape operation, ValidationPolicy policy, List<Violation> violations) {
            List<String> told = violations.stream().map(Smithy::tell).toList();
            String head =
                    told.size() == 1 ? "1 validation error detected. " : told.size() + " validation errors detected. ";
            String message = head + String.join("; ", told);
            StructShape declared = declared(operation);
            if (declared == null) {
                return Fault.client(policy.code(), 400, message);
            }
            return Fault.of(Smithy.detail(declared, violations, told), message);
        }

        @Override
        String element(int index) {
            return Integer.toString(index);
        }

        @Override
        String entry(String key) {
            return key;
        }
    },

    /** EC2 and SQS check what is required, and every value themselves. */
    MISSING_PARAMETER {
        @Override
        Fault fault(OperationShape operation, ValidationPolicy policy, List<Violation> violations) {
            String name = String.join(".", violations.getFirst().path());
            return Fault.client(policy.code(), 400, "The request must contain the parameter " + name + ".");
        }

        @Override
        String element(int index) {
            return Integer.toString(index + 1);
        }

        @Override
        String entry(String key) {
            return key;
        }
    },

    /** S3: a body that lacks something is malformed, a missing header or parameter makes an invalid request. */
    S3 {
        @Override
        Fault fault(OperationShape operation, ValidationPolicy policy, List<Violation> violations) {
            Violation first = violations.getFirst();
            Member member = operation.inputShape().member(first.path().getFirst());
            if (member != null
                    && member.location() == Location.PAYLOAD
                    && first.path().size() == 1) {
                return Fault.client("MissingRequestBodyError", 400, "Request Body is empty");
            }
            if (member != null && first.path().size() == 1 && member.location() != Location.BODY) {
                return Fault.client(policy.code(), 400, "Missing required parameter: " + member.wireName());
            }
            return Fault.client(
                    "MalformedXML",
                    400,
                    "The XML you provided was not well-formed or did not validate against our published schema");
        }

        @Override
        String element(int index) {
            return Integer.toString(index);
        }

        @Override
        String entry(String key) {
            return key;
        }
    };

    /** The fault for these violations, of which there is at least one. */
    abstract Fault fault(OperationShape operation, ValidationPolicy policy, List<Violation> violations);

    /** What a list's element is called in a path. */
    abstract String element(int index);

    /** What a map's value is called in a path. */
    abstract String entry(String key);

    /** The operation's declared ValidationException that lists fields, null for none. */
    static @Nullable StructShape declared(OperationShape operation) {
        for (int i = 0; i < operation.errors().length; i++) {
            StructShape shape = operation.errorShape(i);
            if (shape.name().equals("ValidationException") && shape.member("fieldList") != null) {
                return shape;
            }
        }
        return null;
    }

    private static String plainRule(Violation violation) {
        Constraints limits = violation.shape().constraints();
        return switch (violation.rule()) {
            case REQUIRED -> "Member must not be null";
            case PATTERN -> "Member must satisfy regular expression pattern: " + limits.pattern();
            case ENUM -> "Member must satisfy enum value set: [" + String.join(", ", limits.values()) + "]";
            case UNIQUE -> "Member must have unique values";
            case LENGTH, RANGE -> throw new IllegalArgumentException(violation.rule() + " is told by each family");
        };
    }

    /** Coral's sentences. */
    private static final class Coral {
        private static final int MAX_VALUE_LENGTH = 2048;

        static String tell(Violation violation) {
            boolean plain = violation.target() != Violation.Target.VALUE && !isStructure(violation);
            List<String> path = plain && violation.target() != Violation.Target.KEY
                    ? violation.path().subList(0, violation.path().size() - 1)
                    : violation.path();
            String value = value(violation, plain);
            String at = path.stream().map(Coral::camel).collect(Collectors.joining("."));
            String rule = plain ? whole(violation) : rule(violation);
            return "Value " + value + "at '" + at + "' failed to satisfy constraint: " + rule;
        }

        private static boolean isStructure(Violation violation) {
            return violation.shape() instanceof StructShape;
        }

        private static String value(Violation violation, boolean plain) {
            if (violation.rule() == Violation.Rule.REQUIRED) {
                return "null ";
            }
            if (violation.shape().constraints().sensitive() || violation.value() instanceof byte[]) {
                return "";
            }
            String text = text(violation.value());
            if (text.length() > MAX_VALUE_LENGTH) {
                return "";
            }
            return switch (plain ? violation.target() : Violation.Target.VALUE) {
                case VALUE -> "'" + text + "' ";
                case ELEMENT -> "'[" + text + "]' ";
                case KEY, ENTRY -> "";
            };
        }

        private static String text(@Nullable Object value) {
            return switch (value) {
                case null -> "null";
                case Struct struct -> struct.shape().name();
                case List<?> list -> list.stream().map(Coral::text).collect(Collectors.joining(", ", "[", "]"));
                case Map<?, ?> map ->
                    map.entrySet().stream()
                            .map(e -> e.getKey() + "=" + text(e.getValue()))
                            .collect(Collectors.joining(", ", "{", "}"));
                default -> value.toString();
            };
        }

        private static String rule(Violation violation) {
            Constraints limits = violation.shape().constraints();
            Long min = limits.min();
            return switch (violation.rule()) {
                case LENGTH ->
                    tooShort(violation, min)
                            ? "Member must have length greater than or equal to " + min
                            : "Member must have length less than or equal to " + limits.max();
                case RANGE ->
                    min != null && violation.value() instanceof Number number && number.doubleValue() < min
                            ? "Member must have value greater than or equal to " + min
                            : "Member must have value less than or equal to " + limits.max();
                default -> plainRule(violation);
            };
        }

        private static boolean tooShort(Violation violation, @Nullable Long min) {
            Object value = violation.value();
            return min != null && value != null && Checks.length(value) < min;
        }

        /** Of plain elements, keys and values Coral tells every constraint they have. */
        private static String whole(Violation violation) {
            Constraints limits = violation.shape().constraints();
            List<String> rules = new ArrayList<>();
            String what = violation.shape().kind() == Kind.STRING || violation.shape() instanceof ListShape
                    ? "length"
                    : "value";
            if (limits.max() != null) {
                rules.add("Member must have " + what + " less than or equal to " + limits.max());
            }
            if (limits.min() != null) {
                rules.add("Member must have " + what + " greater than or equal to " + limits.min());
            }
            if (limits.pattern() != null) {
                rules.add("Member must satisfy regular expression pattern: " + limits.pattern());
            }
            if (!limits.values().isEmpty()) {
                rules.add("Member must satisfy enum value set: [" + String.join(", ", limits.values()) + "]");
            }
            String subject = switch (violation.target()) {
                case KEY -> "Map keys";
                case ENTRY -> "Map value";
                default -> "Member";
            };
            return subject + " must satisfy constraint: [" + String.join(", ", rules) + "]";
        }

        private static String camel(String name) {
            return name.isEmpty() ? name : name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
        }
    }

    /** The sentences of Smithy's server framework. */
    private static final class Smithy {
        static String tell(Violation violation) {
            String length = violation.rule() == Violation.Rule.LENGTH && violation.value() != null
                    ? "with length " + Checks.length(violation.value()) + " "
                    : "";
            return "Value " + length + "at '" + pointer(violation) + "' failed to satisfy constraint: "
                    + rule(violation);
        }

        static String pointer(Violation violation) {
            return "/" + String.join("/", violation.path());
        }

        private static String rule(Violation violation) {
            Constraints limits = violation.shape().constraints();
            boolean length = violation.rule() == Violation.Rule.LENGTH;
            if (!length && violation.rule() != Violation.Rule.RANGE) {
                return plainRule(violation);
            }
            String subject = length ? "Member must have length " : "Member must be ";
            if (limits.min() != null && limits.max() != null) {
                return subject + "between " + limits.min() + " and " + limits.max() + ", inclusive";
            }
            return limits.min() != null
                    ? subject + "greater than or equal to " + limits.min()
                    : subject + "less than or equal to " + limits.max();
        }

        /** The declared exception with its list of fields: a path (or name) and a message each. */
        static Struct detail(StructShape declared, List<Violation> violations, List<String> told) {
            Struct detail = declared.create();
            Member list = declared.member("fieldList");
            if (list == null
                    || !(list.shape() instanceof ListShape fields)
                    || !(fields.element().shape() instanceof StructShape field)) {
                return detail;
            }
            List<Struct> found = new ArrayList<>();
            for (int i = 0; i < violations.size(); i++) {
                Struct one = field.create();
                for (Member member : field.members()) {
                    boolean message = member.name().equalsIgnoreCase("message");
                    one.set(member.index(), message ? told.get(i) : pointer(violations.get(i)));
                }
                found.add(one);
            }
            detail.set(list.index(), found);
            return detail;
        }
    }
}
