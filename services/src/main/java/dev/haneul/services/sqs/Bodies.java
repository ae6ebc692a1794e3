package dev.haneul.services.sqs;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What all queues of the region together keep in memory: messages' bodies as long as they fit, for most are received
 * soon after they were sent; and how many messages and deduplication ids there are, for each takes memory while it lives.
 */
final class Bodies {
    private static final long MOST_BYTES = 24L << 20;
    /** What a message takes in the index, measured; in FIFO queues with a group of its own. */
    static final int STANDARD_BYTES = 160;

    static final int FIFO_BYTES = 370;
    /** What a deduplication id takes. */
    static final int DUPLICATE_BYTES = 220;
    /** The share of the heap that the index may have. */
    private static final int HEAP_SHARE = 3;

    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong indexed = new AtomicLong();
    private final long mostIndexed;

    Bodies() {
        this(Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    Bodies(long mostIndexed) {
        this.mostIndexed = mostIndexed;
    }

    /**
     * Refuses where the index is full.
     *
     * @throws dev.haneul.api.runtime.Fault RequestThrottled, which clients try again
     */
    void requireRoom(long moreBytes) {
        if (indexed.get() + moreBytes > mostIndexed) {
            throw SqsFaults.throttled();
        }
    }

    /** The index has so many bytes more, or fewer. */
    void count(long moreBytes) {
        indexed.addAndGet(moreBytes);
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
