package dev.haneul.api.runtime;

/** A type of an AWS model. Simple shapes, lists, maps and structures are the four forms; all are immutable. */
public sealed interface Shape permits SimpleShape, ListShape, MapShape, StructShape {
    /** The shape's name in the model, e.g. {@code BucketName}. */
    String name();

    /** What its values are. */
    Kind kind();

    /** What the model constrains about its values; {@link Constraints#NONE} where it says nothing. */
    Constraints constraints();
}
