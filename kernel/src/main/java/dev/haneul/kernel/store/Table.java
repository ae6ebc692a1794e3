package dev.haneul.kernel.store;

import java.util.List;
import java.util.function.Function;

/**
 * A table: what its records are, how they are written, and what else they are found by. Made once per room as a
 * constant and named in {@link Store#open}.
 *
 * @param name unique in the region, {@code room.thing}, e.g. {@code s3.bucket}
 * @param indexes secondary indexes
 * @param remembered of how many rows at most what was read stays in memory until it changes: for those that are asked for
 *     all the time
 * @param asWritten whether rows that were written are remembered too. What their codec reads must equal what it wrote.
 * @param large whether records are larger than a few hundred bytes: a new store keeps them apart from their keys, so that
 *     finding one does not read others
 */
public record Table<R>(
        String name, RecordCodec<R> codec, List<Index<R>> indexes, int remembered, boolean asWritten, boolean large) {
    /** Of a few small rows all are remembered. */
    private static final int FEW = 4096;

    public Table {
        if (!name.matches("[a-z0-9]+(\\.[a-z0-9_]+)+")) {
            throw new IllegalArgumentException("bad table name " + name);
        }
        indexes = List.copyOf(indexes);
    }

    @SafeVarargs
    public static <R> Table<R> of(String name, RecordCodec<R> codec, Index<R>... indexes) {
        return new Table<>(name, codec, List.of(indexes), 0, false, false);
    }

    /** The same table, of a few small rows that are remembered once they were read. */
    public Table<R> inMemory() {
        return new Table<>(name, codec, indexes, FEW, false, large);
    }

    /** The same table, of so many rows of which the last ones that were read or written are remembered. */
    public Table<R> inMemory(int rows) {
        return new Table<>(name, codec, indexes, rows, true, large);
    }

    /** The same table, of records that are large. */
    public Table<R> ofLargeRecords() {
        return new Table<>(name, codec, indexes, remembered, asWritten, true);
    }

    /**
     * A secondary index.
     *
     * @param name unique in the table; give the index another name when its function changes, and it is built anew
     * @param values what a record is found by; none, one or many
     */
    public record Index<R>(String name, Function<R, List<String>> values) {}
}
