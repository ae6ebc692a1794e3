package dev.haneul.edge.table;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Rewrites a request before it goes to a target. */
public sealed interface Transform {
    List<Rewrite> rewrites();

    /** The Host header. */
    record Host(List<Rewrite> rewrites) implements Transform {
        public Host {
            rewrites = List.copyOf(rewrites);
        }
    }

    /** Path and query. */
    record Url(List<Rewrite> rewrites) implements Transform {
        public Url {
            rewrites = List.copyOf(rewrites);
        }
    }

    /** A text after all rewrites, one after the other. */
    default String apply(String text) {
        String now = text;
        for (Rewrite each : rewrites()) {
            now = Text.replaced(each.pattern(), now, each.replacement());
        }
        return now;
    }

    /** The first match of an expression is replaced; {@code $1} stands for a group. */
    record Rewrite(Pattern pattern, String replacement) {
        /**
         * Compiles it.
         *
         * @throws IllegalArgumentException where it is no expression
         */
        public static Rewrite of(String expression, String replacement) {
            try {
                return new Rewrite(Pattern.compile(expression), replacement);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(e.getDescription(), e);
            }
        }
    }
}
