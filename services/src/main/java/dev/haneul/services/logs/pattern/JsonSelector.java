package dev.haneul.services.logs.pattern;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A path into a JSON message: {@code $.a.b[0].c}, {@code $.['a.b']}, {@code $.list[*]}. */
record JsonSelector(String text, List<Step> steps) {
    /** @param name the property, null where {@code index} counts (-1 for any element) */
    record Step(@Nullable String name, int index) {}

    /** Stands for a property that is not there, unlike one that is null. */
    static final Object ABSENT = new Object();

    static JsonSelector parse(Scanner in) {
        StringBuilder text = new StringBuilder("$");
        List<Step> steps = new ArrayList<>();
        in.expect("$");
        while (true) {
            if (in.take(".")) {
                if (in.peek() == '[') {
                    continue;
                }
                if (in.peek() == '"') {
                    throw InvalidPatternException.badTerm("$.\"");
                }
                String name = in.run("-");
                steps.add(new Step(name, 0));
                text.append('.').append(name);
            } else if (in.take("[")) {
                steps.add(bracket(in, text));
            } else {
                break;
            }
        }
        if (steps.isEmpty()) {
            throw in.unexpected();
        }
        return new JsonSelector(text.toString(), List.copyOf(steps));
    }

    private static Step bracket(Scanner in, StringBuilder text) {
        Step step;
        if (in.take("'")) {
            StringBuilder name = new StringBuilder();
            while (!in.atEnd() && in.peek() != '\'') {
                name.append(in.next());
            }
            in.expect("'");
            step = new Step(name.toString(), 0);
            text.append("['").append(name).append("']");
        } else if (in.peek() == '"') {
            String name = in.quoted();
            step = new Step(name, 0);
            text.append("['").append(name).append("']");
        } else if (in.take("*")) {
            step = new Step(null, -1);
            text.append("[*]");
        } else {
            String digits = in.run("");
            if (!digits.matches("[0-9]{1,6}")) {
                throw InvalidPatternException.badTerm(digits);
            }
            step = new Step(null, Integer.parseInt(digits));
            text.append('[').append(digits).append(']');
        }
        in.expect("]");
        return step;
    }

    /** The values at this path; {@link #ABSENT} where there is none. */
    List<@Nullable Object> values(@Nullable Object tree) {
        List<@Nullable Object> found = new ArrayList<>();
        collect(tree, 0, found);
        if (found.isEmpty()) {
            found.add(ABSENT);
        }
        return found;
    }

    private void collect(@Nullable Object value, int at, List<@Nullable Object> found) {
        if (at == steps.size()) {
            found.add(value);
            return;
        }
        Step step = steps.get(at);
        String name = step.name();
        if (name != null) {
            if (value instanceof Map<?, ?> map && map.containsKey(name)) {
                collect(map.get(name), at + 1, found);
            }
        } else if (value instanceof List<?> list) {
            if (step.index() < 0) {
                list.forEach(element -> collect(element, at + 1, found));
            } else if (step.index() < list.size()) {
                collect(list.get(step.index()), at + 1, found);
            }
        }
    }
}
