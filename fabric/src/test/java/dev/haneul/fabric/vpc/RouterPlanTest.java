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
    void readsWhatTheToolShowsOfIpv6() {
        assertThat(RouterPlan.parse("""
                5: e1    inet6 fe80::1/64 scope link nodad \\       valid_lft forever preferred_lft forever
                5: e1    inet6 fe80::8c1:2ff:fe33:4455/64 scope link \\       valid_lft forever preferred_lft forever
                2600:1f18:1:aa01::a dev e1 metric 1024 pref medium
                blackhole 2600:1f18:1:aa00::/56 dev lo metric 1024 error -22 pref medium
                default via fe80::1 dev igw table 12345 metric 1024 onlink pref medium
                blackhole default dev lo table 9999 metric 1024 error -22 pref medium
                fe80::/64 dev e1 proto kernel metric 256 pref medium
                local fe80::1 dev e1 table local proto kernel metric 0 pref medium
                multicast ff00::/8 dev e1 table local proto kernel metric 256 pref medium
                0:\tfrom all lookup 255
                33000:\tfrom all fwmark 0x3039 lookup 12345
                """))
                .containsExactly(
                        "addr add fe80::1/64 dev e1",
                        "route add 2600:1f18:1:aa01::a dev e1 table main",
                        "route add blackhole 2600:1f18:1:aa00::/56 table main",
                        "route add default via fe80::1 dev igw table 12345",
                        "route add blackhole default table 9999",
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

        assertThat(RouterPlan.lines(network, Family.V4, Set.of("lo", Names.port("eni-1"))))
                .contains(
                        "route add blackhole 10.8.0.0/16 table " + table,
                        "route add blackhole 10.9.0.0/16 table " + table,
                        "route add blackhole default table " + table,
                        "route add 10.0.1.10 dev " + Names.port("eni-1") + " table main");
        assertThat(RouterPlan.lines(network, Family.V4, Set.of("lo")))
                .noneMatch(line -> line.contains(Names.port("eni-1")));
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
        var lines = RouterPlan.lines(network, Family.V4, Set.of("lo"));
        assertThat(RouterPlan.difference(network, Family.V4, lines, lines)).isEmpty();
        assertThat(RouterPlan.difference(network, Family.V4, Set.of("route add 10.7.7.7 dev e9 table main"), Set.of()))
                .containsExactly("route del 10.7.7.7 dev e9 table main");
    }
}
