package dev.haneul.edge.table;

import java.util.List;
import java.util.stream.Stream;

/**
 * What is done with requests that fulfil all conditions.
 *
 * @param priority for logs; the default rule's is 0
 * @param actions logins and token checks first, then one that answers
 */
public record Rule(
        String id, int priority, List<Condition> conditions, List<Action> actions, List<Transform> transforms) {
    public Rule {
        conditions = List.copyOf(conditions);
        actions = List.copyOf(actions);
        transforms = List.copyOf(transforms);
        if (actions.isEmpty() || !actions.getLast().answers()) {
            throw new IllegalArgumentException(id + " answers nothing");
        }
    }

    /** The target groups it may forward to. */
    public List<String> groups() {
        return actions.stream()
                .flatMap(action -> action instanceof Action.Forward forward
                        ? forward.groups().stream().map(Action.Weighted::group)
                        : Stream.empty())
                .toList();
    }

    /** Whether a rule looks at more than the address a connection comes from. */
    public boolean isDefault() {
        return conditions.isEmpty();
    }
}
