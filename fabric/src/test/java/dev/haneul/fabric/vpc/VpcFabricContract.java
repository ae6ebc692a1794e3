package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.fabric.vpc.NetworkPlan.Address;
import dev.haneul.fabric.vpc.NetworkPlan.Entry;
import dev.haneul.fabric.vpc.NetworkPlan.Interface;
import dev.haneul.fabric.vpc.NetworkPlan.Match;
import dev.haneul.fabric.vpc.NetworkPlan.Peer;
import dev.haneul.fabric.vpc.NetworkPlan.Rule;
import dev.haneul.fabric.vpc.NetworkPlan.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What every fabric does. */
abstract class VpcFabricContract {
    /** Long enough that what is let through would have arrived; what is not never answers. */
    private static final int SILENCE_MILLIS = 200;

    private VpcFabric fabric;
    private final List<Workload> workloads = new ArrayList<>();

    /** A fabric on the folder of this test; called again, one that comes after a killed one. */
    abstract VpcFabric open() throws IOException;

    @BeforeEach
    final void openFabric() throws IOException {
        fabric = open();
    }

    @AfterEach
    final void clear() throws IOException {
        if (fabric != null) {
            fabric.clear();
        }
        for (var workload : workloads) {
            workload.close();
        }
    }

    private Workload workload(String eni) throws IOException {
        var workload = new Workload();
        workloads.add(workload);
        fabric.attach(eni, workload.netns(), 0);
        return workload;
    }

    private String publicAddress(int n) {
        return fabric.publicRange().at(n);
    }

    private static Plans two() {
        return new Plans()
                .vpc("vpc-1", "10.0.0.0/16", Map.of())
                .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                .subnet("subnet-2", "vpc-1", "10.0.2.0/24", "rtb-1")
                .group("sg-web", "vpc-1", Plans.tcp(80, 81, "10.0.0.0/16"))
                .group("sg-none", "vpc-1")
                .eni("eni-a", "subnet-1", "10.0.1.10", null, "sg-none")
                .eni("eni-b", "subnet-1", "10.0.1.11", null, "sg-web");
    }

    @Test
    void securityGroupsFilterInsideASubnet() throws IOException {
        fabric.apply(two().plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve(80);
        b.serve(82);
        a.serve(80);

        assertThat(a.call("10.0.1.11", 80)).isEqualTo("10.0.1.10");
        assertThat(a.call("10.0.1.11", 81)).as("nobody listens, and says so").contains("refused");
        assertThat(a.call("10.0.1.11", 82, SILENCE_MILLIS)).isEqualTo("timeout");
        assertThat(b.call("10.0.1.10", 80, SILENCE_MILLIS)).isEqualTo("timeout");
        assertThat(a.pings("10.0.1.11", SILENCE_MILLIS)).isFalse();
    }

    @Test
    void rulesChangeForNewConnections() throws IOException {
        fabric.apply(two().plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve(80);
        assertThat(a.call("10.0.1.11", 80)).isEqualTo("10.0.1.10");

        fabric.apply(two().group("sg-web", "vpc-1").plan());
        assertThat(a.call("10.0.1.11", 80, SILENCE_MILLIS)).isEqualTo("timeout");

        var ping = new Rule(new Match.Icmp(8, -1), new Peer.Group("sg-none"));
        fabric.apply(two().group("sg-web", "vpc-1", Plans.tcpFromGroup(80, "sg-none"), ping)
                .plan());
        assertThat(a.call("10.0.1.11", 80)).isEqualTo("10.0.1.10");
        assertThat(a.pings("10.0.1.11", 5000)).isTrue();

        fabric.apply(
                two().group("sg-web", "vpc-1", Plans.tcpFromGroup(80, "sg-web")).plan());
        assertThat(a.call("10.0.1.11", 80, SILENCE_MILLIS)).isEqualTo("timeout");
    }

    @Test
    void networkAclsAreStatelessAndHoldAtTheSubnetsBorder() throws IOException {
        var plan = two().group("sg-web", "vpc-1", Plans.ANY).eni("eni-b", "subnet-2", "10.0.2.11", null, "sg-web");
        fabric.apply(plan.plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve(80);
        assertThat(a.call("10.0.2.11", 80)).isEqualTo("10.0.1.10");

        var web = new Entry(90, true, new Match.Ports(6, 80, 80), Cidr.parse("10.0.1.0/24"));
        var back = new Entry(90, true, new Match.Ports(6, 1024, 65535), Cidr.parse("10.0.1.0/24"));
        plan.acl("acl-2", List.of(web), List.of()).subnet("subnet-2", "vpc-1", "10.0.2.0/24", "rtb-1", "acl-2");
        fabric.apply(plan.plan());
        assertThat(a.call("10.0.2.11", 80, SILENCE_MILLIS)).as("no way back").isEqualTo("timeout");

        fabric.apply(plan.acl("acl-2", List.of(web), List.of(back)).plan());
        assertThat(a.call("10.0.2.11", 80)).isEqualTo("10.0.1.10");

        var deny = new Entry(80, false, new Match.All(), Cidr.parse("10.0.1.10/32"));
        fabric.apply(plan.acl("acl-2", List.of(web, deny), List.of(back)).plan());
        assertThat(a.call("10.0.2.11", 80, SILENCE_MILLIS))
                .as("the lower number wins")
                .isEqualTo("timeout");
    }

    @Test
    void aPublicAddressLeadsInAndOut() throws IOException {
        String published = publicAddress(10);
        var plan = two().group("sg-web", "vpc-1", Plans.tcp(80, 80, "0.0.0.0/0"))
                .eni("eni-a", "subnet-1", "10.0.1.10", publicAddress(11), "sg-none")
                .eni("eni-b", "subnet-1", "10.0.1.11", published, "sg-web")
                .route("rtb-1", "0.0.0.0/0", new Target.InternetGateway());
        fabric.apply(plan.plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve(80);

        assertThat(Workload.callFromHost(published, 80, 5000)).isEqualTo(fabric.hostAddress());
        assertThat(a.call(published, 80)).as("from public to public").isEqualTo(publicAddress(11));

        fabric.apply(plan.eni("eni-b", "subnet-1", "10.0.1.11", publicAddress(12), "sg-web")
                .plan());
        assertThat(Workload.callFromHost(published, 80, SILENCE_MILLIS)).isNotEqualTo(fabric.hostAddress());
        assertThat(Workload.callFromHost(publicAddress(12), 80, 5000)).isEqualTo(fabric.hostAddress());

        fabric.apply(
                plan.group("sg-web", "vpc-1", Plans.tcp(80, 80, "10.0.0.0/8")).plan());
        assertThat(Workload.callFromHost(publicAddress(12), 80, SILENCE_MILLIS)).isEqualTo("timeout");
    }

    @Test
    void aNatGatewayLeadsOutOnly() throws IOException {
        String natAddress = publicAddress(20);
        String server = publicAddress(21);
        var plan = two().subnet("subnet-2", "vpc-1", "10.0.2.0/24", "rtb-private")
                .route("rtb-1", "0.0.0.0/0", new Target.InternetGateway())
                .route("rtb-private", "0.0.0.0/0", new Target.NatGateway("nat-1"))
                .nat("nat-1", "subnet-1", "10.0.1.20", natAddress)
                .group("sg-web", "vpc-1", Plans.ANY)
                .eni("eni-a", "subnet-2", "10.0.2.10", null, "sg-web")
                .eni("eni-b", "subnet-1", "10.0.1.11", server, "sg-web");
        fabric.apply(plan.plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        a.serve(80);
        b.serve(80);

        assertThat(a.call(server, 80)).isEqualTo(natAddress);
        assertThat(Workload.callFromHost(natAddress, 80, SILENCE_MILLIS)).isNotEqualTo(fabric.hostAddress());
        assertThat(fabric.usage().get("eni-a").outToInternet()).isPositive();
        assertThat(fabric.usage().get("nat-1").outToInternet()).isPositive();
    }

    @Test
    void peersReachEachOtherWhereRoutesLead() throws IOException {
        var plan = two().vpc("vpc-2", "10.1.0.0/16", Map.of())
                .subnet("subnet-3", "vpc-2", "10.1.1.0/24", "rtb-2")
                .group("sg-far", "vpc-2", Plans.tcpFromGroup(80, "sg-none"))
                .eni("eni-c", "subnet-3", "10.1.1.10", null, "sg-far")
                .peering("pcx-1", "vpc-1", "vpc-2")
                .route("rtb-1", "10.1.0.0/16", new Target.Peering("pcx-1"));
        fabric.apply(plan.plan());
        var a = workload("eni-a");
        var c = workload("eni-c");
        c.serve(80);
        assertThat(a.call("10.1.1.10", 80, SILENCE_MILLIS)).as("no route back").isEqualTo("timeout");

        fabric.apply(
                plan.route("rtb-2", "10.0.0.0/16", new Target.Peering("pcx-1")).plan());
        assertThat(a.call("10.1.1.10", 80)).as("the group of the peer").isEqualTo("10.0.1.10");
        assertThat(fabric.usage().get("eni-a").outToPeers()).isPositive();

        fabric.apply(plan.eni("eni-a", "subnet-1", "10.0.1.10", null, "sg-web").plan());
        assertThat(a.call("10.1.1.10", 80, SILENCE_MILLIS)).isEqualTo("timeout");

        plan.eni("eni-a", "subnet-1", "10.0.1.10", null, "sg-none");
        fabric.apply(plan.withoutPeering("pcx-1").plan());
        assertThat(a.call("10.1.1.10", 80, SILENCE_MILLIS)).isEqualTo("timeout");

        fabric.apply(plan.peering("pcx-1", "vpc-1", "vpc-2").plan());
        assertThat(a.call("10.1.1.10", 80)).isEqualTo("10.0.1.10");
    }

    @Test
    void blocksMayOverlap() throws IOException {
        var plan = two().vpc("vpc-2", "10.0.0.0/16", Map.of())
                .subnet("subnet-9", "vpc-2", "10.0.1.0/24", "rtb-9")
                .group("sg-9", "vpc-2", Plans.ANY)
                .group("sg-web", "vpc-1", Plans.ANY)
                .eni("eni-y", "subnet-9", "10.0.1.11", null, "sg-9")
                .eni("eni-x", "subnet-9", "10.0.1.12", null, "sg-9");
        fabric.apply(plan.plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        var x = workload("eni-x");
        var y = workload("eni-y");
        b.serve(80);
        y.serve(81);

        assertThat(a.call("10.0.1.11", 80)).isEqualTo("10.0.1.10");
        assertThat(a.call("10.0.1.11", 81)).contains("refused");
        assertThat(x.call("10.0.1.11", 81)).isEqualTo("10.0.1.12");
        assertThat(x.call("10.0.1.11", 80)).contains("refused");
    }

    @Test
    void sourceAndDestinationAreChecked() throws IOException {
        var plan = two().group("sg-web", "vpc-1", Plans.ANY).group("sg-none", "vpc-1", Plans.ANY);
        fabric.apply(plan.plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve(80);
        a.serve(80);
        Commands.ip(a.netns(), List.of("addr add 10.0.1.99/32 dev eth0", "route add 10.0.1.11 dev eth0 src 10.0.1.99"));
        assertThat(a.call("10.0.1.11", 80, SILENCE_MILLIS))
                .as("not its address")
                .isEqualTo("timeout");

        plan.route("rtb-1", "10.9.0.0/16", new Target.Interface("eni-b"));
        Commands.ip(b.netns(), List.of("addr add 10.9.0.1/32 dev lo"));
        Commands.ip(a.netns(), List.of("route del 10.0.1.11 dev eth0", "addr del 10.0.1.99/32 dev eth0"));
        fabric.apply(plan.plan());
        assertThat(a.call("10.9.0.1", 80, SILENCE_MILLIS)).as("not for it").isEqualTo("timeout");

        fabric.apply(plan.put(new Interface(
                        "eni-b",
                        "subnet-1",
                        Names.mac("eni-b"),
                        List.of(new Address("10.0.1.11", null)),
                        List.of("sg-web"),
                        false,
                        false,
                        false,
                        1))
                .plan());
        assertThat(a.call("10.9.0.1", 80)).isEqualTo("10.0.1.10");
    }

    @Test
    void theRegionAnswersInsideAndKnowsWhoAsks() throws IOException {
        fabric.apply(two().plan());
        var metadata = new InetSocketAddress(InetAddress.ofLiteral(VpcFabric.METADATA_ADDRESS), 80);
        try (var service = fabric.serve(metadata, (connection, caller) -> {
            try (connection) {
                connection.socket().getOutputStream().write((caller.vpcId() + " " + caller.eniId()).getBytes());
            }
        })) {
            assertThat(workload("eni-a").call(VpcFabric.METADATA_ADDRESS, 80)).isEqualTo("vpc-1 eni-a");
            fabric.apply(two().vpc("vpc-2", "10.0.0.0/16", Map.of())
                    .subnet("subnet-9", "vpc-2", "10.0.1.0/24", "rtb-9")
                    .eni("eni-x", "subnet-9", "10.0.1.10", null)
                    .plan());
            assertThat(workload("eni-x").call(VpcFabric.METADATA_ADDRESS, 80)).isEqualTo("vpc-2 eni-x");
        }
    }

    @Test
    void answersOfTheMetadataServiceGoAsFarAsTheirHops() throws IOException {
        var address = List.of(new Address("10.0.1.10", null));
        fabric.apply(two().plan());
        var a = workload("eni-a");
        var container = new Workload();
        workloads.add(container);
        Commands.ip(
                a.netns(),
                List.of(
                        "link add c0 type veth peer name eth0 netns " + container.netns(),
                        "addr add 172.17.0.1/24 dev c0",
                        "link set c0 up"));
        Commands.ip(
                container.netns(),
                List.of(
                        "addr add 172.17.0.2/24 dev eth0",
                        "link set eth0 up",
                        "route add default via 172.17.0.1 dev eth0"));
        Commands.set(a.netns(), List.of("ipv4/ip_forward=1"));
        Commands.nft(a.netns(), """
                table ip nat {
                chain out { type nat hook postrouting priority 100; policy accept;
                oifname "eth0" masquerade
                }
                }
                """);
        var metadata = new InetSocketAddress(InetAddress.ofLiteral(VpcFabric.METADATA_ADDRESS), 80);
        try (var service = fabric.serve(metadata, (connection, caller) -> {
            try (connection) {
                connection
                        .socket()
                        .getOutputStream()
                        .write(String.valueOf(caller.eniId()).getBytes());
            }
        })) {
            assertThat(container.call(VpcFabric.METADATA_ADDRESS, 80, SILENCE_MILLIS))
                    .isEqualTo("timeout");
            fabric.apply(two().put(new Interface(
                            "eni-a",
                            "subnet-1",
                            Names.mac("eni-a"),
                            address,
                            List.of("sg-none"),
                            true,
                            false,
                            false,
                            2))
                    .plan());
            assertThat(container.call(VpcFabric.METADATA_ADDRESS, 80)).isEqualTo("eni-a");
        }
    }

    @Test
    void hostedInterfacesAnswerAndCall() throws IOException {
        fabric.apply(two().hosted("eni-lb", "subnet-2", "10.0.2.30", "sg-web").plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve(80);
        b.serve(82);
        fabric.listen("eni-lb", 80, (connection, caller) -> {
            try (connection) {
                connection.socket().getOutputStream().write(("lb for " + caller.eniId()).getBytes());
            }
        });

        assertThat(a.call("10.0.2.30", 80)).isEqualTo("lb for eni-a");
        var target = InetAddress.ofLiteral("10.0.1.11");
        try (var connection = fabric.connect("eni-lb", new InetSocketAddress(target, 80), 5000)) {
            assertThat(new String(connection.socket().getInputStream().readAllBytes()))
                    .isEqualTo("10.0.2.30");
        }
        assertThatThrownBy(() -> fabric.connect("eni-lb", new InetSocketAddress(target, 82), SILENCE_MILLIS))
                .isInstanceOf(IOException.class);
        var usage = fabric.usage().get("eni-a");
        assertThat(usage.outBetweenZones()).isPositive().isEqualTo(usage.out());
        assertThat(usage.inBetweenZones()).isPositive().isEqualTo(usage.in());
        assertThat(usage.outToInternet()).isZero();
        assertThat(fabric.usage().get("eni-b").out()).isPositive();
        assertThatThrownBy(() -> fabric.attach("eni-lb", a.netns(), 1)).hasMessageContaining("not for workloads");
    }

    /** Passes one connection on in its caller's name. */
    private void passOn(VpcFabric.Caller caller, java.nio.channels.SocketChannel connection, InetSocketAddress target)
            throws IOException {
        try (connection;
                var onward = fabric.connectFor(caller.address(), "eni-lb", target, SILENCE_MILLIS)) {
            connection
                    .socket()
                    .getOutputStream()
                    .write(onward.socket().getInputStream().readAllBytes());
        }
    }

    @Test
    void whatIsSaidInACallersNameComesFromTheCallerAndAnswersComeBack() throws IOException {
        String outside = publicAddress(7);
        var plan = two().group("sg-web", "vpc-1", Plans.tcp(80, 81, "0.0.0.0/0"))
                .group("sg-lb", "vpc-1", Plans.ANY)
                .route("rtb-1", "0.0.0.0/0", new Target.InternetGateway())
                .speaker("eni-lb", "subnet-2", "10.0.2.30", outside, "sg-lb");
        fabric.apply(plan.plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve(80);
        var target = new InetSocketAddress(InetAddress.ofLiteral("10.0.1.11"), 80);
        fabric.listen("eni-lb", 80, (connection, caller) -> passOn(caller, connection, target));

        assertThat(a.call("10.0.2.30", 80)).as("of the network").isEqualTo("10.0.1.10");
        assertThat(Workload.callFromHost(outside, 80, 5000)).as("from outside").startsWith("198.1");
        try (var own = fabric.connect("eni-lb", target, 5000)) {
            assertThat(new String(own.socket().getInputStream().readAllBytes())).isEqualTo("10.0.2.30");
        }
        assertThat(a.call("10.0.1.11", 80)).as("directly").isEqualTo("10.0.1.10");

        fabric.apply(
                plan.group("sg-web", "vpc-1", Plans.tcpFromGroup(80, "sg-lb")).plan());
        assertThat(a.call("10.0.2.30", 80)).as("whom the interface's group may").isEqualTo("10.0.1.10");
        assertThat(a.call("10.0.1.11", 80, SILENCE_MILLIS)).isEqualTo("timeout");
        fabric.apply(
                plan.group("sg-web", "vpc-1", Plans.tcpFromGroup(80, "sg-none")).plan());
        assertThat(a.call("10.0.2.30", 80)).as("whom the caller's group may").isEqualTo("10.0.1.10");
    }

    @Test
    void namesAreAnswered() throws IOException {
        fabric.apply(two().vpc(
                        "vpc-1",
                        "10.0.0.0/16",
                        Map.of(
                                "ip-10-0-1-11.ec2.internal",
                                List.of("10.0.1.11"),
                                "*.amazonaws.com",
                                List.of(VpcFabric.API_ADDRESS)))
                .plan());
        var a = workload("eni-a");

        assertThat(resolve(a, "10.0.0.2", "ip-10-0-1-11.ec2.internal.", Type.A)).containsExactly("10.0.1.11");
        assertThat(resolve(a, VpcFabric.RESOLVER_ADDRESS, "SQS.eu-west-1.amazonaws.com.", Type.A))
                .containsExactly(VpcFabric.API_ADDRESS);
        assertThat(resolve(a, "10.0.0.2", "11.1.0.10.in-addr.arpa.", Type.PTR))
                .containsExactly("ip-10-0-1-11.ec2.internal.");
        assertThat(resolve(a, "10.0.0.2", "sqs.amazonaws.com.", Type.AAAA)).isEmpty();
        try (var source = fabric.resolve((vpc, name) -> "vpc-1".equals(vpc) && name.equals("db.corp")
                ? Optional.of(NameSource.Answer.ofAddresses(name, List.of("10.0.1.12")))
                : Optional.empty())) {
            assertThat(resolve(a, "10.0.0.2", "db.corp.", Type.A)).containsExactly("10.0.1.12");
        }
        assertThat(fabric.resolvConf("eni-a", "ec2.internal")).isEqualTo("search ec2.internal\nnameserver 10.0.0.2\n");
    }

    private static List<String> resolve(Workload from, String server, String name, int type) throws IOException {
        var question = Message.newQuery(Record.newRecord(Name.fromString(name), type, org.xbill.DNS.DClass.IN));
        var answer = new Message(from.ask(server, 53, question.toWire(), 5000));
        assertThat(answer.getHeader().getID()).isEqualTo(question.getHeader().getID());
        return answer.getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .toList();
    }

    @Test
    void aKilledServersNetworksGoOnAndAreAdopted() throws IOException {
        var plan = two().hosted("eni-lb", "subnet-2", "10.0.2.30", "sg-web")
                .eni("eni-b", "subnet-1", "10.0.1.11", publicAddress(10), "sg-web")
                .route("rtb-1", "0.0.0.0/0", new Target.InternetGateway());
        fabric.apply(plan.plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve(80);
        fabric.close();

        assertThat(a.call("10.0.1.11", 80)).as("nobody at the helm").isEqualTo("10.0.1.10");

        fabric = open();
        assertThat(fabric.publicRange().at(10)).isEqualTo(publicAddress(10));
        fabric.apply(plan.plan());
        assertThat(fabric.attached()).containsExactlyInAnyOrder("eni-a", "eni-b");
        assertThat(a.call("10.0.1.11", 80)).isEqualTo("10.0.1.10");
        assertThat(fabric.usage().get("eni-a").out()).as("counted on").isPositive();

        fabric.close();
        fabric = open();
        fabric.apply(
                two().plan().equals(plan.plan())
                        ? plan.plan()
                        : two().without("eni-b").plan());
        assertThat(fabric.attached()).containsExactly("eni-a");
        assertThat(a.call("10.0.1.11", 80, SILENCE_MILLIS)).isNotEqualTo("10.0.1.10");
    }

    @Test
    void detachingAndAttachingAnew() throws IOException {
        fabric.apply(two().plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve(80);
        fabric.detach("eni-b");
        fabric.detach("eni-b");
        assertThat(fabric.attached()).containsExactly("eni-a");
        assertThat(a.call("10.0.1.11", 80, SILENCE_MILLIS)).isNotEqualTo("10.0.1.10");

        fabric.attach("eni-b", b.netns(), 1);
        assertThat(a.call("10.0.1.11", 80)).isEqualTo("10.0.1.10");
        var c = new Workload();
        workloads.add(c);
        c.serve(80);
        fabric.attach("eni-b", c.netns(), 0);
        assertThat(fabric.attached()).containsExactlyInAnyOrder("eni-a", "eni-b");
        assertThat(a.call("10.0.1.11", 80)).isEqualTo("10.0.1.10");
        assertThatThrownBy(() -> fabric.attach("eni-zz", c.netns(), 0)).hasMessageContaining("not in the plan");
    }

    @Test
    void flowsAreToldOnce() throws IOException {
        var plan = two();
        for (String id : List.of("eni-a", "eni-b")) {
            boolean a = id.equals("eni-a");
            plan.put(new Interface(
                    id,
                    "subnet-1",
                    Names.mac(id),
                    List.of(new Address(a ? "10.0.1.10" : "10.0.1.11", null)),
                    List.of(a ? "sg-none" : "sg-web"),
                    true,
                    false,
                    true,
                    1));
        }
        fabric.apply(plan.plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve(80);
        a.call("10.0.1.11", 80);
        a.call("10.0.1.11", 82, SILENCE_MILLIS);

        var flows = fabric.flows();
        assertThat(flows).anySatisfy(flow -> {
            assertThat(flow.eniId()).isEqualTo("eni-a");
            assertThat(flow.egress()).isTrue();
            assertThat(flow.destinationPort()).isEqualTo(80);
            assertThat(flow.accepted()).isTrue();
            assertThat(flow.packets()).isGreaterThan(2);
        });
        assertThat(flows)
                .filteredOn(flow -> flow.eniId().equals("eni-b") && flow.destinationPort() == 82)
                .singleElement()
                .satisfies(flow -> {
                    assertThat(flow.accepted()).isFalse();
                    assertThat(flow.egress()).isFalse();
                    assertThat(flow.protocol()).isEqualTo(6);
                });
        assertThat(fabric.flows()).isEmpty();
    }

    @Test
    void aPlanThatDoesNotHoldTogetherChangesNothing() throws IOException {
        fabric.apply(two().plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve(80);

        assertThatThrownBy(() -> fabric.apply(
                        two().eni("eni-c", "subnet-7", "10.0.7.1", null).plan()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("subnet-7");
        assertThatThrownBy(() -> fabric.apply(
                        two().eni("eni-c", "subnet-1", "10.0.1.10", null).plan()))
                .hasMessageContaining("10.0.1.10");

        assertThat(a.call("10.0.1.11", 80)).isEqualTo("10.0.1.10");
    }
}
