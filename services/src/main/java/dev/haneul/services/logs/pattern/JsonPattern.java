package dev.haneul.services.logs.pattern;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Conditions on a message that is a JSON object; any other message does not match. */
record JsonPattern(Node root) implements FilterPattern {
    /** A condition. */
    sealed interface Node {
        boolean holds(Map<String, @Nullable Object> tree);

        /** Both, or either. */
        record Both(Node left, Node right, boolean and) implements Node {
            @Override
            public boolean holds(Map<String, @Nullable Object> tree) {
                return and ? left.holds(tree) && right.holds(tree) : left.holds(tree) || right.holds(tree);
            }
        }

        /** A property compared with a value; one that is absent, or is an object or list, satisfies nothing. */
        record Compare(JsonSelector selector, Comparison comparison) implements Node {
            @Override
            public boolean holds(Map<String, @Nullable Object> tree) {
                for (Object value : selector.values(tree)) {
                    if (scalar(value) && comparison.holds(String.valueOf(value))) {
                        return true;
                    }
                }
                return false;
            }
        }

        /** {@code IS NULL}, {@code IS TRUE}, {@code IS FALSE}: {@code wanted} is that value. */
        record Is(JsonSelector selector, @Nullable Object wanted) implements Node {
            @Override
            public boolean holds(Map<String, @Nullable Object> tree) {
                for (Object value : selector.values(tree)) {
                    if (wanted == null ? value == null : wanted.equals(value)) {
                        return true;
                    }
                }
                return false;
            }
        }

        /** {@code NOT EXISTS}. */
        record Absent(JsonSelector selector) implements Node {
            @Override
            public boolean holds(Map<String, @Nullable Object> tree) {
                return selector.values(tree).getFirst() == JsonSelector.ABSENT;
            }
        }
    }

    private static boolean scalar(@Nullable Object value) {
        return value instanceof String || value instanceof Number || value instanceof Boolean;
    }

    @Override
    public boolean matches(String message) {
        Map<String, @Nullable Object> tree = JsonMessage.read(message);
        return tree != null && root.holds(tree);
    }

    @Override
    public Map<String, String> extract(String message) {
        Map<String, String> found = new LinkedHashMap<>();
        Map<String, @Nullable Object> tree = JsonMessage.read(message);
        if (tree != null) {
            extract(root, tree, found);
        }
        return found;
    }

    private static void extract(Node node, Map<String, @Nullable Object> tree, Map<String, String> found) {
        switch (node) {
            case Node.Both both -> {
                extract(both.left(), tree, found);
                extract(both.right(), tree, found);
            }
            case Node.Compare compare -> put(compare.selector(), tree, found);
            case Node.Is is -> put(is.selector(), tree, found);
            case Node.Absent _ -> {}
        }
    }

    private static void put(JsonSelector selector, Map<String, @Nullable Object> tree, Map<String, String> found) {
        List<@Nullable Object> values = selector.values(tree);
        if (scalar(values.getFirst())) {
            found.put(selector.text(), String.valueOf(values.getFirst()));
        }
    }
}
