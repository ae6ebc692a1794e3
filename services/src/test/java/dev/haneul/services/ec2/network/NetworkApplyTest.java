package dev.haneul.services.ec2.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.ec2.CreateNetworkInterfaceRequest;
import dev.haneul.api.ec2.DescribeSubnetsRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many tasks that start at once ask for the network at once: the records are not read for each. */
class NetworkApplyTest {
    private static final int TOGETHER = 16;

    @Test
    @Timeout(60)
    void thoseWhoAskMeanwhileAreAnsweredTogether() throws Exception {
        try (NetworkRig rig = new NetworkRig()) {
            String first = create(rig);
            rig.settle();
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            rig.fabric.applying = () -> {
                begun.countDown();
                await(goOn);
            };
            create(rig);
            begun.await();
            AtomicInteger read = new AtomicInteger();
            rig.network.hopLimits(tx -> {
                read.incrementAndGet();
                return Map.of();
            });
            List<Thread> threads = new ArrayList<>();
            List<String> missing = new ArrayList<>();
            for (int i = 0; i < TOGETHER; i++) {
                String made = create(rig);
                threads.add(Thread.ofPlatform().start(() -> {
                    apply(rig);
                    boolean holds = rig.fabric.applied.toString().contains(made);
                    synchronized (missing) {
                        if (!holds) {
                            missing.add(made);
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                while (thread.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
            }
            goOn.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(missing).isEmpty();
            assertThat(rig.fabric.applied.toString()).contains(first);
            rig.settle();
            // One for all of them, and one or two that the changes themselves brought about.
            assertThat(read).hasValueLessThan(4);
        }
    }

    /** As ECS makes it: in use from the first, and so in the plan. */
    private static String create(NetworkRig rig) {
        String subnet = Objects.requireNonNull(rig.ec2
                .describeSubnets(new DescribeSubnetsRequest(), NetworkRig.call(NetworkRig.ONE))
                .subnets()
                .getFirst()
                .subnetId());
        Call call = new Call(
                Principal.service("ecs.amazonaws.com"),
                NetworkRig.ONE,
                "us-east-1",
                "r",
                Instant.MAX,
                Call.Origin.inside("test"));
        return Objects.requireNonNull(Objects.requireNonNull(rig.ec2
                        .createNetworkInterface(new CreateNetworkInterfaceRequest().subnetId(subnet), call)
                        .networkInterface())
                .networkInterfaceId());
    }

    private static void apply(NetworkRig rig) {
        try {
            rig.network.apply();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
