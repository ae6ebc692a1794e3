package dev.haneul.services.sqs;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What all queues of the region together keep in memory: messages' bodies as long as they fit, for most are received
 * soon after they were sent; and how many messages and deduplication ids there are, for each takes memory while it lives.
 */
final class Bodies {
    private static final long MOST_BYTES = 24L << 20;
    /** What an entry of the index takes, with its group in a FIFO queue; measured 165 and 330. */
    private static final int INDEX_BYTES = 350;
    /** The share of the heap that the index may have. */
    private static final int HEAP_SHARE = 3;

    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong entries = new AtomicLong();
    private final long mostEntries;

    Bodies() {
        this(Runtime.getRuntime().maxMemory() / HEAP_SHARE / INDEX_BYTES);
    }

    Bodies(long mostEntries) {
        this.mostEntries = mostEntries;
    }

    /**
     * Refuses where the index is full.
     *
     * @throws dev.haneul.api.runtime.Fault RequestThrottled, which clients try again
     */
    void requireRoom(int more) {
        if (entries.get() + more > mostEntries) {
            throw SqsFaults.throttled();
        }
    }

    /** So many entries more, or fewer. */
    void count(int more) {
        entries.addAndGet(more);
    }

    /** Keeps a message with its entry, where there is room. */
    void keep(Entry entry, Message message) {
        long size = size(entry);
        if (bytes.addAndGet(size) > MOST_BYTES) {
            bytes.addAndGet(-size);
        } else {
            entry.message = message;
        }
    }

    void drop(Entry entry) {
        if (entry.message != null) {
            entry.message = null;
            bytes.addAndGet(-size(entry));
        }
    }

    private static long size(Entry entry) {
        return 2L * entry.bytes + 256;
    }
}
