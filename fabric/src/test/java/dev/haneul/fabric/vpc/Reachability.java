package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.NetworkPlan.Entry;
import dev.haneul.fabric.vpc.NetworkPlan.Interface;
import dev.haneul.fabric.vpc.NetworkPlan.Match;
import dev.haneul.fabric.vpc.NetworkPlan.NetworkAcl;
import dev.haneul.fabric.vpc.NetworkPlan.Peer;
import dev.haneul.fabric.vpc.NetworkPlan.Rule;
import dev.haneul.fabric.vpc.NetworkPlan.SecurityGroup;
import dev.haneul.fabric.vpc.NetworkPlan.Subnet;
import dev.haneul.fabric.vpc.NetworkPlan.Target;
import java.util.Comparator;
import java.util.List;

/**
 * Who reaches whom by private addresses, according to a plan: a second opinion, written from the user guide's words and
 * not from the first. Pure.
 */
record Reachability(NetworkPlan plan) {
    /**
     * A packet.
     *
     * @param from source port, or ICMP type
     * @param to destination port, or ICMP code
     */
    record Packet(int protocol, int from, int to) {
        /** What comes back. */
        Packet reply() {
            return protocol == 1 ? new Packet(1, 0, 0) : new Packet(protocol, to, from);
        }
    }

    /** Whether a packet gets from one interface to another. */
    boolean arrives(Interface from, Interface to, Packet packet) {
        return routed(from, to)
                && groupsAllow(from, to, packet, false)
                && aclsAllow(from, to, packet)
                && groupsAllow(to, from, packet, true);
    }

    /** Whether the first packet arrives and its answer comes back. */
    boolean converse(Interface from, Interface to, Packet packet) {
        return arrives(from, to, packet) && routed(to, from) && aclsAllow(to, from, packet.reply());
    }

    private boolean routed(Interface from, Interface to) {
        var here = subnet(from);
        var there = subnet(to);
        if (here.vpcId().equals(there.vpcId())) {
            return true;
        }
        var table = plan.routeTables().stream()
                .filter(t -> t.id().equals(here.routeTableId()))
                .findFirst()
                .orElseThrow();
        return table.routes().stream()
                .filter(route -> route.destination().contains(to.primary()))
                .max(Comparator.comparingInt(route -> route.destination().bits()))
                .filter(route -> route.target() instanceof Target.Peering(String id)
                        && plan.peerings().stream()
                                .anyMatch(p -> p.id().equals(id)
                                        && List.of(p.oneVpcId(), p.otherVpcId())
                                                .containsAll(List.of(here.vpcId(), there.vpcId()))))
                .isPresent();
    }

    private boolean groupsAllow(Interface self, Interface other, Packet packet, boolean ingress) {
        return self.securityGroupIds().stream()
                .flatMap(id -> plan.securityGroups().stream()
                        .filter(group -> group.id().equals(id)))
                .flatMap(group -> (ingress ? group.ingress() : group.egress()).stream())
                .anyMatch(rule -> matches(rule.match(), packet) && names(rule, self, other));
    }

    private boolean names(Rule rule, Interface self, Interface other) {
        return switch (rule.peer()) {
            case Peer.Block(Cidr cidr) -> cidr.contains(other.primary());
            case Peer.Group(String id) -> other.securityGroupIds().contains(id) && visible(id, self);
        };
    }

    private boolean visible(String groupId, Interface self) {
        String vpc = subnet(self).vpcId();
        return plan.securityGroups().stream()
                .filter(group -> group.id().equals(groupId))
                .map(SecurityGroup::vpcId)
                .anyMatch(of -> of.equals(vpc)
                        || plan.peerings().stream()
                                .anyMatch(p ->
                                        List.of(p.oneVpcId(), p.otherVpcId()).containsAll(List.of(of, vpc))));
    }

    private boolean aclsAllow(Interface from, Interface to, Packet packet) {
        var here = subnet(from);
        var there = subnet(to);
        return here.id().equals(there.id())
                || (allows(acl(here).egress(), packet, to.primary())
                        && allows(acl(there).ingress(), packet, from.primary()));
    }

    private static boolean allows(List<Entry> entries, Packet packet, String address) {
        return entries.stream()
                .filter(entry -> matches(entry.match(), packet) && entry.cidr().contains(address))
                .min(Comparator.comparingInt(Entry::number))
                .map(Entry::allow)
                .orElse(false);
    }

    private static boolean matches(Match match, Packet packet) {
        return switch (match) {
            case Match.All() -> true;
            case Match.Protocol(int number) -> number == packet.protocol();
            case Match.Ports(int protocol, int first, int last) ->
                protocol == packet.protocol() && first <= packet.to() && packet.to() <= last;
            case Match.Icmp6 ignored -> false; // the matrix is IPv4's
            case Match.Icmp(int type, int code) ->
                packet.protocol() == 1
                        && (type < 0 || type == packet.from())
                        && (type < 0 || code < 0 || code == packet.to());
        };
    }

    private Subnet subnet(Interface of) {
        return plan.subnets().stream()
                .filter(subnet -> subnet.id().equals(of.subnetId()))
                .findFirst()
                .orElseThrow();
    }

    private NetworkAcl acl(Subnet of) {
        return plan.networkAcls().stream()
                .filter(acl -> acl.id().equals(of.networkAclId()))
                .findFirst()
                .orElseThrow();
    }
}
