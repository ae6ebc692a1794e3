package dev.haneul.engines.sandbox;

import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread.Handover;
import dev.haneul.fabric.linux.NamespaceThread.Step;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Platform threads for one launch each. Where threads may enter cgroups (v1), a few wait inside fresh ones, so that
 * the milliseconds that entering costs are spent before anybody waits for them.
 *
 * <p>A thread of the JVM inside a workload's cgroup is a hazard: frozen or throttled while the JVM wants a safepoint,
 * it would stop us all. So the cgroup is neither frozen nor given a CPU quota before {@link Seat#awaitLeft()}.
 */
final class LaunchThreads implements AutoCloseable {
    private static final Logger LOG = System.getLogger(LaunchThreads.class.getName());
    /** Enough for a small burst; more are made on demand, and in a burst entering is cheap. */
    private static final int SPARE = 2;

    private static final int CLOSE_SECONDS = 10;
    /** A second at most: a thread's number may by then be another's. */
    private static final int LEAVE_POLLS = 10_000;

    private static final long LEAVE_POLL_NANOS = 100_000;

    private final Cgroups cgroups;
    private final String prefix;
    private final AtomicLong sequence = new AtomicLong();
    private final Deque<Seat> spare = new ArrayDeque<>();
    private final ExecutorService refiller = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("launch-refill").factory());
    private boolean closed;

    LaunchThreads(Cgroups cgroups) {
        this.cgroups = cgroups;
        this.prefix = "w" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime()) + "-";
    }

    /** A cgroup and, waiting in it, a thread. */
    Seat take() throws IOException {
        synchronized (this) {
            var seat = spare.poll();
            if (seat != null) {
                return seat;
            }
        }
        return newSeat();
    }

    /** Replaces what was taken, in the background. */
    void refill() {
        if (!cgroups.threadsMayEnter()) {
            return;
        }
        try {
            refiller.execute(this::fill);
        } catch (RejectedExecutionException e) {
            return; // closed
        }
    }

    private void fill() {
        for (int i = 0; i < SPARE; i++) {
            synchronized (this) {
                if (closed || spare.size() >= SPARE) {
                    return;
                }
            }
            try {
                offer(newSeat());
            } catch (IOException e) {
                LOG.log(Level.WARNING, "no cgroup can be made ready", e);
                return;
            }
        }
    }

    private void offer(Seat seat) {
        synchronized (this) {
            if (!closed && spare.size() < SPARE) {
                spare.add(seat);
                return;
            }
        }
        seat.leave();
    }

    /** Whether a cgroup was made by this object. */
    boolean owns(String name) {
        return name.startsWith(prefix);
    }

    private Seat newSeat() throws IOException {
        var seat = new Seat(cgroups.create(prefix + sequence.incrementAndGet()));
        Thread.ofPlatform().daemon().name("launch " + seat.cgroup.name()).start(seat);
        return seat;
    }

    /** Lets the waiting threads go; their cgroups are removed. */
    @Override
    public void close() {
        var left = new ArrayDeque<Seat>();
        synchronized (this) {
            closed = true;
            left.addAll(spare);
            spare.clear();
        }
        refiller.shutdown();
        try {
            if (!refiller.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "a cgroup is still being made ready");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        left.forEach(Seat::leave);
    }

    /** One thread, for one launch. */
    final class Seat implements Runnable {
        private final Cgroup cgroup;
        private @Nullable Runnable job;
        private boolean leaving;
        private volatile int tid;
        private volatile @Nullable Exception problem;

        Seat(Cgroup cgroup) {
            this.cgroup = cgroup;
        }

        Cgroup cgroup() {
            return cgroup;
        }

        /** Runs a step on this seat's thread, in its cgroup. Once only. */
        <T> T call(Step<T> step) throws IOException {
            var handover = new Handover<T>();
            synchronized (this) {
                job = () -> handover.run(() -> {
                    if (problem != null) {
                        throw new IOException(
                                "the cgroup " + cgroup.name() + " cannot be entered: " + problem.getMessage(), problem);
                    }
                    return step.run();
                });
                notifyAll();
            }
            return handover.await();
        }

        @Override
        public void run() {
            try {
                if (cgroups.threadsMayEnter()) {
                    tid = Linux.gettid();
                    cgroup.enterThread();
                }
            } catch (IOException | RuntimeException e) {
                problem = e;
            }
            var work = awaitJob();
            if (work != null) {
                work.run();
            }
        }

        private synchronized @Nullable Runnable awaitJob() {
            while (job == null && !leaving) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    leaving = true; // nobody interrupts this thread but a JVM that goes down
                }
            }
            return job;
        }

        /** Waits until the thread is gone from the cgroup: a moment after its step was done. */
        void awaitLeft() {
            var task = Path.of("/proc/self/task/" + tid);
            for (int i = 0; i < LEAVE_POLLS && tid != 0 && Files.exists(task); i++) {
                LockSupport.parkNanos(LEAVE_POLL_NANOS);
            }
        }

        /** Gives the seat up unused, or after a failed launch, and removes its cgroup. */
        void leave() {
            synchronized (this) {
                leaving = true;
                notifyAll();
            }
            awaitLeft();
            try {
                cgroup.remove();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "the cgroup " + cgroup.name() + " cannot be removed", e);
            }
        }
    }
}
