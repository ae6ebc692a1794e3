package dev.haneul.services.logs.pattern;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Conditions on the fields of a message that spaces divide: {@code [ip, user, ..., status = 4*, bytes > 1000]}. Text in
 * quotes or square brackets is one field. Without an ellipsis the message must have exactly as many fields.
 *
 * @param fields null stands for the ellipsis
 */
record FieldPattern(List<@Nullable Field> fields) implements FilterPattern {
    /** A field: its name, and conditions in groups, one group of which must hold as a whole; none for any value. */
    record Field(String name, List<List<Comparison>> anyOf) {
        boolean holds(String value) {
            return anyOf.isEmpty()
                    || anyOf.stream().anyMatch(all -> all.stream().allMatch(each -> each.holds(value)));
        }
    }

    static FieldPattern parse(String text) {
        Scanner in = new Scanner(text);
        List<@Nullable Field> fields = new ArrayList<>();
        in.expect("[");
        boolean ellipsis = false;
        do {
            in.skipSpace();
            if (in.take("...")) {
                if (ellipsis) {
                    throw new InvalidPatternException("Invalid filter pattern: more than one ellipsis");
                }
                ellipsis = true;
                fields.add(null);
            } else {
                fields.add(field(in));
            }
            in.skipSpace();
        } while (in.take(","));
        in.expect("]");
        in.skipSpace();
        if (!in.atEnd()) {
            throw in.unexpected();
        }
        return new FieldPattern(fields);
    }

    /** {@code name}, {@code name = 1 && name != 2}, {@code (name = a) || (name = b)}. */
    private static Field field(Scanner in) {
        String name = "";
        List<List<Comparison>> anyOf = new ArrayList<>();
        List<Comparison> all = new ArrayList<>();
        while (true) {
            boolean open = in.take("(");
            in.skipSpace();
            name = in.run("-.$@");
            in.skipSpace();
            if (Comparison.startsHere(in)) {
                all.add(Comparison.parse(in));
            }
            in.skipSpace();
            if (open) {
                in.expect(")");
                in.skipSpace();
            }
            if (in.take("&&")) {
                in.skipSpace();
            } else if (in.take("||")) {
                anyOf.add(all);
                all = new ArrayList<>();
                in.skipSpace();
            } else {
                break;
            }
        }
        if (!all.isEmpty()) {
            anyOf.add(all);
        }
        return new Field(name, List.copyOf(anyOf));
    }

    @Override
    public boolean matches(String message) {
        return assign(split(message)) != null;
    }

    @Override
    public Map<String, String> extract(String message) {
        Map<String, String> found = assign(split(message));
        return found == null ? Map.of() : found;
    }

    /** The values by field name; null where the message does not match. */
    private @Nullable Map<String, String> assign(List<String> values) {
        int ellipsis = fields.indexOf(null);
        int named = fields.size() - (ellipsis < 0 ? 0 : 1);
        if (ellipsis < 0 ? values.size() != named : values.size() < named) {
            return null;
        }
        Map<String, String> found = new LinkedHashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            Field field = fields.get(i);
            if (field == null) {
                continue;
            }
            boolean behind = ellipsis >= 0 && i > ellipsis;
            String value = values.get(behind ? values.size() - fields.size() + i : i);
            if (!field.holds(value)) {
                return null;
            }
            found.put("$" + field.name(), value);
        }
        return found;
    }

    private static List<String> split(String message) {
        List<String> fields = new ArrayList<>();
        int at = 0;
        while (at < message.length()) {
            char c = message.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
                continue;
            }
            int end = c == '"' ? message.indexOf('"', at + 1) : c == '[' ? message.indexOf(']', at + 1) : -1;
            if (end > 0) {
                fields.add(message.substring(at + 1, end));
                at = end + 1;
                continue;
            }
            int start = at;
            while (at < message.length() && !Character.isWhitespace(message.charAt(at))) {
                at++;
            }
            fields.add(message.substring(start, at));
        }
        return fields;
    }
}
