package dev.haneul.api.runtime;

import org.jspecify.annotations.Nullable;

/**
 * A scalar, a blob, a document or a stream.
 *
 * @param timestampFormat the format the shape itself asks for, null for the protocol's default
 */
public record SimpleShape(
        String name,
        Kind kind,
        Constraints constraints,
        @Nullable TimestampFormat timestampFormat) implements Shape {
    public static final SimpleShape STRING = new SimpleShape("String", Kind.STRING, Constraints.NONE, null);

    public SimpleShape(String name, Kind kind) {
        this(name, kind, Constraints.NONE, null);
    }
}
