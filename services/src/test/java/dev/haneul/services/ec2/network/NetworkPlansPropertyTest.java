package dev.haneul.services.ec2.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.fabric.vpc.NetworkPlan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Whatever two accounts do to their networks, every refusal is one of AWS's, subnets and addresses stay apart, and the
 * plan names nothing that is not in it.
 */
class NetworkPlansPropertyTest {
    private static final int STEPS = 250;

    /** One history of calls. */
    private static final class History {
        private final NetworkRig rig;
        private final Random random;
        private final Call call;
        private final String account;
        private int done;

        History(NetworkRig rig, Random random, String account) {
            this.rig = rig;
            this.random = random;
            this.account = account;
            this.call = NetworkRig.call(account);
        }

        private <T> T pick(List<T> all) {
            if (all.isEmpty()) {
                throw Fault.client("NothingToPick", 400, "");
            }
            return all.get(random.nextInt(all.size()));
        }

        private String vpc() {
            return pick(rig.ec2.describeVpcs(new DescribeVpcsRequest(), call).vpcs())
                    .vpcId();
        }

        private String subnet() {
            return pick(rig.ec2
                            .describeSubnets(new DescribeSubnetsRequest(), call)
                            .subnets())
                    .subnetId();
        }

        private String table() {
            return pick(rig.ec2
                            .describeRouteTables(new DescribeRouteTablesRequest(), call)
                            .routeTables())
                    .routeTableId();
        }

        private String gateway() {
            return pick(rig.ec2
                            .describeInternetGateways(new DescribeInternetGatewaysRequest(), call)
                            .internetGateways())
                    .internetGatewayId();
        }

        private String group() {
            return pick(rig.ec2
                            .describeSecurityGroups(new DescribeSecurityGroupsRequest(), call)
                            .securityGroups())
                    .groupId();
        }

        private String eni() {
            return pick(rig.ec2
                            .describeNetworkInterfaces(new DescribeNetworkInterfacesRequest(), call)
                            .networkInterfaces())
                    .networkInterfaceId();
        }

        private Address address() {
            return pick(rig.ec2
                    .describeAddresses(new DescribeAddressesRequest(), call)
                    .addresses());
        }

        private String block(int bits) {
            return "10." + random.nextInt(3) + "." + 16 * random.nextInt(4) + ".0/" + bits;
        }

        private List<IpPermission> permissions() {
            IpPermission made = new IpPermission()
                    .ipProtocol(pick(List.of("-1", "tcp", "udp", "icmp", "50", "icmpv6")))
                    .fromPort(random.nextInt(3))
                    .toPort(random.nextInt(5));
            return List.of(
                    switch (random.nextInt(3)) {
                        case 0 -> made.userIdGroupPairs(List.of(new UserIdGroupPair().groupId(group())));
                        case 1 -> made.ipv6Ranges(List.of(new Ipv6Range().cidrIpv6("::/0")));
                        default -> made.ipRanges(List.of(new IpRange().cidrIp(block(20))));
                    });
        }

        void step() {
            try {
                if (random.nextInt(3) == 0) {
                    frame();
                } else if (random.nextBoolean()) {
                    inside();
                } else {
                    filters();
                }
                done++;
            } catch (Fault fault) {
                assertThat(fault.status()).as(fault.toString()).isLessThan(500);
            }
        }

        private void frame() {
            switch (random.nextInt(11)) {
                case 0 -> rig.ec2.createVpc(new CreateVpcRequest().cidrBlock(block(16 + random.nextInt(4))), call);
                case 1 -> rig.ec2.deleteVpc(new DeleteVpcRequest().vpcId(vpc()), call);
                case 2, 3 ->
                    rig.ec2.createSubnet(
                            new CreateSubnetRequest().vpcId(vpc()).cidrBlock(block(22 + random.nextInt(6))), call);
                case 4 -> rig.ec2.deleteSubnet(new DeleteSubnetRequest().subnetId(subnet()), call);
                case 5 -> rig.ec2.createInternetGateway(new CreateInternetGatewayRequest(), call);
                case 6 ->
                    rig.ec2.attachInternetGateway(
                            new AttachInternetGatewayRequest()
                                    .internetGatewayId(gateway())
                                    .vpcId(vpc()),
                            call);
                case 7 ->
                    rig.ec2.detachInternetGateway(
                            new DetachInternetGatewayRequest()
                                    .internetGatewayId(gateway())
                                    .vpcId(vpc()),
                            call);
                case 8 ->
                    rig.ec2.associateVpcCidrBlock(
                            new AssociateVpcCidrBlockRequest().vpcId(vpc()).cidrBlock(block(20)), call);
                case 9 ->
                    rig.ec2.createVpcPeeringConnection(
                            new CreateVpcPeeringConnectionRequest().vpcId(vpc()).peerVpcId(vpc()), call);
                default ->
                    rig.ec2.acceptVpcPeeringConnection(
                            new AcceptVpcPeeringConnectionRequest()
                                    .vpcPeeringConnectionId(pick(rig.ec2
                                                    .describeVpcPeeringConnections(
                                                            new DescribeVpcPeeringConnectionsRequest(), call)
                                                    .vpcPeeringConnections())
                                            .vpcPeeringConnectionId()),
                            call);
            }
        }

        private void inside() {
            switch (random.nextInt(9)) {
                case 0, 1 ->
                    rig.ec2.createNetworkInterface(
                            new CreateNetworkInterfaceRequest()
                                    .subnetId(subnet())
                                    .groups(random.nextBoolean() ? List.of() : List.of(group())),
                            call);
                case 2 ->
                    rig.ec2.deleteNetworkInterface(new DeleteNetworkInterfaceRequest().networkInterfaceId(eni()), call);
                case 3 -> {
                    String eni = eni();
                    rig.store.write(tx -> rig.network
                            .interfaces()
                            .attach(tx, NetworkRig.scope(account), eni, "i-0" + eni.substring(5), 0, true));
                }
                case 4 -> rig.ec2.allocateAddress(new AllocateAddressRequest(), call);
                case 5 ->
                    rig.ec2.associateAddress(
                            new AssociateAddressRequest()
                                    .allocationId(address().allocationId())
                                    .networkInterfaceId(eni()),
                            call);
                case 6 ->
                    rig.ec2.createNatGateway(
                            new CreateNatGatewayRequest()
                                    .subnetId(subnet())
                                    .allocationId(address().allocationId()),
                            call);
                case 7 ->
                    rig.ec2.releaseAddress(
                            new ReleaseAddressRequest().allocationId(address().allocationId()), call);
                default ->
                    rig.ec2.assignPrivateIpAddresses(
                            new AssignPrivateIpAddressesRequest()
                                    .networkInterfaceId(eni())
                                    .secondaryPrivateIpAddressCount(1),
                            call);
            }
        }

        private void filters() {
            switch (random.nextInt(8)) {
                case 0 -> rig.ec2.createRouteTable(new CreateRouteTableRequest().vpcId(vpc()), call);
                case 1 ->
                    rig.ec2.associateRouteTable(
                            new AssociateRouteTableRequest()
                                    .routeTableId(table())
                                    .subnetId(subnet()),
                            call);
                case 2 ->
                    rig.ec2.createRoute(
                            new CreateRouteRequest()
                                    .routeTableId(table())
                                    .destinationCidrBlock(random.nextBoolean() ? "0.0.0.0/0" : block(8))
                                    .gatewayId(gateway()),
                            call);
                case 3 ->
                    rig.ec2.createRoute(
                            new CreateRouteRequest()
                                    .routeTableId(table())
                                    .destinationCidrBlock("192.168.0.0/16")
                                    .networkInterfaceId(eni()),
                            call);
                case 4 ->
                    rig.ec2.createSecurityGroup(
                            new CreateSecurityGroupRequest()
                                    .vpcId(vpc())
                                    .groupName("g" + random.nextInt(4))
                                    .description("d"),
                            call);
                case 5 ->
                    rig.ec2.authorizeSecurityGroupIngress(
                            new AuthorizeSecurityGroupIngressRequest()
                                    .groupId(group())
                                    .ipPermissions(permissions()),
                            call);
                case 6 -> rig.ec2.deleteSecurityGroup(new DeleteSecurityGroupRequest().groupId(group()), call);
                default ->
                    rig.ec2.createNetworkAclEntry(
                            new CreateNetworkAclEntryRequest()
                                    .networkAclId(pick(rig.ec2
                                                    .describeNetworkAcls(new DescribeNetworkAclsRequest(), call)
                                                    .networkAcls())
                                            .networkAclId())
                                    .ruleNumber(random.nextInt(5) + 1)
                                    .egress(random.nextBoolean())
                                    .protocol(pick(List.of("-1", "6", "50")))
                                    .portRange(new PortRange().from(1).to(2))
                                    .ruleAction("allow")
                                    .cidrBlock(block(16)),
                            call);
            }
        }
    }

    @Property(tries = 12, seed = "2026", shrinking = ShrinkingMode.OFF)
    void everyHistoryLeavesAPlanThatHoldsTogether(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        try (NetworkRig rig = new NetworkRig()) {
            History one = new History(rig, random, NetworkRig.ONE);
            History other = new History(rig, random, NetworkRig.OTHER);
            for (int i = 0; i < STEPS; i++) {
                (random.nextInt(4) == 0 ? other : one).step();
            }
            assertThat(one.done).as("steps that were not refused").isGreaterThan(STEPS / 10);
            rig.advance(java.time.Duration.ofMinutes(2));
            NetworkTables tables = rig.tables();
            NetworkPlan plan = NetworkPlans.of(tables, Map.of());
            assertThat(NetworkPlans.of(tables, Map.of())).isEqualTo(plan);
            holdsTogether(plan);
            addressesAreApart(plan, rig.fabric.publicRange());
            assertThat(rig.fabric.applied).isEqualTo(plan);
        }
    }

    private static void holdsTogether(NetworkPlan plan) {
        Set<String> vpcs = ids(plan.vpcs().stream().map(NetworkPlan.Vpc::id).toList());
        Set<String> tables =
                ids(plan.routeTables().stream().map(NetworkPlan.RouteTable::id).toList());
        Set<String> acls =
                ids(plan.networkAcls().stream().map(NetworkPlan.NetworkAcl::id).toList());
        Set<String> subnets =
                ids(plan.subnets().stream().map(NetworkPlan.Subnet::id).toList());
        Set<String> interfaces =
                ids(plan.interfaces().stream().map(NetworkPlan.Interface::id).toList());
        Set<String> nats =
                ids(plan.natGateways().stream().map(NetworkPlan.NatGateway::id).toList());
        Set<String> peerings =
                ids(plan.peerings().stream().map(NetworkPlan.Peering::id).toList());
        for (NetworkPlan.Subnet subnet : plan.subnets()) {
            assertThat(vpcs).contains(subnet.vpcId());
            assertThat(tables).contains(subnet.routeTableId());
            assertThat(acls).contains(subnet.networkAclId());
        }
        plan.interfaces().forEach(each -> assertThat(subnets).contains(each.subnetId()));
        plan.natGateways().forEach(each -> assertThat(subnets).contains(each.subnetId()));
        plan.securityGroups().forEach(each -> assertThat(vpcs).contains(each.vpcId()));
        plan.peerings().forEach(each -> assertThat(vpcs).contains(each.oneVpcId(), each.otherVpcId()));
        for (NetworkPlan.RouteTable table : plan.routeTables()) {
            assertThat(vpcs).contains(table.vpcId());
            assertThat(table.routes().stream().map(NetworkPlan.Route::destination))
                    .doesNotHaveDuplicates();
            for (NetworkPlan.Route route : table.routes()) {
                switch (route.target()) {
                    case NetworkPlan.Target.NatGateway(String id) ->
                        assertThat(nats).contains(id);
                    case NetworkPlan.Target.Peering(String id) ->
                        assertThat(peerings).contains(id);
                    case NetworkPlan.Target.Interface(String id) ->
                        assertThat(interfaces).contains(id);
                    default -> {}
                }
            }
        }
    }

    /** No id comes twice. */
    private static Set<String> ids(List<String> all) {
        assertThat(all).doesNotHaveDuplicates();
        return new HashSet<>(all);
    }

    private static void addressesAreApart(NetworkPlan plan, Cidr range) {
        Map<String, NetworkPlan.Subnet> subnets =
                plan.subnets().stream().collect(Collectors.toMap(NetworkPlan.Subnet::id, each -> each));
        for (NetworkPlan.Subnet one : plan.subnets()) {
            for (NetworkPlan.Subnet other : plan.subnets()) {
                if (one != other && one.vpcId().equals(other.vpcId())) {
                    assertThat(one.cidr().overlaps(other.cidr())).isFalse();
                }
            }
        }
        List<String> taken = new ArrayList<>();
        List<String> open = new ArrayList<>();
        for (NetworkPlan.Interface each : plan.interfaces()) {
            NetworkPlan.Subnet subnet = Objects.requireNonNull(subnets.get(each.subnetId()));
            for (NetworkPlan.Address address : each.addresses()) {
                assertThat(subnet.cidr().contains(address.privateAddress())).isTrue();
                taken.add(subnet.vpcId() + "/" + address.privateAddress());
                if (address.publicAddress() != null) {
                    open.add(address.publicAddress());
                }
            }
        }
        for (NetworkPlan.NatGateway nat : plan.natGateways()) {
            NetworkPlan.Subnet subnet = Objects.requireNonNull(subnets.get(nat.subnetId()));
            taken.add(subnet.vpcId() + "/" + nat.privateAddress());
            if (nat.publicAddress() != null) {
                open.add(nat.publicAddress());
            }
        }
        assertThat(taken).doesNotHaveDuplicates();
        assertThat(open).doesNotHaveDuplicates().allMatch(range::contains);
    }
}
