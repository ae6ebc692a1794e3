package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.NetworkPlan.Address;
import dev.haneul.fabric.vpc.NetworkPlan.Entry;
import dev.haneul.fabric.vpc.NetworkPlan.Interface;
import dev.haneul.fabric.vpc.NetworkPlan.Match;
import dev.haneul.fabric.vpc.NetworkPlan.NatGateway;
import dev.haneul.fabric.vpc.NetworkPlan.NetworkAcl;
import dev.haneul.fabric.vpc.NetworkPlan.Peer;
import dev.haneul.fabric.vpc.NetworkPlan.Peering;
import dev.haneul.fabric.vpc.NetworkPlan.Route;
import dev.haneul.fabric.vpc.NetworkPlan.RouteTable;
import dev.haneul.fabric.vpc.NetworkPlan.Rule;
import dev.haneul.fabric.vpc.NetworkPlan.SecurityGroup;
import dev.haneul.fabric.vpc.NetworkPlan.Subnet;
import dev.haneul.fabric.vpc.NetworkPlan.Target;
import dev.haneul.fabric.vpc.NetworkPlan.Vpc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes plans down shortly. Things are replaced by what is added later with the same id. */
final class Plans {
    static final Entry ALLOW = new Entry(100, true, new Match.All(), Cidr.ANY_V4);
    static final Rule ANY = new Rule(new Match.All(), new Peer.Block(Cidr.ANY_V4));

    private final Map<String, Vpc> vpcs = new LinkedHashMap<>();
    private final Map<String, Subnet> subnets = new LinkedHashMap<>();
    private final Map<String, RouteTable> tables = new LinkedHashMap<>();
    private final Map<String, Interface> interfaces = new LinkedHashMap<>();
    private final Map<String, SecurityGroup> groups = new LinkedHashMap<>();
    private final Map<String, NetworkAcl> acls = new LinkedHashMap<>();
    private final Map<String, Peering> peerings = new LinkedHashMap<>();
    private final Map<String, NatGateway> nats = new LinkedHashMap<>();

    static Rule tcp(int from, int to, String cidr) {
        return new Rule(new Match.Ports(6, from, to), new Peer.Block(Cidr.parse(cidr)));
    }

    static Rule tcpFromGroup(int port, String group) {
        return new Rule(new Match.Ports(6, port, port), new Peer.Group(group));
    }

    Plans vpc(String id, String cidr, Map<String, List<String>> names) {
        return vpc(id, List.of(cidr), names);
    }

    Plans vpc(String id, List<String> cidrs, Map<String, List<String>> names) {
        vpcs.put(id, new Vpc(id, cidrs.stream().map(Cidr::parse).toList(), true, names));
        acls.put("acl-" + id, new NetworkAcl("acl-" + id, List.of(ALLOW), List.of(ALLOW)));
        return this;
    }

    Plans subnet(String id, String vpc, String cidr, String table) {
        return subnet(id, vpc, cidr, table, "acl-" + vpc);
    }

    Plans subnet(String id, String vpc, String cidr, String table, String acl) {
        tables.putIfAbsent(table, new RouteTable(table, vpc, List.of()));
        subnets.put(id, new Subnet(id, vpc, Cidr.parse(cidr), "zone-" + id, table, acl));
        return this;
    }

    Plans route(String table, String cidr, Target target) {
        var old = tables.get(table);
        var routes = new ArrayList<>(old.routes());
        routes.add(new Route(Cidr.parse(cidr), target));
        tables.put(table, new RouteTable(table, old.vpcId(), routes));
        return this;
    }

    Plans acl(String id, List<Entry> ingress, List<Entry> egress) {
        acls.put(id, new NetworkAcl(id, ingress, egress));
        return this;
    }

    Plans group(String id, String vpc, Rule... ingress) {
        return group(id, vpc, List.of(ingress), List.of(ANY));
    }

    Plans group(String id, String vpc, List<Rule> ingress, List<Rule> egress) {
        groups.put(id, new SecurityGroup(id, vpc, ingress, egress));
        return this;
    }

    Plans eni(String id, String subnet, String address, String publicAddress, String... groups) {
        return put(new Interface(
                id, subnet, Names.mac(id), List.of(new Address(address, publicAddress)), List.of(groups)));
    }

    Plans put(Interface eni) {
        interfaces.put(eni.id(), eni);
        return this;
    }

    Plans hosted(String id, String subnet, String address, String... groups) {
        return put(new Interface(
                id, subnet, Names.mac(id), List.of(new Address(address, null)), List.of(groups), true, true, false, 1));
    }

    /** A hosted one that may speak for others. */
    Plans speaker(String id, String subnet, String address, String publicAddress, String... groups) {
        return put(new Interface(
                id,
                subnet,
                Names.mac(id),
                List.of(new Address(address, publicAddress)),
                List.of(groups),
                false,
                true,
                false,
                1));
    }

    Plans without(String eni) {
        interfaces.remove(eni);
        return this;
    }

    Plans peering(String id, String one, String other) {
        peerings.put(id, new Peering(id, one, other));
        return this;
    }

    Plans withoutPeering(String id) {
        peerings.remove(id);
        return this;
    }

    Plans nat(String id, String subnet, String address, String publicAddress) {
        nats.put(id, new NatGateway(id, subnet, address, publicAddress));
        return this;
    }

    NetworkPlan plan() {
        return new NetworkPlan(
                List.copyOf(vpcs.values()),
                List.copyOf(subnets.values()),
                List.copyOf(tables.values()),
                List.copyOf(interfaces.values()),
                List.copyOf(groups.values()),
                List.copyOf(acls.values()),
                List.copyOf(peerings.values()),
                List.copyOf(nats.values()));
    }
}
