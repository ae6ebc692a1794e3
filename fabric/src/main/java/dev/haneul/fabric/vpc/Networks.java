package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.Network.Kind;
import dev.haneul.fabric.vpc.Network.Peer;
import dev.haneul.fabric.vpc.Network.Port;
import dev.haneul.fabric.vpc.NetworkPlan.Address;
import dev.haneul.fabric.vpc.NetworkPlan.Interface;
import dev.haneul.fabric.vpc.NetworkPlan.NetworkAcl;
import dev.haneul.fabric.vpc.NetworkPlan.Peering;
import dev.haneul.fabric.vpc.NetworkPlan.RouteTable;
import dev.haneul.fabric.vpc.NetworkPlan.SecurityGroup;
import dev.haneul.fabric.vpc.NetworkPlan.Subnet;
import dev.haneul.fabric.vpc.NetworkPlan.Target;
import dev.haneul.fabric.vpc.NetworkPlan.Vpc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A plan, checked and sorted by VPC. */
final class Networks {
    static final Networks NONE = Networks.of(NetworkPlan.EMPTY);

    private final Map<String, Network> byVpc = new LinkedHashMap<>();
    private final Map<String, Network> byPort = new HashMap<>();
    private final Map<String, Map<String, String>> portsByAddress = new HashMap<>();

    private Networks() {}

    /** @throws IllegalArgumentException where it names what is not in it, or twice what can be once only */
    static Networks of(NetworkPlan plan) {
        return new Sorter(plan).sort();
    }

    Iterable<Network> all() {
        return byVpc.values();
    }

    @Nullable
    Network vpc(String id) {
        return byVpc.get(id);
    }

    /** The network that an interface, or a NAT gateway, belongs to. */
    Optional<Network> ofPort(String id) {
        return Optional.ofNullable(byPort.get(id));
    }

    /** The interface with a private address. */
    @Nullable
    String portAt(String vpcId, String address) {
        return portsByAddress.getOrDefault(vpcId, Map.of()).get(address);
    }

    /** One sorting. */
    private static final class Sorter {
        private final NetworkPlan plan;
        private final Map<String, Vpc> vpcs;
        private final Map<String, Subnet> subnets;
        private final Map<String, RouteTable> tables;
        private final Map<String, NetworkAcl> acls;
        private final Map<String, SecurityGroup> groups;
        private final Map<String, List<Port>> ports = new HashMap<>();
        private final Map<String, Set<String>> members = new HashMap<>();

        Sorter(NetworkPlan plan) {
            this.plan = plan;
            vpcs = byId(plan.vpcs(), Vpc::id);
            subnets = byId(plan.subnets(), Subnet::id);
            tables = byId(plan.routeTables(), RouteTable::id);
            acls = byId(plan.networkAcls(), NetworkAcl::id);
            groups = byId(plan.securityGroups(), SecurityGroup::id);
            byId(plan.interfaces(), Interface::id);
            byId(plan.peerings(), Peering::id);
        }

        Networks sort() {
            for (var subnet : plan.subnets()) {
                need(vpcs, subnet.vpcId(), subnet.id());
                need(tables, subnet.routeTableId(), subnet.id());
                need(acls, subnet.networkAclId(), subnet.id());
                if (subnet.cidr().v6() || subnet.cidr().size() < 4) {
                    throw new IllegalArgumentException(subnet.id() + " has the block " + subnet.cidr());
                }
            }
            plan.interfaces().forEach(this::addInterface);
            plan.natGateways().forEach(this::addNatGateway);
            var networks = new Networks();
            for (var vpc : plan.vpcs()) {
                var network = network(vpc);
                networks.byVpc.put(vpc.id(), network);
                var byAddress = new HashMap<String, String>();
                for (var port : network.ports()) {
                    if (networks.byPort.put(port.id(), network) != null) {
                        throw new IllegalArgumentException(port.id() + " is there twice");
                    }
                    for (var family : Family.values()) {
                        for (String address : port.addresses(family)) {
                            if (byAddress.put(address, port.id()) != null) {
                                throw new IllegalArgumentException(vpc.id() + " has " + address + " twice");
                            }
                        }
                    }
                }
                networks.portsByAddress.put(vpc.id(), byAddress);
            }
            checkPublicAddresses(networks);
            return networks;
        }

        private void addInterface(Interface in) {
            var subnet = need(subnets, in.subnetId(), in.id());
            var addresses = in.addresses().stream()
                    .filter(address -> !Cidr.parse(address.privateAddress()).v6())
                    .toList();
            if (addresses.isEmpty()) {
                throw new IllegalArgumentException(in.id() + " has no IPv4 address");
            }
            var sixes = sixes(in, need(vpcs, subnet.vpcId(), subnet.id()));
            add(new Port(
                    in.id(),
                    Names.port(in.id()),
                    subnet,
                    in.mac(),
                    addresses,
                    sixes,
                    in.securityGroupIds(),
                    in.hosted() ? Kind.HOSTED : Kind.WORKLOAD,
                    in.sourceDestCheck(),
                    in.flowLog(),
                    in.metadataHopLimit()));
            for (String id : in.securityGroupIds()) {
                var group = members.computeIfAbsent(id, key -> new TreeSet<>());
                addresses.forEach(address -> group.add(address.privateAddress()));
                group.addAll(sixes);
            }
        }

        private static List<String> sixes(Interface in, Vpc vpc) {
            var sixes = in.addresses().stream()
                    .map(address -> Cidr.parse(address.privateAddress()))
                    .filter(Cidr::v6)
                    .toList();
            for (var six : sixes) {
                if (vpc.cidrs().stream().noneMatch(block -> block.contains(six))) {
                    throw new IllegalArgumentException(in.id() + " at " + six.address() + " is not in " + vpc.id());
                }
            }
            return sixes.stream().map(Cidr::address).toList();
        }

        private void addNatGateway(NetworkPlan.NatGateway nat) {
            var subnet = need(subnets, nat.subnetId(), nat.id());
            var address = new Address(nat.privateAddress(), nat.publicAddress());
            add(new Port(
                    nat.id(),
                    Names.port(nat.id()),
                    subnet,
                    Names.mac(nat.id()),
                    List.of(address),
                    List.of(),
                    null,
                    Kind.NAT,
                    false,
                    false,
                    1));
        }

        private void add(Port port) {
            for (var address : port.addresses()) {
                if (!port.subnet().cidr().contains(address.privateAddress())) {
                    throw new IllegalArgumentException(port.id() + " at " + address.privateAddress() + " is not in "
                            + port.subnet().id());
                }
            }
            ports.computeIfAbsent(port.subnet().vpcId(), id -> new ArrayList<>())
                    .add(port);
        }

        private Network network(Vpc vpc) {
            var own = plan.subnets().stream()
                    .filter(s -> s.vpcId().equals(vpc.id()))
                    .toList();
            var routes = plan.routeTables().stream()
                    .filter(t -> t.vpcId().equals(vpc.id()))
                    .toList();
            var inside = ports.getOrDefault(vpc.id(), List.of());
            var peers = plan.peerings().stream()
                    .flatMap(peering -> peer(vpc, peering).stream())
                    .toList();
            boolean internet = routes.stream()
                            .flatMap(table -> table.routes().stream())
                            .anyMatch(route -> route.target() instanceof Target.InternetGateway
                                    || route.target() instanceof Target.EgressOnlyGateway)
                    || inside.stream()
                            .flatMap(port -> port.addresses().stream())
                            .anyMatch(address -> address.publicAddress() != null);
            return new Network(
                    vpc, own, routes, inside, peers, groupsOf(inside), membersFor(vpc, peers), aclsOf(own), internet);
        }

        private Optional<Peer> peer(Vpc vpc, Peering peering) {
            var one = need(vpcs, peering.oneVpcId(), peering.id());
            var other = need(vpcs, peering.otherVpcId(), peering.id());
            boolean first = vpc.id().equals(one.id());
            if (one.id().equals(other.id()) || (!first && !vpc.id().equals(other.id()))) {
                return Optional.empty();
            }
            var far = first ? other : one;
            return Optional.of(new Peer(
                    peering.id(),
                    Names.peer(peering.id()),
                    far,
                    Names.mac(peering.id() + vpc.id()),
                    Names.mac(peering.id() + far.id())));
        }

        private Map<String, SecurityGroup> groupsOf(List<Port> ports) {
            var used = new TreeMap<String, SecurityGroup>();
            for (var port : ports) {
                for (String id : port.groups() == null ? List.<String>of() : port.groups()) {
                    var group = groups.get(id);
                    if (group != null) {
                        used.put(id, group);
                    }
                }
            }
            return used;
        }

        /** A group's members count where the group is of this VPC or of one it is peered with. */
        private Map<String, Set<String>> membersFor(Vpc vpc, List<Peer> peers) {
            var reachable = new HashSet<String>();
            reachable.add(vpc.id());
            peers.forEach(peer -> reachable.add(peer.other().id()));
            var found = new TreeMap<String, Set<String>>();
            members.forEach((id, addresses) -> {
                var group = groups.get(id);
                if (group != null && reachable.contains(group.vpcId())) {
                    found.put(id, addresses);
                }
            });
            return found;
        }

        private Map<String, NetworkAcl> aclsOf(List<Subnet> subnets) {
            var used = new TreeMap<String, NetworkAcl>();
            subnets.forEach(subnet -> used.put(subnet.networkAclId(), need(acls, subnet.networkAclId(), subnet.id())));
            return used;
        }

        private static void checkPublicAddresses(Networks networks) {
            var seen = new HashSet<String>();
            for (var network : networks.all()) {
                for (var address : network.published()) {
                    if (!seen.add(String.valueOf(address.publicAddress()))) {
                        throw new IllegalArgumentException(address.publicAddress() + " has two owners");
                    }
                }
            }
        }

        private static <T> Map<String, T> byId(List<T> things, Function<T, String> id) {
            var map = new HashMap<String, T>();
            for (T thing : things) {
                if (map.put(id.apply(thing), thing) != null) {
                    throw new IllegalArgumentException(id.apply(thing) + " is there twice");
                }
            }
            return map;
        }

        private static <T> T need(Map<String, T> map, String id, String by) {
            T found = map.get(id);
            if (found == null) {
                throw new IllegalArgumentException(by + " names " + id + ", which is not in the plan");
            }
            return found;
        }
    }
}
