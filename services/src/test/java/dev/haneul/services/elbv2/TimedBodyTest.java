package dev.haneul.services.elbv2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that end, and those that do not. */
class TimedBodyTest {
    private static long in(Duration patience) {
        return System.nanoTime() + patience.toNanos();
    }

    /** Says nothing and ends only when it is closed. */
    private static final class Silent extends InputStream {
        private final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public int read() throws IOException {
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("closed");
        }

        @Override
        public int read(byte[] into, int from, int count) throws IOException {
            return read();
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    @Test
    void whatEndsIsReadWhole() throws IOException {
        byte[] said = {1, 2, 3};
        assertThat(TimedBody.read(new ByteArrayInputStream(said), 3, in(Duration.ofMinutes(1))))
                .isEqualTo(said);
    }

    @Test
    void oneMoreThanTheMostIsReadSoThatItShows() throws IOException {
        assertThat(TimedBody.read(new ByteArrayInputStream(new byte[100]), 3, in(Duration.ofMinutes(1))))
                .hasSize(4);
    }

    @Test
    @Timeout(30)
    void whatDoesNotEndIsLeftInTime() {
        assertThatThrownBy(() -> TimedBody.read(new Silent(), 3, in(Duration.ofMillis(50))))
                .isInstanceOf(HttpTimeoutException.class);
    }

    @Test
    void aBrokenAnswerIsNotTakenForALateOne() {
        Silent broken = new Silent();
        broken.close();
        assertThatThrownBy(() -> TimedBody.read(broken, 3, in(Duration.ofMinutes(1))))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(HttpTimeoutException.class);
    }
}
