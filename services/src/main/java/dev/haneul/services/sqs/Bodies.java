package dev.haneul.services.sqs;

import java.util.concurrent.atomic.AtomicLong;

/** Messages kept in memory as long as they fit: most are received soon after they were sent. */
final class Bodies {
    private static final long MOST_BYTES = 24L << 20;
    private final AtomicLong bytes = new AtomicLong();

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
