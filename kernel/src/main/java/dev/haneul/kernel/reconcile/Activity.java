package dev.haneul.kernel.reconcile;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts what is queued or running, so that somebody can wait until nothing is. */
final class Activity {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private int busy;

    void enter() {
        lock.lock();
        try {
            busy++;
        } finally {
            lock.unlock();
        }
    }

    void exit() {
        lock.lock();
        try {
            busy--;
            if (busy == 0) {
                idle.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean awaitIdle(Duration atMost) throws InterruptedException {
        long nanos = TimeUnit.NANOSECONDS.convert(atMost);
        lock.lock();
        try {
            while (busy > 0) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = idle.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
