package dev.haneul.services.lambda.streams;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A stream of records in shards, each in the order its records came. */
public interface StreamSource {
    /**
     * A shard.
     *
     * @param parent read to its end before this one; null for none
     */
    record Shard(String id, @Nullable String parent) {}

    /**
     * One record.
     *
     * @param sequence its place within the shard
     * @param key records of one key are given to the function in their order
     * @param tree as it stands in the function's event
     */
    record Entry(String sequence, String key, Instant arrivedAt, Map<String, @Nullable Object> tree) {}

    /** Where reading begins. */
    sealed interface Position {
        record TrimHorizon() implements Position {}

        record Latest() implements Position {}

        record At(Instant moment) implements Position {}

        /** Just behind a record that was dealt with. */
        record After(String sequence) implements Position {}
    }

    /**
     * What was read.
     *
     * @param next reads on from there
     * @param end whether the shard is closed and has no more
     */
    record Page(List<Entry> entries, String next, boolean end) {
        public Page {
            entries = List.copyOf(entries);
        }
    }

    /** Its shards, parents before their children. */
    List<Shard> shards();

    /** An iterator for {@link #read}. */
    String iterator(String shard, Position position);

    /** Takes what is there now, at most so many. */
    Page read(String shard, String iterator, int most);
}
