package dev.haneul.kernel.store;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A consistent view of the store: everything read through one object is from one moment. */
public interface ReadTx {
    /** The record with this key. */
    <R> Optional<Row<R>> get(Table<R> table, Key key);

    /** The {@link Row#revision()} of the record with this key, which is not decoded for it; empty where there is none. */
    Optional<Long> revisionOf(Table<?> table, Key key);

    /**
     * Records in order of id, within one account and region.
     *
     * @param from first id, inclusive; empty for the beginning
     * @param to last id, exclusive; null for the end
     * @param limit at most this many, 1 to 10,000
     */
    <R> List<Row<R>> range(Table<R> table, Scope scope, String from, @Nullable String to, int limit);

    /** Like {@link #range}, in descending order of id: from just below {@code to} downwards. */
    <R> List<Row<R>> rangeDescending(Table<R> table, Scope scope, String from, @Nullable String to, int limit);

    /** Records whose index holds this value, in order of id, past {@code afterId} (empty for the beginning). */
    <R> List<Row<R>> find(Table<R> table, Scope scope, String index, String value, String afterId, int limit);

    /** Like {@link #find} across accounts and regions, in order of key, past {@code after} (null: from the first). */
    <R> List<Row<R>> findAnywhere(Table<R> table, String index, String value, @Nullable Key after, int limit);

    /** Every record of a table across accounts and regions, in order of key, past {@code after} (null: from the first). */
    <R> List<Row<R>> all(Table<R> table, @Nullable Key after, int limit);

    /** The number of the last commit this view sees. */
    long revision();
}
