package dev.haneul.api.runtime;

/**
 * The shapes of one service, made when first asked for, so that a service nobody calls costs nothing at start-up.
 * The generator writes one per service.
 */
public interface ShapeTable {
    /** The shape with this index. Answers the same object each time. */
    Shape at(int index);
}
