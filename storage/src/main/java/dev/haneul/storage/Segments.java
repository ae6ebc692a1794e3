package dev.haneul.storage;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Append-only logs of small entries, by name: log events, queue bodies, metric points. An acknowledged append is on
 * disk; appends of all logs share one wait for it.
 *
 * <p>A log comes into being with its first append. Its positions grow, with gaps, and stay valid until the entry is
 * trimmed away. A log's entries are in the order of their appends; their timestamps need not be.
 */
public interface Segments extends AutoCloseable {
    /** The most bytes an entry may have. */
    int MAX_ENTRY_BYTES = 4 << 20;

    /** The most bytes one append may have, 20 counted for each entry besides its body. */
    int MAX_APPEND_BYTES = 16 << 20;

    /** The most bytes a log's name may have in UTF-8. */
    int MAX_NAME_BYTES = 4096;

    /** An entry to be written. */
    record Item(long timestampMillis, byte[] body) {}

    /** An entry that was written. */
    record Entry(long position, long timestampMillis, byte[] body) {}

    /**
     * What a reader wants.
     *
     * @param fromMillis earliest timestamp, inclusive
     * @param toMillis latest timestamp, exclusive
     * @param maxEntries at most this many, from 1
     * @param maxBytes stops after the entry that reaches this sum of body bytes, from 1
     */
    record Want(long fromMillis, long toMillis, int maxEntries, int maxBytes) {
        public Want {
            if (maxEntries < 1 || maxBytes < 1) {
                throw new IllegalArgumentException("nothing wanted");
            }
        }

        /** Any time. */
        public static Want of(int maxEntries, int maxBytes) {
            return new Want(Long.MIN_VALUE, Long.MAX_VALUE, maxEntries, maxBytes);
        }
    }

    /**
     * What was read. It may be empty with more to come: one call looks through a bounded stretch of the log.
     *
     * @param next the position to go on from (forward: {@code from}, backward: {@code before})
     * @param end whether there was no more in this direction
     */
    record Chunk(List<Entry> entries, long next, boolean end) {}

    /**
     * A log's size.
     *
     * @param first the position of the oldest entry, {@code end} where there is none
     * @param end the position the next entry will have
     * @param bytes on disk
     * @param oldestMillis earliest timestamp, {@link Long#MAX_VALUE} where empty
     * @param newestMillis latest timestamp, {@link Long#MIN_VALUE} where empty
     */
    record Extent(long first, long end, long bytes, long oldestMillis, long newestMillis) {}

    /**
     * Appends; answers the position. An append that throws has not happened, unless the process dies just then: it may
     * or may not be there after that.
     *
     * @throws DiskFullException where it does not fit
     * @throws IllegalArgumentException where an entry, all of them together, or the name are too large
     */
    default long append(String log, long timestampMillis, byte[] body) throws IOException {
        return append(log, List.of(new Item(timestampMillis, body))).getFirst();
    }

    /** Appends several entries, all or none, next to each other; answers their positions. */
    default List<Long> append(String log, List<Item> items) throws IOException {
        return append(log, items, Wait.DISK);
    }

    /** What an append waits for. Whatever it is, a log's entries are in the order in which they were asked for. */
    enum Wait {
        /** They are on disk: nothing loses them. */
        DISK,
        /** The system has them: a killed process does not lose them, a power failure may. */
        SYSTEM,
        /**
         * Nothing: the system has them a moment later. A process that is killed just then loses them, and what does not
         * fit is told in the server's log alone.
         */
        NOTHING
    }

    /** Appends several entries; answers their positions, none where nothing was waited for. */
    List<Long> append(String log, List<Item> items, Wait wait) throws IOException;

    /** The entry at this very position; empty where it is trimmed away. */
    Optional<Entry> get(String log, long position) throws IOException;

    /** Entries from this position (0: from the oldest) on. */
    Chunk forward(String log, long from, Want want) throws IOException;

    /** Entries before this position ({@link Long#MAX_VALUE}: from the newest), newest first. */
    Chunk backward(String log, long before, Want want) throws IOException;

    /** How large a log is; empty where there is none. */
    Optional<Extent> extent(String log) throws IOException;

    /**
     * How much of a log to keep.
     *
     * @param fromPosition entries before it may go; 0 for none
     * @param fromMillis entries older than this may go; {@link Long#MIN_VALUE} for none
     * @param maxBytes the oldest go while the log has more; {@link Long#MAX_VALUE} for no limit
     */
    record Retention(long fromPosition, long fromMillis, long maxBytes) {
        /** Entries before this position may go: messages that were all deleted. */
        public static Retention fromPosition(long position) {
            return new Retention(position, Long.MIN_VALUE, Long.MAX_VALUE);
        }

        /** Entries older than this may go: log events past their retention. */
        public static Retention fromMillis(long millis) {
            return new Retention(0, millis, Long.MAX_VALUE);
        }

        /** The oldest entries may go while there are more bytes. */
        public static Retention maxBytes(long bytes) {
            return new Retention(0, Long.MIN_VALUE, bytes);
        }
    }

    /**
     * Removes the oldest entries that may go, in whole segments of some 8 MiB: reading may still find some that may go.
     * Does nothing where there is no such log.
     */
    void trim(String log, Retention keep) throws IOException;

    /** Removes a log. A later append starts a new one. */
    void delete(String log) throws IOException;

    /**
     * Removes every log whose name is so, e.g. those of an account that is reset; answers how many. Logs that come into
     * being meanwhile may stay.
     */
    long deleteIf(Predicate<String> name) throws IOException;

    @Override
    void close();
}
