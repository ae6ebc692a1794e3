package dev.haneul.wire.validation;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks inputs against what their model constrains, before a service sees them. What is worked out per shape (the
 * compiled patterns) is kept, bounded by the number of shapes. Safe for all threads.
 */
public final class InputValidator {
    /** AWS tells every violation; a bound keeps a hostile list from becoming a message of megabytes. */
    private static final int MAX_VIOLATIONS = 20;

    private static final int MAX_DEPTH = 128;

    private final Checks checks = new Checks();

    /**
     * Checks an operation's input.
     *
     * @throws Fault what the service's family answers to an input that breaks its model
     */
    public void check(OperationShape operation, Struct input) {
        ValidationPolicy policy = ValidationPolicy.of(operation);
        Walk walk = new Walk(policy);
        walk.struct(input);
        if (!walk.violations.isEmpty()) {
            throw policy.wording().fault(operation, policy, walk.violations);
        }
    }

    /** One walk over one input. */
    private final class Walk {
        private final ValidationPolicy policy;
        private final Deque<String> path = new ArrayDeque<>();
        private final List<Violation> violations = new ArrayList<>();

        Walk(ValidationPolicy policy) {
            this.policy = policy;
        }

        void struct(Struct struct) {
            for (Checks.MemberCheck member : checks.of(struct.shape())) {
                Object value = struct.get(member.index());
                if (value == null) {
                    if (member.required() && struct.shape().kind() == Kind.STRUCTURE) {
                        path.addLast(member.name());
                        violation(Violation.Rule.REQUIRED, null, member.check(), Violation.Target.VALUE);
                        path.removeLast();
                    }
                } else if (!member.check().nothing()) {
                    path.addLast(member.name());
                    value(member.check(), value, Violation.Target.VALUE);
                    path.removeLast();
                }
            }
        }

        private void value(Checks.Check check, Object value, Violation.Target target) {
            if (policy.values()) {
                own(check, value, target);
            }
            if (path.size() > MAX_DEPTH || violations.size() >= MAX_VIOLATIONS) {
                return;
            }
            switch (value) {
                case Struct struct -> struct(struct);
                case List<?> list -> elements(check, list);
                case Map<?, ?> map -> entries(check, map);
                default -> {
                    // A scalar has nothing inside.
                }
            }
        }

        private void elements(Checks.Check check, List<?> list) {
            Checks.Check element = check.element();
            if (element == null || element.nothing()) {
                return;
            }
            for (int i = 0; i < list.size() && violations.size() < MAX_VIOLATIONS; i++) {
                Object value = list.get(i);
                if (value != null) {
                    path.addLast(policy.wording().element(i));
                    value(element, value, Violation.Target.ELEMENT);
                    path.removeLast();
                }
            }
        }

        private void entries(Checks.Check check, Map<?, ?> map) {
            Checks.Check key = check.key();
            Checks.Check element = check.element();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (violations.size() >= MAX_VIOLATIONS) {
                    return;
                }
                if (key != null && policy.values()) {
                    own(key, entry.getKey(), Violation.Target.KEY);
                }
                if (element != null && !element.nothing() && entry.getValue() != null) {
                    path.addLast(policy.wording().entry((String) entry.getKey()));
                    value(element, entry.getValue(), Violation.Target.ENTRY);
                    path.removeLast();
                }
            }
        }

        /** The constraints of the value itself, in the order AWS tells them. */
        private void own(Checks.Check check, Object value, Violation.Target target) {
            if (value instanceof String text) {
                if (check.breaksPattern(text)) {
                    violation(Violation.Rule.PATTERN, value, check, target);
                }
                if (policy.checksEnum(check.shape().name()) && check.breaksEnum(text)) {
                    violation(Violation.Rule.ENUM, value, check, target);
                }
            }
            long length = Checks.length(value);
            if (length >= 0) {
                if (!check.lengthFits(length)) {
                    violation(Violation.Rule.LENGTH, value, check, target);
                }
            } else if (value instanceof Number number && !check.rangeFits(number)) {
                violation(Violation.Rule.RANGE, value, check, target);
            }
            if (check.unique()
                    && value instanceof List<?> list
                    && Set.copyOf(Checks.comparable(list)).size() < list.size()) {
                violation(Violation.Rule.UNIQUE, value, check, target);
            }
        }

        private void violation(
                Violation.Rule rule, @Nullable Object value, Checks.Check check, Violation.Target target) {
            violations.add(new Violation(rule, List.copyOf(path), value, check.shape(), target));
        }
    }
}
