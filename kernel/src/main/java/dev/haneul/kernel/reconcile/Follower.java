package dev.haneul.kernel.reconcile;

import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Feed;
import dev.haneul.kernel.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** One reader of the feed: one thread, one change after the other, none skipped. */
final class Follower {
    private static final int BATCH = 256;
    private static final System.Logger LOG = System.getLogger(ReconcileDriver.class.getName());

    private final String cursor;
    private final Driver.ChangeReader reader;
    private final Feed feed;
    private final ReconcileDriver.Means means;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private State state = State.IDLE;
    private boolean signalled;
    private boolean closed;

    /** Only a busy follower counts as activity. */
    private enum State {
        IDLE,
        BUSY,
        PAUSING
    }

    Follower(String cursor, Driver.ChangeReader reader, Feed feed, ReconcileDriver.Means means) {
        this.cursor = cursor;
        this.reader = reader;
        this.feed = feed;
        this.means = means;
    }

    String cursor() {
        return cursor;
    }

    void start() {
        feed.onChange(cursor, this::wake);
        wake();
        means.threads().start("follow " + cursor, this::run);
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            signalled = true;
            if (state == State.IDLE && !closed) {
                become(State.BUSY);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void become(State next) {
        if (next == State.BUSY && state != State.BUSY) {
            means.activity().enter();
        } else if (next != State.BUSY && state == State.BUSY) {
            means.activity().exit();
        }
        state = next;
    }

    private void run() {
        try {
            while (awaitSignal()) {
                readToEnd();
            }
        } catch (InterruptedException e) {
            LOG.log(System.Logger.Level.DEBUG, cursor + " was interrupted");
        } finally {
            lock.lock();
            try {
                closed = true;
                become(State.IDLE);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Waits for news; false where the follower is closed. */
    private boolean awaitSignal() throws InterruptedException {
        lock.lock();
        try {
            while (!signalled && !closed) {
                become(State.IDLE);
                changed.await();
            }
            signalled = false;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void readToEnd() throws InterruptedException {
        int failures = 0;
        while (!isClosed()) {
            try {
                List<Change> changes = feed.peek(cursor, BATCH);
                if (changes.isEmpty()) {
                    return;
                }
                for (Change change : changes) {
                    reader.accept(change);
                    feed.advance(cursor, change.sequence());
                    failures = 0;
                    if (isClosed()) {
                        return;
                    }
                }
            } catch (InterruptedException e) {
                throw e;
            } catch (Throwable e) {
                // The cursor has not moved: the same change comes again.
                failures++;
                tell(failures, e);
                pause(failures);
            }
        }
    }

    /** Pauses by the region's clock. Meanwhile the follower counts as idle, as time may have to be moved for it. */
    private void pause(int failures) throws InterruptedException {
        lock.lock();
        try {
            // The timer first: whoever waits for idleness may move the clock next.
            AtomicBoolean over = new AtomicBoolean();
            Clock.Timer timer = means.clock().after(means.pause(failures), () -> resume(over));
            if (!over.get()) {
                become(State.PAUSING);
            }
            try {
                while (!over.get() && !closed) {
                    changed.await();
                }
            } finally {
                timer.cancel();
                become(State.BUSY);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Counts as busy from here on, before the thread has even woken. */
    private void resume(AtomicBoolean over) {
        lock.lock();
        try {
            over.set(true);
            if (state == State.PAUSING) {
                become(State.BUSY);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void tell(int failures, Throwable e) {
        String what = "a change for " + cursor + " failed (" + failures + " in a row)";
        if (Backoff.worthTelling(failures)) {
            LOG.log(System.Logger.Level.WARNING, what, e);
        } else {
            LOG.log(System.Logger.Level.DEBUG, what + ": " + e);
        }
    }
}
