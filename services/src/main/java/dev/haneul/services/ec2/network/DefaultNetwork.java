package dev.haneul.services.ec2.network;

import dev.haneul.api.ec2.AttributeValue;
import dev.haneul.api.ec2.DhcpConfiguration;
import dev.haneul.api.ec2.DhcpOptions;
import dev.haneul.api.ec2.InternetGateway;
import dev.haneul.api.ec2.InternetGatewayAttachment;
import dev.haneul.api.ec2.Route;
import dev.haneul.api.ec2.RouteTable;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Cidrs;
import dev.haneul.services.ec2.Zones;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.ArrayList;
import java.util.List;

/**
 * What every account has in a region before it asks: a network with a subnet in each zone and a way to the internet.
 *
 * @see <a href="https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html">Default VPCs</a>
 */
final class DefaultNetwork {
    static final Cidr BLOCK = Cidr.parse("172.31.0.0/16");
    private static final int SUBNET_BITS = 20;

    private DefaultNetwork() {}

    /** Makes the default options and network of an account that comes for the first time. */
    static void found(Network network, WriteTx tx, Scope scope) {
        String options = network.id("dopt");
        String domain = scope.region().equals("us-east-1") ? "ec2.internal" : scope.region() + ".compute.internal";
        Nets.DHCP_OPTIONS.put(
                tx,
                scope,
                new DhcpOptions()
                        .dhcpOptionsId(options)
                        .ownerId(scope.account())
                        .dhcpConfigurations(List.of(
                                configuration("domain-name", domain),
                                configuration("domain-name-servers", "AmazonProvidedDNS"))));
        Network.found(tx, scope, new Nets.Founded("", options));
        VpcRow vpc = make(network, tx, scope);
        Network.found(tx, scope, new Nets.Founded(vpc.id(), options));
    }

    static DhcpConfiguration configuration(String key, String... values) {
        return new DhcpConfiguration()
                .key(key)
                .values(java.util.Arrays.stream(values)
                        .map(value -> new AttributeValue().value(value))
                        .toList());
    }

    /** Makes a default network. */
    static VpcRow make(Network network, WriteTx tx, Scope scope) {
        VpcRow vpc = Vpcs.make(network, tx, scope, BLOCK, null, "default", true);
        String gateway = network.id("igw");
        Nets.INTERNET_GATEWAYS.put(
                tx,
                scope,
                new InternetGateway()
                        .internetGatewayId(gateway)
                        .ownerId(scope.account())
                        .attachments(List.of(new InternetGatewayAttachment()
                                .state("available")
                                .vpcId(vpc.id()))));
        RouteTable main = Routes.main(tx, scope, vpc.id());
        List<Route> routes = new ArrayList<>(main.routes());
        routes.add(new Route()
                .destinationCidrBlock("0.0.0.0/0")
                .gatewayId(gateway)
                .origin("CreateRoute")
                .state("active"));
        Nets.ROUTE_TABLES.put(tx, scope, main.routes(routes));
        for (Zones.Zone zone : Zones.of(scope.region())) {
            subnet(network, tx, scope, vpc, zone);
        }
        return vpc;
    }

    /** Makes a zone's default subnet, in the first block of the network that is free. */
    static Subnet subnet(Network network, WriteTx tx, Scope scope, VpcRow vpc, Zones.Zone zone) {
        List<Cidr> taken = Subnets.blocks(tx, scope, vpc.id());
        for (long place = 0; place < Cidrs.parts(BLOCK, SUBNET_BITS); place++) {
            Cidr block = Cidrs.part(BLOCK, SUBNET_BITS, place);
            if (taken.stream().noneMatch(block::overlaps)) {
                return Subnets.make(network, tx, scope, vpc, zone, block, null, true);
            }
        }
        throw Subnets.conflict(BLOCK);
    }
}
