package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.wire.gateway.Fixture.Answer;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Full houses say so instead of falling over. */
class BoundsTest {
    private static final String GET = "GET /bucket/key HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    @Test
    void memoryForWholeBodiesIsShared() {
        BufferBudget budget = new BufferBudget(1 << 20, 0);
        try (BufferBudget.Share first = budget.share();
                BufferBudget.Share second = budget.share()) {
            first.cover(900_000);
            first.cover(100);
            assertThatThrownBy(() -> second.cover(300_000))
                    .isInstanceOfSatisfying(
                            Fault.class, fault -> assertThat(fault.status()).isEqualTo(503));
            first.close();
            second.cover(1 << 20);
        }
        try (BufferBudget.Share again = budget.share()) {
            again.cover(1L << 40);
        }
    }

    @Test
    void requestsBeyondTheBoundWaitAndThenAreToldToSlowDown(@TempDir Path folder) throws Exception {
        GatewaySettings.Limits limits =
                new GatewaySettings.Limits(100, 1, 0, 1 << 20, 64 << 10, 60_000, 960_000, 1_000);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (Fixture fixture = new Fixture(folder, limits)) {
            fixture.fakes.objects.stored.put("bucket/key", "value".getBytes());
            fixture.fakes.objects.served = body -> Body.of(new Gate(body.stream(), entered, go), body.length());
            try (Socket first = new Socket("127.0.0.1", fixture.port())) {
                first.getOutputStream().write(GET.getBytes());
                assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
                Answer second = fixture.raw(GET);
                assertThat(second.status()).isEqualTo(503);
                assertThat(second.body()).contains("<Code>SlowDown</Code>");
                go.countDown();
                assertThat(Answer.parse(first.getInputStream().readAllBytes()).body())
                        .isEqualTo("value");
            }
            assertThat(fixture.raw(GET).status()).isEqualTo(200);
        }
    }

    /** A stream that says it is being read and waits. */
    private static final class Gate extends InputStream {
        private final InputStream in;
        private final CountDownLatch entered;
        private final CountDownLatch go;

        Gate(InputStream in, CountDownLatch entered, CountDownLatch go) {
            this.in = in;
            this.entered = entered;
            this.go = go;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] target, int offset, int count) throws java.io.IOException {
            entered.countDown();
            try {
                go.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return in.read(target, offset, count);
        }
    }
}
