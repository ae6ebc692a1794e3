package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Route tables, their routes, and the subnets they are for. */
interface RouteOperations extends NetworkStory {
    Listing<RouteTable> ROUTE_TABLES = Listing.of(
            "DescribeRouteTables",
            Filters.<RouteTable>tagged()
                    .many("association.gateway-id", associations(RouteTableAssociation::gatewayId))
                    .many(
                            "association.route-table-association-id",
                            associations(RouteTableAssociation::routeTableAssociationId))
                    .many("association.route-table-id", associations(RouteTableAssociation::routeTableId))
                    .many("association.subnet-id", associations(RouteTableAssociation::subnetId))
                    .many("association.main", associations(each -> String.valueOf(each.main())))
                    .one("owner-id", RouteTable::ownerId)
                    .one("route-table-id", RouteTable::routeTableId)
                    .many("route.destination-cidr-block", routes(Route::destinationCidrBlock))
                    .many("route.destination-ipv6-cidr-block", routes(Route::destinationIpv6CidrBlock))
                    .many("route.destination-prefix-list-id", routes(Route::destinationPrefixListId))
                    .many("route.egress-only-internet-gateway-id", routes(Route::egressOnlyInternetGatewayId))
                    .many("route.gateway-id", routes(Route::gatewayId))
                    .many("route.instance-id", routes(Route::instanceId))
                    .many("route.nat-gateway-id", routes(Route::natGatewayId))
                    .many("route.transit-gateway-id", routes(Route::transitGatewayId))
                    .many("route.origin", routes(Route::origin))
                    .many("route.state", routes(Route::state))
                    .many("route.vpc-peering-connection-id", routes(Route::vpcPeeringConnectionId))
                    .one("vpc-id", RouteTable::vpcId));

    private static Function<RouteTable, List<String>> associations(
            Function<RouteTableAssociation, @Nullable String> value) {
        return table -> table.associations().stream()
                .map(value)
                .filter(Objects::nonNull)
                .map(Nets::known)
                .toList();
    }

    private static Function<RouteTable, List<String>> routes(Function<Route, @Nullable String> value) {
        return table -> table.routes().stream()
                .map(value)
                .filter(Objects::nonNull)
                .map(Nets::known)
                .toList();
    }

    private static RouteTable told(ReadTx tx, Scope scope, RouteTable table) {
        return table.routes(Routes.told(tx, scope, table)).propagatingVgws(List.of());
    }

    @Override
    default CreateRouteTableResult createRouteTable(CreateRouteTableRequest in, Call call) {
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "route-table");
        Scope scope = network().scope(call);
        String[] made = new String[1];
        String id = network().room().once("CreateRouteTable", in, call, tx -> {
            VpcRow vpc = Network.vpc(tx, scope, in.vpcId());
            if (Nets.ROUTE_TABLES.find(tx, scope, Nets.VPC, vpc.id()).size() >= Quotas.ROUTE_TABLES_PER_VPC) {
                throw Ec2Faults.of(
                        "RouteTableLimitExceeded", "The maximum number of route tables for this VPC has been reached.");
            }
            made[0] = network().id("rtb");
            Nets.ROUTE_TABLES.put(
                    tx,
                    scope,
                    new RouteTable()
                            .routeTableId(made[0])
                            .vpcId(vpc.id())
                            .ownerId(scope.account())
                            .routes(Vpcs.locals(vpc)));
            Tags.put(tx, scope, Nets.ROUTE_TABLES, made[0], tags);
            return made[0];
        });
        return network()
                .room()
                .read(tx -> new CreateRouteTableResult()
                        .routeTable(told(tx, scope, Nets.ROUTE_TABLES.require(tx, scope, id))
                                .tags(Tags.told(tx, scope, id)))
                        .clientToken(in.clientToken()));
    }

    @Override
    default DeleteRouteTableResult deleteRouteTable(DeleteRouteTableRequest in, Call call) {
        Scope scope = network().scope(call);
        String id = in.routeTableId();
        return network().room().change(in, tx -> {
            RouteTable table = Nets.ROUTE_TABLES.require(tx, scope, id);
            boolean endpoint = Nets.ENDPOINTS.find(tx, scope, Nets.VPC, known(table.vpcId())).stream()
                    .anyMatch(each -> each.routeTableIds().contains(id));
            if (!table.associations().isEmpty() || endpoint) {
                throw Ec2Faults.dependents("routeTable", id);
            }
            Nets.ROUTE_TABLES.delete(tx, scope, id);
            return new DeleteRouteTableResult();
        });
    }

    @Override
    default DescribeRouteTablesResult describeRouteTables(DescribeRouteTablesRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().read(tx -> {
            List<RouteTable> found = new ArrayList<>();
            List<String> missing = new ArrayList<>();
            for (String id : in.routeTableIds()) {
                Nets.ROUTE_TABLES.find(tx, scope, id).ifPresentOrElse(found::add, () -> missing.add(id));
            }
            if (!missing.isEmpty()) {
                throw Nets.ROUTE_TABLES.missing(missing);
            }
            if (in.routeTableIds().isEmpty()) {
                found.addAll(Nets.ROUTE_TABLES.all(tx, scope));
            }
            found.forEach(each -> told(tx, scope, each));
            Page<Tagged<RouteTable>> page = ROUTE_TABLES.page(
                    network().room(),
                    tx,
                    found,
                    Nets.ROUTE_TABLES.id(),
                    in,
                    !in.routeTableIds().isEmpty(),
                    call);
            return new DescribeRouteTablesResult()
                    .routeTables(page.items().stream()
                            .map(each -> each.record().tags(Tags.told(each.tags())))
                            .toList())
                    .nextToken(page.next());
        });
    }

    @Override
    default CreateRouteResult createRoute(CreateRouteRequest in, Call call) {
        Scope scope = network().scope(call);
        Routes.Destination destination = Routes.Destination.of(in);
        return network().room().change(in, tx -> {
            RouteTable table = Nets.ROUTE_TABLES.require(tx, scope, in.routeTableId());
            Route route = Routes.route(tx, scope, table, destination, in);
            if (table.routes().stream().anyMatch(destination::matches)) {
                throw Ec2Faults.of("RouteAlreadyExists", "The route identified by " + destination + " already exists.");
            }
            if (table.routes().size() >= Quotas.ROUTES_PER_TABLE) {
                throw Ec2Faults.of(
                        "RouteLimitExceeded", "The maximum number of routes for this route table has been reached.");
            }
            List<Route> all = new ArrayList<>(table.routes());
            all.add(route);
            Nets.ROUTE_TABLES.put(tx, scope, table.routes(all));
            return new CreateRouteResult().return_(true);
        });
    }

    private static Fault noRoute(Routes.Destination destination, RouteTable table) {
        return Ec2Faults.of(
                "InvalidRoute.NotFound",
                "no route with " + destination.parameter() + " " + destination + " in route table "
                        + table.routeTableId());
    }

    @Override
    default ReplaceRouteResult replaceRoute(ReplaceRouteRequest in, Call call) {
        Scope scope = network().scope(call);
        Routes.Destination destination = Routes.Destination.of(in);
        return network().room().change(in, tx -> {
            RouteTable table = Nets.ROUTE_TABLES.require(tx, scope, in.routeTableId());
            List<Route> all = new ArrayList<>(table.routes());
            Route before = all.stream()
                    .filter(destination::matches)
                    .findFirst()
                    .orElseThrow(() -> noRoute(destination, table));
            if (Routes.isLocal(before)) {
                if (Boolean.TRUE.equals(in.localTarget())) {
                    return new ReplaceRouteResult();
                }
                throw Ec2Faults.unbuilt("A local route to another target");
            }
            all.set(all.indexOf(before), Routes.route(tx, scope, table, destination, in));
            Nets.ROUTE_TABLES.put(tx, scope, table.routes(all));
            return new ReplaceRouteResult();
        });
    }

    @Override
    default DeleteRouteResult deleteRoute(DeleteRouteRequest in, Call call) {
        Scope scope = network().scope(call);
        Routes.Destination destination = Routes.Destination.of(in);
        return network().room().change(in, tx -> {
            RouteTable table = Nets.ROUTE_TABLES.require(tx, scope, in.routeTableId());
            Route gone = table.routes().stream()
                    .filter(destination::matches)
                    .findFirst()
                    .orElseThrow(() -> noRoute(destination, table));
            if (Routes.isLocal(gone)) {
                throw Ec2Faults.invalid(
                        "cannot remove local route " + destination + " in route table " + table.routeTableId());
            }
            List<Route> left = new ArrayList<>(table.routes());
            left.remove(gone);
            Nets.ROUTE_TABLES.put(tx, scope, table.routes(left));
            return new DeleteRouteResult();
        });
    }

    @Override
    default AssociateRouteTableResult associateRouteTable(AssociateRouteTableRequest in, Call call) {
        if (in.gatewayId() != null || in.publicIpv4Pool() != null) {
            throw Ec2Faults.unbuilt("A route table for a gateway");
        }
        String subnetId = in.subnetId();
        if (subnetId == null) {
            throw Ec2Faults.missing("subnetId");
        }
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            RouteTable table = Nets.ROUTE_TABLES.require(tx, scope, in.routeTableId());
            Subnet subnet = Nets.SUBNETS.require(tx, scope, subnetId);
            if (!known(table.vpcId()).equals(subnet.vpcId())) {
                throw Ec2Faults.invalid("route table " + table.routeTableId() + " and subnet " + subnetId
                        + " belong to different networks");
            }
            List<RouteTable> before = Nets.ROUTE_TABLES.find(tx, scope, Nets.SUBNET, subnetId);
            if (!before.isEmpty()) {
                RouteTableAssociation own = before.getFirst().associations().stream()
                        .filter(each -> subnetId.equals(each.subnetId()))
                        .findFirst()
                        .orElseThrow();
                if (known(table.routeTableId()).equals(own.routeTableId())) {
                    return new AssociateRouteTableResult()
                            .associationId(own.routeTableAssociationId())
                            .associationState(own.associationState());
                }
                throw Ec2Faults.of(
                        "Resource.AlreadyAssociated",
                        "the specified association for route table " + table.routeTableId()
                                + " conflicts with an existing association");
            }
            RouteTableAssociation made = associate(tx, scope, table, subnetId);
            return new AssociateRouteTableResult()
                    .associationId(made.routeTableAssociationId())
                    .associationState(made.associationState());
        });
    }

    /** Puts a table in force for a subnet, or (null) for all that have none of their own. */
    private RouteTableAssociation associate(WriteTx tx, Scope scope, RouteTable table, @Nullable String subnet) {
        RouteTableAssociation made = new RouteTableAssociation()
                .main(subnet == null)
                .routeTableAssociationId(network().id("rtbassoc"))
                .routeTableId(table.routeTableId())
                .subnetId(subnet)
                .associationState(new RouteTableAssociationState().state("associated"));
        List<RouteTableAssociation> all = new ArrayList<>(table.associations());
        all.add(made);
        Nets.ROUTE_TABLES.put(tx, scope, table.associations(all));
        return made;
    }

    private static RouteTable ofAssociation(ReadTx tx, Scope scope, String association) {
        return Nets.ROUTE_TABLES.find(tx, scope, Nets.ASSOCIATION, association).stream()
                .findFirst()
                .orElseThrow(() -> Ec2Faults.of(
                        "InvalidAssociationID.NotFound", "The association ID '" + association + "' does not exist"));
    }

    private static RouteTableAssociation association(RouteTable table, String id) {
        return table.associations().stream()
                .filter(each -> id.equals(each.routeTableAssociationId()))
                .findFirst()
                .orElseThrow();
    }

    private static void remove(WriteTx tx, Scope scope, RouteTable table, RouteTableAssociation gone) {
        List<RouteTableAssociation> left = new ArrayList<>(table.associations());
        left.remove(gone);
        Nets.ROUTE_TABLES.put(tx, scope, table.associations(left));
    }

    @Override
    default DisassociateRouteTableResult disassociateRouteTable(DisassociateRouteTableRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            RouteTable table = ofAssociation(tx, scope, in.associationId());
            RouteTableAssociation gone = association(table, in.associationId());
            if (Boolean.TRUE.equals(gone.main())) {
                throw Ec2Faults.invalid("cannot disassociate the main route table association " + in.associationId());
            }
            remove(tx, scope, table, gone);
            return new DisassociateRouteTableResult();
        });
    }

    @Override
    default ReplaceRouteTableAssociationResult replaceRouteTableAssociation(
            ReplaceRouteTableAssociationRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            RouteTable before = ofAssociation(tx, scope, in.associationId());
            RouteTableAssociation gone = association(before, in.associationId());
            RouteTable wanted = Nets.ROUTE_TABLES.require(tx, scope, in.routeTableId());
            if (!known(before.vpcId()).equals(wanted.vpcId())) {
                throw Ec2Faults.invalid("route table " + wanted.routeTableId() + " and network " + before.vpcId()
                        + " belong to different networks");
            }
            if (in.routeTableId().equals(before.routeTableId())) {
                return new ReplaceRouteTableAssociationResult()
                        .newAssociationId(gone.routeTableAssociationId())
                        .associationState(gone.associationState());
            }
            remove(tx, scope, before, gone);
            RouteTableAssociation made = associate(tx, scope, wanted, gone.subnetId());
            return new ReplaceRouteTableAssociationResult()
                    .newAssociationId(made.routeTableAssociationId())
                    .associationState(made.associationState());
        });
    }
}
