package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.fabric.vpc.NetworkPlan.Address;
import dev.haneul.fabric.vpc.NetworkPlan.Entry;
import dev.haneul.fabric.vpc.NetworkPlan.Interface;
import dev.haneul.fabric.vpc.NetworkPlan.Match;
import dev.haneul.fabric.vpc.NetworkPlan.Peer;
import dev.haneul.fabric.vpc.NetworkPlan.Rule;
import dev.haneul.fabric.vpc.NetworkPlan.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every fabric does with IPv6. */
abstract class SixContract {
    private static final int SILENCE_MILLIS = 200;
    private static final String BLOCK = "2600:1f18:1:aa00::/56";
    private static final String A = "2600:1f18:1:aa01::a";
    private static final String B = "2600:1f18:1:aa02::b";
    private static final Entry ALLOW = new Entry(101, true, new Match.All(), Cidr.ANY_V6);
    private static final Rule ANY = new Rule(new Match.All(), new Peer.Block(Cidr.ANY_V6));

    private VpcFabric fabric;
    private final List<Workload> workloads = new ArrayList<>();

    /** A fabric on the folder of this test; called again, one that comes after a killed one. */
    abstract VpcFabric open() throws IOException;

    @BeforeEach
    final void openFabric() throws IOException {
        assumeTrue(Family.V6.present(), "the kernel has no IPv6");
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

    private static Interface eni(String id, String subnet, String four, String six, String group) {
        return new Interface(
                id, subnet, Names.mac(id), List.of(new Address(four, null), new Address(six, null)), List.of(group));
    }

    private static Plans two(Rule... web) {
        return new Plans()
                .vpc("vpc-1", List.of("10.0.0.0/16", BLOCK), Map.of())
                .acl("acl-vpc-1", List.of(Plans.ALLOW, ALLOW), List.of(Plans.ALLOW, ALLOW))
                .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                .subnet("subnet-2", "vpc-1", "10.0.2.0/24", "rtb-1")
                .group("sg-none", "vpc-1", List.of(), List.of(ANY))
                .group("sg-web", "vpc-1", List.of(web), List.of(ANY))
                .put(eni("eni-a", "subnet-1", "10.0.1.10", A, "sg-none"))
                .put(eni("eni-b", "subnet-2", "10.0.2.11", B, "sg-web"));
    }

    @Test
    void groupsFilter() throws IOException {
        fabric.apply(two(Plans.tcp(80, 81, "2600:1f18:1:aa01::/64")).plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        b.serve("::", 80);
        b.serve("::", 82);
        a.serve("::", 80);
        assertThat(a.call(B, 80)).isEqualTo(A);
        assertThat(a.call(B, 81)).as("nobody listens, and says so").contains("refused");
        assertThat(a.call(B, 82, SILENCE_MILLIS)).isEqualTo("timeout");
        assertThat(b.call(A, 80, SILENCE_MILLIS)).isEqualTo("timeout");
        assertThat(a.call("10.0.2.11", 80, SILENCE_MILLIS))
                .as("no rule of IPv4")
                .isEqualTo("timeout");
        assertThat(a.pings(B, SILENCE_MILLIS)).isFalse();

        var ping = new Rule(new Match.Icmp6(128, -1), new Peer.Group("sg-none"));
        fabric.apply(two(Plans.tcpFromGroup(82, "sg-none"), ping).plan());
        assertThat(a.call(B, 82)).isEqualTo(A);
        assertThat(a.call(B, 80, SILENCE_MILLIS)).isEqualTo("timeout");
        assertThat(a.pings(B, 5000)).isTrue();
        assertThat(fabric.usage().get("eni-a").out()).isPositive();
    }

    @Test
    void networkAclsFilter() throws IOException {
        var plan = two(ANY);
        fabric.apply(plan.plan());
        var a = workload("eni-a");
        workload("eni-b").serve("::", 80);
        assertThat(a.call(B, 80)).isEqualTo(A);
        var deny = new Entry(90, false, new Match.Ports(6, 80, 80), Cidr.parse("2600:1f18:1:aa01::/64"));
        plan.acl("acl-2", List.of(deny, ALLOW), List.of(ALLOW))
                .subnet("subnet-2", "vpc-1", "10.0.2.0/24", "rtb-1", "acl-2");
        fabric.apply(plan.plan());
        assertThat(a.call(B, 80, SILENCE_MILLIS)).isEqualTo("timeout");
        fabric.apply(plan.acl("acl-2", List.of(ALLOW), List.of(Plans.ALLOW)).plan());
        assertThat(a.call(B, 80, SILENCE_MILLIS)).as("no way back").isEqualTo("timeout");
    }

    @Test
    void internetGatewaysLeadInAndEgressOnlyOnesOut() throws IOException {
        var plan = two(ANY).route("rtb-1", "::/0", new Target.InternetGateway());
        fabric.apply(plan.plan());
        var b = workload("eni-b");
        b.serve("::", 80);
        assertThat(Workload.callFromHost(B, 80, 5000)).isEqualTo(fabric.hostSixAddress());

        var without = two(ANY).route("rtb-1", "::/0", new Target.EgressOnlyGateway());
        fabric.apply(without.plan());
        assertThat(Workload.callFromHost(B, 80, SILENCE_MILLIS)).isEqualTo("timeout");
        assertThat(b.call(fabric.hostSixAddress(), 9, SILENCE_MILLIS))
                .as("the host itself lets nobody in")
                .isEqualTo("timeout");

        fabric.apply(two(ANY).plan());
        assertThat(Workload.callFromHost(B, 80, SILENCE_MILLIS)).isNotEqualTo(fabric.hostSixAddress());
    }

    @Test
    void peersReachEachOther() throws IOException {
        String far = "2600:1f18:2:bb01::c";
        var plan = two(ANY).vpc("vpc-2", List.of("10.1.0.0/16", "2600:1f18:2:bb00::/56"), Map.of())
                .acl("acl-vpc-2", List.of(ALLOW), List.of(ALLOW))
                .subnet("subnet-3", "vpc-2", "10.1.1.0/24", "rtb-2")
                .group("sg-far", "vpc-2", List.of(Plans.tcpFromGroup(80, "sg-none")), List.of())
                .put(eni("eni-c", "subnet-3", "10.1.1.10", far, "sg-far"))
                .peering("pcx-1", "vpc-1", "vpc-2")
                .route("rtb-1", "2600:1f18:2:bb00::/56", new Target.Peering("pcx-1"))
                .route("rtb-2", BLOCK, new Target.Peering("pcx-1"));
        fabric.apply(plan.plan());
        var a = workload("eni-a");
        var b = workload("eni-b");
        workload("eni-c").serve("::", 80);
        assertThat(a.call(far, 80)).isEqualTo(A);
        assertThat(b.call(far, 80, SILENCE_MILLIS)).isEqualTo("timeout");
    }

    @Test
    void nobodyHasAnothersAddress() throws IOException {
        fabric.apply(two(ANY).plan());
        var a = workload("eni-a");
        workload("eni-b").serve("::", 80);
        Commands.ip(
                a.netns(),
                Family.V6,
                List.of("addr add 2600:1f18:1:aa01::66/128 dev eth0 nodad", "addr del " + A + "/128 dev eth0"));
        assertThat(a.call(B, 80, SILENCE_MILLIS)).isEqualTo("timeout");
    }

    @Test
    void comesAndGoesAndIsAdopted() throws IOException {
        var four = new Plans()
                .vpc("vpc-1", "10.0.0.0/16", Map.of())
                .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                .subnet("subnet-2", "vpc-1", "10.0.2.0/24", "rtb-1")
                .group("sg-none", "vpc-1")
                .group("sg-web", "vpc-1", Plans.ANY)
                .eni("eni-a", "subnet-1", "10.0.1.10", null, "sg-none")
                .eni("eni-b", "subnet-2", "10.0.2.11", null, "sg-web");
        fabric.apply(four.plan());
        fabric.apply(two(ANY).plan());
        var a = workload("eni-a");
        workload("eni-b").serve("::", 80);
        assertThat(a.call(B, 80)).isEqualTo(A);

        fabric.close();
        fabric = open();
        fabric.apply(two(ANY).plan());
        assertThat(a.call(B, 80)).as("after the server came again").isEqualTo(A);
        fabric.apply(four.plan());
        assertThat(a.call(B, 80, SILENCE_MILLIS)).isNotEqualTo(A);
        fabric.apply(two(ANY).plan());
        assertThat(a.call(B, 80)).isEqualTo(A);
    }

    @Test
    void flowsAreTold() throws IOException {
        var logged = new Interface(
                "eni-b",
                "subnet-2",
                Names.mac("eni-b"),
                List.of(new Address("10.0.2.11", null), new Address(B, null)),
                List.of("sg-web"),
                true,
                false,
                true,
                1);
        fabric.apply(two(Plans.tcp(80, 80, "::/0")).put(logged).plan());
        var a = workload("eni-a");
        workload("eni-b").serve("::", 80);
        assertThat(a.call(B, 80)).isEqualTo(A);
        assertThat(a.call(B, 90, SILENCE_MILLIS)).isEqualTo("timeout");
        assertThat(fabric.flows())
                .anyMatch(flow -> flow.source().equals(A) && flow.destinationPort() == 80 && flow.accepted())
                .anyMatch(flow -> flow.source().equals(A) && flow.destinationPort() == 90 && !flow.accepted())
                .allMatch(flow -> flow.eniId().equals("eni-b"));
    }
}
