package dev.haneul.kernel.store;

import java.util.List;
import java.util.Set;

/**
 * Everything that was committed, in order, for readers with named, durable cursors. What every cursor has passed is
 * dropped.
 */
public interface Feed {
    /**
     * Makes a cursor that will see what is committed from now on; keeps the one that exists.
     *
     * @param sources names of the tables and topics it wants
     */
    void subscribe(String cursor, Set<String> sources);

    /** The next changes past the cursor, oldest first; empty where there are none yet. Does not move the cursor. */
    List<Change> peek(String cursor, int limit);

    /** Durably moves the cursor past this sequence number. Call it when the work is done. */
    void advance(String cursor, long sequence);

    /** Runs after each commit that touched one of the cursor's sources, on a thread of the store: be quick. */
    void onChange(String cursor, Runnable wake);
}
