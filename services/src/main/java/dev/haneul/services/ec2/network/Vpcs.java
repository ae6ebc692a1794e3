package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.NetworkAcl;
import dev.haneul.api.ec2.Route;
import dev.haneul.api.ec2.RouteTable;
import dev.haneul.api.ec2.RouteTableAssociation;
import dev.haneul.api.ec2.RouteTableAssociationState;
import dev.haneul.api.ec2.SecurityGroup;
import dev.haneul.api.ec2.Vpc;
import dev.haneul.api.ec2.VpcCidrBlockAssociation;
import dev.haneul.api.ec2.VpcCidrBlockState;
import dev.haneul.api.ec2.VpcIpv6CidrBlockAssociation;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Cidrs;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Networks as records: made whole, with what every network has, and removed whole. */
final class Vpcs {
    private static final int LEAST_BITS = 16;
    private static final int MOST_BITS = 28;
    private static final int V6_BITS = 56;

    /** Addresses that are nobody's on the internet, so that no network hides a part of it. */
    private static final Cidr V6_POOL = Cidr.parse("2001:db8::/32");

    private static final Cidr TEN = Cidr.parse("10.0.0.0/8");
    private static final Cidr TWELVE = Cidr.parse("172.16.0.0/12");
    private static final Cidr SIXTEEN = Cidr.parse("192.168.0.0/16");
    private static final Cidr TEST = Cidr.parse("198.19.0.0/16");
    private static final List<Cidr> PRIVATE = List.of(TEN, TWELVE, SIXTEEN, TEST);

    private Vpcs() {}

    /** An IPv4 block for a network, /16 to /28. */
    static Cidr block(String text) {
        Cidr block = Cidrs.v4("cidrBlock", text);
        if (block.bits() < LEAST_BITS || block.bits() > MOST_BITS) {
            throw Ec2Faults.of("InvalidVpc.Range", "The CIDR '" + text + "' is invalid.");
        }
        return block;
    }

    /** Makes a network with its main route table, default security group and default access list. */
    static VpcRow make(
            Network network,
            WriteTx tx,
            Scope scope,
            Cidr block,
            @Nullable String six,
            String tenancy,
            boolean standard) {
        if (Nets.VPCS.all(tx, scope).size() >= Quotas.VPCS) {
            throw Ec2Faults.of("VpcLimitExceeded", "The maximum number of VPCs has been reached.");
        }
        String id = network.id("vpc");
        Vpc vpc = new Vpc()
                .vpcId(id)
                .ownerId(scope.account())
                .state("available")
                .cidrBlock(block.toString())
                .cidrBlockAssociationSet(List.of(association(network, block)))
                .ipv6CidrBlockAssociationSet(six == null ? List.of() : List.of(sixAssociation(network, scope, six)))
                .dhcpOptionsId(Network.defaultDhcpOptions(tx, scope))
                .instanceTenancy(tenancy)
                .isDefault(standard);
        VpcRow row = Nets.VPCS.put(tx, scope, new VpcRow(vpc, standard, true, false));
        String table = network.id("rtb");
        Nets.ROUTE_TABLES.put(
                tx,
                scope,
                new RouteTable()
                        .routeTableId(table)
                        .vpcId(id)
                        .ownerId(scope.account())
                        .routes(locals(row))
                        .associations(List.of(new RouteTableAssociation()
                                .main(true)
                                .routeTableId(table)
                                .routeTableAssociationId(network.id("rtbassoc"))
                                .associationState(new RouteTableAssociationState().state("associated")))));
        Nets.ACLS.put(
                tx,
                scope,
                new NetworkAcl()
                        .networkAclId(network.id("acl"))
                        .vpcId(id)
                        .ownerId(scope.account())
                        .isDefault(true)
                        .entries(Acls.defaults(true, six != null)));
        String group = network.id("sg");
        Nets.GROUPS.put(
                tx,
                scope,
                new SecurityGroup()
                        .groupId(group)
                        .groupName("default")
                        .description("default VPC security group")
                        .vpcId(id)
                        .ownerId(scope.account())
                        .securityGroupArn(Nets.GROUPS.arn(scope, group)));
        Rules.defaults(network, tx, scope, group, true, six != null);
        return row;
    }

    private static VpcCidrBlockAssociation association(Network network, Cidr block) {
        return new VpcCidrBlockAssociation()
                .associationId(network.id("vpc-cidr-assoc"))
                .cidrBlock(block.toString())
                .cidrBlockState(new VpcCidrBlockState().state("associated"));
    }

    static VpcIpv6CidrBlockAssociation sixAssociation(Network network, Scope scope, String block) {
        return new VpcIpv6CidrBlockAssociation()
                .associationId(network.id("vpc-cidr-assoc"))
                .ipv6CidrBlock(block)
                .ipv6Pool("Amazon")
                .ipv6AddressAttribute("public")
                .ipSource("amazon")
                .networkBorderGroup(scope.region())
                .ipv6CidrBlockState(new VpcCidrBlockState().state("associated"));
    }

    /** A block of IPv6 addresses that no other network of the region has. */
    static String sixBlock(Network network, ReadTx tx) {
        for (int tries = 0; tries < 1000; tries++) {
            long place = network.interfaces().random().nextLong(Cidrs.parts(V6_POOL, V6_BITS));
            String block = Cidrs.part(V6_POOL, V6_BITS, place).toString();
            if (tx.findAnywhere(Nets.VPCS.table(), Nets.SIX, block, null, 1).isEmpty()) {
                return block;
            }
        }
        throw Ec2Faults.of("InsufficientCapacity", "There are no more Amazon-provided IPv6 CIDR blocks.");
    }

    /** The local routes of a network's blocks. */
    static List<Route> locals(VpcRow row) {
        List<Route> routes = new ArrayList<>();
        blocks(row).forEach(block -> routes.add(Routes.local().destinationCidrBlock(block.toString())));
        row.vpc().ipv6CidrBlockAssociationSet().stream()
                .filter(each -> associated(each.ipv6CidrBlockState()))
                .forEach(each -> routes.add(Routes.local().destinationIpv6CidrBlock(each.ipv6CidrBlock())));
        return routes;
    }

    /** The IPv4 blocks of a network, the primary one first. */
    static List<Cidr> blocks(VpcRow row) {
        return row.vpc().cidrBlockAssociationSet().stream()
                .filter(each -> associated(each.cidrBlockState()))
                .map(each -> Cidr.parse(known(each.cidrBlock())))
                .toList();
    }

    /** The IPv6 blocks of a network. */
    static List<Cidr> sixBlocks(VpcRow row) {
        return row.vpc().ipv6CidrBlockAssociationSet().stream()
                .filter(each -> associated(each.ipv6CidrBlockState()))
                .map(each -> Cidr.parse(known(each.ipv6CidrBlock())))
                .toList();
    }

    private static boolean associated(@Nullable VpcCidrBlockState state) {
        return state != null && "associated".equals(state.state());
    }

    /** Adds a block to a network, within AWS's restrictions. */
    static VpcCidrBlockAssociation add(Network network, WriteTx tx, Scope scope, VpcRow row, Cidr block) {
        List<Cidr> blocks = blocks(row);
        if (blocks.stream().anyMatch(block::overlaps)) {
            throw Ec2Faults.of(
                    "CidrConflict", "The CIDR '" + block + "' conflicts with another CIDR block of the VPC.");
        }
        if (blocks.size() >= Quotas.CIDRS_PER_VPC) {
            throw Ec2Faults.of("CidrLimitExceeded", "The maximum number of CIDR blocks for this VPC has been reached.");
        }
        if (restricted(blocks.getFirst(), block)) {
            throw Ec2Faults.of(
                    "InvalidVpc.Range",
                    "The CIDR '" + block + "' is restricted. Use a CIDR from the same private address range as the"
                            + " current VPC CIDR, or use a publicly-routable CIDR.");
        }
        VpcCidrBlockAssociation made = association(network, block);
        List<VpcCidrBlockAssociation> all = new ArrayList<>(row.vpc().cidrBlockAssociationSet());
        all.add(made);
        rewrite(
                tx,
                scope,
                new VpcRow(
                        row.vpc().cidrBlockAssociationSet(all),
                        row.dnsHostnames(),
                        row.dnsSupport(),
                        row.usageMetrics()));
        return made;
    }

    /** Private ranges do not mix, but for those of 100.64.0.0/10 and public ones, which go with all. */
    private static boolean restricted(Cidr primary, Cidr block) {
        Cidr own = PRIVATE.stream()
                .filter(each -> each.contains(primary))
                .findFirst()
                .orElse(null);
        Cidr wanted = PRIVATE.stream()
                .filter(each -> each.contains(block))
                .findFirst()
                .orElse(null);
        return wanted != null && !wanted.equals(own);
    }

    /** Writes a network whose blocks changed, and its local routes. */
    static void rewrite(WriteTx tx, Scope scope, VpcRow row) {
        Nets.VPCS.put(tx, scope, row);
        for (RouteTable table : Nets.ROUTE_TABLES.find(tx, scope, Nets.VPC, row.id())) {
            List<Route> routes = new ArrayList<>(locals(row));
            table.routes().stream().filter(route -> !Routes.isLocal(route)).forEach(routes::add);
            Nets.ROUTE_TABLES.put(tx, scope, table.routes(routes));
        }
    }

    /** Removes a network in which there is nothing but what it was made with. */
    static void delete(WriteTx tx, Scope scope, String id) {
        Network.vpc(tx, scope, id);
        boolean more = !Nets.SUBNETS.find(tx, scope, Nets.VPC, id).isEmpty()
                || !Nets.INTERFACES.find(tx, scope, Nets.VPC, id).isEmpty()
                || !Nets.INTERNET_GATEWAYS.find(tx, scope, Nets.VPC, id).isEmpty()
                || !Nets.EGRESS_GATEWAYS.find(tx, scope, Nets.VPC, id).isEmpty()
                || !Nets.ENDPOINTS.find(tx, scope, Nets.VPC, id).isEmpty()
                || Nets.ROUTE_TABLES.find(tx, scope, Nets.VPC, id).stream().anyMatch(table -> !Routes.isMain(table))
                || Nets.ACLS.find(tx, scope, Nets.VPC, id).stream()
                        .anyMatch(acl -> !Boolean.TRUE.equals(acl.isDefault()))
                || Nets.GROUPS.find(tx, scope, Nets.VPC, id).stream()
                        .anyMatch(group -> !"default".equals(group.groupName()))
                || Groups.referencedFromOutside(tx, scope, id)
                || Peerings.active(tx, scope, id);
        if (more) {
            throw Ec2Faults.dependents("vpc", id);
        }
        Nets.ROUTE_TABLES
                .find(tx, scope, Nets.VPC, id)
                .forEach(each -> Nets.ROUTE_TABLES.delete(tx, scope, known(each.routeTableId())));
        Nets.ACLS
                .find(tx, scope, Nets.VPC, id)
                .forEach(each -> Nets.ACLS.delete(tx, scope, known(each.networkAclId())));
        Nets.GROUPS.find(tx, scope, Nets.VPC, id).forEach(each -> Groups.delete(tx, scope, known(each.groupId())));
        Nets.VPCS.delete(tx, scope, id);
    }
}
