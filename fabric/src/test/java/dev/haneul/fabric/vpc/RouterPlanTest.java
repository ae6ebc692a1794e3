package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouterPlanTest {
    @Test
    void readsWhatTheToolShows() {
        assertThat(RouterPlan.parse("""
                1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
                1: lo    inet 10.0.0.2/32 scope global lo\\       valid_lft forever preferred_lft forever
                10.9.0.0/16 via 169.254.0.1 dev p1 table 12345 onlink\s
                blackhole default table 9999\s
                10.0.1.10 dev e1 scope link\s
                blackhole 10.0.0.0/16\s
                local 10.0.0.2 dev lo table local proto kernel scope host src 10.0.0.2\s
                0:\tfrom all lookup 255
                33000:\tfrom all fwmark 0x3039 lookup 12345
                """))
                .containsExactly(
                        "addr add 10.0.0.2/32 dev lo",
                        "route add 10.9.0.0/16 via 169.254.0.1 dev p1 table 12345",
                        "route add blackhole default table 9999",
                        "route add 10.0.1.10 dev e1 table main",
                        "route add blackhole 10.0.0.0/16 table main",
                        "rule add priority 33000 fwmark 0x3039 lookup 12345");
    }

    @Test
    void aRouteWhoseTargetIsNotThereSwallows() {
        var plan = new Plans()
                .vpc("vpc-1", "10.0.0.0/16", Map.of())
                .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                .route("rtb-1", "10.8.0.0/16", new NetworkPlan.Target.NatGateway("nat-gone"))
                .route("rtb-1", "10.9.0.0/16", new NetworkPlan.Target.Interface("eni-1"))
                .eni("eni-1", "subnet-1", "10.0.1.10", null);
        var network = Networks.of(plan.plan()).all().iterator().next();
        int table = Names.table("rtb-1");

        assertThat(RouterPlan.lines(network, Set.of("lo", Names.port("eni-1"))))
                .contains(
                        "route add blackhole 10.8.0.0/16 table " + table,
                        "route add blackhole 10.9.0.0/16 table " + table,
                        "route add blackhole default table " + table,
                        "route add 10.0.1.10 dev " + Names.port("eni-1") + " table main");
        assertThat(RouterPlan.lines(network, Set.of("lo"))).noneMatch(line -> line.contains(Names.port("eni-1")));
    }

    @Test
    void theWayFromOnePlanToTheSameIsEmpty() {
        var network = Networks.of(new Plans()
                        .vpc("vpc-1", "10.0.0.0/16", Map.of())
                        .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                        .plan())
                .all()
                .iterator()
                .next();
        var lines = RouterPlan.lines(network, Set.of("lo"));
        assertThat(RouterPlan.difference(network, lines, lines)).isEmpty();
        assertThat(RouterPlan.difference(network, Set.of("route add 10.7.7.7 dev e9 table main"), Set.of()))
                .containsExactly("route del 10.7.7.7 dev e9 table main");
    }
}
