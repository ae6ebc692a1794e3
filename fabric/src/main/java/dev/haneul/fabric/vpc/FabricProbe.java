package dev.haneul.fabric.vpc;

import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.vpc.NetworkPlan.Address;
import dev.haneul.fabric.vpc.NetworkPlan.Interface;
import dev.haneul.fabric.vpc.NetworkPlan.Match;
import dev.haneul.fabric.vpc.NetworkPlan.NetworkAcl;
import dev.haneul.fabric.vpc.NetworkPlan.Peer;
import dev.haneul.fabric.vpc.NetworkPlan.RouteTable;
import dev.haneul.fabric.vpc.NetworkPlan.Rule;
import dev.haneul.fabric.vpc.NetworkPlan.SecurityGroup;
import dev.haneul.fabric.vpc.NetworkPlan.Subnet;
import dev.haneul.fabric.vpc.NetworkPlan.Vpc;
import dev.haneul.fabric.vpc.VpcFabric.Probe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Finds out by doing whether networks work here: two interfaces, one open port and one closed. Asks once. */
final class FabricProbe {
    private static final int OPEN_PORT = 80;
    private static final int CLOSED_PORT = 81;
    private static final int TIMEOUT_MILLIS = 2000;
    private static final int SILENCE_MILLIS = 100;

    private @Nullable Probe result;

    /**
     * What was found, once.
     *
     * @param standing whether networks of the region stand here already: they show that networks can, and traffic must
     *     not wait for another trial after a restart
     */
    synchronized Probe result(BooleanSupplier standing) {
        if (result == null) {
            result = probe(standing.getAsBoolean());
        }
        return result;
    }

    /** What can be seen without trying; empty where nothing is in the way. */
    static Optional<String> obstacle() throws IOException {
        if (!Linux.available()) {
            return Optional.of("networks need Linux on amd64 or aarch64");
        }
        if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
            return Optional.of("networks need root");
        }
        for (String tool : List.of("ip", "nft", "nsenter")) {
            if (!Commands.installed(tool)) {
                return Optional.of(tool + " is not installed");
            }
        }
        return Optional.empty();
    }

    private static Probe probe(boolean standing) {
        try {
            var obstacle = obstacle();
            return obstacle.isPresent() ? new Probe(false, obstacle.get()) : new Probe(true, standing ? "" : tryOut());
        } catch (IOException | RuntimeException e) {
            return new Probe(false, "networks cannot be made here: " + e.getMessage());
        }
    }

    /** @return empty where all went as it should */
    private static String tryOut() throws IOException {
        var folder = Files.createTempDirectory("haneul-probe-");
        var fabric = new LinuxVpcFabric(folder);
        try {
            fabric.apply(plan());
            var reached = new AtomicBoolean();
            fabric.listen("eni-b", CLOSED_PORT, (connection, caller) -> connection.close());
            fabric.listen("eni-b", OPEN_PORT, (connection, caller) -> {
                reached.set(true);
                connection.close();
            });
            var target = InetAddress.ofLiteral("10.0.0.11");
            fabric.connect("eni-a", new InetSocketAddress(target, OPEN_PORT), TIMEOUT_MILLIS)
                    .close();
            try {
                fabric.connect("eni-a", new InetSocketAddress(target, CLOSED_PORT), SILENCE_MILLIS)
                        .close();
            } catch (IOException e) {
                return "";
            }
            throw new IOException("the kernel does not filter");
        } finally {
            fabric.clear();
            Files.deleteIfExists(folder.resolve("vpc-host.properties"));
            Files.deleteIfExists(folder);
        }
    }

    private static NetworkPlan plan() {
        var block = Cidr.parse("10.0.0.0/24");
        var open = new Rule(new Match.Ports(6, OPEN_PORT, OPEN_PORT), new Peer.Group("sg"));
        var all = new NetworkPlan.Entry(100, true, new Match.All(), Cidr.ANY_V4);
        return new NetworkPlan(
                List.of(new Vpc("vpc", List.of(block), false, Map.of())),
                List.of(new Subnet("subnet", "vpc", block, "a", "rtb", "acl")),
                List.of(new RouteTable("rtb", "vpc", List.of())),
                List.of(end("eni-a", "10.0.0.10"), end("eni-b", "10.0.0.11")),
                List.of(new SecurityGroup(
                        "sg", "vpc", List.of(open), List.of(new Rule(new Match.All(), new Peer.Block(Cidr.ANY_V4))))),
                List.of(new NetworkAcl("acl", List.of(all), List.of(all))),
                List.of(),
                List.of());
    }

    private static Interface end(String id, String address) {
        return new Interface(
                id, "subnet", Names.mac(id), List.of(new Address(address, null)), List.of("sg"), true, true, false, 1);
    }
}
