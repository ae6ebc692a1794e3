package dev.haneul.services.ecs.task;

import dev.haneul.engines.container.ImageRoots;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import java.io.IOException;
import java.time.Duration;

/**
 * Removes unpacked images that no container stands on, the longest unwanted first, as AWS's agent does every half hour;
 * but only where they take more than a bound, for here nobody pays for a disk that is not full.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/automated_image_cleanup.html">Cleanup</a>
 */
final class ImageCleanup implements Reconciler<String> {
    /** What unpacked layers may take before those that nobody uses go, in bytes. */
    static final long MOST_BYTES = 10L << 30;

    private static final Duration PERIOD = Duration.ofMinutes(30);
    private static final System.Logger LOG = System.getLogger(ImageCleanup.class.getName());

    private final ImageRoots roots;

    ImageCleanup(ImageRoots roots) {
        this.roots = roots;
    }

    void join(Driver driver) {
        driver.add(this, 1).wake("half hour");
    }

    @Override
    public String name() {
        return "ecs.images";
    }

    @Override
    public Next reconcile(String key) {
        try {
            roots.prune(MOST_BYTES);
        } catch (IOException e) {
            // What could not go is tried again with the rest, in half an hour.
            LOG.log(System.Logger.Level.WARNING, "unpacked images cannot be removed", e);
        }
        return Next.after(PERIOD);
    }
}
