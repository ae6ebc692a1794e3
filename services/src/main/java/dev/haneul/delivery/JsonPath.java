package dev.haneul.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The JSON paths EventBridge knows: {@code $}, names after dots or in brackets and quotes, array indices and
 * {@code [*]}.
 */
public final class JsonPath {
    private static final int MOST_CHARS = 1024;

    private final List<Step> steps;

    private sealed interface Step {
        record Name(String name) implements Step {}

        record Index(int index) implements Step {}

        record Every() implements Step {}
    }

    private JsonPath(List<Step> steps) {
        this.steps = steps;
    }

    /** Reads a path; empty where it is none. */
    public static Optional<JsonPath> parse(String text) {
        if (!text.startsWith("$") || text.length() > MOST_CHARS) {
            return Optional.empty();
        }
        List<Step> steps = new ArrayList<>();
        int at = 1;
        while (at < text.length()) {
            int next = text.charAt(at) == '.' ? name(text, at + 1, steps) : bracket(text, at, steps);
            if (next < 0) {
                return Optional.empty();
            }
            at = next;
        }
        return Optional.of(new JsonPath(steps));
    }

    private static int name(String text, int from, List<Step> steps) {
        int end = from;
        while (end < text.length() && text.charAt(end) != '.' && text.charAt(end) != '[') {
            char c = text.charAt(end);
            if (!Character.isLetterOrDigit(c) && "-_/*:@ ".indexOf(c) < 0) {
                return -1;
            }
            end++;
        }
        if (end == from) {
            return -1;
        }
        String name = text.substring(from, end);
        steps.add(name.equals("*") ? new Step.Every() : new Step.Name(name));
        return end;
    }

    private static int bracket(String text, int from, List<Step> steps) {
        int end = text.indexOf(']', from);
        if (text.charAt(from) != '[' || end < 0) {
            return -1;
        }
        String inside = text.substring(from + 1, end);
        char quote = inside.isEmpty() ? ' ' : inside.charAt(0);
        if (inside.equals("*")) {
            steps.add(new Step.Every());
        } else if (inside.matches("\\d{1,6}")) {
            steps.add(new Step.Index(Integer.parseInt(inside)));
        } else if (inside.length() > 2
                && (quote == '\'' || quote == '"')
                && inside.charAt(inside.length() - 1) == quote) {
            steps.add(new Step.Name(inside.substring(1, inside.length() - 1)));
        } else {
            return -1;
        }
        return end + 1;
    }

    /** What was found; {@code there} is false where the path leads nowhere. */
    public record Found(boolean there, @Nullable Object value) {}

    /** Follows the path in a tree of {@link Json}. */
    public Found in(@Nullable Object root) {
        return follow(root, 0);
    }

    private Found follow(@Nullable Object value, int step) {
        if (step == steps.size()) {
            return new Found(true, value);
        }
        return switch (steps.get(step)) {
            case Step.Name name
            when value instanceof Map<?, ?> map && map.containsKey(name.name()) ->
                follow(map.get(name.name()), step + 1);
            case Step.Index index
            when value instanceof List<?> list && index.index() < list.size() ->
                follow(list.get(index.index()), step + 1);
            case Step.Every every when value instanceof List<?> list -> every(list, step);
            case Step.Every every when value instanceof Map<?, ?> map -> every(map.values(), step);
            default -> new Found(false, null);
        };
    }

    private Found every(Iterable<?> values, int step) {
        List<@Nullable Object> found = new ArrayList<>();
        for (Object each : values) {
            Found one = follow(each, step + 1);
            if (one.there()) {
                found.add(one.value());
            }
        }
        return new Found(true, found);
    }
}
