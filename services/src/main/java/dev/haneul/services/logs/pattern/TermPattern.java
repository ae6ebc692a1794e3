package dev.haneul.services.logs.pattern;

import java.util.ArrayList;
import java.util.List;

/**
 * Words and quoted phrases, all of which a message must hold, case and all; {@code -word} it must not hold. A pattern of
 * nothing but {@code ?word} asks for any of them; beside other terms the {@code ?} ones are left out of account.
 */
record TermPattern(List<String> required, List<String> excluded, List<String> optional) implements FilterPattern {
    TermPattern {
        required = List.copyOf(required);
        excluded = List.copyOf(excluded);
        optional = List.copyOf(optional);
    }

    static TermPattern parse(String text) {
        List<String> required = new ArrayList<>();
        List<String> excluded = new ArrayList<>();
        List<String> optional = new ArrayList<>();
        Scanner in = new Scanner(text);
        while (!in.atEnd()) {
            List<String> kind = required;
            if (in.take("-")) {
                kind = excluded;
            } else if (in.take("?")) {
                kind = optional;
            }
            kind.add(in.peek() == '"' ? in.quoted() : in.word());
            in.skipSpace();
        }
        return new TermPattern(required, excluded, optional);
    }

    @Override
    public boolean matches(String message) {
        for (String term : excluded) {
            if (message.contains(term)) {
                return false;
            }
        }
        for (String term : required) {
            if (!message.contains(term)) {
                return false;
            }
        }
        boolean any = required.isEmpty() && excluded.isEmpty() && !optional.isEmpty();
        return !any || optional.stream().anyMatch(message::contains);
    }
}
