package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root on Linux. */
final class LinuxVpcFabricTest extends VpcFabricContract {
    @TempDir
    Path folder;

    @BeforeAll
    static void needsRoot() throws IOException {
        assumeTrue(Linux.available(), "not Linux");
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "not root");
    }

    @Override
    VpcFabric open() throws IOException {
        return new LinuxVpcFabric(folder);
    }

    @Test
    void clearingLeavesNothing() throws IOException {
        var forwarding = Path.of("/proc/sys/net/ipv4/ip_forward");
        boolean othersBefore = devices(Names.FAMILY) > 0;
        String before = Files.readString(forwarding);
        var names = new Names(folder);
        var fabric = open();
        var workload = new Workload();
        fabric.apply(new Plans()
                .vpc("vpc-1", "10.0.0.0/16", Map.of())
                .vpc("vpc-2", "10.1.0.0/16", Map.of())
                .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                .route("rtb-1", "0.0.0.0/0", new NetworkPlan.Target.InternetGateway())
                .peering("pcx-1", "vpc-1", "vpc-2")
                .nat("nat-1", "subnet-1", "10.0.1.9", fabric.publicRange().at(9))
                .eni("eni-1", "subnet-1", "10.0.1.10", fabric.publicRange().at(10))
                .plan());
        fabric.attach("eni-1", workload.netns(), 0);
        fabric.outside();
        assertThat(devices(names.region())).isEqualTo(2);
        assertThat(new Namespaces(names).present()).hasSize(4);

        open().apply(NetworkPlan.EMPTY);
        assertThat(new Namespaces(names).present()).containsExactly(OutsideRouter.namespace(names));
        assertThat(devices(names.region())).isEqualTo(1);

        fabric.clear();

        assertThat(new Namespaces(names).present()).isEmpty();
        assertThat(devices(names.region())).isZero();
        assertThat(Commands.run(List.of(Commands.tool("nft"), "list", "tables"), ""))
                .doesNotContain(names.region());
        assertThat(Commands.ip(List.of("route show table all", "addr show dev lo")))
                .doesNotContain(fabric.publicRange().toString(), fabric.hostAddress());
        if (!othersBefore && devices(Names.FAMILY) == 0) {
            assertThat(Files.readString(forwarding)).isEqualTo(before);
        }
        workload.close();
    }

    private static long devices(String prefix) throws IOException {
        return Namespaces.devices(Path.of("/proc/self/ns/net")).stream()
                .filter(device -> device.startsWith(prefix))
                .count();
    }

    @Test
    void saysWhetherItWorks() throws IOException {
        try (var fabric = open()) {
            assertThat(fabric.probe()).isEqualTo(new VpcFabric.Probe(true, ""));
        }
    }
}
