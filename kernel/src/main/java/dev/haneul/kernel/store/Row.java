package dev.haneul.kernel.store;

/**
 * A stored record.
 *
 * @param revision the sequence number of the write that made it; grows with every write of the store, with gaps
 */
public record Row<R>(Key key, R value, long revision) {}
