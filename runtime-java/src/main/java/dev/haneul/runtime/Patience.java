package dev.haneul.runtime;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Knocking again for up to 15 minutes where nobody answers at the Runtime API: the next server takes the environment over
 * and opens the door again.
 */
final class Patience {
    private static final long NANOS = TimeUnit.MINUTES.toNanos(15);
    private static final long PAUSE_MILLIS = 50;

    private Patience() {}

    /** A call that may be made again. */
    interface Knock<T> {
        T at() throws IOException;
    }

    /** Makes a call until somebody answers. */
    static <T> T until(Knock<T> knock, Predicate<Exception> nobody) throws IOException {
        long deadline = System.nanoTime() + NANOS;
        while (true) {
            try {
                return knock.at();
            } catch (IOException | RuntimeException e) {
                if (!nobody.test(e) || System.nanoTime() > deadline) {
                    throw e;
                }
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the Runtime API was away", e);
            }
        }
    }
}
