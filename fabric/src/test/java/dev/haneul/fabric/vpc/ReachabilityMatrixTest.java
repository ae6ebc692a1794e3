package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.fabric.linux.Linux;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Security groups, network ACLs, routes and a peering that chance decides: the kernel does what a second, plain reading
 * of the rules says, for every pair of interfaces. More rounds with {@code -Dhaneul.soak=200}; other ones with
 * {@code -Dhaneul.seed}.
 */
final class ReachabilityMatrixTest {
    private static final int ROUNDS = Integer.getInteger("haneul.soak", 8);

    @TempDir
    Path folder;

    @Test
    void theKernelDoesWhatThePlanSays() throws Exception {
        assumeTrue(Linux.available(), "not Linux");
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "not root");
        long seed = Long.getLong("haneul.seed", 2026);
        var fabric = new LinuxVpcFabric(folder);
        try {
            var first = new PlanGenerator(seed).plan();
            fabric.apply(first);
            var workloads = Matrix.attachAll(fabric, first);
            long conversations = 0;
            try (var matrix = new Matrix(workloads)) {
                for (long round = seed; round < seed + ROUNDS; round++) {
                    var plan = new PlanGenerator(round).plan();
                    fabric.apply(plan);
                    forgetPings((int) (1 + round - seed));
                    assertThat(matrix.differences(plan)).as("seed %d", round).isEmpty();
                    conversations += matrix.conversations(plan);
                }
            } finally {
                for (var workload : workloads.values()) {
                    workload.close();
                }
            }
            assertThat(conversations).isPositive();
        } finally {
            fabric.clear();
        }
    }

    /**
     * All pings of this process look the same, and what was let through once stays let through; in a tracking zone of
     * its own each round begins anew.
     */
    private void forgetPings(int round) throws Exception {
        for (String vpc : List.of("vpc-1", "vpc-2")) {
            Commands.nft(Namespaces.path(new Names(folder).namespace(vpc)), """
                    add table ip test
                    delete table ip test
                    table ip test {
                    chain came_in { type filter hook prerouting priority -310; policy accept;
                    meta l4proto 1 ct zone set %d
                    }
                    }
                    """.formatted(round));
        }
    }
}
