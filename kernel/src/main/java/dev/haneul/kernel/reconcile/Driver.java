package dev.haneul.kernel.reconcile;

import dev.haneul.kernel.store.Change;
import java.util.Set;

/**
 * Runs all reconcilers and feed readers: one key at a time, de-duplicated, with bounded concurrency, back-off with
 * jitter, woken by the feed, by engine events and by timers.
 */
public interface Driver extends AutoCloseable {
    /** Adds a reconciler before {@link #start}; the answer wakes its keys, also before the start. */
    <K> Waker<K> add(Reconciler<K> reconciler, int concurrency);

    /**
     * Adds a reader of the feed before {@link #start}. The reader is given each change of these sources in order, at
     * least once; one that throws is given the same change again after a growing pause.
     */
    void follow(String cursor, Set<String> sources, ChangeReader reader);

    void start();

    /** Stops: running steps end or are interrupted; nothing is lost, for all state is in the store. */
    @Override
    void close();

    /** Wakes keys of one reconciler. */
    interface Waker<K> {
        /** Reconciles the key soon; a key that waits already is not queued twice. */
        void wake(K key);
    }

    /** Acts on one change; see {@link #follow}. */
    @FunctionalInterface
    interface ChangeReader {
        void accept(Change change) throws InterruptedException;
    }
}
