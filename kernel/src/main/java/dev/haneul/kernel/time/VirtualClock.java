package dev.haneul.kernel.time;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Time that stands still until somebody moves it. Timers run in order on the thread that moves it, each seeing its own
 * moment; a timer set for a moment that has passed runs on the thread that sets it.
 */
public final class VirtualClock implements SteerableClock {
    private final Timers timers = new Timers();
    private Instant now;
    private @Nullable Thread runner;
    private @Nullable Runnable settle;

    public VirtualClock(Instant start) {
        now = start;
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    /**
     * Runs this after the tasks of each moment, before time goes on: waiting here until the reconcilers are idle lets
     * what they set up for a moment in between happen at that moment.
     */
    public synchronized void settleWith(Runnable waiting) {
        settle = waiting;
    }

    @Override
    public Timer at(Instant moment, Runnable task) {
        Timers.Task added;
        boolean due;
        synchronized (this) {
            added = timers.add(moment, task);
            due = !moment.isAfter(now);
        }
        if (due) {
            runDue();
        }
        return () -> {
            synchronized (this) {
                timers.remove(added);
            }
        };
    }

    @Override
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("clocks do not go back");
        }
        advanceTo(instant().plus(duration));
    }

    /** Moves to this moment, through every timer's moment on the way. */
    public void advanceTo(Instant end) {
        awaitRunner();
        settle();
        while (stepTowards(end)) {
            if (!runDue()) {
                awaitRunner();
            }
            settle();
        }
    }

    /** The number of timers that wait. */
    public synchronized int waiting() {
        return timers.size();
    }

    private synchronized boolean stepTowards(Instant end) {
        Timers.Task next = timers.next();
        if (next != null && !next.moment().isAfter(end)) {
            now = next.moment().isAfter(now) ? next.moment() : now;
            return true;
        }
        now = end.isAfter(now) ? end : now;
        return false;
    }

    /**
     * Runs what is due. Tasks are not run inside of each other: where somebody runs tasks already, he runs these too, and
     * the answer is false.
     */
    private boolean runDue() {
        synchronized (this) {
            if (runner != null) {
                return false;
            }
            runner = Thread.currentThread();
        }
        try {
            for (Timers.Task task = takeDue(); task != null; task = takeDue()) {
                task.run();
            }
        } finally {
            stopRunning();
        }
        return true;
    }

    private synchronized Timers.@Nullable Task takeDue() {
        Timers.Task due = timers.takeDue(now);
        if (due == null) {
            // In the same breath as looking, so that no timer set just then is left over.
            stopRunning();
        }
        return due;
    }

    private synchronized void stopRunning() {
        if (runner == Thread.currentThread()) {
            runner = null;
            notifyAll();
        }
    }

    private synchronized void awaitRunner() {
        boolean interrupted = false;
        while (runner != null) {
            if (runner == Thread.currentThread()) {
                throw new IllegalStateException("a timer's task cannot move the clock");
            }
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void settle() {
        Runnable waiting;
        synchronized (this) {
            waiting = settle;
        }
        if (waiting != null) {
            waiting.run();
        }
    }
}
