package dev.haneul.kernel.time;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The machine's time, plus what it has been moved on by hand. One thread runs the timers.
 *
 * <p>Timers go by the wall clock, as AWS's expiry times do: when the machine's time is corrected, they follow within ten
 * seconds.
 */
public final class SystemClock implements SteerableClock, AutoCloseable {
    private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Timers timers = new Timers();
    private final Thread thread;
    private volatile Duration moved;
    private boolean closed;

    public SystemClock() {
        this(Duration.ZERO);
    }

    /** @param moved how far it has been moved on before, in an earlier run */
    public SystemClock(Duration moved) {
        this.moved = moved;
        thread = Thread.ofPlatform().daemon().name("clock").start(this::runTimers);
    }

    @Override
    public Instant instant() {
        return Instant.now().plus(moved);
    }

    @Override
    public Timer at(Instant moment, Runnable task) {
        lock.lock();
        try {
            if (closed) {
                return () -> {};
            }
            Timers.Task added = timers.add(moment, task);
            if (timers.next() == added) {
                changed.signal();
            }
            return () -> cancel(added);
        } finally {
            lock.unlock();
        }
    }

    /** {@inheritDoc} The tasks run on the clock's thread, soon after this returns, and see the time moved to. */
    @Override
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("clocks do not go back");
        }
        lock.lock();
        try {
            moved = moved.plus(duration);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** How far the clock has been moved on by hand. */
    public Duration moved() {
        return moved;
    }

    /** Stops: what has not run never will. Returns when a running task has ended, but for one that closes the clock. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        if (Thread.currentThread() != thread) {
            try {
                thread.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void cancel(Timers.Task task) {
        lock.lock();
        try {
            timers.remove(task);
        } finally {
            lock.unlock();
        }
    }

    private void runTimers() {
        lock.lock();
        try {
            while (!closed) {
                Timers.Task due = timers.takeDue(instant());
                if (due != null) {
                    lock.unlock();
                    try {
                        due.run();
                    } finally {
                        lock.lock();
                    }
                } else {
                    await();
                }
            }
        } catch (InterruptedException e) {
            System.getLogger(SystemClock.class.getName())
                    .log(System.Logger.Level.ERROR, "the clock was interrupted and stands", e);
        } finally {
            lock.unlock();
        }
    }

    private void await() throws InterruptedException {
        Timers.Task next = timers.next();
        if (next == null) {
            changed.await();
            return;
        }
        Duration left = Duration.between(instant(), next.moment());
        boolean far = left.compareTo(Duration.ofNanos(LOOK_AGAIN_NANOS)) > 0;
        // Woken early or late or for nothing: the loop looks at the clock again.
        long unused = changed.awaitNanos(far ? LOOK_AGAIN_NANOS : Math.max(left.toNanos(), 1));
    }
}
