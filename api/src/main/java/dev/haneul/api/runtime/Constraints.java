package dev.haneul.api.runtime;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits a model puts on a shape's values.
 *
 * @param min smallest length (strings, blobs, lists, maps) or value (numbers); null for none
 * @param max largest length or value; null for none
 * @param pattern a regular expression the whole string must match; null for none
 * @param values the members of an enumeration, empty for none
 */
public record Constraints(
        @Nullable Long min, @Nullable Long max, @Nullable String pattern, List<String> values, boolean sensitive) {
    public static final Constraints NONE = new Constraints(null, null, null, List.of(), false);

    public Constraints {
        values = List.copyOf(values);
    }
}
