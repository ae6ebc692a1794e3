package dev.haneul.storage;

import dev.haneul.kernel.reconcile.Reconciler;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Looks once, after the start, for files that a crash or a reset left behind. */
final class Sweeper implements Reconciler<String> {
    private static final System.Logger LOG = System.getLogger(Sweeper.class.getName());

    private final Blobs blobs;

    Sweeper(Blobs blobs) {
        this.blobs = blobs;
    }

    @Override
    public String name() {
        return "storage.sweep";
    }

    @Override
    public Next reconcile(String occasion) {
        try {
            long swept = blobs.sweep();
            if (swept > 0) {
                LOG.log(System.Logger.Level.INFO, "removed {0} files that no record named", swept);
            }
            return Next.DONE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
