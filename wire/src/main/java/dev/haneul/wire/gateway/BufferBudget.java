package dev.haneul.wire.gateway;

import dev.haneul.api.runtime.Fault;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The memory that all bodies held as a whole may take together. A request without room waits, then gets 503. */
final class BufferBudget {
    private static final int UNIT_BYTES = 64 << 10;
    private final Semaphore units;
    private final int totalUnits;
    private final long waitMillis;

    BufferBudget(long totalBytes, long waitMillis) {
        this.totalUnits = units(totalBytes);
        this.units = new Semaphore(totalUnits, true);
        this.waitMillis = waitMillis;
    }

    /** A share of the budget, growing as a body does; given back when closed. Used by one thread. */
    final class Share implements AutoCloseable {
        private int taken;

        /** Makes sure that this many bytes are paid for. */
        void cover(long bytes) {
            int wanted = Math.min(units(bytes), totalUnits) - taken;
            if (wanted > 0) {
                acquire(wanted);
                taken += wanted;
            }
        }

        @Override
        public void close() {
            units.release(taken);
            taken = 0;
        }
    }

    Share share() {
        return new Share();
    }

    private void acquire(int wanted) {
        try {
            if (units.tryAcquire(wanted, waitMillis, TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw busy();
    }

    /** What a request is told that found no room. */
    static Fault busy() {
        return Fault.server("SlowDown", 503, "Please reduce your request rate.");
    }

    private static int units(long bytes) {
        return (int) Math.min(Integer.MAX_VALUE, (bytes + UNIT_BYTES - 1) / UNIT_BYTES);
    }
}
