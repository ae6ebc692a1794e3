package dev.haneul.wire.protocols;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Form parameters with dotted names as a tree: {@code Tags.member.1.Key=a} is a leaf four levels down. */
final class FormTree {
    private static final int MAX_LEVELS = WireLimits.MAX_DEPTH * 2;

    private @Nullable String value;
    private Map<String, FormTree> children = Map.of();

    /**
     * Builds the tree; of a repeated parameter the last one counts.
     *
     * @throws Malformed where a name has too many levels
     */
    static FormTree of(List<QueryString.Parameter> parameters) {
        FormTree root = new FormTree();
        for (QueryString.Parameter parameter : parameters) {
            root.put(parameter.name(), parameter.value());
        }
        return root;
    }

    private void put(String name, String text) {
        FormTree node = this;
        int from = 0;
        for (int level = 0; from <= name.length(); level++) {
            if (level == MAX_LEVELS) {
                throw new Malformed("A parameter's name has too many levels.");
            }
            int dot = name.indexOf('.', from);
            int to = dot < 0 ? name.length() : dot;
            node = node.childOrNew(name.substring(from, to));
            from = to + 1;
        }
        node.value = text;
    }

    private FormTree childOrNew(String name) {
        if (children.isEmpty()) {
            children = new LinkedHashMap<>();
        }
        return children.computeIfAbsent(name, n -> new FormTree());
    }

    /** The text of the parameter that ends here, null for none. */
    @Nullable
    String value() {
        return value;
    }

    /** The subtree under a name, which may itself be dotted; null for none. */
    @Nullable
    FormTree child(String name) {
        FormTree found = children.get(name);
        if (found != null || name.indexOf('.') < 0) {
            return found;
        }
        FormTree node = this;
        for (String part : name.split("\\.", -1)) {
            node = node == null ? null : node.children.get(part);
        }
        return node;
    }

    /**
     * The subtrees under numbers, in the numbers' order: the elements of a list, the entries of a map.
     *
     * @throws Malformed where a name is no number
     */
    List<FormTree> numbered() {
        TreeMap<Integer, FormTree> byNumber = new TreeMap<>();
        for (Map.Entry<String, FormTree> child : children.entrySet()) {
            try {
                byNumber.put(Integer.parseInt(child.getKey()), child.getValue());
            } catch (NumberFormatException e) {
                throw new Malformed("Key " + child.getKey() + " is not a list index.");
            }
        }
        return new ArrayList<>(byNumber.values());
    }
}
