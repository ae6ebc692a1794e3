package dev.haneul.trials.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * SIGKILL at random points while objects are put, messages sent, received and deleted, and notifications published: no
 * acknowledged write is lost, what was deleted stays deleted, a FIFO group keeps its order. {@code -Dhaneul.soak=200}
 * says how many rounds.
 */
class MixedCrashTest {
    private static final int ROUNDS = Integer.getInteger("haneul.soak", 2);
    private static final int MOST_WRITES = 400;
    private final Random random = new Random(4);

    @Test
    void nothingAcknowledgedIsLost() throws Exception {
        Ledger ledger = new Ledger();
        try (LaunchedRegion region = new LaunchedRegion()) {
            for (int round = 0; round < ROUNDS; round++) {
                region.up();
                round(region, ledger, round);
            }
            region.up();
            try (Clients clients = Clients.root(region.endpoint())) {
                new Load(clients, ledger, ROUNDS).settle();
            }
            System.out.println("killed " + ROUNDS + " times: " + ledger);
        }
    }

    private void round(LaunchedRegion region, Ledger ledger, int round) throws Exception {
        ConcurrentLinkedQueue<AssertionError> wrong = new ConcurrentLinkedQueue<>();
        try (Clients clients = Clients.root(region.endpoint())) {
            Load load = new Load(clients, ledger, round);
            load.verifyObjects();
            ledger.acknowledged.drainPermits();
            List<Thread> threads = new ArrayList<>();
            for (Runnable step : load.steps()) {
                threads.add(Thread.ofVirtual().start(() -> untilDead(step, wrong)));
            }
            // The random point: after so many acknowledgements of any kind.
            assertThat(ledger.acknowledged.tryAcquire(1 + random.nextInt(MOST_WRITES), 30, TimeUnit.SECONDS))
                    .isTrue();
            region.killHard();
            for (Thread each : threads) {
                each.join();
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static void untilDead(Runnable step, ConcurrentLinkedQueue<AssertionError> wrong) {
        while (true) {
            try {
                step.run();
            } catch (SdkException | UncheckedIOException dead) {
                return;
            } catch (AssertionError e) {
                wrong.add(e);
                return;
            }
        }
    }
}
