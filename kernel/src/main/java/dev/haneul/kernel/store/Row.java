package dev.haneul.kernel.store;

/**
 * A stored record.
 *
 * @param revision the sequence number of the commit that wrote it; grows with every write
 */
public record Row<R>(Key key, R value, long revision) {}
