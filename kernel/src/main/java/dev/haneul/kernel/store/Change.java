package dev.haneul.kernel.store;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One change or fact in the feed.
 *
 * @param sequence its place in the feed; grows, with gaps
 * @param source the table's or topic's name
 * @param before the encoded record before the change, null where there was none
 * @param after the encoded record or fact after it, null for a deletion
 */
public record Change(
        long sequence,
        String source,
        Key key,
        int beforeVersion,
        byte @Nullable [] before,
        int afterVersion,
        byte @Nullable [] after) {

    /** The record after the change, empty for a deletion. */
    public <R> Optional<R> after(RecordCodec<R> codec) {
        return after == null ? Optional.empty() : Optional.of(codec.decode(afterVersion, after));
    }

    /** The record before the change, empty where there was none. */
    public <R> Optional<R> before(RecordCodec<R> codec) {
        return before == null ? Optional.empty() : Optional.of(codec.decode(beforeVersion, before));
    }
}
