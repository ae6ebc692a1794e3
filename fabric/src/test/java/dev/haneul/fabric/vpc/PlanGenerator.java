package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.NetworkPlan.Entry;
import dev.haneul.fabric.vpc.NetworkPlan.Match;
import dev.haneul.fabric.vpc.NetworkPlan.Peer;
import dev.haneul.fabric.vpc.NetworkPlan.Rule;
import dev.haneul.fabric.vpc.NetworkPlan.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Plans of two VPCs with always the same interfaces, and groups, ACLs and routes that chance decides. */
final class PlanGenerator {
    private static final List<Match> MATCHES = List.of(
            new Match.All(),
            new Match.Ports(6, 80, 80),
            new Match.Ports(6, 80, 443),
            new Match.Ports(6, 443, 443),
            new Match.Ports(6, 0, 65535),
            new Match.Ports(6, 1024, 65535),
            new Match.Ports(6, 40000, 50000),
            new Match.Ports(17, 53, 53),
            new Match.Ports(17, 1024, 65535),
            new Match.Ports(17, 0, 65535),
            new Match.Protocol(6),
            new Match.Protocol(17),
            new Match.Protocol(1),
            new Match.Icmp(-1, -1),
            new Match.Icmp(8, -1),
            new Match.Icmp(8, 0),
            new Match.Icmp(0, -1));
    private static final List<String> BLOCKS = List.of(
            "0.0.0.0/0",
            "0.0.0.0/0",
            "10.0.0.0/16",
            "10.0.0.0/8",
            "10.1.0.0/16",
            "10.0.1.0/24",
            "10.0.2.0/24",
            "10.1.1.0/24",
            "10.0.1.10/32",
            "10.0.1.11/31",
            "10.0.2.10/32",
            "10.1.1.10/32");
    private static final List<String> GROUPS = List.of("sg-1a", "sg-1b", "sg-2a", "sg-2b", "sg-gone");

    private final Random random;

    PlanGenerator(long seed) {
        random = new Random(seed);
    }

    NetworkPlan plan() {
        var plans = new Plans().vpc("vpc-1", "10.0.0.0/16", Map.of()).vpc("vpc-2", "10.1.0.0/16", Map.of());
        for (String acl : List.of("acl-1", "acl-2", "acl-3")) {
            plans.acl(acl, entries(), entries());
        }
        plans.subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1", acl("acl-vpc-1"))
                .subnet("subnet-2", "vpc-1", "10.0.2.0/24", "rtb-2", acl("acl-vpc-1"))
                .subnet("subnet-3", "vpc-2", "10.1.1.0/24", "rtb-3", acl("acl-vpc-2"));
        if (random.nextInt(8) > 0) {
            plans.peering("pcx-1", "vpc-1", "vpc-2");
        }
        route(plans, "rtb-1", "10.1.0.0/16");
        route(plans, "rtb-2", "10.1.1.0/24");
        route(plans, "rtb-3", "10.0.0.0/16");
        if (random.nextInt(4) == 0) {
            plans.route("rtb-3", "10.0.2.0/24", new Target.Blackhole());
        }
        for (String group : GROUPS.subList(0, 4)) {
            plans.group(group, "vpc-" + group.charAt(3), rules(), random.nextBoolean() ? List.of(Plans.ANY) : rules());
        }
        plans.eni("eni-1", "subnet-1", "10.0.1.10", null, groups("1"))
                .eni("eni-2", "subnet-1", "10.0.1.11", null, groups("1"))
                .eni("eni-3", "subnet-2", "10.0.2.10", null, groups("1"))
                .eni("eni-4", "subnet-3", "10.1.1.10", null, groups("2"))
                .eni("eni-5", "subnet-3", "10.1.1.11", null, groups("2"));
        return plans.plan();
    }

    private void route(Plans plans, String table, String cidr) {
        if (random.nextInt(6) > 0) {
            plans.route(table, cidr, new Target.Peering("pcx-1"));
        }
    }

    private String acl(String open) {
        return random.nextInt(3) == 0 ? open : pick(List.of("acl-1", "acl-2", "acl-3"));
    }

    private String[] groups(String vpc) {
        var both = List.of("sg-" + vpc + "a", "sg-" + vpc + "b");
        return switch (random.nextInt(8)) {
            case 0 -> new String[0];
            case 1, 2, 3 -> new String[] {both.get(0)};
            case 4, 5 -> new String[] {both.get(1)};
            default -> new String[] {both.get(1), both.get(0)};
        };
    }

    private List<Rule> rules() {
        var rules = new ArrayList<Rule>();
        for (int i = random.nextInt(5); i > 0; i--) {
            var peer = random.nextInt(5) < 3 ? new Peer.Block(Cidr.parse(pick(BLOCKS))) : new Peer.Group(pick(GROUPS));
            rules.add(new Rule(pick(MATCHES), peer));
        }
        return rules;
    }

    private List<Entry> entries() {
        var entries = new ArrayList<Entry>();
        for (int i = random.nextInt(4); i > 0; i--) {
            entries.add(new Entry(
                    i * 10 + random.nextInt(10), random.nextBoolean(), pick(MATCHES), Cidr.parse(pick(BLOCKS))));
        }
        if (random.nextInt(4) > 0) {
            entries.addFirst(Plans.ALLOW);
        }
        return entries;
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
