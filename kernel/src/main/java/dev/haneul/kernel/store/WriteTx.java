package dev.haneul.kernel.store;

/** A serialisable transaction: sees its own writes; all of it happens or nothing. */
public interface WriteTx extends ReadTx {
    /** Writes a record, new or not. */
    <R> void put(Table<R> table, Key key, R value);

    /** Removes a record; answers whether there was one. */
    boolean delete(Table<?> table, Key key);

    /** Appends a fact to the feed, in the order of this commit. */
    <R> void emit(Topic<R> topic, Key key, R fact);
}
