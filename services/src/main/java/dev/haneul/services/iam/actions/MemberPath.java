package dev.haneul.services.iam.actions;

import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where in a request a value stands: {@code A.B[].C}, with alternatives {@code A/B}. A map's values are gone through
 * like a list's elements; {@code A.keys} are its keys.
 */
public record MemberPath(List<List<String>> alternatives) {
    static MemberPath parse(String text) {
        List<List<String>> alternatives = new ArrayList<>();
        for (String alternative : text.split("/")) {
            alternatives.add(List.of(alternative.replace("[]", "").split("\\.")));
        }
        return new MemberPath(List.copyOf(alternatives));
    }

    /** Where the keys of the maps stand whose values are here. */
    MemberPath keys() {
        return new MemberPath(alternatives.stream()
                .map(steps -> Stream.concat(steps.stream(), Stream.of("keys")).toList())
                .toList());
    }

    /** The values of the first alternative that has any; empty where none has. */
    public List<String> values(Struct input) {
        for (List<String> steps : alternatives) {
            List<String> found = new ArrayList<>();
            collect(input, steps, 0, found);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    /** Whether the request has it: set, and where it is a boolean, true. */
    public boolean present(Struct input) {
        for (List<String> steps : alternatives) {
            Object value = value(input, steps.getFirst());
            if (steps.size() > 1 ? !values(input).isEmpty() : isSet(value)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSet(@Nullable Object value) {
        return value instanceof List<?> list ? !list.isEmpty() : value != null && !Boolean.FALSE.equals(value);
    }

    private static @Nullable Object value(Struct struct, String name) {
        Member member = struct.shape().member(name);
        return member == null ? null : struct.get(member.index());
    }

    private static void collect(@Nullable Object value, List<String> steps, int at, List<String> found) {
        if (value instanceof Map<?, ?> map) {
            boolean keys = at < steps.size() && steps.get(at).equals("keys");
            if (keys) {
                map.keySet().forEach(key -> collect(key, steps, at + 1, found));
            } else {
                map.values().forEach(element -> collect(element, steps, at, found));
            }
            return;
        }
        if (value instanceof List<?> list) {
            list.forEach(element -> collect(element, steps, at, found));
        } else if (at < steps.size()) {
            if (value instanceof Struct struct) {
                collect(value(struct, steps.get(at)), steps, at + 1, found);
            }
        } else if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            found.add(value.toString());
        }
    }
}
