package dev.haneul.fabric.vpc;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What should exist: every network of a region, whole. Whoever owns the records (EC2) derives it from them and hands it
 * to {@link VpcFabric#apply}; what is not in the plan is removed. Identifiers are AWS's ({@code vpc-…},
 * {@code eni-…}), addresses plain text ({@code 10.0.1.5}).
 *
 * <p>What the plan names must be in it: an interface's subnet, a subnet's VPC, route table and network ACL. Names that
 * may dangle in AWS (a referenced security group that is gone, a route whose target is gone) match nothing.
 *
 * <p>Security groups and network ACLs stand beside the VPCs, for a peering lets one VPC name groups of another.
 */
public record NetworkPlan(
        List<Vpc> vpcs,
        List<Subnet> subnets,
        List<RouteTable> routeTables,
        List<Interface> interfaces,
        List<SecurityGroup> securityGroups,
        List<NetworkAcl> networkAcls,
        List<Peering> peerings,
        List<NatGateway> natGateways) {

    /** Nothing at all. */
    public static final NetworkPlan EMPTY =
            new NetworkPlan(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    public NetworkPlan {
        vpcs = List.copyOf(vpcs);
        subnets = List.copyOf(subnets);
        routeTables = List.copyOf(routeTables);
        interfaces = List.copyOf(interfaces);
        securityGroups = List.copyOf(securityGroups);
        networkAcls = List.copyOf(networkAcls);
        peerings = List.copyOf(peerings);
        natGateways = List.copyOf(natGateways);
    }

    /**
     * A VPC.
     *
     * @param cidrs its blocks, the primary one first, IPv6 ones last; the resolver answers at the primary's base plus
     *     two
     * @param dnsSupport whether there is a resolver ({@code enableDnsSupport})
     * @param names what its resolver knows by itself, before it asks the host's: names in lower case without a final
     *     dot; {@code *.example.com} stands for every name below {@code example.com} that is not given. Values are
     *     addresses. Reverse names are derived
     */
    public record Vpc(String id, List<Cidr> cidrs, boolean dnsSupport, Map<String, List<String>> names) {
        public Vpc {
            cidrs = List.copyOf(cidrs);
            names = Map.copyOf(names);
            if (cidrs.isEmpty() || cidrs.getFirst().v6()) {
                throw new IllegalArgumentException(id + " has no primary IPv4 block");
            }
        }

        /** Where its resolver answers, besides {@link VpcFabric#RESOLVER_ADDRESS}. */
        public String resolver() {
            return cidrs.getFirst().at(2);
        }
    }

    /**
     * A subnet. Its base plus one is its router's address.
     *
     * @param zone availability zone, for telling traffic between zones apart
     * @param routeTableId the one in force: the explicit association, or the VPC's main table
     * @param networkAclId the one in force
     */
    public record Subnet(String id, String vpcId, Cidr cidr, String zone, String routeTableId, String networkAclId) {}

    /** Routes; the most specific wins. The local routes of the VPC's own blocks are implied and always win. */
    public record RouteTable(String id, String vpcId, List<Route> routes) {
        public RouteTable {
            routes = List.copyOf(routes);
        }
    }

    /** Where packets to a block go. */
    public record Route(Cidr destination, Target target) {}

    /** Where a route leads. */
    public sealed interface Target {
        /** The VPC's own router; implied, and here only so that every record of EC2's has its place. */
        record Local() implements Target {}

        /** The internet gateway attached to this VPC. A detached one is a {@link Blackhole}. */
        record InternetGateway() implements Target {}

        /** The way out for IPv6 through which nobody comes in. */
        record EgressOnlyGateway() implements Target {}

        record NatGateway(String id) implements Target {}

        record Peering(String id) implements Target {}

        /** An interface of this VPC; packets arrive only where its source/destination check is off. */
        record Interface(String eniId) implements Target {}

        /** Swallowed without a word. */
        record Blackhole() implements Target {}
    }

    /**
     * A network interface, attached to a workload or not.
     *
     * @param mac {@code 0e:…}, six octets
     * @param addresses the primary one first, in the subnet's block; then IPv6 ones, in one of the VPC's, which need
     *     no translation
     * @param securityGroupIds those in force; none lets nothing through
     * @param sourceDestCheck whether packets not from or to its own addresses are dropped
     * @param hosted whether the region itself is behind it (a load balancer, an endpoint): the fabric then keeps a
     *     namespace for it, where {@link VpcFabric#listen} and {@link VpcFabric#connect} work; such an interface is
     *     never attached
     * @param flowLog whether {@link VpcFabric#flows} tells of its packets
     * @param metadataHopLimit hops that answers of the metadata service survive, 1 to 64
     *     ({@code HttpPutResponseHopLimit})
     */
    public record Interface(
            String id,
            String subnetId,
            String mac,
            List<Address> addresses,
            List<String> securityGroupIds,
            boolean sourceDestCheck,
            boolean hosted,
            boolean flowLog,
            int metadataHopLimit) {
        public Interface {
            addresses = List.copyOf(addresses);
            securityGroupIds = List.copyOf(securityGroupIds);
            if (addresses.isEmpty()) {
                throw new IllegalArgumentException(id + " has no address");
            }
            if (!mac.matches("[0-9a-f]{2}(:[0-9a-f]{2}){5}")) {
                throw new IllegalArgumentException(id + " has the address " + mac);
            }
            if (metadataHopLimit < 1 || metadataHopLimit > 64) {
                throw new IllegalArgumentException(id + ": a hop limit of " + metadataHopLimit);
            }
        }

        /** An ordinary one: checked, of a workload, without flow log, with AWS's hop limit of 1. */
        public Interface(
                String id, String subnetId, String mac, List<Address> addresses, List<String> securityGroupIds) {
            this(id, subnetId, mac, addresses, securityGroupIds, true, false, false, 1);
        }

        /** Its primary private address. */
        public String primary() {
            return addresses.getFirst().privateAddress();
        }
    }

    /**
     * An address of an interface.
     *
     * @param publicAddress what it is translated to and from at the internet gateway, out of
     *     {@link VpcFabric#publicRange}; null where it has none
     */
    public record Address(String privateAddress, @Nullable String publicAddress) {}

    /** A security group. Stateful; what no rule allows is dropped. */
    public record SecurityGroup(String id, String vpcId, List<Rule> ingress, List<Rule> egress) {
        public SecurityGroup {
            ingress = List.copyOf(ingress);
            egress = List.copyOf(egress);
        }
    }

    /** What a security group allows. Prefix lists are expanded to a rule per block. */
    public record Rule(Match match, Peer peer) {}

    /** The other end a rule speaks of. */
    public sealed interface Peer {
        /** Addresses. */
        record Block(Cidr cidr) implements Peer {}

        /** The private addresses of all interfaces in a group, of this VPC or of a peered one. */
        record Group(String securityGroupId) implements Peer {}
    }

    /** Which packets a rule speaks of. */
    public sealed interface Match {
        /** All of every protocol ({@code -1}). */
        record All() implements Match {}

        /**
         * A protocol with ports.
         *
         * @param protocol 6 (TCP) or 17 (UDP)
         * @param from first port, 0 to 65535
         * @param to last port
         */
        record Ports(int protocol, int from, int to) implements Match {
            public Ports {
                if ((protocol != 6 && protocol != 17) || from < 0 || to > 65535 || from > to) {
                    throw new IllegalArgumentException("protocol " + protocol + " ports " + from + " to " + to);
                }
            }
        }

        /**
         * ICMP, of IPv4 alone.
         *
         * @param type 0 to 255, or -1 for all
         * @param code 0 to 255, or -1 for all
         */
        record Icmp(int type, int code) implements Match {
            public Icmp {
                if (type < -1 || type > 255 || code < -1 || code > 255) {
                    throw new IllegalArgumentException("icmp type " + type + " code " + code);
                }
            }
        }

        /**
         * ICMPv6, of IPv6 alone.
         *
         * @param type 0 to 255, or -1 for all
         * @param code 0 to 255, or -1 for all
         */
        record Icmp6(int type, int code) implements Match {
            public Icmp6 {
                if (type < -1 || type > 255 || code < -1 || code > 255) {
                    throw new IllegalArgumentException("icmpv6 type " + type + " code " + code);
                }
            }
        }

        /** All of one protocol, by its IANA number, 0 to 255. */
        record Protocol(int number) implements Match {
            public Protocol {
                if (number < 0 || number > 255) {
                    throw new IllegalArgumentException("protocol " + number);
                }
            }
        }
    }

    /**
     * A network ACL. Stateless: the first entry, by number, that matches a packet crossing a subnet's border decides;
     * none denies.
     */
    public record NetworkAcl(String id, List<Entry> ingress, List<Entry> egress) {
        public NetworkAcl {
            ingress = List.copyOf(ingress);
            egress = List.copyOf(egress);
        }
    }

    /**
     * An entry of a network ACL.
     *
     * @param number 1 to 32766, unique within its direction
     * @param cidr of the source (ingress) or destination (egress)
     */
    public record Entry(int number, boolean allow, Match match, Cidr cidr) {}

    /** An active peering between two VPCs whose blocks do not overlap. */
    public record Peering(String id, String oneVpcId, String otherVpcId) {}

    /**
     * A NAT gateway.
     *
     * @param subnetId where it lives: that subnet's route table leads its packets on, its network ACL filters them
     * @param privateAddress in the subnet's block
     * @param publicAddress null for a private NAT gateway
     */
    public record NatGateway(
            String id,
            String subnetId,
            String privateAddress,
            @Nullable String publicAddress) {}
}
