package dev.haneul.api.runtime;

/**
 * The kind of a {@link Shape}, and with it the Java type its values have.
 *
 * <p>BLOB is {@code byte[]}, BOOLEAN {@code Boolean}, BYTE…DOUBLE their boxes, BIG_INTEGER and BIG_DECIMAL the
 * {@code java.math} types, STRING {@code String} (enums too), TIMESTAMP {@code Instant}, DOCUMENT the plain JSON tree
 * (Map, List, String, Number, Boolean, null), LIST {@code List}, MAP {@code Map<String, …>}, STRUCTURE and UNION the
 * generated {@link Struct}, STREAM a {@link Body}, EVENT_STREAM an {@link EventStream}.
 */
public enum Kind {
    BLOB,
    BOOLEAN,
    BYTE,
    SHORT,
    INTEGER,
    LONG,
    FLOAT,
    DOUBLE,
    BIG_INTEGER,
    BIG_DECIMAL,
    STRING,
    TIMESTAMP,
    DOCUMENT,
    LIST,
    MAP,
    STRUCTURE,
    UNION,
    STREAM,
    EVENT_STREAM
}
