package dev.haneul.kernel.reconcile;

import dev.haneul.kernel.store.Feed;
import dev.haneul.kernel.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * The driver: a virtual thread per step, one step at a time per key, timers by the region's clock, failures paused 0.2 s
 * to 1 min.
 *
 * <p>Close it before the store and the clock.
 */
public final class ReconcileDriver implements Driver {
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(5);
    private static final System.Logger LOG = System.getLogger(ReconcileDriver.class.getName());

    private final Feed feed;
    private final Clock clock;
    private final RandomGenerator random;
    private final Activity activity = new Activity();
    private final List<Lane<?>> lanes = new ArrayList<>();
    private final List<Follower> followers = new ArrayList<>();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private boolean started;
    private boolean closed;

    /**
     * A driver.
     *
     * @param random spreads the pauses after failures; seeded in tests. The driver uses it one at a time.
     */
    public ReconcileDriver(Feed feed, Clock clock, RandomGenerator random) {
        this.feed = feed;
        this.clock = clock;
        this.random = random;
    }

    /** What lanes and followers use of the driver. */
    record Means(Clock clock, Activity activity, Threads threads, RandomGenerator random) {
        Duration pause(int failures) {
            double jitter;
            synchronized (random) {
                jitter = random.nextDouble();
            }
            return Backoff.DEFAULT.pause(failures, jitter);
        }
    }

    /** Starts the driver's threads. */
    @FunctionalInterface
    interface Threads {
        void start(String name, Runnable body);
    }

    @Override
    public synchronized <K> Waker<K> add(Reconciler<K> reconciler, int concurrency) {
        requireNotStarted();
        if (concurrency < 1) {
            throw new IllegalArgumentException("concurrency " + concurrency);
        }
        Lane<K> lane = new Lane<>(reconciler, concurrency, means());
        lanes.add(lane);
        return lane::wake;
    }

    @Override
    public synchronized void follow(String cursor, Set<String> sources, ChangeReader reader) {
        requireNotStarted();
        if (followers.stream().anyMatch(each -> each.cursor().equals(cursor))) {
            throw new IllegalArgumentException("the cursor " + cursor + " is followed already");
        }
        feed.subscribe(cursor, sources);
        followers.add(new Follower(cursor, reader, feed, means()));
    }

    @Override
    public synchronized void start() {
        requireNotStarted();
        started = true;
        lanes.forEach(Lane::start);
        followers.forEach(Follower::start);
    }

    /**
     * Waits until no key is queued or running and every follower has read to the end of the feed or pauses after a
     * failure. Keys that wait for a timer do not count. For tests, and for {@code VirtualClock.settleWith}.
     *
     * @return whether that came about in time
     */
    public boolean awaitIdle(Duration atMost) {
        try {
            return activity.awaitIdle(atMost);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        lanes.forEach(Lane::close);
        followers.forEach(Follower::close);
        if (!join(GRACE)) {
            threads.forEach(Thread::interrupt);
            if (!join(AFTER_INTERRUPT)) {
                threads.forEach(each -> LOG.log(System.Logger.Level.WARNING, each.getName() + " does not end"));
            }
        }
    }

    private Means means() {
        return new Means(clock, activity, this::startThread, random);
    }

    private void startThread(String name, Runnable body) {
        Thread thread = Thread.ofVirtual().name(name).unstarted(() -> {
            try {
                body.run();
            } finally {
                threads.remove(Thread.currentThread());
            }
        });
        threads.add(thread);
        thread.start();
    }

    private boolean join(Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        try {
            for (Thread thread : threads) {
                if (!thread.join(Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void requireNotStarted() {
        if (started || closed) {
            throw new IllegalStateException("the driver has started");
        }
    }
}
