package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
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

    @Test
    void aFurtherDeviceAnswersForItself() throws IOException {
        var fabric = open();
        try (var one = new Workload();
                var two = new Workload()) {
            fabric.apply(new Plans()
                    .vpc("vpc-1", "10.0.0.0/16", Map.of())
                    .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                    .group("sg-any", "vpc-1", Plans.ANY)
                    .eni("eni-1", "subnet-1", "10.0.1.10", null, "sg-any")
                    .eni("eni-2", "subnet-1", "10.0.1.11", null, "sg-any")
                    .eni("eni-3", "subnet-1", "10.0.1.12", null, "sg-any")
                    .plan());
            fabric.attach("eni-1", one.netns(), 0);
            fabric.attach("eni-2", two.netns(), 0);
            fabric.attach("eni-3", two.netns(), 1);
            two.serve(80);
            assertThat(one.call("10.0.1.11", 80)).isEqualTo("10.0.1.10");
            assertThat(one.call("10.0.1.12", 80)).isEqualTo("10.0.1.10");
            fabric.detach("eni-3");
            fabric.attach("eni-3", two.netns(), 1);
            assertThat(one.call("10.0.1.12", 80)).as("attached anew").isEqualTo("10.0.1.10");
            assertThat(Commands.ip(two.netns(), List.of("rule show")).lines())
                    .filteredOn(line -> line.contains("10.0.1.12"))
                    .hasSize(1);
        } finally {
            fabric.clear();
        }
    }

    /** Where the names of namespaces are on a disk, a reboot leaves them, and they name nothing. */
    @Test
    void namesThatARebootLeftAreNoNetworks() throws IOException {
        var names = new Names(folder);
        var fabric = open();
        var left = Namespaces.path(names.namespace("vpc-1"));
        try (var workload = new Workload()) {
            Files.createFile(left);
            assertThat(new Namespaces(names).present()).isEmpty();
            assertThat(left).doesNotExist();
            Files.createFile(left);
            fabric.apply(KilledServer.plan());
            fabric.attach("eni-1", workload.netns(), 0);
            assertThat(fabric.attached()).containsExactly("eni-1");
        } finally {
            fabric.clear();
        }
        assertThat(left).doesNotExist();
    }

    /** The chain is made here, on no hook, where no Docker made it. */
    @Test
    void dockersFirewallIsTold() throws IOException {
        var list = List.of(Commands.tool("nft"), "list", "ruleset");
        assumeTrue(!Commands.run(list, "").contains("table ip filter"), "a firewall is there");
        String region = new Names(folder).region();
        Commands.nft("add table ip filter\nadd chain ip filter DOCKER-USER\n");
        try {
            var docker = new DockerFirewall(region);
            docker.let();
            docker.let();
            assertThat(Commands.run(list, "")).containsOnlyOnce("iifname \"" + region + "*\" accept");
            docker.clear();
            assertThat(Commands.run(list, "")).doesNotContain(region).contains("DOCKER-USER");
        } finally {
            Commands.nft("delete table ip filter\n");
        }
    }

    private static long devices(String prefix) throws IOException {
        return Namespaces.devices(Path.of("/proc/self/ns/net")).stream()
                .filter(device -> device.startsWith(prefix))
                .count();
    }

    /** A namespace on a link of the host's plays the rest of the world; its block is for documentation (RFC 5737). */
    @Test
    void theOutsideIsReachedAsTheHostAndDoesNotReachIn() throws IOException {
        var world = new Workload();
        var instance = new Workload();
        var sandbox = new Workload();
        var fabric = open();
        String link = "tw" + ProcessHandle.current().pid();
        try (var ownServer = new ServerSocket(0, 5, InetAddress.ofLiteral("0.0.0.0"))) {
            Commands.ip(List.of(
                    "link add " + link + " type veth peer name eth0 netns " + world.netns(),
                    "addr add 203.0.113.1/24 dev " + link,
                    "link set " + link + " up"));
            Commands.ip(world.netns(), List.of("addr add 203.0.113.2/24 dev eth0", "link set eth0 up"));
            fabric.apply(new Plans()
                    .vpc("vpc-1", "10.0.0.0/16", Map.of())
                    .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                    .route("rtb-1", "0.0.0.0/0", new NetworkPlan.Target.InternetGateway())
                    .group("sg-1", "vpc-1", Plans.ANY)
                    .eni("eni-1", "subnet-1", "10.0.1.10", fabric.publicRange().at(10), "sg-1")
                    .plan());
            fabric.attach("eni-1", instance.netns(), 0);
            fabric.outside().join(sandbox.netns());
            instance.serve(80);
            world.serve(80);

            assertThat(instance.call("203.0.113.2", 80)).isEqualTo("203.0.113.1");
            assertThat(sandbox.call("203.0.113.2", 80)).isEqualTo("203.0.113.1");
            Commands.ip(world.netns(), List.of("route add " + fabric.publicRange() + " via 203.0.113.1"));
            assertThat(world.call(fabric.publicRange().at(10), 80, 200)).isEqualTo("timeout");
            assertThat(instance.call(fabric.hostAddress(), ownServer.getLocalPort(), 200))
                    .isEqualTo("timeout");
            assertThat(sandbox.call("203.0.113.1", ownServer.getLocalPort(), 200))
                    .isEqualTo("timeout");
        } finally {
            fabric.clear();
            for (var workload : List.of(world, instance, sandbox)) {
                workload.close();
            }
        }
    }

    @Test
    void afterSigkill() throws Exception {
        var workloads = Workload.some(2);
        var server = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledServer.class.getName(),
                        folder.toString(),
                        workloads.get(0).netns().toString(),
                        workloads.get(1).netns().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var fabric = open()) {
            assertThat(server.inputReader().readLine()).isEqualTo("up");
            assertThat(workloads.get(0).call(VpcFabric.METADATA_ADDRESS, 80)).isEqualTo("metadata");
            server.destroyForcibly().waitFor();

            workloads.get(1).serve(80);
            assertThat(workloads.get(0).call("10.0.1.11", 80)).isEqualTo("10.0.1.10");
            assertThat(workloads.get(0).call(VpcFabric.METADATA_ADDRESS, 80)).contains("refused");

            KilledServer.serve(fabric);
            fabric.apply(KilledServer.plan());
            assertThat(fabric.attached()).containsExactlyInAnyOrder("eni-1", "eni-2");
            assertThat(workloads.get(0).call(VpcFabric.METADATA_ADDRESS, 80)).isEqualTo("metadata");
            fabric.clear();
        } finally {
            server.destroyForcibly().waitFor();
            for (var workload : workloads) {
                workload.close();
            }
        }
    }

    @Test
    void manyAtOnce() throws Exception {
        int count = 8;
        var plans = new Plans()
                .vpc("vpc-1", "10.0.0.0/16", Map.of())
                .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                .group("sg-1", "vpc-1", Plans.ANY);
        for (int i = 0; i < count; i++) {
            plans.eni("eni-" + i, "subnet-1", "10.0.1." + (10 + i), null, "sg-1");
        }
        var plan = plans.plan();
        var more = plans.group("sg-1", "vpc-1", Plans.ANY, Plans.tcp(80, 80, "10.0.0.0/16"))
                .plan();
        var workloads = Workload.some(count);
        var fabric = open();
        fabric.apply(plan);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = new ArrayList<Callable<Void>>();
            for (int i = 0; i < count; i++) {
                String eni = "eni-" + i;
                var workload = workloads.get(i);
                tasks.add(() -> {
                    fabric.attach(eni, workload.netns(), 0);
                    workload.serve(80);
                    return null;
                });
                tasks.add(() -> {
                    fabric.apply(eni.endsWith("1") ? more : plan);
                    return null;
                });
            }
            for (var done : threads.invokeAll(tasks)) {
                done.get();
            }
            assertThat(fabric.attached()).hasSize(count);
            for (int i = 1; i < count; i++) {
                assertThat(workloads.get(i).call("10.0.1.10", 80)).isEqualTo("10.0.1." + (10 + i));
            }
        } finally {
            fabric.clear();
            for (var workload : workloads) {
                workload.close();
            }
        }
    }

    @Test
    void saysWhetherItWorks() throws IOException {
        try (var fabric = open()) {
            assertThat(fabric.probe()).isEqualTo(new VpcFabric.Probe(true, ""));
        }
    }
}
