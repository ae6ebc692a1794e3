package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.NetworkPlan.Address;
import dev.haneul.fabric.vpc.NetworkPlan.NetworkAcl;
import dev.haneul.fabric.vpc.NetworkPlan.RouteTable;
import dev.haneul.fabric.vpc.NetworkPlan.SecurityGroup;
import dev.haneul.fabric.vpc.NetworkPlan.Subnet;
import dev.haneul.fabric.vpc.NetworkPlan.Vpc;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One VPC of a plan, with all that its router must know.
 *
 * @param subnets its own, as the three that follow
 * @param ports interfaces and NAT gateways
 * @param peers the active peerings
 * @param groups security groups by id
 * @param members private addresses, of both families, by security group, of this VPC's groups and of peered ones'
 * @param acls by id
 * @param internet whether it has an internet gateway
 */
record Network(
        Vpc vpc,
        List<Subnet> subnets,
        List<RouteTable> tables,
        List<Port> ports,
        List<Peer> peers,
        Map<String, SecurityGroup> groups,
        Map<String, Set<String>> members,
        Map<String, NetworkAcl> acls,
        boolean internet) {
    String id() {
        return vpc.id();
    }

    Optional<Port> port(String id) {
        return ports.stream().filter(port -> port.id().equals(id)).findFirst();
    }

    /** Whether it has IPv6, and this machine too. */
    boolean six() {
        return Family.V6.present() && vpc.cidrs().stream().anyMatch(Cidr::v6);
    }

    /** The interfaces at which the region speaks for others. */
    List<Port> speakers() {
        return ports.stream().filter(Port::speaker).toList();
    }

    /** The devices of a group's interfaces from which more comes than what has the group's addresses. */
    List<String> speakers(String group) {
        return speakers().stream()
                .filter(port -> port.groups() != null && port.groups().contains(group))
                .map(Port::device)
                .toList();
    }

    /** Every address pair that the internet gateway translates. */
    List<Address> published() {
        return ports.stream()
                .flatMap(port -> port.addresses().stream())
                .filter(address -> address.publicAddress() != null)
                .toList();
    }

    /** What is behind a port. */
    enum Kind {
        /** A workload, which somebody attaches. */
        WORKLOAD,
        /** A namespace of ours in which the region answers. */
        HOSTED,
        /** A namespace of ours that translates to its own address. */
        NAT
    }

    /**
     * An interface of the router.
     *
     * @param id of the interface or the NAT gateway
     * @param device the router's end
     * @param addresses of IPv4, the primary one first
     * @param sixes of IPv6
     * @param groups security groups; null where none filter (NAT gateways)
     * @param checked whether only its own addresses may be its packets' sources and destinations
     */
    record Port(
            String id,
            String device,
            Subnet subnet,
            String mac,
            List<Address> addresses,
            List<String> sixes,
            @Nullable List<String> groups,
            Kind kind,
            boolean checked,
            boolean flowLog,
            int metadataHopLimit) {
        String primary() {
            return addresses.getFirst().privateAddress();
        }

        /** Whether the region speaks for others there. */
        boolean speaker() {
            return kind == Kind.HOSTED && !checked;
        }

        /** Its private addresses of a family, the primary one first. */
        List<String> addresses(Family family) {
            return family == Family.V6
                    ? sixes
                    : addresses.stream().map(Address::privateAddress).toList();
        }

        /** {@code ip} lines that give the workload's end its IPv4 addresses, without the way out. */
        List<String> addressLines(String device) {
            return addresses.stream()
                    .map(address -> "addr add " + address.privateAddress() + "/"
                            + (address.equals(addresses.getFirst())
                                    ? subnet.cidr().bits()
                                    : 32) + " dev " + device)
                    .toList();
        }

        /** The subnet's router, as a family reaches it. */
        String gateway(Family family) {
            return family == Family.V6 ? family.nextHop() : subnet.cidr().at(1);
        }
    }

    /**
     * A peering, seen from one side.
     *
     * @param other the VPC at the other end
     * @param mac of this end
     * @param otherMac of the other end
     */
    record Peer(String id, String device, Vpc other, String mac, String otherMac) {}
}
