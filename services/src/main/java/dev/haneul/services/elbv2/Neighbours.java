package dev.haneul.services.elbv2;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.store.Scope;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** EC2, asked as the load balancing service for an account. */
final class Neighbours {
    static final String HOST = "elasticloadbalancing.amazonaws.com";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CHUNK = 200;

    private final Ec2Client ec2;
    private final InstantSource clock;

    Neighbours(Caller neighbours, InstantSource clock) {
        this.ec2 = new Ec2Client(neighbours);
        this.clock = clock;
    }

    Call call(Scope scope) {
        return new Call(
                Principal.service(HOST),
                scope.account(),
                scope.region(),
                UUID.randomUUID().toString(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside(HOST));
    }

    /** A call that asks for a public address besides, for which the request has no member. */
    private Call publicly(Scope scope) {
        Principal asking = new Principal(
                Principal.Type.SERVICE, "", HOST, HOST, "", Map.of("ec2:AssociatePublicIpAddress", "true"));
        return call(scope).as(asking);
    }

    /** The subnets, in the order they were named. */
    List<Subnet> subnets(Scope scope, List<String> ids) {
        List<Subnet> found;
        try {
            found = ec2.describeSubnets(new DescribeSubnetsRequest().subnetIds(ids), call(scope))
                    .subnets();
        } catch (Fault e) {
            throw Fault.of(
                    new dev.haneul.api.elbv2.SubnetNotFoundException(),
                    "The subnet ID '" + missing(ids, e) + "' does not exist");
        }
        return ids.stream()
                .map(id -> found.stream()
                        .filter(each -> id.equals(each.subnetId()))
                        .findFirst()
                        .orElseThrow())
                .toList();
    }

    /** The default subnets of zones; zones without one are left out. */
    List<Subnet> defaultSubnets(Scope scope, List<String> zones) {
        return ec2.describeSubnets(
                        new DescribeSubnetsRequest()
                                .filters(List.of(
                                        new Filter().name("availability-zone").values(zones),
                                        new Filter().name("default-for-az").values(List.of("true")))),
                        call(scope))
                .subnets();
    }

    private static String missing(List<String> ids, Fault fault) {
        return ids.stream().filter(fault.message()::contains).findFirst().orElse(ids.getFirst());
    }

    /** The default security group of a network, or the groups named, which must be in it. */
    List<String> groups(Scope scope, String vpc, List<String> named) {
        List<SecurityGroup> all = ec2.describeSecurityGroups(
                        new DescribeSecurityGroupsRequest()
                                .filters(List.of(new Filter().name("vpc-id").values(List.of(vpc)))),
                        call(scope))
                .securityGroups();
        if (named.isEmpty()) {
            return all.stream()
                    .filter(each -> "default".equals(each.groupName()))
                    .map(SecurityGroup::groupId)
                    .toList();
        }
        for (String id : named) {
            if (all.stream().noneMatch(each -> id.equals(each.groupId()))) {
                throw Fault.of(
                        new dev.haneul.api.elbv2.InvalidSecurityGroupException(),
                        "One or more security groups are invalid");
            }
        }
        return named;
    }

    /** Whether an internet gateway is attached to a network. */
    boolean hasGateway(Scope scope, String vpc) {
        return !ec2.describeInternetGateways(
                        new DescribeInternetGatewaysRequest()
                                .filters(List.of(
                                        new Filter().name("attachment.vpc-id").values(List.of(vpc)))),
                        call(scope))
                .internetGateways()
                .isEmpty();
    }

    boolean hasNetwork(Scope scope, String vpc) {
        try {
            return !ec2.describeVpcs(new DescribeVpcsRequest().vpcIds(List.of(vpc)), call(scope))
                    .vpcs()
                    .isEmpty();
        } catch (Fault e) {
            return false;
        }
    }

    /** The blocks of addresses of a network. */
    List<String> blocks(Scope scope, String vpc) {
        try {
            return ec2.describeVpcs(new DescribeVpcsRequest().vpcIds(List.of(vpc)), call(scope)).vpcs().stream()
                    .flatMap(each -> each.cidrBlockAssociationSet().stream())
                    .map(each -> String.valueOf(each.cidrBlock()))
                    .toList();
        } catch (Fault e) {
            return List.of();
        }
    }

    boolean hasAllocation(Scope scope, String allocation) {
        try {
            return !ec2.describeAddresses(
                            new DescribeAddressesRequest().allocationIds(List.of(allocation)), call(scope))
                    .addresses()
                    .isEmpty();
        } catch (Fault e) {
            return false;
        }
    }

    /** A node's network interface. */
    record Made(String eni, String address, @Nullable String publicAddress) {}

    /** Makes the interface behind which a node listens. */
    Made createInterface(
            Scope scope,
            String description,
            boolean network,
            ElbTables.Place place,
            List<String> groups,
            boolean outside) {
        Call call = outside && place.allocation() == null ? publicly(scope) : call(scope);
        NetworkInterface before = existing(scope, description, place.subnet());
        NetworkInterface made = Objects.requireNonNull(
                before != null
                        ? before
                        : ec2.createNetworkInterface(
                                        new CreateNetworkInterfaceRequest()
                                                .subnetId(place.subnet())
                                                .description(description)
                                                .privateIpAddress(place.wanted())
                                                .groups(groups)
                                                .interfaceType(network ? "network_load_balancer" : "interface"),
                                        call)
                                .networkInterface());
        String id = Objects.requireNonNull(made.networkInterfaceId());
        String outer = null;
        if (place.allocation() != null) {
            ec2.associateAddress(
                    new AssociateAddressRequest()
                            .allocationId(place.allocation())
                            .networkInterfaceId(id),
                    call(scope));
        }
        if (place.allocation() != null || outside) {
            outer = publicAddress(scope, id);
        }
        return new Made(id, String.valueOf(made.privateIpAddress()), outer);
    }

    /** One that was made and not written down before the server ended. */
    private @Nullable NetworkInterface existing(Scope scope, String description, String subnet) {
        return ec2
                .describeNetworkInterfaces(
                        new DescribeNetworkInterfacesRequest()
                                .filters(List.of(
                                        new Filter().name("description").values(List.of(description)),
                                        new Filter().name("subnet-id").values(List.of(subnet)))),
                        call(scope))
                .networkInterfaces()
                .stream()
                .filter(each -> Boolean.TRUE.equals(each.requesterManaged()))
                .findFirst()
                .orElse(null);
    }

    private @Nullable String publicAddress(Scope scope, String eni) {
        return ec2
                .describeNetworkInterfaces(
                        new DescribeNetworkInterfacesRequest().networkInterfaceIds(List.of(eni)), call(scope))
                .networkInterfaces()
                .stream()
                .map(NetworkInterface::association)
                .filter(each -> each != null)
                .map(NetworkInterfaceAssociation::publicIp)
                .findFirst()
                .orElse(null);
    }

    void setGroups(Scope scope, String eni, List<String> groups) {
        ec2.modifyNetworkInterfaceAttribute(
                new ModifyNetworkInterfaceAttributeRequest()
                        .networkInterfaceId(eni)
                        .groups(groups),
                call(scope));
    }

    /** Removes an interface; one that is gone is well. */
    void deleteInterface(Scope scope, String eni) {
        try {
            ec2.deleteNetworkInterface(new DeleteNetworkInterfaceRequest().networkInterfaceId(eni), call(scope));
        } catch (Fault e) {
            if (!e.code().equals("InvalidNetworkInterfaceID.NotFound")) {
                throw e;
            }
        }
    }

    /** An instance as a target: where it is and whether it runs. */
    record Found(
            String state,
            String address,
            String zone,
            @Nullable String vpc) {
        boolean running() {
            return state.equals("running");
        }
    }

    /** Instances by id; those that are not there are left out. */
    Map<String, Found> instances(Scope scope, Collection<String> ids) {
        Map<String, Found> found = new HashMap<>();
        List<String> all = new ArrayList<>(ids);
        for (int from = 0; from < all.size(); from += CHUNK) {
            List<String> some = all.subList(from, Math.min(all.size(), from + CHUNK));
            DescribeInstancesRequest request = new DescribeInstancesRequest()
                    .filters(List.of(new Filter().name("instance-id").values(List.copyOf(some))));
            ec2.describeInstances(request, call(scope)).reservations().stream()
                    .flatMap(each -> each.instances().stream())
                    .forEach(each -> found.put(String.valueOf(each.instanceId()), found(each)));
        }
        return found;
    }

    private static Found found(Instance instance) {
        InstanceState state = Objects.requireNonNull(instance.state());
        Placement placement = Objects.requireNonNull(instance.placement());
        String address = instance.privateIpAddress();
        return new Found(
                String.valueOf(state.name()),
                address == null ? "" : address,
                String.valueOf(placement.availabilityZone()),
                instance.vpcId());
    }
}
