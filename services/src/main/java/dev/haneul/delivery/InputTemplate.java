package dev.haneul.delivery;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Templates with places like {@code <name>}, as input transformers and pipes fill them. Outside of quotes a value stands
 * as JSON; inside of them as text: strings escaped, objects and lists without quotes. What is not there leaves an empty
 * string.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html">Input
 *     transformation</a>
 */
public final class InputTemplate {
    /** Variables that EventBridge fills by itself. */
    public static final Set<String> RESERVED = Set.of(
            "aws.events.rule-arn",
            "aws.events.rule-name",
            "aws.events.event",
            "aws.events.event.json",
            "aws.events.event.ingestion-time");

    private static final Pattern PLACE = Pattern.compile("<([^<>\\s\"]+)>");

    private InputTemplate() {}

    /** The names of the places of a template. */
    public static Set<String> variables(String template) {
        Set<String> names = new LinkedHashSet<>();
        Matcher place = PLACE.matcher(template);
        while (place.find()) {
            names.add(place.group(1));
        }
        return names;
    }

    /** A value, or that there is none. */
    public record Value(boolean there, @Nullable Object tree) {
        public static final Value NONE = new Value(false, null);

        public static Value of(@Nullable Object tree) {
            return new Value(true, tree);
        }
    }

    /** Fills a template. */
    public static String fill(String template, Function<String, Value> values) {
        StringBuilder out = new StringBuilder(template.length() * 2);
        Matcher place = PLACE.matcher(template);
        boolean quoted = false;
        int at = 0;
        while (place.find()) {
            quoted = copy(template, at, place.start(), quoted, out);
            Value value = values.apply(place.group(1));
            out.append(quoted ? text(value) : value.there() ? Json.write(value.tree()) : "\"\"");
            at = place.end();
        }
        boolean unused = copy(template, at, template.length(), quoted, out);
        return out.toString();
    }

    /** Copies a stretch; answers whether its end is inside of quotes. */
    private static boolean copy(String template, int from, int to, boolean quoted, StringBuilder out) {
        boolean inside = quoted;
        for (int i = from; i < to; i++) {
            char c = template.charAt(i);
            out.append(c);
            if (c == '\\' && i + 1 < to) {
                i++;
                out.append(template.charAt(i));
            } else if (c == '"') {
                inside = !inside;
            }
        }
        return inside;
    }

    private static String text(Value value) {
        if (!value.there()) {
            return "";
        }
        return switch (value.tree()) {
            case null -> "null";
            case String string -> {
                String json = Json.write(string);
                yield json.substring(1, json.length() - 1);
            }
            case Map<?, ?> map -> Json.write(map).replace("\"", "");
            case List<?> list -> Json.write(list).replace("\"", "");
            default -> Json.write(value.tree());
        };
    }
}
