package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The policy of a browser upload: until when, and what each form field must be. See AWS, "POST Policy".
 *
 * @param expiration the moment it stops being good
 * @param conditions all must hold
 */
record PostPolicy(Instant expiration, List<Condition> conditions) {
    private static final int MAX_CONDITIONS = 1000;
    private static final JsonFactory JSON = new JsonFactory();

    /** What may be asked of a form. Field names are in lower case. */
    sealed interface Condition {
        /** The field is exactly this. */
        record Equal(String field, String value) implements Condition {}

        /** The field starts with this; empty for any value. */
        record StartsWith(String field, String value) implements Condition {}

        /** The file has between so many bytes, both inclusive. */
        record Length(long min, long max) implements Condition {}
    }

    PostPolicy {
        conditions = List.copyOf(conditions);
    }

    /** Reads a policy document; InvalidPolicyDocument where it is none. */
    static PostPolicy parse(String json) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            return new Reader(parser).policy();
        } catch (JacksonException | DateTimeParseException malformed) {
            throw invalid("Invalid JSON.");
        }
    }

    /**
     * Checks a form's fields. Every field but those that carry the signature, the file, and {@code x-ignore-*} must be
     * named by a condition.
     *
     * @param fields by lower-case name, {@code bucket} among them
     * @throws Fault AccessDenied
     */
    void check(Map<String, String> fields, Instant now) {
        if (!now.isBefore(expiration)) {
            throw denied("Invalid according to Policy: Policy expired.");
        }
        Set<String> named = new HashSet<>();
        for (Condition condition : conditions) {
            switch (condition) {
                case Condition.Equal equal -> {
                    named.add(equal.field());
                    if (!equal.value().equals(fields.getOrDefault(equal.field(), ""))) {
                        throw failed("[\"eq\", \"$" + equal.field() + "\", \"" + equal.value() + "\"]");
                    }
                }
                case Condition.StartsWith starts -> {
                    named.add(starts.field());
                    if (!startsWith(starts, fields.getOrDefault(starts.field(), ""))) {
                        throw failed("[\"starts-with\", \"$" + starts.field() + "\", \"" + starts.value() + "\"]");
                    }
                }
                case Condition.Length _ -> {}
            }
        }
        for (String field : fields.keySet()) {
            if (!named.contains(field) && !exempt(field)) {
                throw denied("Invalid according to Policy: Extra input fields: " + field);
            }
        }
    }

    /** Content types may be a list; each must start as asked. */
    private static boolean startsWith(Condition.StartsWith condition, String value) {
        if (!condition.field().equals("content-type")) {
            return value.startsWith(condition.value());
        }
        for (String type : value.split(",", -1)) {
            if (!type.strip().startsWith(condition.value())) {
                return false;
            }
        }
        return true;
    }

    private static boolean exempt(String field) {
        return field.equals("policy")
                || field.equals("file")
                || field.equals("bucket")
                || field.equals("x-amz-signature")
                || field.equals("awsaccesskeyid")
                || field.equals("signature")
                || field.startsWith("x-ignore-");
    }

    /** The bounds of the file's length in bytes, as narrow as all conditions together make them. */
    Condition.Length length() {
        long min = 0;
        long max = Long.MAX_VALUE;
        for (Condition condition : conditions) {
            if (condition instanceof Condition.Length bounds) {
                min = Math.max(min, bounds.min());
                max = Math.min(max, bounds.max());
            }
        }
        return new Condition.Length(min, max);
    }

    static Fault denied(String message) {
        return Fault.client("AccessDenied", 403, message);
    }

    private static Fault failed(String condition) {
        return denied("Invalid according to Policy: Policy Condition failed: " + condition);
    }

    private static Fault invalid(String message) {
        return Fault.client(
                "InvalidPolicyDocument",
                400,
                "The content of the form does not meet the conditions specified in the policy document: " + message);
    }

    private static final class Reader {
        private final JsonParser parser;

        Reader(JsonParser parser) {
            this.parser = parser;
        }

        PostPolicy policy() {
            expect(parser.nextToken(), JsonToken.START_OBJECT);
            Instant expiration = null;
            List<Condition> conditions = null;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "expiration" -> expiration = Instant.parse(text(value));
                    case "conditions" -> conditions = conditions(value);
                    default -> throw invalid("Unexpected: '" + name + "'");
                }
            }
            expect(parser.currentToken(), JsonToken.END_OBJECT);
            if (expiration == null) {
                throw invalid("Policy missing expiration.");
            }
            if (conditions == null) {
                throw invalid("Policy missing conditions.");
            }
            return new PostPolicy(expiration, conditions);
        }

        private List<Condition> conditions(@Nullable JsonToken start) {
            expect(start, JsonToken.START_ARRAY);
            List<Condition> conditions = new ArrayList<>();
            for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                if (next == JsonToken.START_OBJECT) {
                    object(conditions);
                } else {
                    expect(next, JsonToken.START_ARRAY);
                    conditions.add(array());
                }
                if (conditions.size() > MAX_CONDITIONS) {
                    throw invalid("Too many conditions.");
                }
            }
            return conditions;
        }

        private void object(List<Condition> conditions) {
            int before = conditions.size();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = parser.currentName().toLowerCase(Locale.ROOT);
                conditions.add(new Condition.Equal(field, text(parser.nextToken())));
            }
            expect(parser.currentToken(), JsonToken.END_OBJECT);
            if (conditions.size() != before + 1) {
                throw invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
            }
        }

        private Condition array() {
            List<String> items = new ArrayList<>(3);
            for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                items.add(text(next));
                if (items.size() > 3) {
                    throw invalid("Invalid Condition: wrong number of arguments.");
                }
            }
            if (items.size() != 3) {
                throw invalid("Invalid Condition: wrong number of arguments.");
            }
            return switch (items.get(0).toLowerCase(Locale.ROOT)) {
                case "eq" -> new Condition.Equal(field(items.get(1)), items.get(2));
                case "starts-with" -> new Condition.StartsWith(field(items.get(1)), items.get(2));
                case "content-length-range" -> new Condition.Length(number(items.get(1)), number(items.get(2)));
                default -> throw invalid("Invalid Condition: unknown operation '" + items.get(0) + "'.");
            };
        }

        private static String field(String reference) {
            if (!reference.startsWith("$")) {
                throw invalid("Invalid Condition: field names start with '$'.");
            }
            return reference.substring(1).toLowerCase(Locale.ROOT);
        }

        private static long number(String digits) {
            try {
                return Long.parseLong(digits);
            } catch (NumberFormatException e) {
                throw invalid("Invalid Condition: '" + digits + "' is not a number.");
            }
        }

        private String text(@Nullable JsonToken token) {
            if (token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NUMBER_INT) {
                return parser.getString();
            }
            throw invalid("Invalid JSON.");
        }

        private static void expect(@Nullable JsonToken token, JsonToken wanted) {
            if (token != wanted) {
                throw invalid("Invalid JSON.");
            }
        }
    }
}
