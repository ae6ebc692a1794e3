package dev.haneul.api.runtime;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of a structure shape: an array of member values behind the typed accessors of the generated subclass.
 *
 * <p>Fluent setters change the object; whoever hands a struct on stops changing it. Not safe for concurrent change.
 */
public abstract class Struct {
    private final @Nullable Object[] values;

    /** An empty value with that many members. */
    protected Struct(int members) {
        values = new Object[members];
    }

    /** The schema. */
    public abstract StructShape shape();

    /** A new, empty value of the same class. */
    public abstract Struct fresh();

    /** The value of a member, null where it is not set. See {@link Kind} for the Java types. */
    public final @Nullable Object get(int index) {
        return values[index];
    }

    /** Sets a member; null unsets it. The value's type must be that of {@link Kind}. */
    public final void set(int index, @Nullable Object value) {
        values[index] = value;
    }

    /** The list at this place, empty where it is not set. Lists are never null to their readers. */
    @SuppressWarnings("unchecked")
    protected final <T> List<T> list(int index) {
        Object value = values[index];
        return value == null ? List.of() : (List<T>) value;
    }

    /** The map at this place, empty where it is not set. */
    @SuppressWarnings("unchecked")
    protected final <T> Map<String, T> map(int index) {
        Object value = values[index];
        return value == null ? Map.of() : (Map<String, T>) value;
    }

    /** Whether the member was set (also to an empty list or map). */
    public final boolean has(int index) {
        return values[index] != null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Struct that && that.getClass() == getClass() && Arrays.deepEquals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(values);
    }

    /** For logs and test failures; sensitive members are hidden. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(shape().name()).append('{');
        for (Member member : shape().members()) {
            Object value = values[member.index()];
            if (value != null) {
                boolean hidden = member.shape().constraints().sensitive();
                out.append(member.name())
                        .append('=')
                        .append(hidden ? "***" : value)
                        .append(' ');
            }
        }
        return out.append('}').toString();
    }
}
