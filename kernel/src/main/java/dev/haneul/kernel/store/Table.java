package dev.haneul.kernel.store;

import java.util.List;
import java.util.function.Function;

/**
 * A table: what its records are, how they are written, and what else they are found by. Made once per room as a
 * constant and named in {@link Store#open}.
 *
 * @param name unique in the region, {@code room.thing}, e.g. {@code s3.bucket}
 * @param indexes secondary indexes
 * @param remembered whether rows that were read stay in memory until they change: for a few small ones that are asked for
 *     all the time
 */
public record Table<R>(String name, RecordCodec<R> codec, List<Index<R>> indexes, boolean remembered) {
    public Table {
        if (!name.matches("[a-z0-9]+(\\.[a-z0-9_]+)+")) {
            throw new IllegalArgumentException("bad table name " + name);
        }
        indexes = List.copyOf(indexes);
    }

    @SafeVarargs
    public static <R> Table<R> of(String name, RecordCodec<R> codec, Index<R>... indexes) {
        return new Table<>(name, codec, List.of(indexes), false);
    }

    /** The same table, its rows remembered. */
    public Table<R> inMemory() {
        return new Table<>(name, codec, indexes, true);
    }

    /**
     * A secondary index.
     *
     * @param name unique in the table; give the index another name when its function changes, and it is built anew
     * @param values what a record is found by; none, one or many
     */
    public record Index<R>(String name, Function<R, List<String>> values) {}
}
