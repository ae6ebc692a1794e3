package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.CreateRouteRequest;
import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.ec2.ReplaceRouteRequest;
import dev.haneul.api.ec2.Route;
import dev.haneul.api.ec2.RouteTable;
import dev.haneul.api.ec2.VpcEndpoint;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Struct;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Cidrs;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Routes: where they lead, and whether what they lead to is there. */
final class Routes {
    private static final String LOCAL = "local";
    private static final String ACTIVE = "active";
    private static final String BLACKHOLE = "blackhole";

    /** What a route may lead to, one of which a request names. */
    private static final List<String> TARGETS = List.of(
            "GatewayId",
            "NatGatewayId",
            "NetworkInterfaceId",
            "InstanceId",
            "VpcPeeringConnectionId",
            "EgressOnlyInternetGatewayId",
            "TransitGatewayId",
            "LocalGatewayId",
            "CarrierGatewayId",
            "CoreNetworkArn",
            "OdbNetworkArn",
            "VpcEndpointId");

    private Routes() {}

    static Route local() {
        return new Route().gatewayId(LOCAL).origin("CreateRouteTable").state(ACTIVE);
    }

    static boolean isLocal(Route route) {
        return LOCAL.equals(route.gatewayId());
    }

    static boolean isMain(RouteTable table) {
        return table.associations().stream().anyMatch(each -> Boolean.TRUE.equals(each.main()));
    }

    /** A network's main route table. */
    static RouteTable main(ReadTx tx, Scope scope, String vpc) {
        return Nets.ROUTE_TABLES.find(tx, scope, Nets.VPC, vpc).stream()
                .filter(Routes::isMain)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(vpc + " has no main route table"));
    }

    /** The table in force for a subnet: its own, or its network's main one. */
    static RouteTable of(ReadTx tx, Scope scope, String subnet, String vpc) {
        return Nets.ROUTE_TABLES.find(tx, scope, Nets.SUBNET, subnet).stream()
                .findFirst()
                .orElseGet(() -> main(tx, scope, vpc));
    }

    /** A destination of a request, in the one of three members that it names. */
    record Destination(
            @Nullable String block,
            @Nullable String six,
            @Nullable String prefixList) {
        /**
         * Reads a request.
         *
         * @throws Fault where it names none or several, or a block that is none
         */
        static Destination of(Struct in) {
            String block = (String) Ec2Room.member(in, "DestinationCidrBlock");
            String six = (String) Ec2Room.member(in, "DestinationIpv6CidrBlock");
            String list = (String) Ec2Room.member(in, "DestinationPrefixListId");
            long given = Stream.of(block, six, list).filter(Objects::nonNull).count();
            if (given == 0) {
                throw Ec2Faults.missing("destinationCidrBlock");
            }
            if (given > 1) {
                throw Ec2Faults.combination(
                        "You may specify only one of destinationCidrBlock, destinationIpv6CidrBlock and"
                                + " destinationPrefixListId");
            }
            return new Destination(
                    block == null
                            ? null
                            : Cidrs.v4("destinationCidrBlock", block).toString(),
                    six == null
                            ? null
                            : Cidrs.v6("destinationIpv6CidrBlock", six).toString(),
                    list);
        }

        boolean matches(Route route) {
            return Objects.equals(block, route.destinationCidrBlock())
                    && Objects.equals(six, route.destinationIpv6CidrBlock())
                    && Objects.equals(prefixList, route.destinationPrefixListId());
        }

        Route route() {
            return new Route()
                    .destinationCidrBlock(block)
                    .destinationIpv6CidrBlock(six)
                    .destinationPrefixListId(prefixList)
                    .origin("CreateRoute")
                    .state(ACTIVE);
        }

        String parameter() {
            return block != null
                    ? "destination-cidr-block"
                    : six != null ? "destination-ipv6-cidr-block" : "destination-prefix-list-id";
        }

        @Override
        public String toString() {
            return block != null ? block : six != null ? six : String.valueOf(prefixList);
        }
    }

    /** The route a {@link CreateRouteRequest} or {@link ReplaceRouteRequest} asks for. */
    static Route route(ReadTx tx, Scope scope, RouteTable table, Destination destination, Struct in) {
        List<String> named = TARGETS.stream()
                .filter(name -> Ec2Room.member(in, name) != null)
                .toList();
        if (named.isEmpty()) {
            throw Ec2Faults.missing("gatewayId");
        }
        if (named.size() > 1) {
            throw Ec2Faults.combination("You may specify only one target of a route: " + String.join(", ", named));
        }
        if (destination.prefixList() != null) {
            Nets.PREFIX_LISTS.require(tx, scope, destination.prefixList());
        }
        VpcRow vpc = Network.vpc(tx, scope, known(table.vpcId()));
        if (destination.block() != null) {
            refuseInside(vpc, Cidr.parse(destination.block()));
        }
        String id = known((String) Ec2Room.member(in, named.getFirst()));
        return target(tx, scope, vpc, table, destination.route(), named.getFirst(), id);
    }

    private static void refuseInside(VpcRow vpc, Cidr block) {
        if (Vpcs.blocks(vpc).stream().anyMatch(each -> each.contains(block))) {
            throw Ec2Faults.invalid(
                    "The destination CIDR block " + block + " is equal to or more specific than one of this VPC's CIDR"
                            + " blocks. This route can target only an interface or an instance.");
        }
    }

    private static Route target(
            ReadTx tx, Scope scope, VpcRow vpc, RouteTable table, Route route, String member, String id) {
        switch (member) {
            case "GatewayId" -> {
                if (id.startsWith("vgw-") || id.startsWith("vpce-")) {
                    throw Ec2Faults.unbuilt("A route to " + id.substring(0, id.indexOf('-')));
                }
                boolean here = Nets.INTERNET_GATEWAYS.require(tx, scope, id).attachments().stream()
                        .anyMatch(each -> vpc.id().equals(each.vpcId()));
                sameNetwork(here, table, id);
                return route.gatewayId(id);
            }
            case "NatGatewayId" -> {
                Nats.require(tx, scope, id);
                return route.natGatewayId(id);
            }
            case "NetworkInterfaceId" -> {
                NetworkInterface shape = Nets.INTERFACES.require(tx, scope, id).shape();
                sameNetwork(vpc.id().equals(shape.vpcId()), table, id);
                return through(route, shape);
            }
            case "InstanceId" -> {
                List<InterfaceRow> all = Nets.INTERFACES.find(tx, scope, Nets.INSTANCE, id);
                if (all.isEmpty()) {
                    throw Ec2Faults.of("InvalidInstanceID.NotFound", "The instance ID '" + id + "' does not exist");
                }
                if (all.size() > 1) {
                    throw Ec2Faults.of(
                            "InvalidInstanceID",
                            "There are multiple interfaces attached to instance '" + id
                                    + "'. Please specify an interface ID for the operation instead.");
                }
                sameNetwork(vpc.id().equals(all.getFirst().shape().vpcId()), table, id);
                return through(route, all.getFirst().shape());
            }
            case "VpcPeeringConnectionId" -> {
                Nets.PEERINGS.require(tx, scope, id);
                return route.vpcPeeringConnectionId(id);
            }
            case "EgressOnlyInternetGatewayId" -> {
                Nets.EGRESS_GATEWAYS.require(tx, scope, id);
                if (route.destinationIpv6CidrBlock() == null) {
                    throw Ec2Faults.invalid("An egress-only internet gateway can only be a target for IPv6 routes.");
                }
                return route.egressOnlyInternetGatewayId(id);
            }
            default -> throw Ec2Faults.unbuilt("A route to a target by " + member);
        }
    }

    private static Route through(Route route, NetworkInterface shape) {
        String instance = shape.attachment() == null ? null : shape.attachment().instanceId();
        return route.networkInterfaceId(shape.networkInterfaceId())
                .instanceId(instance)
                .instanceOwnerId(instance == null ? null : shape.ownerId());
    }

    private static void sameNetwork(boolean same, RouteTable table, String target) {
        if (!same) {
            throw Ec2Faults.invalid("route table " + table.routeTableId() + " and network gateway " + target
                    + " belong to different networks");
        }
    }

    /** A table's routes as they are now: those whose targets are gone swallow what they get; endpoints add theirs. */
    static List<Route> told(ReadTx tx, Scope scope, RouteTable table) {
        List<Route> routes = new ArrayList<>();
        for (Route route : table.routes()) {
            if (route.networkInterfaceId() != null) {
                Nets.INTERFACES
                        .find(tx, scope, route.networkInterfaceId())
                        .ifPresent(row -> through(route, row.shape()));
            }
            routes.add(route.state(alive(tx, scope, known(table.vpcId()), route) ? ACTIVE : BLACKHOLE));
        }
        for (VpcEndpoint endpoint : Nets.ENDPOINTS.find(tx, scope, Nets.VPC, known(table.vpcId()))) {
            if (endpoint.routeTableIds().contains(known(table.routeTableId()))) {
                routes.add(new Route()
                        .destinationPrefixListId(AwsPrefixLists.id(known(endpoint.serviceName())))
                        .gatewayId(endpoint.vpcEndpointId())
                        .origin("CreateRoute")
                        .state(ACTIVE));
            }
        }
        return routes;
    }

    /** Whether what a route leads to takes packets. */
    static boolean alive(ReadTx tx, Scope scope, String vpc, Route route) {
        if (route.natGatewayId() != null) {
            return Nets.NAT_GATEWAYS
                    .find(tx, scope, route.natGatewayId())
                    .filter(Nats::alive)
                    .isPresent();
        }
        if (route.networkInterfaceId() != null) {
            return Nets.INTERFACES
                    .find(tx, scope, route.networkInterfaceId())
                    .filter(row -> row.shape().attachment() != null)
                    .isPresent();
        }
        if (route.vpcPeeringConnectionId() != null) {
            return Nets.PEERINGS
                    .find(tx, scope, route.vpcPeeringConnectionId())
                    .filter(Peerings::isActive)
                    .isPresent();
        }
        if (route.egressOnlyInternetGatewayId() != null) {
            return Nets.EGRESS_GATEWAYS
                    .find(tx, scope, route.egressOnlyInternetGatewayId())
                    .isPresent();
        }
        String gateway = route.gatewayId();
        return gateway == null
                || isLocal(route)
                || Nets.INTERNET_GATEWAYS
                        .find(tx, scope, gateway)
                        .filter(each ->
                                each.attachments().stream().anyMatch(attachment -> vpc.equals(attachment.vpcId())))
                        .isPresent();
    }
}
