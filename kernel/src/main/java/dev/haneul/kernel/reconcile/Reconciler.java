package dev.haneul.kernel.reconcile;

import java.time.Duration;
import java.time.Instant;

/**
 * Brings one thing nearer to what is desired of it: reads everything afresh, compares, takes one idempotent step, says
 * when to look again. It is given a key and never an event.
 */
public interface Reconciler<K> {
    /** Unique in the region; shown in logs. */
    String name();

    /** One step. An exception means: again, after a growing pause. */
    Next reconcile(K key) throws InterruptedException;

    /** When to look at the key again, if nobody wakes it before. */
    sealed interface Next {
        /** Nothing left to do until woken. */
        record Done() implements Next {}

        /** Look again at this moment of the region's clock. */
        record At(Instant moment) implements Next {}

        /** Look again after this much of the region's time; zero means at once. */
        record After(Duration delay) implements Next {}

        Next DONE = new Done();

        static Next at(Instant moment) {
            return new At(moment);
        }

        static Next after(Duration delay) {
            return new After(delay);
        }
    }
}
