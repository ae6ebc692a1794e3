package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Needs root on Linux. The outside is a VPC's public address: nothing leaves the machine. */
final class OutsideNetworkTest {
    private static final int SILENCE_MILLIS = 200;

    @TempDir
    Path folder;

    private LinuxVpcFabric fabric;
    private List<Workload> sandboxes = List.of();

    @BeforeEach
    void open() throws IOException {
        assumeTrue(Linux.available(), "not Linux");
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "not root");
        fabric = new LinuxVpcFabric(folder);
        sandboxes = Workload.some(3);
    }

    @AfterEach
    void clear() throws IOException {
        if (fabric != null) {
            fabric.clear();
        }
        for (var sandbox : sandboxes) {
            sandbox.close();
        }
    }

    @Test
    void sandboxesReachTheOutsideAndNotEachOther() throws IOException {
        String server = fabric.publicRange().at(9);
        var plan = new Plans()
                .vpc("vpc-1", "10.0.0.0/16", Map.of())
                .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                .route("rtb-1", "0.0.0.0/0", new NetworkPlan.Target.InternetGateway())
                .group("sg-1", "vpc-1", Plans.ANY)
                .eni("eni-1", "subnet-1", "10.0.1.10", server, "sg-1");
        var far = sandboxes.get(2);
        var addresses = fabric.outside()
                .join(List.of(sandboxes.get(0).netns(), sandboxes.get(1).netns()));
        fabric.apply(plan.plan());
        fabric.attach("eni-1", far.netns(), 0);
        far.serve(80);
        sandboxes.get(1).serve(80);

        assertThat(sandboxes.get(0).call(server, 80))
                .isEqualTo(fabric.publicRange().at(2));
        assertThat(sandboxes.get(0).call(addresses.get(1), 80, SILENCE_MILLIS)).isEqualTo("timeout");
        assertThat(Workload.callFromHost(fabric.publicRange().at(2), 80, SILENCE_MILLIS))
                .isEqualTo("timeout");
        assertThat(far.call(fabric.publicRange().at(2), 80, SILENCE_MILLIS)).isEqualTo("timeout");

        fabric.close();
        fabric = new LinuxVpcFabric(folder);
        assertThat(sandboxes.get(0).call(server, 80)).as("nobody at the helm").isNotEmpty();
        fabric.apply(plan.plan());
        fabric.outside();
        assertThat(sandboxes.get(0).call(server, 80))
                .isEqualTo(fabric.publicRange().at(2));
        var next = new Workload();
        try (next) {
            assertThat(fabric.outside().join(next.netns())).isNotIn(addresses);
            assertThat(next.call(server, 80)).isEqualTo(fabric.publicRange().at(2));
        }
    }

    /** bubblewrap gives the loopback interface its address itself, and fails where it has one. */
    @Test
    void whoBuildsASandboxRaisesItsLoopbackItself() throws Exception {
        Process built = new ProcessBuilder("unshare", "--net", "sleep", "60").start();
        try {
            var netns = Path.of("/proc/" + built.pid() + "/ns/net");
            var ours = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
            for (int i = 0; i < 500 && Files.readSymbolicLink(netns).equals(ours); i++) {
                Thread.sleep(10);
            }
            var outside = fabric.outside();
            String address = outside.join(netns);

            assertThat(Commands.ip(netns, List.of("link show lo"))).doesNotContain("UP");
            Commands.ip(netns, List.of("addr add 127.0.0.1/8 dev lo", "link set lo up"));
            assertThat(Commands.ip(netns, List.of("addr show eth0"))).contains(address + "/32");
            assertThat(Commands.ip(netns, List.of("link show eth0"))).contains("UP,LOWER_UP");
            assertThat(Commands.ip(netns, List.of("route show")).lines().map(String::strip))
                    .containsExactlyInAnyOrder(
                            "default via " + RouterPlan.NEXT_HOP + " dev eth0",
                            RouterPlan.NEXT_HOP + " dev eth0 scope link");
            assertThatThrownBy(() -> outside.join(netns))
                    .as("a second device of the same name")
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("making the veth pair")
                    .hasMessageContaining("EEXIST");
        } finally {
            built.destroyForcibly().waitFor();
        }
        assertThatThrownBy(() -> fabric.outside().join(Path.of("/proc/" + built.pid() + "/ns/net")))
                .as("a sandbox that has ended")
                .isInstanceOf(IOException.class);
    }

    @Test
    void aNetworkThatIsReadyIsAsOneThatWasJoined() throws Exception {
        var joined = sandboxes.get(0);
        fabric.outside().join(joined.netns());
        int ready = untilReady();
        try {
            var netns = Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + ready);
            assertThat(routes(netns)).isEqualTo(routes(joined.netns())).isNotEmpty();
            assertThat(Commands.ip(netns, List.of("link show lo"))).contains("UP");
            assertThat(Commands.ip(netns, List.of("addr show lo"))).contains("127.0.0.1/8");
            assertThat(Commands.ip(netns, List.of("addr show eth0")))
                    .contains("100.64.")
                    .isNotEqualTo(Commands.ip(joined.netns(), List.of("addr show eth0")));
        } finally {
            Linux.close(ready);
        }
        fabric.endOutside();
        assertThat(left(folder)).as("others that were ready").isEmpty();
    }

    private int untilReady() throws Exception {
        for (int i = 0; i < 500; i++) {
            int ready = fabric.outside().joined();
            if (ready >= 0) {
                return ready;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("none is made");
    }

    private static String routes(Path netns) throws IOException {
        return Commands.ip(netns, List.of("route show"));
    }

    @Test
    void theWayOutGoesAlsoWhereTheKernelIsLateWithASandboxsDevice() throws IOException {
        fabric.outside().join(sandboxes.get(0).netns()); // whose end the kernel has yet to notice
        var before = left(folder);
        fabric.endOutside();
        assertThat(before).isNotEmpty();
        assertThat(left(folder)).isEmpty();
    }

    @Test
    void whatARegionLeftWhoseFolderIsGoneIsClearedByTheNext() throws IOException {
        var thrownAway = Files.createDirectories(folder.resolve("gone"));
        try (var killed = new LinuxVpcFabric(thrownAway)) {
            killed.outside().join(sandboxes.get(0).netns());
        }
        assertThat(left(thrownAway)).as("a namespace, a device and a table").hasSize(3);
        var range = PublicRange.of(thrownAway);
        Files.delete(thrownAway.resolve("vpc-host.properties"));
        Files.delete(thrownAway);

        fabric.outside();

        assertThat(left(thrownAway)).isEmpty();
        assertThat(Commands.ip(List.of("addr show dev lo", "route show table main")))
                .doesNotContain(range.at(1) + "/32")
                .doesNotContain("unreachable " + range);
    }

    /** What the host has of a region's: namespaces, devices and tables. */
    private static List<String> left(Path region) throws IOException {
        var names = new Names(region);
        var found = new java.util.ArrayList<>(new Namespaces(names).present());
        found.addAll(Namespaces.devices(Path.of("/proc/self/ns/net")));
        Commands.nftList(Path.of("/proc/self/ns/net"), "list", "tables")
                .lines()
                .flatMap(line -> java.util.stream.Stream.of(line.split(" ")))
                .forEach(found::add);
        found.removeIf(name -> !name.startsWith(names.region()));
        return found;
    }

    @Test
    void namesAreWhatTheHostKnows() throws Exception {
        try (var upstream = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answerOnce(upstream));
            var hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 box\n10.9.9.9 printer # here\n");
            var servers = Files.writeString(folder.resolve("resolv.conf"), "nameserver 127.0.0.1\n");
            fabric = new LinuxVpcFabric(folder, new Resolver(hosts, servers, upstream.getLocalPort()));
            fabric.outside().join(sandboxes.get(0).netns());

            assertThat(resolve("printer.")).containsExactly("10.9.9.9");
            assertThat(resolve("far.example.")).containsExactly("192.0.2.77");
        }
    }

    @Test
    void sandboxesBehindAnInterfaceAreFilteredAsItIs() throws Exception {
        var open = sandboxes.get(1);
        var shut = sandboxes.get(2);
        var plan = new Plans()
                .vpc("vpc-1", "10.0.0.0/16", Map.of("db.internal", List.of("10.0.1.10")))
                .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                .subnet("subnet-2", "vpc-1", "10.0.2.0/24", "rtb-1")
                .group("sg-function", "vpc-1")
                .group("sg-open", "vpc-1", Plans.tcpFromGroup(80, "sg-function"))
                .group("sg-shut", "vpc-1", Plans.tcp(80, 80, "10.0.9.0/24"))
                .hosted("eni-function", "subnet-2", "10.0.2.20", "sg-function")
                .eni("eni-open", "subnet-1", "10.0.1.10", null, "sg-open")
                .eni("eni-shut", "subnet-1", "10.0.1.11", null, "sg-shut");
        fabric.apply(plan.plan());
        fabric.attach("eni-open", open.netns(), 0);
        fabric.attach("eni-shut", shut.netns(), 0);
        open.serve(80);
        shut.serve(80);
        var one = sandboxes.get(0);
        fabric.behind("eni-function").join(one.netns());
        one.serve(80);

        assertThat(one.call("10.0.1.10", 80)).isEqualTo("10.0.2.20");
        assertThat(one.call("10.0.1.11", 80, SILENCE_MILLIS)).isEqualTo("timeout");
        assertThat(resolve("db.internal.")).containsExactly("10.0.1.10");
        assertThat(open.call("10.0.2.20", 80, SILENCE_MILLIS)).isEqualTo("timeout");
        try (var metadata = fabric.serve(
                new InetSocketAddress(InetAddress.ofLiteral(VpcFabric.METADATA_ADDRESS), 80),
                (connection, caller) -> connection.close())) {
            assertThat(open.call(VpcFabric.METADATA_ADDRESS, 80)).isEmpty();
            assertThat(one.call(VpcFabric.METADATA_ADDRESS, 80, SILENCE_MILLIS)).isEqualTo("timeout");
        }

        fabric.close();
        fabric = new LinuxVpcFabric(folder);
        assertThat(one.call("10.0.1.10", 80)).as("nobody at the helm").isEqualTo("10.0.2.20");
        fabric.apply(plan.plan());
        try (var next = new Workload()) {
            fabric.behind("eni-function").join(next.netns());
            assertThat(next.call("10.0.1.10", 80)).isEqualTo("10.0.2.20");
            assertThat(next.call("100.64.0.3", 80, SILENCE_MILLIS))
                    .as("each other")
                    .isEqualTo("timeout");
        }
        fabric.apply(plan.without("eni-function").plan());
        assertThat(one.call("10.0.1.10", 80, SILENCE_MILLIS)).isNotEqualTo("10.0.2.20");
    }

    private List<String> resolve(String name) throws IOException {
        var question = Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN));
        byte[] answer = sandboxes.get(0).ask(OutsideNetwork.RESOLVER, 53, question.toWire(), 5000);
        return new Message(answer)
                .getSection(Section.ANSWER).stream().map(Record::rdataToString).toList();
    }

    private static void answerOnce(DatagramSocket upstream) {
        try {
            var packet = new DatagramPacket(new byte[512], 512);
            upstream.receive(packet);
            var message = new Message(java.util.Arrays.copyOf(packet.getData(), packet.getLength()));
            var name = message.getQuestion().getName();
            message.getHeader().setFlag(org.xbill.DNS.Flags.QR);
            message.addRecord(new ARecord(name, DClass.IN, 5, InetAddress.ofLiteral("192.0.2.77")), Section.ANSWER);
            byte[] answer = message.toWire();
            upstream.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
