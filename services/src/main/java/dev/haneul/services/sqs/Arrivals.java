package dev.haneul.services.sqs;

import dev.haneul.kernel.time.Clock;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** Receivers who wait for messages. All of it is done holding the queue's lock. */
final class Arrivals {
    private static final int MOST_WAITERS = 1000;
    private final Lock lock;
    private final Condition arrival;
    private final Clock clock;
    private int waiters;
    private long expectedMillis = Long.MAX_VALUE;
    private Clock.@Nullable Timer expected;

    Arrivals(Lock lock, Clock clock) {
        this.lock = lock;
        this.arrival = lock.newCondition();
        this.clock = clock;
    }

    /** Waits until something arrives or that time comes; false where too many wait already. */
    boolean await(long untilMillis, long nextDueMillis) throws InterruptedException {
        if (waiters >= MOST_WAITERS) {
            return false;
        }
        waiters++;
        Clock.Timer end = clock.at(Instant.ofEpochMilli(untilMillis), this::due);
        try {
            expect(nextDueMillis);
            if (clock.instant().toEpochMilli() < untilMillis) {
                arrival.await();
            }
        } finally {
            end.cancel();
            waiters--;
        }
        return true;
    }

    /** Messages become visible then: whoever waits looks again. One timer serves all, the soonest. */
    void expect(long dueMillis) {
        if (waiters > 0 && dueMillis < expectedMillis) {
            if (expected != null) {
                expected.cancel();
            }
            expectedMillis = dueMillis;
            expected = clock.at(Instant.ofEpochMilli(dueMillis), this::due);
        }
    }

    private void due() {
        lock.lock();
        try {
            expectedMillis = Long.MAX_VALUE;
            all();
        } finally {
            lock.unlock();
        }
    }

    /** A message came: one waiter may have it. */
    void one() {
        if (waiters > 0) {
            arrival.signal();
        }
    }

    void all() {
        arrival.signalAll();
    }
}
