package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What changes cost, in processor time, tools included. Prints it. Run with {@code -Dhaneul.soak=1}, as root. */
@EnabledIfSystemProperty(named = "haneul.soak", matches = "\\d+")
final class VpcScaleTest {
    private static final int GROUPS = 10;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {20, 20, 200})
    void changes(int count) throws IOException {
        var fabric = new LinuxVpcFabric(folder);
        var workloads = Workload.some(count);
        try {
            var plans = plans(fabric, count);
            measure(count + " interfaces: first apply", () -> fabric.apply(plans.plan()));
            measure(count + " interfaces: apply, nothing changed", () -> fabric.apply(plans.plan()));
            measure(count + " interfaces: attach all", () -> {
                for (int i = 0; i < count; i++) {
                    fabric.attach("eni-" + i, workloads.get(i).netns(), 0);
                }
            });
            workloads.get(0).serve(80);
            assertThat(workloads.get(count - 1).call(address(0), 80)).isEqualTo(address(count - 1));
            measure(
                    count + " interfaces: one rule more",
                    () -> fabric.apply(plans.group(
                                    "sg-0", "vpc-1", Plans.tcp(80, 80, "10.0.0.0/16"), Plans.tcp(90, 90, "0.0.0.0/0"))
                            .plan()));
            measure(
                    count + " interfaces: one interface more",
                    () -> fabric.apply(plans.eni("eni-more", "subnet-1", "10.0.255.1", null, "sg-1")
                            .plan()));
            measure(count + " interfaces: usage", fabric::usage);
            fabric.close();
            var next = new LinuxVpcFabric(folder);
            measure(count + " interfaces: adopted by the next server", () -> next.apply(plans.plan()));
            assertThat(next.attached()).hasSize(count);
            for (int i = 0; i < count; i++) {
                next.detach("eni-" + i);
            }
            next.outside();
            measure(count / 2 + " sandboxes: join one by one", () -> {
                for (var workload : workloads.subList(0, count / 2)) {
                    next.outside().join(workload.netns());
                }
            });
            measure(
                    count / 2 + " sandboxes: join at once",
                    () -> next.outside()
                            .join(workloads.subList(count / 2, count).stream()
                                    .map(Workload::netns)
                                    .toList()));
            measure(count + " interfaces: clear", next::clear);
        } finally {
            fabric.clear();
            for (var workload : workloads) {
                workload.close();
            }
        }
    }

    private static Plans plans(VpcFabric fabric, int count) {
        var plans = new Plans()
                .vpc("vpc-1", "10.0.0.0/16", Map.of())
                .subnet("subnet-1", "vpc-1", "10.0.0.0/16", "rtb-1")
                .route("rtb-1", "0.0.0.0/0", new NetworkPlan.Target.InternetGateway());
        for (int group = 0; group < GROUPS; group++) {
            plans.group(
                    "sg-" + group,
                    "vpc-1",
                    Plans.tcp(80, 80, "10.0.0.0/16"),
                    Plans.tcp(22, 22, "0.0.0.0/0"),
                    Plans.tcpFromGroup(5432, "sg-" + (group + 1) % GROUPS));
        }
        for (int i = 0; i < count; i++) {
            plans.eni("eni-" + i, "subnet-1", address(i), fabric.publicRange().at(100 + i), "sg-" + i % GROUPS);
        }
        return plans;
    }

    private static String address(int i) {
        return Cidr.parse("10.0.0.0/16").at(10 + i);
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void measure(String what, Step step) throws IOException {
        long cpu = cpuMillis();
        long wall = System.nanoTime();
        step.run();
        System.out.printf(
                "%s: %d ms of processor, %d ms%n", what, cpuMillis() - cpu, (System.nanoTime() - wall) / 1_000_000);
    }

    /** Of this process and the tools it started. */
    private static long cpuMillis() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        var fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
        long ticks = 0;
        for (int i = 11; i < 15; i++) {
            ticks += Long.parseLong(fields.get(i));
        }
        return ticks * 10;
    }
}
