package dev.haneul.services.ec2.network;

import dev.haneul.api.ec2.Address;
import dev.haneul.api.ec2.DhcpOptions;
import dev.haneul.api.ec2.EgressOnlyInternetGateway;
import dev.haneul.api.ec2.FlowLog;
import dev.haneul.api.ec2.GroupIdentifier;
import dev.haneul.api.ec2.InternetGateway;
import dev.haneul.api.ec2.InternetGatewayAttachment;
import dev.haneul.api.ec2.ManagedPrefixList;
import dev.haneul.api.ec2.NatGateway;
import dev.haneul.api.ec2.NetworkAcl;
import dev.haneul.api.ec2.NetworkAclAssociation;
import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.ec2.PrefixListEntry;
import dev.haneul.api.ec2.RouteTable;
import dev.haneul.api.ec2.RouteTableAssociation;
import dev.haneul.api.ec2.SecurityGroup;
import dev.haneul.api.ec2.SecurityGroupRule;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.ec2.SubnetCidrReservation;
import dev.haneul.api.ec2.Vpc;
import dev.haneul.api.ec2.VpcEndpoint;
import dev.haneul.api.ec2.VpcPeeringConnection;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import dev.haneul.services.ec2.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What networks are made of, and where it is kept. Records are the API's structures, without their tags; what describe
 * works out afresh (free addresses, a group's permissions) is not kept either.
 */
public final class Nets {
    /** By the network it is in. */
    static final String VPC = "vpc";

    static final String SUBNET = "subnet";
    static final String ASSOCIATION = "association";
    static final String GROUP = "group";
    static final String INSTANCE = "instance";
    static final String ADDRESS = "address";
    static final String ATTACHMENT = "attachment";
    static final String INTERFACE = "interface";
    static final String SIX = "six";

    public static final Kind<VpcRow> VPCS = new Kind<>(
            "vpc",
            "vpc",
            Table.of(
                    "ec2.vpc",
                    RecordCodecs.of(VpcRow.class),
                    indexes(SIX, row -> row.vpc().ipv6CidrBlockAssociationSet(), each -> each.ipv6CidrBlock())),
            VpcRow::id,
            "InvalidVpcID.NotFound",
            "vpc ID");
    public static final Kind<Subnet> SUBNETS = kind(
            "subnet",
            "subnet",
            table("subnet", new Subnet(), index(VPC, Subnet::vpcId)),
            Subnet::subnetId,
            "InvalidSubnetID.NotFound",
            "subnet ID");
    static final Kind<RouteTable> ROUTE_TABLES = kind(
            "route-table",
            "rtb",
            table(
                    "route_table",
                    new RouteTable(),
                    index(VPC, RouteTable::vpcId),
                    indexes(SUBNET, RouteTable::associations, RouteTableAssociation::subnetId),
                    indexes(ASSOCIATION, RouteTable::associations, RouteTableAssociation::routeTableAssociationId)),
            RouteTable::routeTableId,
            "InvalidRouteTableID.NotFound",
            "routeTable ID");
    static final Kind<InternetGateway> INTERNET_GATEWAYS = kind(
            "internet-gateway",
            "igw",
            table(
                    "internet_gateway",
                    new InternetGateway(),
                    indexes(VPC, InternetGateway::attachments, InternetGatewayAttachment::vpcId)),
            InternetGateway::internetGatewayId,
            "InvalidInternetGatewayID.NotFound",
            "internetGateway ID");
    static final Kind<EgressOnlyInternetGateway> EGRESS_GATEWAYS = kind(
            "egress-only-internet-gateway",
            "eigw",
            table(
                    "egress_gateway",
                    new EgressOnlyInternetGateway(),
                    indexes(VPC, EgressOnlyInternetGateway::attachments, InternetGatewayAttachment::vpcId)),
            EgressOnlyInternetGateway::egressOnlyInternetGatewayId,
            "InvalidGatewayID.NotFound",
            "eigw ID");
    static final Kind<NatGateway> NAT_GATEWAYS = kind(
            "natgateway",
            "nat",
            table("nat_gateway", new NatGateway(), index(VPC, NatGateway::vpcId), index(SUBNET, NatGateway::subnetId)),
            NatGateway::natGatewayId,
            "NatGatewayNotFound",
            "NatGateway");
    public static final Kind<InterfaceRow> INTERFACES = new Kind<>(
            "network-interface",
            "eni",
            Table.of(
                    "ec2.network_interface",
                    RecordCodecs.of(InterfaceRow.class),
                    index(VPC, row -> row.shape().vpcId()),
                    index(SUBNET, row -> row.shape().subnetId()),
                    indexes(GROUP, row -> row.shape().groups(), GroupIdentifier::groupId),
                    index(INSTANCE, InterfaceRow::instance),
                    index(
                            ATTACHMENT,
                            row -> row.shape().attachment() == null
                                    ? null
                                    : row.shape().attachment().attachmentId())),
            InterfaceRow::id,
            "InvalidNetworkInterfaceID.NotFound",
            "networkInterface ID");
    public static final Kind<SecurityGroup> GROUPS = kind(
            "security-group",
            "sg",
            table("security_group", new SecurityGroup(), index(VPC, SecurityGroup::vpcId)),
            SecurityGroup::groupId,
            "InvalidGroup.NotFound",
            "security group");
    static final Kind<SecurityGroupRule> RULES = kind(
            "security-group-rule",
            "sgr",
            table(
                    "security_group_rule",
                    new SecurityGroupRule(),
                    index(GROUP, SecurityGroupRule::groupId),
                    index(
                            "referenced",
                            each -> each.referencedGroupInfo() == null
                                    ? null
                                    : each.referencedGroupInfo().groupId()),
                    index("prefix_list", SecurityGroupRule::prefixListId)),
            SecurityGroupRule::securityGroupRuleId,
            "InvalidSecurityGroupRuleId.NotFound",
            "security group rule ID");
    static final Kind<NetworkAcl> ACLS = kind(
            "network-acl",
            "acl",
            table(
                    "network_acl",
                    new NetworkAcl(),
                    index(VPC, NetworkAcl::vpcId),
                    indexes(SUBNET, NetworkAcl::associations, NetworkAclAssociation::subnetId),
                    indexes(ASSOCIATION, NetworkAcl::associations, NetworkAclAssociation::networkAclAssociationId)),
            NetworkAcl::networkAclId,
            "InvalidNetworkAclID.NotFound",
            "networkAcl ID");
    static final Kind<Address> ADDRESSES = kind(
            "elastic-ip",
            "eipalloc",
            table(
                    "elastic_ip",
                    new Address(),
                    index(ADDRESS, Address::publicIp),
                    index(ASSOCIATION, Address::associationId),
                    index(INTERFACE, Address::networkInterfaceId)),
            Address::allocationId,
            "InvalidAllocationID.NotFound",
            "allocation ID");
    static final Kind<DhcpOptions> DHCP_OPTIONS = kind(
            "dhcp-options",
            "dopt",
            table("dhcp_options", new DhcpOptions()),
            DhcpOptions::dhcpOptionsId,
            "InvalidDhcpOptionID.NotFound",
            "dhcpOption ID");
    static final Kind<VpcPeeringConnection> PEERINGS = kind(
            "vpc-peering-connection",
            "pcx",
            table("peering", new VpcPeeringConnection()),
            VpcPeeringConnection::vpcPeeringConnectionId,
            "InvalidVpcPeeringConnectionID.NotFound",
            "vpcPeeringConnection ID");
    static final Kind<VpcEndpoint> ENDPOINTS = kind(
            "vpc-endpoint",
            "vpce",
            table("endpoint", new VpcEndpoint(), index(VPC, VpcEndpoint::vpcId)),
            VpcEndpoint::vpcEndpointId,
            "InvalidVpcEndpointId.NotFound",
            "Vpc Endpoint Id");
    static final Kind<ManagedPrefixList> PREFIX_LISTS = kind(
            "prefix-list",
            "pl",
            table("prefix_list", new ManagedPrefixList()),
            ManagedPrefixList::prefixListId,
            "InvalidPrefixListID.NotFound",
            "prefix list ID");
    static final Kind<FlowLog> FLOW_LOGS = kind(
            "vpc-flow-log",
            "fl",
            table("flow_log", new FlowLog(), index("resource", FlowLog::resourceId)),
            FlowLog::flowLogId,
            "InvalidFlowLogId.NotFound",
            "flow log ID");

    static final Kind<SubnetCidrReservation> RESERVATIONS = kind(
            "subnet-cidr-reservation",
            "scr",
            table(
                    "subnet_cidr_reservation",
                    new SubnetCidrReservation(),
                    index(SUBNET, SubnetCidrReservation::subnetId)),
            SubnetCidrReservation::subnetCidrReservationId,
            "InvalidSubnetCidrReservationID.NotFound",
            "subnetCidrReservation ID");

    /** Which public addresses are taken, across accounts. */
    static final Table<PublicRow> PUBLIC =
            Table.of("ec2.public_address", RecordCodecs.of(PublicRow.class), index(ADDRESS, PublicRow::address));

    /** Reverse names of elastic IPs, by allocation. */
    static final Table<ReverseName> REVERSE = Table.of("ec2.reverse_name", RecordCodecs.of(ReverseName.class));

    /** The entries of each version of a prefix list, keyed by the list's id and the version. */
    static final Table<PrefixVersion> PREFIX_VERSIONS =
            Table.of("ec2.prefix_list_version", RecordCodecs.of(PrefixVersion.class));

    /** What was made for an account and region before it asked. */
    static final Table<Founded> FOUNDED = Table.of("ec2.founded", RecordCodecs.of(Founded.class));

    static final List<Kind<?>> KINDS = List.of(
            VPCS,
            SUBNETS,
            ROUTE_TABLES,
            INTERNET_GATEWAYS,
            EGRESS_GATEWAYS,
            NAT_GATEWAYS,
            INTERFACES,
            GROUPS,
            RULES,
            ACLS,
            ADDRESSES,
            DHCP_OPTIONS,
            PEERINGS,
            ENDPOINTS,
            PREFIX_LISTS,
            FLOW_LOGS,
            RESERVATIONS);

    private Nets() {}

    /** A network and what the API tells of it elsewhere. */
    public record VpcRow(Vpc vpc, boolean dnsHostnames, boolean dnsSupport, boolean usageMetrics) {
        public String id() {
            return known(vpc.vpcId());
        }
    }

    /**
     * A network interface.
     *
     * @param shape as the API tells it
     * @param autoPublic whether it is given a public address whenever its instance starts
     */
    public record InterfaceRow(NetworkInterface shape, boolean autoPublic) {
        public String id() {
            return known(shape.networkInterfaceId());
        }

        /** The instance it is attached to, null where it is to none. */
        public @Nullable String instance() {
            return shape.attachment() == null ? null : shape.attachment().instanceId();
        }
    }

    /** Whose a public address is: an interface's or an elastic IP's id. */
    record PublicRow(String address, String owner) {}

    record ReverseName(String name) {}

    /** The entries of one version. */
    record PrefixVersion(long version, List<PrefixListEntry> entries) {}

    /** Marks that the default network was made once; who deletes it gets no other by itself. */
    record Founded(String vpc, String dhcpOptions) {}

    /** Every table. */
    static List<Table<?>> tables() {
        List<Table<?>> all = new ArrayList<>();
        KINDS.forEach(kind -> all.add(kind.table()));
        all.add(PUBLIC);
        all.add(REVERSE);
        all.add(PREFIX_VERSIONS);
        all.add(FOUNDED);
        all.add(NetworkMeter.TOLD);
        all.add(NetworkReconciler.TOUCHED);
        return all;
    }

    /** A member that every kept record has. */
    static <T> T known(@Nullable T value) {
        return Objects.requireNonNull(value);
    }

    private static <R> Kind<R> kind(
            String type,
            String prefix,
            Table<R> table,
            Function<R, @Nullable String> id,
            String notFound,
            String noun) {
        return new Kind<>(type, prefix, table, record -> known(id.apply(record)), notFound, noun);
    }

    @SafeVarargs
    private static <R extends Struct> Table<R> table(String name, R prototype, Table.Index<R>... indexes) {
        return Table.of("ec2." + name, RecordCodecs.struct(prototype), indexes);
    }

    private static <R> Table.Index<R> index(String name, Function<R, @Nullable String> value) {
        return new Table.Index<>(name, record -> {
            String found = value.apply(record);
            return found == null || found.isEmpty() ? List.of() : List.of(found);
        });
    }

    private static <R, E> Table.Index<R> indexes(
            String name, Function<R, List<E>> elements, Function<E, @Nullable String> value) {
        return new Table.Index<>(
                name,
                record -> elements.apply(record).stream()
                        .map(value)
                        .filter(Objects::nonNull)
                        .map(Nets::known)
                        .distinct()
                        .toList());
    }
}
