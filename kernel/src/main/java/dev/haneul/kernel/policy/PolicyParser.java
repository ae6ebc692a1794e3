package dev.haneul.kernel.policy;

import dev.haneul.kernel.policy.Statement.Actions;
import dev.haneul.kernel.policy.Statement.Resources;
import dev.haneul.kernel.policy.Statement.Span;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/** Reads a policy document token by token. What the grammar does not name is a fault. */
final class PolicyParser {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** A key in a policy variable; a lone wildcard or dollar there is an escape. */
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^{},*?$]+)[,}]");

    private final PolicyKind kind;
    private final PolicyRules rules;

    PolicyParser(PolicyKind kind) {
        this.kind = kind;
        this.rules = new PolicyRules(kind);
    }

    PolicyDocument parse(String text) {
        if (!text.isEmpty() && Character.isWhitespace(text.charAt(0)) && kind == PolicyKind.IDENTITY) {
            throw new MalformedPolicyException("JSON strings must not have leading spaces");
        }
        if (text.indexOf(Glob.ANY_RUN) >= 0 || text.indexOf(Glob.ANY_ONE) >= 0) {
            throw rules.badJson("It holds a noncharacter");
        }
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), text)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw rules.badJson("It is no object");
            }
            PolicyDocument document = document(in);
            if (in.nextToken() != null) {
                throw rules.badJson("There is more after its end");
            }
            return document;
        } catch (JacksonException e) {
            throw rules.badJson(e.getOriginalMessage());
        }
    }

    private PolicyDocument document(JsonParser in) {
        String version = "";
        String id = "";
        List<RawStatement> raw = null;
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = in.currentName();
            in.nextToken();
            switch (field) {
                case "Version" -> version = string(in, field);
                case "Id" -> id = string(in, field);
                case "Statement" -> raw = statements(in);
                default -> throw rules.fault("Unknown field " + field);
            }
        }
        if (raw == null) {
            throw rules.fault("Missing required field Statement");
        }
        if (raw.isEmpty()) {
            throw rules.emptyStatement();
        }
        version = rules.version(version);
        List<Statement> statements = new ArrayList<>(raw.size());
        Set<String> sids = new HashSet<>();
        for (RawStatement each : raw) {
            if (!each.sid.isEmpty() && !sids.add(each.sid)) {
                throw new MalformedPolicyException("Statement IDs (SID) in a single policy must be unique.");
            }
            statements.add(compile(each, version.equals(PolicyDocument.CURRENT)));
        }
        return new PolicyDocument(version, id, statements);
    }

    private List<RawStatement> statements(JsonParser in) {
        List<RawStatement> found = new ArrayList<>();
        if (in.currentToken() == JsonToken.START_OBJECT) {
            found.add(statement(in, in.currentLocation()));
            return found;
        }
        if (in.currentToken() != JsonToken.START_ARRAY) {
            throw rules.fault("Statement must be an object or a list of objects");
        }
        TokenStreamLocation start = in.currentLocation();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (in.currentToken() != JsonToken.START_OBJECT) {
                throw rules.fault("Statement must be an object or a list of objects");
            }
            found.add(statement(in, start));
            start = in.currentLocation();
        }
        return found;
    }

    private RawStatement statement(JsonParser in, TokenStreamLocation start) {
        RawStatement out = new RawStatement();
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = in.currentName();
            in.nextToken();
            switch (field) {
                case "Sid" -> out.sid = rules.sid(string(in, field));
                case "Effect" -> out.allow = rules.effect(string(in, field));
                case "Action", "NotAction" -> {
                    rules.once(out.actions, field);
                    out.actions = strings(in, field);
                    out.notAction = field.equals("NotAction");
                }
                case "Resource", "NotResource" -> {
                    rules.resourceAllowed(field);
                    rules.once(out.resources, field);
                    out.resources = strings(in, field);
                    out.notResource = field.equals("NotResource");
                }
                case "Principal", "NotPrincipal" -> {
                    rules.principalAllowed();
                    rules.once(out.principals, field);
                    out.principals = principals(in, field);
                }
                case "Condition" -> out.conditions = conditions(in);
                default -> throw rules.fault("Unknown field " + field);
            }
        }
        TokenStreamLocation end = in.currentLocation();
        out.span = new Span(start.getLineNr(), start.getColumnNr(), end.getLineNr(), end.getColumnNr());
        rules.complete(out);
        return out;
    }

    private Principals principals(JsonParser in, String field) {
        PrincipalReader reader = new PrincipalReader(rules, field.equals("NotPrincipal"));
        if (in.currentToken() == JsonToken.VALUE_STRING) {
            return reader.bare(in.getString());
        }
        if (in.currentToken() != JsonToken.START_OBJECT) {
            throw rules.fault(field + " must be \"*\" or an object");
        }
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String type = in.currentName();
            in.nextToken();
            for (String value : strings(in, field)) {
                reader.add(type, value);
            }
        }
        return reader.build();
    }

    /** Operator, then key, then values. */
    private Map<String, Map<String, List<String>>> conditions(JsonParser in) {
        Map<String, Map<String, List<String>>> found = new LinkedHashMap<>();
        if (in.currentToken() != JsonToken.START_OBJECT) {
            throw rules.fault("Condition must be an object");
        }
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String operator = in.currentName();
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw rules.fault("Condition " + operator + " must be an object");
            }
            Map<String, List<String>> keys = new LinkedHashMap<>();
            while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = in.currentName();
                in.nextToken();
                keys.put(key, scalars(in, key));
            }
            found.put(operator, keys);
        }
        return found;
    }

    private String string(JsonParser in, String field) {
        if (in.currentToken() != JsonToken.VALUE_STRING) {
            throw rules.fault(field + " must be a string");
        }
        return in.getString();
    }

    private List<String> strings(JsonParser in, String field) {
        if (in.currentToken() == JsonToken.VALUE_STRING) {
            return List.of(in.getString());
        }
        if (in.currentToken() != JsonToken.START_ARRAY) {
            throw rules.fault(field + " must be a string or a list of strings");
        }
        List<String> found = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            found.add(string(in, field));
        }
        return found;
    }

    private List<String> scalars(JsonParser in, String key) {
        if (in.currentToken() != JsonToken.START_ARRAY) {
            return List.of(scalar(in, key));
        }
        List<String> found = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            found.add(scalar(in, key));
        }
        return found;
    }

    private String scalar(JsonParser in, String key) {
        return switch (in.currentToken()) {
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE -> in.getString();
            case null, default -> throw rules.fault("Condition key " + key + " must hold strings, numbers or booleans");
        };
    }

    private Statement compile(RawStatement raw, boolean variables) {
        List<Glob> actions = raw.actions().stream()
                .map(action -> Glob.compile(action.toLowerCase(Locale.ROOT), true, false))
                .toList();
        List<String> named = raw.resources;
        Resources resources = named == null
                ? null
                : new Resources(
                        raw.notResource,
                        named.stream()
                                .map(resource -> ArnGlob.compile(resource, variables))
                                .toList());
        List<Condition> conditions = new ArrayList<>();
        raw.conditions.forEach((operator, keys) -> keys.forEach((key, values) -> {
            Condition condition = Condition.parse(operator, rules.conditionKey(key), values, variables);
            if (condition == null) {
                throw rules.fault("Invalid Condition type : " + operator);
            }
            conditions.add(condition);
        }));
        return new Statement(
                raw.sid,
                Boolean.TRUE.equals(raw.allow),
                raw.principals,
                new Actions(raw.notAction, actions),
                resources,
                conditions,
                keys(raw, variables),
                raw.span);
    }

    private static List<String> keys(RawStatement raw, boolean variables) {
        List<String> found = new ArrayList<>();
        addVariables(raw.resources == null ? List.of() : raw.resources, variables, found);
        raw.conditions
                .values()
                .forEach(keys -> keys.forEach((key, values) -> {
                    found.add(key);
                    addVariables(values, variables, found);
                }));
        return found;
    }

    private static void addVariables(List<String> texts, boolean variables, List<String> found) {
        for (String text : variables ? texts : List.<String>of()) {
            Matcher variable = VARIABLE.matcher(text);
            while (variable.find()) {
                found.add(variable.group(1));
            }
        }
    }

    /** A statement as read, before the document's version is known. */
    static final class RawStatement {
        String sid = "";

        @Nullable
        Boolean allow;

        @Nullable
        List<String> actions;

        boolean notAction;

        @Nullable
        List<String> resources;

        boolean notResource;

        @Nullable
        Principals principals;

        Map<String, Map<String, List<String>>> conditions = Map.of();

        Span span = new Span(1, 1, 1, 1);

        List<String> actions() {
            return actions == null ? List.of() : actions;
        }
    }
}
