package dev.haneul.kernel.store;

/**
 * Turns a record into bytes and back. Old versions must stay readable: an old data folder opens with a new release.
 */
public interface RecordCodec<R> {
    /** The version that {@link #encode} writes; grows when the layout changes incompatibly. */
    int version();

    byte[] encode(R value);

    /** Reads what {@code encode} wrote, in this version or an older one. */
    R decode(int version, byte[] bytes);
}
