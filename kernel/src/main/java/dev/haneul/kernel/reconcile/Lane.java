package dev.haneul.kernel.reconcile;

import dev.haneul.kernel.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The keys of one reconciler. A key that is neither queued nor running nor timed has no entry, and costs nothing. */
final class Lane<K> {
    private static final System.Logger LOG = System.getLogger(ReconcileDriver.class.getName());

    private final Reconciler<K> reconciler;
    private final int concurrency;
    private final ReconcileDriver.Means means;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<K, Work> works = new HashMap<>();
    private final Queue<K> ready = new ArrayDeque<>();
    private int running;
    private boolean started;
    private boolean closed;

    private static final class Work {
        boolean queued;
        boolean running;
        /** Woken while running: what it read may be old. */
        boolean again;

        int failures;
        Clock.@Nullable Timer timer;
    }

    Lane(Reconciler<K> reconciler, int concurrency, ReconcileDriver.Means means) {
        this.reconciler = reconciler;
        this.concurrency = concurrency;
        this.means = means;
    }

    void start() {
        lock.lock();
        try {
            started = true;
            startSteps();
        } finally {
            lock.unlock();
        }
    }

    void wake(K key) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            Work work = works.computeIfAbsent(key, any -> new Work());
            if (work.running) {
                work.again = true;
            } else {
                queue(key, work);
            }
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            ready.forEach(key -> means.activity().exit());
            ready.clear();
            works.values().forEach(Lane::stopTimer);
        } finally {
            lock.unlock();
        }
    }

    private void queue(K key, Work work) {
        stopTimer(work);
        if (!work.queued) {
            work.queued = true;
            ready.add(key);
            means.activity().enter();
            startSteps();
        }
    }

    private static void stopTimer(Work work) {
        if (work.timer != null) {
            work.timer.cancel();
            work.timer = null;
        }
    }

    private void startSteps() {
        while (started && !closed && running < concurrency && !ready.isEmpty()) {
            K key = ready.remove();
            Work work = works.get(key);
            if (work == null) {
                throw new IllegalStateException("a queued key without work");
            }
            work.queued = false;
            work.running = true;
            work.again = false;
            running++;
            means.threads().start(reconciler.name() + " " + key, () -> step(key, work));
        }
    }

    private void step(K key, Work work) {
        Reconciler.Next next = null;
        try {
            next = reconciler.reconcile(key);
        } catch (InterruptedException e) {
            LOG.log(System.Logger.Level.DEBUG, reconciler.name() + " " + key + " was interrupted");
        } catch (Throwable e) {
            // This is the root of the thread: whatever went wrong, the key is tried again.
            tell(key, work.failures + 1, e);
        } finally {
            finish(key, work, next);
        }
    }

    /** Says what becomes of the key; {@code next} is null where the step failed. */
    private void finish(K key, Work work, Reconciler.@Nullable Next next) {
        lock.lock();
        try {
            running--;
            work.running = false;
            work.failures = next == null ? work.failures + 1 : 0;
            if (closed) {
                return;
            }
            Duration delay = next == null ? means.pause(work.failures) : delay(next, work.again);
            if (delay == null) {
                works.remove(key);
            } else if (delay.isPositive()) {
                work.timer = means.clock().after(delay, () -> due(key, work));
            } else {
                queue(key, work);
            }
            startSteps();
        } finally {
            lock.unlock();
            means.activity().exit();
        }
    }

    /** How long until the next step: null for never, zero for at once. */
    private @Nullable Duration delay(Reconciler.Next next, boolean again) {
        if (again) {
            return Duration.ZERO;
        }
        return switch (next) {
            case Reconciler.Next.Done done -> null;
            case Reconciler.Next.After after -> after.delay();
            case Reconciler.Next.At at -> Duration.between(means.clock().instant(), at.moment());
        };
    }

    private void due(K key, Work work) {
        lock.lock();
        try {
            if (!closed && works.get(key) == work && !work.running) {
                queue(key, work);
            }
        } finally {
            lock.unlock();
        }
    }

    private void tell(K key, int failures, Throwable e) {
        String what = reconciler.name() + " " + key + " failed (" + failures + " in a row)";
        if (Backoff.worthTelling(failures)) {
            LOG.log(System.Logger.Level.WARNING, what, e);
        } else {
            LOG.log(System.Logger.Level.DEBUG, what + ": " + e);
        }
    }
}
