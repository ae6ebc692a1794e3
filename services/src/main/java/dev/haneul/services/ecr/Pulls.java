package dev.haneul.services.ecr;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ecr.EcrTables.ImageRow;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When images were last pulled, to the hour. It is written down soon after, by the image's key: nobody who pulls an image
 * waits for the disk.
 */
final class Pulls implements Reconciler<Key> {
    private static final Duration PRECISION = Duration.ofHours(1);
    private static final int AT_ONCE = 4;

    private final Store store;
    private final Clock clock;
    private volatile Driver.@Nullable Waker<Key> waker;

    Pulls(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    void join(Driver driver) {
        waker = driver.add(this, AT_ONCE);
    }

    /** Somebody pulls this image just now. */
    void pulled(Key image, ImageRow row) {
        Driver.Waker<Key> joined = waker;
        if (joined != null && isOld(row.pulled())) {
            joined.wake(image);
        }
    }

    private boolean isOld(@Nullable Instant last) {
        return last == null || last.isBefore(clock.instant().minus(PRECISION));
    }

    @Override
    public String name() {
        return "ecr.pulls";
    }

    @Override
    public Next reconcile(Key image) {
        store.write(tx -> tx.get(EcrTables.IMAGES, image)
                .map(Row::value)
                .filter(row -> isOld(row.pulled()))
                .ifPresent(row -> tx.put(EcrTables.IMAGES, image, row.pulledAt(clock.instant()))));
        return Next.DONE;
    }
}
