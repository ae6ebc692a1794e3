package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.network.Interfaces.Spec;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Endpoints of networks for AWS's services. The region's services answer inside every network without one; endpoints are
 * records, their interfaces take addresses, and nothing answers at those.
 */
interface EndpointOperations extends NetworkStory {
    String OPEN_POLICY = "{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
            + "\"Action\":\"*\",\"Resource\":\"*\"}]}";

    Listing<VpcEndpoint> ENDPOINTS = new Listing<>(
            "DescribeVpcEndpoints",
            Filters.<VpcEndpoint>tagged()
                    .one("ip-address-type", VpcEndpoint::ipAddressType)
                    .one("service-name", VpcEndpoint::serviceName)
                    .one("service-region", VpcEndpoint::serviceRegion)
                    .one("vpc-id", VpcEndpoint::vpcId)
                    .one("vpc-endpoint-id", VpcEndpoint::vpcEndpointId)
                    .one("vpc-endpoint-state", VpcEndpoint::state)
                    .one("vpc-endpoint-type", VpcEndpoint::vpcEndpointType),
            1,
            1000);

    Listing<ServiceDetail> SERVICES = new Listing<>(
            "DescribeVpcEndpointServices",
            Filters.<ServiceDetail>tagged()
                    .one("owner", ServiceDetail::owner)
                    .one("service-name", ServiceDetail::serviceName)
                    .one("service-region", ServiceDetail::serviceRegion)
                    .many(
                            "service-type",
                            each -> each.serviceType().stream()
                                    .map(type -> known(type.serviceType()))
                                    .toList()),
            1,
            1000);

    @Override
    default CreateVpcEndpointResult createVpcEndpoint(CreateVpcEndpointRequest in, Call call) {
        String type = in.vpcEndpointType() == null ? "Gateway" : in.vpcEndpointType();
        String service = in.serviceName();
        if (service == null) {
            throw Ec2Faults.missing("ServiceName");
        }
        if (!List.of("Gateway", "Interface").contains(type)) {
            throw Ec2Faults.unbuilt("A VPC endpoint of type " + type);
        }
        if (!EndpointServices.exists(call.region(), service, type)) {
            throw Ec2Faults.of("InvalidServiceName", "The Vpc Endpoint Service '" + service + "' does not exist");
        }
        boolean gateway = type.equals("Gateway");
        if (gateway && (!in.subnetIds().isEmpty() || !in.securityGroupIds().isEmpty())) {
            throw Ec2Faults.of("InvalidParameter", "Subnets and security groups are for interface endpoints only.");
        }
        if (!gateway && !in.routeTableIds().isEmpty()) {
            throw Ec2Faults.of("InvalidParameter", "Route tables are for gateway endpoints only.");
        }
        if (in.policyDocument() != null) {
            EndpointServices.checkPolicy(in.policyDocument());
        }
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "vpc-endpoint");
        Scope scope = network().scope(call);
        String id = network().room().once("CreateVpcEndpoint", in, call, tx -> {
            String made = make(tx, scope, in, service, type);
            Tags.put(tx, scope, Nets.ENDPOINTS, made, tags);
            return made;
        });
        return network()
                .room()
                .read(tx -> new CreateVpcEndpointResult()
                        .vpcEndpoint(Nets.ENDPOINTS.require(tx, scope, id).tags(Tags.told(tx, scope, id)))
                        .clientToken(in.clientToken()));
    }

    private String make(WriteTx tx, Scope scope, CreateVpcEndpointRequest in, String service, String type) {
        VpcRow vpc = Network.vpc(tx, scope, in.vpcId());
        boolean gateway = type.equals("Gateway");
        boolean named = Boolean.TRUE.equals(in.privateDnsEnabled());
        if (!gateway && named && !(vpc.dnsSupport() && vpc.dnsHostnames())) {
            throw Ec2Faults.of(
                    "InvalidParameter",
                    "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to"
                            + " true for " + vpc.id());
        }
        EndpointServices.checkQuota(tx, scope, vpc.id(), gateway);
        tables(tx, scope, vpc, service, in.routeTableIds());
        String id = network().id("vpce");
        VpcEndpoint made = new VpcEndpoint()
                .vpcEndpointId(id)
                .vpcEndpointType(type)
                .vpcId(vpc.id())
                .serviceName(service)
                .serviceRegion(scope.region())
                .state("available")
                .ownerId(scope.account())
                .policyDocument(in.policyDocument() == null ? OPEN_POLICY : in.policyDocument())
                .routeTableIds(in.routeTableIds())
                .privateDnsEnabled(!gateway && named)
                .requesterManaged(false)
                .ipAddressType("ipv4")
                .dnsOptions(new DnsOptions().dnsRecordIpType("ipv4"))
                .creationTimestamp(network().room().now());
        if (!gateway) {
            List<GroupIdentifier> groups = Interfaces.groups(tx, scope, vpc, in.securityGroupIds());
            made.groups(groups.stream()
                    .map(each -> new SecurityGroupIdentifier()
                            .groupId(each.groupId())
                            .groupName(each.groupName()))
                    .toList());
            join(tx, scope, made, vpc, in.subnetIds());
            made.dnsEntries(EndpointServices.names(id, service, scope.region(), made.privateDnsEnabled()));
        }
        Nets.ENDPOINTS.put(tx, scope, made);
        return id;
    }

    /** Refuses route tables of other networks, and those that lead to the same service already. */
    private static void tables(ReadTx tx, Scope scope, VpcRow vpc, String service, List<String> ids) {
        for (String id : ids) {
            RouteTable table = Nets.ROUTE_TABLES.require(tx, scope, id);
            if (!vpc.id().equals(table.vpcId())) {
                throw Ec2Faults.of("InvalidParameter", "Route table " + id + " does not belong to network " + vpc.id());
            }
            boolean taken = Nets.ENDPOINTS.find(tx, scope, Nets.VPC, vpc.id()).stream()
                    .anyMatch(each -> service.equals(each.serviceName())
                            && each.routeTableIds().contains(id));
            if (taken) {
                throw Ec2Faults.of(
                        "RouteAlreadyExists",
                        "route table " + id + " already has a route with destination-prefix-list-id "
                                + AwsPrefixLists.id(service));
            }
        }
    }

    /** Puts an interface of the endpoint in each of the subnets. */
    private void join(WriteTx tx, Scope scope, VpcEndpoint endpoint, VpcRow vpc, List<String> subnets) {
        List<String> interfaces = new ArrayList<>(endpoint.networkInterfaceIds());
        List<String> all = new ArrayList<>(endpoint.subnetIds());
        List<String> groups = endpoint.groups().stream()
                .map(SecurityGroupIdentifier::groupId)
                .map(Nets::known)
                .toList();
        for (String id : subnets) {
            Subnet subnet = Nets.SUBNETS.require(tx, scope, id);
            if (!vpc.id().equals(subnet.vpcId())) {
                throw Ec2Faults.of("InvalidParameter", "Subnet " + id + " does not belong to network " + vpc.id());
            }
            boolean zoned = all.stream()
                    .map(each -> Nets.SUBNETS.require(tx, scope, each))
                    .anyMatch(each -> known(each.availabilityZone()).equals(subnet.availabilityZone()));
            if (zoned) {
                throw Ec2Faults.of(
                        "DuplicateSubnetsInSameZone",
                        "Found another VPC endpoint subnet in the availability zone of " + id);
            }
            Spec spec = Spec.of(id, groups)
                    .managed("VPC Endpoint Interface " + endpoint.vpcEndpointId(), "amazon-vpc", "vpc_endpoint", null);
            InterfaceRow row = network().interfaces().create(tx, scope, spec);
            network().interfaces().attachTo(tx, scope, row, "amazon-aws");
            interfaces.add(row.id());
            all.add(id);
        }
        endpoint.networkInterfaceIds(interfaces).subnetIds(all);
    }

    @Override
    default ModifyVpcEndpointResult modifyVpcEndpoint(ModifyVpcEndpointRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            VpcEndpoint endpoint = Nets.ENDPOINTS.require(tx, scope, in.vpcEndpointId());
            VpcRow vpc = Network.vpc(tx, scope, known(endpoint.vpcId()));
            if (in.policyDocument() != null) {
                EndpointServices.checkPolicy(in.policyDocument());
                endpoint.policyDocument(in.policyDocument());
            }
            if (Boolean.TRUE.equals(in.resetPolicy())) {
                endpoint.policyDocument(OPEN_POLICY);
            }
            List<String> routes = new ArrayList<>(endpoint.routeTableIds());
            routes.removeAll(in.removeRouteTableIds());
            List<String> more = in.addRouteTableIds().stream()
                    .filter(id -> !routes.contains(id))
                    .toList();
            tables(tx, scope, vpc, known(endpoint.serviceName()), more);
            routes.addAll(more);
            endpoint.routeTableIds(routes);
            regroup(tx, scope, in, endpoint, vpc);
            leave(tx, scope, endpoint, in.removeSubnetIds());
            join(tx, scope, endpoint, vpc, in.addSubnetIds());
            if (in.privateDnsEnabled() != null) {
                endpoint.privateDnsEnabled(in.privateDnsEnabled())
                        .dnsEntries(EndpointServices.names(
                                in.vpcEndpointId(),
                                known(endpoint.serviceName()),
                                scope.region(),
                                in.privateDnsEnabled()));
            }
            Nets.ENDPOINTS.put(tx, scope, endpoint);
            return new ModifyVpcEndpointResult().return_(true);
        });
    }

    private void regroup(WriteTx tx, Scope scope, ModifyVpcEndpointRequest in, VpcEndpoint endpoint, VpcRow vpc) {
        if (in.addSecurityGroupIds().isEmpty() && in.removeSecurityGroupIds().isEmpty()) {
            return;
        }
        List<String> ids = new ArrayList<>();
        endpoint.groups().forEach(each -> ids.add(known(each.groupId())));
        ids.removeAll(in.removeSecurityGroupIds());
        ids.addAll(in.addSecurityGroupIds());
        List<GroupIdentifier> groups = Interfaces.groups(tx, scope, vpc, ids);
        endpoint.groups(groups.stream()
                .map(each ->
                        new SecurityGroupIdentifier().groupId(each.groupId()).groupName(each.groupName()))
                .toList());
        for (String id : endpoint.networkInterfaceIds()) {
            InterfaceRow row = Nets.INTERFACES.require(tx, scope, id);
            row.shape().groups(groups);
            network().interfaces().write(tx, scope, row);
        }
    }

    /** Takes the endpoint's interfaces out of subnets. */
    private void leave(WriteTx tx, Scope scope, VpcEndpoint endpoint, List<String> subnets) {
        List<String> left = new ArrayList<>(endpoint.networkInterfaceIds());
        for (String id : endpoint.networkInterfaceIds()) {
            InterfaceRow row = Nets.INTERFACES.require(tx, scope, id);
            if (subnets.contains(known(row.shape().subnetId()))) {
                network().interfaces().delete(tx, scope, id);
                left.remove(id);
            }
        }
        List<String> rest = new ArrayList<>(endpoint.subnetIds());
        rest.removeAll(subnets);
        endpoint.networkInterfaceIds(left).subnetIds(rest);
    }

    @Override
    default DeleteVpcEndpointsResult deleteVpcEndpoints(DeleteVpcEndpointsRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            List<UnsuccessfulItem> failed = new ArrayList<>();
            for (String id : in.vpcEndpointIds()) {
                VpcEndpoint endpoint = Nets.ENDPOINTS.find(tx, scope, id).orElse(null);
                if (endpoint == null) {
                    failed.add(new UnsuccessfulItem()
                            .resourceId(id)
                            .error(new UnsuccessfulItemError()
                                    .code("InvalidVpcEndpoint.NotFound")
                                    .message("The VPC endpoint '" + id + "' does not exist")));
                    continue;
                }
                leave(tx, scope, endpoint, endpoint.subnetIds());
                Nets.ENDPOINTS.delete(tx, scope, id);
            }
            return new DeleteVpcEndpointsResult().unsuccessful(failed);
        });
    }

    @Override
    default DescribeVpcEndpointsResult describeVpcEndpoints(DescribeVpcEndpointsRequest in, Call call) {
        network().scope(call);
        Page<Tagged<VpcEndpoint>> page =
                ENDPOINTS.page(network().room(), Nets.ENDPOINTS, in, in.vpcEndpointIds(), call);
        return new DescribeVpcEndpointsResult()
                .vpcEndpoints(page.items().stream()
                        .map(each -> each.record().tags(Tags.told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    default DescribeVpcEndpointServicesResult describeVpcEndpointServices(
            DescribeVpcEndpointServicesRequest in, Call call) {
        List<ServiceDetail> all = EndpointServices.all(call.region()).stream()
                .filter(each -> in.serviceNames().isEmpty() || in.serviceNames().contains(known(each.serviceName())))
                .toList();
        for (String name : in.serviceNames()) {
            if (all.stream().noneMatch(each -> name.equals(each.serviceName()))) {
                throw Ec2Faults.of("InvalidServiceName", "The Vpc Endpoint Service '" + name + "' does not exist");
            }
        }
        return network().room().read(tx -> {
            Page<Tagged<ServiceDetail>> page =
                    SERVICES.page(network().room(), tx, all, each -> known(each.serviceId()), in, false, call);
            return new DescribeVpcEndpointServicesResult()
                    .serviceDetails(page.items().stream().map(Tagged::record).toList())
                    .serviceNames(page.items().stream()
                            .map(each -> each.record().serviceName())
                            .filter(Objects::nonNull)
                            .map(Nets::known)
                            .distinct()
                            .toList())
                    .nextToken(page.next());
        });
    }
}
