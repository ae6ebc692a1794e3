package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.NatGatewayAddress;
import dev.haneul.api.ec2.NetworkAclEntry;
import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.ec2.NetworkInterfacePrivateIpAddress;
import dev.haneul.api.ec2.Route;
import dev.haneul.api.ec2.RouteTableAssociation;
import dev.haneul.api.ec2.SecurityGroupRule;
import dev.haneul.api.ec2.VpcPeeringConnection;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.fabric.vpc.NetworkPlan;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the machine should look like, from the records: a pure function. Networks in which nothing is attached are left
 * out, so that records alone change nothing in the host.
 */
public final class NetworkPlans {
    /** Where the region answers: AWS's names, and those it hands out to the host. */
    private static final List<String> API_NAMES = List.of("*.amazonaws.com", "*.localhost");

    /** Stands before a network's id in the name of a group that lets everything through; no account can make it. */
    private static final String OPEN = "open-";

    private final NetworkTables tables;
    private final Map<String, Integer> hopLimits;
    private final Set<String> alive = new HashSet<>();

    private NetworkPlans(NetworkTables tables, Map<String, Integer> hopLimits) {
        this.tables = tables;
        this.hopLimits = hopLimits;
    }

    /**
     * The plan of these records.
     *
     * @param hopLimits how far answers of the metadata service go, by instance; 1 for those not in it
     */
    public static NetworkPlan of(NetworkTables tables, Map<String, Integer> hopLimits) {
        return new NetworkPlans(tables, hopLimits).plan();
    }

    private NetworkPlan plan() {
        tables.interfaces().stream()
                .filter(row -> row.shape().attachment() != null)
                .map(row -> known(row.shape().vpcId()))
                .forEach(alive::add);
        return new NetworkPlan(
                tables.vpcs().stream()
                        .filter(row -> alive.contains(row.id()))
                        .map(this::vpc)
                        .toList(),
                subnets(),
                tables.routeTables().stream()
                        .filter(each -> alive.contains(known(each.vpcId())))
                        .map(each -> new NetworkPlan.RouteTable(
                                known(each.routeTableId()),
                                known(each.vpcId()),
                                routes(known(each.vpcId()), each.routes())))
                        .toList(),
                tables.interfaces().stream()
                        .filter(row -> alive.contains(known(row.shape().vpcId())))
                        .filter(NetworkPlans::carried)
                        .map(this::networkInterface)
                        .toList(),
                groups(),
                tables.acls().stream()
                        .filter(each -> alive.contains(known(each.vpcId())))
                        .map(each -> new NetworkPlan.NetworkAcl(
                                known(each.networkAclId()),
                                entries(each.entries(), false),
                                entries(each.entries(), true)))
                        .toList(),
                peerings(),
                nats());
    }

    private NetworkPlan.Vpc vpc(VpcRow row) {
        List<Cidr> blocks = Stream.concat(Vpcs.blocks(row).stream(), Vpcs.sixBlocks(row).stream())
                .toList();
        return new NetworkPlan.Vpc(row.id(), blocks, row.dnsSupport(), names(row));
    }

    /** What a network's resolver knows: its members' names, and where the region's services answer. */
    private Map<String, List<String>> names(VpcRow row) {
        Map<String, List<String>> names = new HashMap<>();
        API_NAMES.forEach(each -> names.put(each, List.of(VpcFabric.API_ADDRESS)));
        for (InterfaceRow each : tables.interfaces()) {
            if (!row.id().equals(each.shape().vpcId())) {
                continue;
            }
            for (NetworkInterfacePrivateIpAddress address : each.shape().privateIpAddresses()) {
                List<String> own = List.of(known(address.privateIpAddress()));
                name(names, address.privateDnsName(), own);
                if (row.dnsHostnames() && address.association() != null) {
                    name(names, address.association().publicDnsName(), own);
                }
            }
        }
        return names;
    }

    private static void name(Map<String, List<String>> names, @Nullable String name, List<String> addresses) {
        if (name != null && !name.isEmpty()) {
            names.put(name, addresses);
        }
    }

    private List<NetworkPlan.Subnet> subnets() {
        Map<String, String> mainTables = new HashMap<>();
        Map<String, String> ownTables = new HashMap<>();
        tables.routeTables().forEach(table -> {
            for (RouteTableAssociation each : table.associations()) {
                if (Boolean.TRUE.equals(each.main())) {
                    mainTables.put(known(table.vpcId()), known(table.routeTableId()));
                } else if (each.subnetId() != null) {
                    ownTables.put(each.subnetId(), known(table.routeTableId()));
                }
            }
        });
        Map<String, String> acls = new HashMap<>();
        tables.acls()
                .forEach(acl -> acl.associations()
                        .forEach(each -> acls.put(known(each.subnetId()), known(acl.networkAclId()))));
        return tables.subnets().stream()
                .filter(each -> alive.contains(known(each.vpcId())))
                .map(each -> new NetworkPlan.Subnet(
                        known(each.subnetId()),
                        known(each.vpcId()),
                        Cidr.parse(known(each.cidrBlock())),
                        known(each.availabilityZone()),
                        known(ownTables.getOrDefault(
                                known(each.subnetId()), known(mainTables.get(known(each.vpcId()))))),
                        known(acls.get(known(each.subnetId())))))
                .toList();
    }

    private List<NetworkPlan.Route> routes(String vpc, List<Route> routes) {
        List<NetworkPlan.Route> found = new ArrayList<>();
        for (Route route : routes) {
            if (Routes.isLocal(route)) {
                continue;
            }
            NetworkPlan.Target target = target(vpc, route);
            String list = route.destinationPrefixListId();
            if (list == null) {
                String block = route.destinationIpv6CidrBlock() == null
                        ? route.destinationCidrBlock()
                        : route.destinationIpv6CidrBlock();
                found.add(new NetworkPlan.Route(Cidr.parse(known(block)), target));
            } else {
                listed(list).forEach(block -> found.add(new NetworkPlan.Route(block, target)));
            }
        }
        // A block in two prefix lists leads to where the first of the routes says.
        Map<Cidr, NetworkPlan.Route> unique = new HashMap<>();
        return found.stream()
                .filter(each -> unique.putIfAbsent(each.destination(), each) == null)
                .toList();
    }

    private NetworkPlan.Target target(String vpc, Route route) {
        NetworkPlan.Target found = null;
        if (route.natGatewayId() != null) {
            boolean there = tables.natGateways().stream()
                    .anyMatch(each -> route.natGatewayId().equals(each.natGatewayId()) && Nats.alive(each));
            found = there ? new NetworkPlan.Target.NatGateway(route.natGatewayId()) : null;
        } else if (route.networkInterfaceId() != null) {
            boolean there = tables.interfaces().stream()
                    .anyMatch(each -> route.networkInterfaceId().equals(each.id())
                            && vpc.equals(each.shape().vpcId())
                            && each.shape().attachment() != null
                            && carried(each));
            found = there ? new NetworkPlan.Target.Interface(route.networkInterfaceId()) : null;
        } else if (route.vpcPeeringConnectionId() != null) {
            boolean there = tables.peerings().stream()
                    .anyMatch(each ->
                            route.vpcPeeringConnectionId().equals(each.vpcPeeringConnectionId()) && carries(each));
            found = there ? new NetworkPlan.Target.Peering(route.vpcPeeringConnectionId()) : null;
        } else if (route.egressOnlyInternetGatewayId() != null) {
            boolean there = tables.egressOnlyGateways().stream()
                    .anyMatch(each -> route.egressOnlyInternetGatewayId().equals(each.egressOnlyInternetGatewayId())
                            && each.attachments().stream().anyMatch(attached -> vpc.equals(attached.vpcId())));
            found = there ? new NetworkPlan.Target.EgressOnlyGateway() : null;
        } else if (route.gatewayId() != null) {
            boolean there = tables.internetGateways().stream()
                    .anyMatch(each -> route.gatewayId().equals(each.internetGatewayId())
                            && each.attachments().stream().anyMatch(attached -> vpc.equals(attached.vpcId())));
            found = there ? new NetworkPlan.Target.InternetGateway() : null;
        }
        return found == null ? new NetworkPlan.Target.Blackhole() : found;
    }

    /** Whether an interface is one of the plan's: a NAT gateway's own is a part of the gateway. */
    private static boolean carried(InterfaceRow row) {
        return !"nat_gateway".equals(row.shape().interfaceType());
    }

    private List<Cidr> listed(String prefixList) {
        return tables.prefixLists().getOrDefault(prefixList, List.of()).stream()
                .map(Cidr::parse)
                .toList();
    }

    private NetworkPlan.Interface networkInterface(InterfaceRow row) {
        NetworkInterface shape = row.shape();
        boolean logged = Stream.of(row.id(), shape.subnetId(), shape.vpcId())
                .filter(Objects::nonNull)
                .anyMatch(tables.flowLogged()::contains);
        String instance = row.instance();
        return new NetworkPlan.Interface(
                row.id(),
                known(shape.subnetId()),
                known(shape.macAddress()),
                addresses(shape),
                open(row)
                        ? List.of(OPEN + known(shape.vpcId()))
                        : shape.groups().stream()
                                .map(each -> known(each.groupId()))
                                .toList(),
                !Boolean.FALSE.equals(shape.sourceDestCheck()),
                ServiceInterfaces.hosted(row),
                logged,
                instance == null ? 1 : hopLimits.getOrDefault(instance, 1));
    }

    private static List<NetworkPlan.Address> addresses(NetworkInterface shape) {
        Stream<NetworkPlan.Address> four = shape.privateIpAddresses().stream()
                .map(each -> new NetworkPlan.Address(
                        known(each.privateIpAddress()),
                        each.association() == null ? null : each.association().publicIp()));
        Stream<NetworkPlan.Address> six =
                shape.ipv6Addresses().stream().map(each -> new NetworkPlan.Address(known(each.ipv6Address()), null));
        return Stream.concat(four, six).toList();
    }

    /** Whether nothing is filtered at an interface: a Network Load Balancer's without groups. */
    private static boolean open(InterfaceRow row) {
        return "network_load_balancer".equals(row.shape().interfaceType())
                && row.shape().groups().isEmpty();
    }

    private NetworkPlan.SecurityGroup openGroup(String vpc) {
        List<NetworkPlan.Rule> any = List.of(
                new NetworkPlan.Rule(new NetworkPlan.Match.All(), new NetworkPlan.Peer.Block(Cidr.parse("0.0.0.0/0"))));
        return new NetworkPlan.SecurityGroup(OPEN + vpc, vpc, any, any);
    }

    private List<NetworkPlan.SecurityGroup> groups() {
        Map<String, List<SecurityGroupRule>> rules = new HashMap<>();
        tables.rules()
                .forEach(rule -> rules.computeIfAbsent(known(rule.groupId()), key -> new ArrayList<>())
                        .add(rule));
        List<NetworkPlan.SecurityGroup> made = new ArrayList<>();
        tables.interfaces().stream()
                .filter(row -> alive.contains(known(row.shape().vpcId())) && open(row))
                .map(row -> known(row.shape().vpcId()))
                .distinct()
                .forEach(vpc -> made.add(openGroup(vpc)));
        tables.groups().stream()
                .filter(each -> alive.contains(known(each.vpcId())))
                .map(each -> {
                    List<SecurityGroupRule> own = rules.getOrDefault(known(each.groupId()), List.of());
                    return new NetworkPlan.SecurityGroup(
                            known(each.groupId()), known(each.vpcId()), rules(own, false), rules(own, true));
                })
                .forEach(made::add);
        return made;
    }

    private List<NetworkPlan.Rule> rules(List<SecurityGroupRule> rules, boolean egress) {
        List<NetworkPlan.Rule> found = new ArrayList<>();
        for (SecurityGroupRule rule : rules) {
            if (!known(rule.isEgress()).equals(egress)) {
                continue;
            }
            NetworkPlan.Match match = match(known(rule.ipProtocol()), known(rule.fromPort()), known(rule.toPort()));
            if (rule.referencedGroupInfo() != null) {
                found.add(new NetworkPlan.Rule(
                        match,
                        new NetworkPlan.Peer.Group(
                                known(rule.referencedGroupInfo().groupId()))));
            } else if (rule.prefixListId() != null) {
                listed(rule.prefixListId())
                        .forEach(block -> found.add(new NetworkPlan.Rule(match, new NetworkPlan.Peer.Block(block))));
            } else {
                String block = rule.cidrIpv6() == null ? rule.cidrIpv4() : rule.cidrIpv6();
                found.add(new NetworkPlan.Rule(match, new NetworkPlan.Peer.Block(Cidr.parse(known(block)))));
            }
        }
        return found;
    }

    private static NetworkPlan.Match match(String protocol, int from, int to) {
        return switch (protocol) {
            case "-1" -> new NetworkPlan.Match.All();
            case "tcp", "6" -> new NetworkPlan.Match.Ports(6, from, to);
            case "udp", "17" -> new NetworkPlan.Match.Ports(17, from, to);
            case "icmp", "1" -> new NetworkPlan.Match.Icmp(from, to);
            case "icmpv6", "58" -> new NetworkPlan.Match.Icmp6(from, to);
            default -> new NetworkPlan.Match.Protocol(Integer.parseInt(protocol));
        };
    }

    private static List<NetworkPlan.Entry> entries(List<NetworkAclEntry> entries, boolean egress) {
        return entries.stream()
                .filter(each -> known(each.egress()).equals(egress))
                .filter(each -> known(each.ruleNumber()) < Acls.LAST)
                .sorted(Comparator.comparing(each -> known(each.ruleNumber())))
                .map(NetworkPlans::entry)
                .toList();
    }

    private static NetworkPlan.Entry entry(NetworkAclEntry entry) {
        int from = entry.portRange() != null
                ? known(entry.portRange().from())
                : entry.icmpTypeCode() != null ? known(entry.icmpTypeCode().type()) : -1;
        int to = entry.portRange() != null
                ? known(entry.portRange().to())
                : entry.icmpTypeCode() != null ? known(entry.icmpTypeCode().code()) : -1;
        return new NetworkPlan.Entry(
                known(entry.ruleNumber()),
                "allow".equals(entry.ruleAction()),
                match(known(entry.protocol()), from, to),
                Cidr.parse(known(entry.cidrBlock() == null ? entry.ipv6CidrBlock() : entry.cidrBlock())));
    }

    /** Whether a peering is active, both its networks are in the plan, and their blocks are apart. */
    private boolean carries(VpcPeeringConnection peering) {
        String one = known(known(peering.requesterVpcInfo()).vpcId());
        String other = known(known(peering.accepterVpcInfo()).vpcId());
        if (!Peerings.isActive(peering) || !alive.contains(one) || !alive.contains(other)) {
            return false;
        }
        List<Cidr> theirs = blocks(other);
        return blocks(one).stream().noneMatch(own -> theirs.stream().anyMatch(own::overlaps));
    }

    private List<Cidr> blocks(String vpc) {
        return tables.vpcs().stream()
                .filter(row -> row.id().equals(vpc))
                .findFirst()
                .map(Vpcs::blocks)
                .orElse(List.of());
    }

    private List<NetworkPlan.Peering> peerings() {
        return tables.peerings().stream()
                .filter(this::carries)
                .map(each -> new NetworkPlan.Peering(
                        known(each.vpcPeeringConnectionId()),
                        known(known(each.requesterVpcInfo()).vpcId()),
                        known(known(each.accepterVpcInfo()).vpcId())))
                .toList();
    }

    private List<NetworkPlan.NatGateway> nats() {
        return tables.natGateways().stream()
                .filter(each -> Nats.alive(each) && alive.contains(known(each.vpcId())))
                .map(each -> {
                    NatGatewayAddress address = each.natGatewayAddresses().getFirst();
                    return new NetworkPlan.NatGateway(
                            known(each.natGatewayId()),
                            known(each.subnetId()),
                            known(address.privateIp()),
                            address.publicIp());
                })
                .toList();
    }
}
