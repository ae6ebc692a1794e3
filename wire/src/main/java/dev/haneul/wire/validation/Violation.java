package dev.haneul.wire.validation;

import dev.haneul.api.runtime.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value that breaks a constraint.
 *
 * @param rule which one
 * @param path names from the input to the value (to the map, for keys)
 * @param value what was sent; null where nothing was
 * @param shape whose constraints they are
 * @param target what the value is to its parent
 */
record Violation(Rule rule, List<String> path, @Nullable Object value, Shape shape, Target target) {
    /** The constraints that are checked. */
    enum Rule {
        REQUIRED,
        PATTERN,
        ENUM,
        LENGTH,
        RANGE,
        UNIQUE
    }

    /** What a value is to its parent. */
    enum Target {
        /** A structure's member. */
        VALUE,
        /** A list's element. */
        ELEMENT,
        /** A map's key. */
        KEY,
        /** A map's value. */
        ENTRY
    }
}
