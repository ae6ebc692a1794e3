package dev.haneul.storage;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The logs in memory. Reading one from disk takes the lock that the writer holds while it writes, so nobody ever sees a
 * log half-made.
 */
final class SegmentLogs {
    private static final int KEPT = 8192;
    private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final SegmentFolders folders;
    private final Map<String, SegmentLog> known = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();

    SegmentLogs(SegmentFolders folders) {
        this.folders = folders;
    }

    /** A log, read from disk where it is not known; null where there is none. */
    @Nullable
    SegmentLog find(String name) throws IOException {
        SegmentLog found = known.get(name);
        if (found == null) {
            lock.lock();
            try {
                found = known.get(name);
                if (found == null) {
                    found = SegmentLog.load(name, folders.ofLog(name)).orElse(null);
                    if (found != null) {
                        known.put(name, found);
                    }
                }
            } finally {
                lock.unlock();
            }
        }
        if (found != null) {
            found.use();
        }
        return found;
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    void add(SegmentLog log) {
        known.put(log.name(), log);
    }

    void remove(SegmentLog log) {
        known.remove(log.name());
    }

    /** Between groups: forgets what has not been used for a while, when there is much. */
    void forgetIdle() {
        if (known.size() > KEPT) {
            long now = System.nanoTime();
            known.values().removeIf(log -> now - log.usedNanos() > IDLE_NANOS);
        }
    }
}
