package dev.haneul.kernel.store;

/**
 * A kind of fact that is appended to the feed and kept nowhere else: an object was created, a call was made.
 *
 * @param name unique in the region, {@code room.fact}, e.g. {@code s3.event}
 */
public record Topic<R>(String name, RecordCodec<R> codec) {}
