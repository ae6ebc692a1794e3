package dev.haneul.kernel.time;

import java.time.Instant;
import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Tasks waiting for their moment, in order of moment and then of arrival. Guarded by whoever owns it. */
final class Timers {
    /** A million timers are a leak, not a region. */
    private static final int MOST = 1_000_000;

    private final TreeSet<Task> tasks =
            new TreeSet<>(Comparator.comparing(Task::moment).thenComparingLong(Task::number));
    private long numbers;

    record Task(Instant moment, long number, Runnable body) {
        /** Runs it; what it throws is logged, for the next timer must run all the same. */
        void run() {
            try {
                body.run();
            } catch (RuntimeException | AssertionError e) {
                System.getLogger(Clock.class.getName()).log(System.Logger.Level.ERROR, "a timer's task failed", e);
            }
        }
    }

    Task add(Instant moment, Runnable body) {
        if (tasks.size() >= MOST) {
            throw new IllegalStateException("more than " + MOST + " timers");
        }
        Task task = new Task(moment, numbers++, body);
        tasks.add(task);
        return task;
    }

    void remove(Task task) {
        tasks.remove(task);
    }

    /** The next task, null for none. */
    @Nullable
    Task next() {
        return tasks.isEmpty() ? null : tasks.first();
    }

    /** Takes the next task where its moment has come. */
    @Nullable
    Task takeDue(Instant now) {
        Task next = next();
        if (next == null || next.moment().isAfter(now)) {
            return null;
        }
        tasks.remove(next);
        return next;
    }

    int size() {
        return tasks.size();
    }
}
