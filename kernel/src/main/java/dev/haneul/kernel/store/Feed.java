package dev.haneul.kernel.store;

import java.util.List;
import java.util.Set;

/**
 * Everything that was committed, in order, for readers with named, durable cursors. What every cursor has passed is
 * dropped.
 */
public interface Feed {
    /**
     * Makes a cursor that will see what is committed from now on; keeps the one that exists. An existing cursor that
     * asks for another source may be given older changes of it, where they are still there.
     *
     * @param sources names of the tables and topics it wants
     */
    void subscribe(String cursor, Set<String> sources);

    /** Removes a cursor, so that nothing is kept for it any longer. A cursor nobody reads holds the feed for ever. */
    void unsubscribe(String cursor);

    /** The names of all cursors, also of those that an older release made. */
    Set<String> cursors();

    /** The next changes past the cursor, oldest first; empty where there are none yet. Does not move the cursor. */
    List<Change> peek(String cursor, int limit);

    /**
     * Moves the cursor past this sequence number. Call it when the work is done. It is on disk a moment later (within
     * 100 ms, and before the store closes): a crash before that repeats these changes and never loses one. Moving
     * backwards does nothing.
     */
    void advance(String cursor, long sequence);

    /**
     * Runs after each commit that touched one of the cursor's sources, on a thread of the store and before the
     * transaction returns: be quick. A cursor has one such listener; a new one takes its place.
     */
    void onChange(String cursor, Runnable wake);
}
