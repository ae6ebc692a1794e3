package dev.haneul.services.elbv2;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/**
 * Reads what a server answers, in bounded time and size. The HTTP client's own timeout is over when the head is there: a
 * body that does not end is closed from beside.
 */
final class TimedBody {
    private TimedBody() {}

    /**
     * All bytes, or one more than the most where there are more.
     *
     * @param deadline by {@link System#nanoTime()}
     * @throws HttpTimeoutException where it has not ended by then
     */
    static byte[] read(InputStream body, int most, long deadline) throws IOException {
        Thread timer = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
                body.close();
            } catch (InterruptedException | IOException e) {
                // It is read, or closed already.
                Thread.currentThread().interrupt();
            }
        });
        try {
            byte[] bytes = body.readNBytes(most + 1);
            if (System.nanoTime() - deadline >= 0) {
                throw new HttpTimeoutException("the answer did not end in time");
            }
            return bytes;
        } catch (IOException e) {
            if (System.nanoTime() - deadline >= 0 && !(e instanceof HttpTimeoutException)) {
                HttpTimeoutException late = new HttpTimeoutException("the answer did not end in time");
                late.initCause(e);
                throw late;
            }
            throw e;
        } finally {
            timer.interrupt();
        }
    }
}
