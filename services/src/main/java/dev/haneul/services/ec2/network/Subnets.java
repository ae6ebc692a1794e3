package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.NetworkAcl;
import dev.haneul.api.ec2.NetworkAclAssociation;
import dev.haneul.api.ec2.PrivateDnsNameOptionsOnLaunch;
import dev.haneul.api.ec2.RouteTable;
import dev.haneul.api.ec2.RouteTableAssociation;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.ec2.SubnetCidrBlockState;
import dev.haneul.api.ec2.SubnetIpv6CidrBlockAssociation;
import dev.haneul.api.runtime.Fault;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Cidrs;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Zones;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Subnets as records. */
public final class Subnets {
    private static final int LEAST_BITS = 16;
    private static final int MOST_BITS = 28;
    private static final int LEAST_SIX = 44;
    private static final int MOST_SIX = 64;

    private Subnets() {}

    /** The default subnet of a zone; of any zone for null. */
    public static Optional<Subnet> defaultOf(ReadTx tx, Scope scope, @Nullable String zone) {
        return Network.defaultVpc(tx, scope)
                .flatMap(vpc -> Nets.SUBNETS.find(tx, scope, Nets.VPC, vpc.id()).stream()
                        .filter(each -> Boolean.TRUE.equals(each.defaultForAz()))
                        .filter(each -> zone == null || zone.equals(each.availabilityZone()))
                        .findFirst());
    }

    /** The IPv4 blocks of a network's subnets. */
    static List<Cidr> blocks(ReadTx tx, Scope scope, String vpc) {
        return Nets.SUBNETS.find(tx, scope, Nets.VPC, vpc).stream()
                .map(each -> Cidr.parse(known(each.cidrBlock())))
                .toList();
    }

    static Fault conflict(Cidr block) {
        return Ec2Faults.of("InvalidSubnet.Conflict", "The CIDR '" + block + "' conflicts with another subnet");
    }

    private static Fault range(String block) {
        return Ec2Faults.of("InvalidSubnet.Range", "The CIDR '" + block + "' is invalid.");
    }

    /** Refuses to give up a block that subnets are in. */
    static void refuseInside(ReadTx tx, Scope scope, String vpc, Cidr block) {
        boolean inside = Nets.SUBNETS.find(tx, scope, Nets.VPC, vpc).stream()
                .anyMatch(each -> block.contains(Cidr.parse(known(each.cidrBlock())))
                        || each.ipv6CidrBlockAssociationSet().stream()
                                .anyMatch(six -> block.contains(Cidr.parse(known(six.ipv6CidrBlock())))));
        if (inside) {
            throw Ec2Faults.of(
                    "InvalidCidrBlock.InUse", "The vpc CIDR block '" + block + "' is in use by one or more subnets.");
        }
    }

    /** The block of a new subnet: within the network's, beside the others'. */
    static Cidr block(ReadTx tx, Scope scope, VpcRow vpc, String text) {
        Cidr block = Cidrs.v4("cidrBlock", text);
        boolean inside = Vpcs.blocks(vpc).stream().anyMatch(each -> each.contains(block));
        if (block.bits() < LEAST_BITS || block.bits() > MOST_BITS || !inside) {
            throw range(text);
        }
        if (blocks(tx, scope, vpc.id()).stream().anyMatch(block::overlaps)) {
            throw conflict(block);
        }
        return block;
    }

    /** An IPv6 block for a subnet: within the network's, beside the others'. */
    static String sixBlock(ReadTx tx, Scope scope, VpcRow vpc, String text) {
        Cidr block = Cidrs.v6("ipv6CidrBlock", text);
        boolean formed = block.bits() >= LEAST_SIX && block.bits() <= MOST_SIX && block.bits() % 4 == 0;
        if (!formed || Vpcs.sixBlocks(vpc).stream().noneMatch(each -> each.contains(block))) {
            throw range(text);
        }
        boolean taken = Nets.SUBNETS.find(tx, scope, Nets.VPC, vpc.id()).stream()
                .flatMap(each -> each.ipv6CidrBlockAssociationSet().stream())
                .anyMatch(each -> block.overlaps(Cidr.parse(known(each.ipv6CidrBlock()))));
        if (taken) {
            throw conflict(block);
        }
        return block.toString();
    }

    static Subnet make(
            Network network,
            WriteTx tx,
            Scope scope,
            VpcRow vpc,
            Zones.Zone zone,
            Cidr block,
            @Nullable String six,
            boolean standard) {
        if (Nets.SUBNETS.find(tx, scope, Nets.VPC, vpc.id()).size() >= Quotas.SUBNETS_PER_VPC) {
            throw Ec2Faults.of("SubnetLimitExceeded", "The maximum number of subnets for this VPC has been reached.");
        }
        String id = network.id("subnet");
        Subnet made = new Subnet()
                .subnetId(id)
                .subnetArn(Nets.SUBNETS.arn(scope, id))
                .vpcId(vpc.id())
                .ownerId(scope.account())
                .state("available")
                .cidrBlock(block.toString())
                .availabilityZone(zone.name())
                .availabilityZoneId(zone.id())
                .defaultForAz(standard)
                .mapPublicIpOnLaunch(standard)
                .mapCustomerOwnedIpOnLaunch(false)
                .assignIpv6AddressOnCreation(false)
                .enableDns64(false)
                .ipv6Native(false)
                .ipv6CidrBlockAssociationSet(six == null ? List.of() : List.of(sixAssociation(network, six)))
                .privateDnsNameOptionsOnLaunch(new PrivateDnsNameOptionsOnLaunch()
                        .hostnameType("ip-name")
                        .enableResourceNameDnsARecord(false)
                        .enableResourceNameDnsAAAARecord(false));
        Nets.SUBNETS.put(tx, scope, made);
        NetworkAcl acl = Acls.defaultOf(tx, scope, vpc.id());
        List<NetworkAclAssociation> associations = new ArrayList<>(acl.associations());
        associations.add(new NetworkAclAssociation()
                .networkAclAssociationId(network.id("aclassoc"))
                .networkAclId(acl.networkAclId())
                .subnetId(id));
        Nets.ACLS.put(tx, scope, acl.associations(associations));
        return made;
    }

    static SubnetIpv6CidrBlockAssociation sixAssociation(Network network, String block) {
        return new SubnetIpv6CidrBlockAssociation()
                .associationId(network.id("subnet-cidr-assoc"))
                .ipv6CidrBlock(block)
                .ipv6AddressAttribute("public")
                .ipSource("amazon")
                .ipv6CidrBlockState(new SubnetCidrBlockState().state("associated"));
    }

    /** Removes a subnet nothing lives in, from its route table and access list too. */
    static void delete(WriteTx tx, Scope scope, String id) {
        Nets.SUBNETS.require(tx, scope, id);
        boolean used = !Nets.INTERFACES.find(tx, scope, Nets.SUBNET, id).isEmpty()
                || Nets.NAT_GATEWAYS.find(tx, scope, Nets.SUBNET, id).stream().anyMatch(Nats::alive);
        if (used) {
            throw Ec2Faults.dependents("subnet", id);
        }
        for (RouteTable table : Nets.ROUTE_TABLES.find(tx, scope, Nets.SUBNET, id)) {
            List<RouteTableAssociation> left = new ArrayList<>(table.associations());
            left.removeIf(each -> id.equals(each.subnetId()));
            Nets.ROUTE_TABLES.put(tx, scope, table.associations(left));
        }
        for (NetworkAcl acl : Nets.ACLS.find(tx, scope, Nets.SUBNET, id)) {
            List<NetworkAclAssociation> left = new ArrayList<>(acl.associations());
            left.removeIf(each -> id.equals(each.subnetId()));
            Nets.ACLS.put(tx, scope, acl.associations(left));
        }
        Nets.RESERVATIONS
                .find(tx, scope, Nets.SUBNET, id)
                .forEach(each -> Nets.RESERVATIONS.delete(tx, scope, known(each.subnetCidrReservationId())));
        Nets.SUBNETS.delete(tx, scope, id);
    }
}
