package dev.haneul.services.ecs.task;

import dev.haneul.api.ec2.CreateNetworkInterfaceRequest;
import dev.haneul.api.ec2.DeleteNetworkInterfaceRequest;
import dev.haneul.api.ec2.DescribeSubnetsRequest;
import dev.haneul.api.ec2.DescribeVpcsRequest;
import dev.haneul.api.ec2.Ec2Client;
import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.ecs.AwsVpcConfiguration;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Interfaces made by EC2, as ecs.amazonaws.com, and carried by the region's fabric. */
public final class VpcTaskNetworks implements TaskNetworks {
    /** Where in a VPC's block its resolver is. */
    private static final int RESOLVER = 2;

    private static final int MOST_KNOWN = 1000;

    private static final Set<String> GONE = Set.of("InvalidNetworkInterfaceID.NotFound");

    private final EcsRoom room;
    private final VpcFabric fabric;
    private final Applied applied;
    private final Map<Key, Place> known = new ConcurrentHashMap<>();

    /** What of a subnet never changes. */
    private record Place(String subnet, String zone, String block, String vpcBlock) {}

    /** Makes networks look like their records as they are now. */
    @FunctionalInterface
    public interface Applied {
        void apply() throws IOException;
    }

    /** Networks of the region. */
    public VpcTaskNetworks(EcsRoom room, VpcFabric fabric, Applied applied) {
        this.room = room;
        this.fabric = fabric;
        this.applied = applied;
    }

    @Override
    public Wiring create(
            Scope scope, String task, AwsVpcConfiguration wanted, @Nullable String zone, String attachment) {
        Ec2Client ec2 = new Ec2Client(room.caller());
        List<Place> fitting = places(scope, wanted.subnets()).stream()
                .filter(each -> zone == null || zone.equals(each.zone()))
                .toList();
        if (fitting.isEmpty()) {
            throw EcsFaults.invalid("No subnet of the task is in the zone " + zone + " of its container instance.");
        }
        Place subnet = fitting.get(Math.floorMod(task.hashCode(), fitting.size()));
        boolean open = "ENABLED".equals(wanted.assignPublicIp());
        Principal as = new Principal(
                Principal.Type.SERVICE,
                "",
                EcsRoom.HOST,
                EcsRoom.HOST,
                "",
                Map.of("ec2:AssociatePublicIpAddress", String.valueOf(open)));
        NetworkInterface made = Objects.requireNonNull(ec2.createNetworkInterface(
                        new CreateNetworkInterfaceRequest()
                                .subnetId(subnet.subnet())
                                .groups(wanted.securityGroups())
                                .description(EcsRoom.arn(scope, "attachment/" + attachment))
                                .clientToken(task),
                        room.as(as, scope))
                .networkInterface());
        return new Wiring(
                Objects.requireNonNull(made.networkInterfaceId()),
                Objects.requireNonNull(made.macAddress()),
                Objects.requireNonNull(made.privateIpAddress()),
                Objects.requireNonNull(made.subnetId()),
                subnet.block(),
                Objects.requireNonNull(made.availabilityZone()),
                Objects.requireNonNullElse(made.privateDnsName(), ""),
                made.association() == null ? null : made.association().publicIp());
    }

    @Override
    public void attach(String eni, Path netns) throws IOException {
        applied.apply();
        fabric.attach(eni, netns, 0);
    }

    @Override
    public void remove(Scope scope, String eni) {
        Call call = room.inside(scope);
        try {
            new Ec2Client(room.caller())
                    .deleteNetworkInterface(new DeleteNetworkInterfaceRequest().networkInterfaceId(eni), call);
        } catch (Fault fault) {
            if (!GONE.contains(fault.code())) {
                throw fault;
            }
        }
    }

    @Override
    public String resolvConf(Scope scope, String subnet) {
        // Of the records alone: a pod is made while the machine still makes its network.
        Place place = places(scope, List.of(subnet)).getFirst();
        String domain = scope.region().equals("us-east-1") ? "ec2.internal" : scope.region() + ".compute.internal";
        return "search " + domain + "\nnameserver "
                + Cidr.parse(place.vpcBlock()).at(RESOLVER) + "\n";
    }

    /** Where subnets are; asked for once each, as EC2 counts a subnet's interfaces whenever it tells of it. */
    private List<Place> places(Scope scope, List<String> ids) {
        Map<String, Place> found = new HashMap<>();
        for (String each : ids) {
            Place place = known.get(scope.key(each));
            if (place != null) {
                found.put(each, place);
            }
        }
        List<String> unknown =
                ids.stream().filter(each -> !found.containsKey(each)).toList();
        if (!unknown.isEmpty()) {
            Ec2Client ec2 = new Ec2Client(room.caller());
            Call call = room.inside(scope);
            if (known.size() > MOST_KNOWN) {
                known.clear();
            }
            for (Subnet each : ec2.describeSubnets(new DescribeSubnetsRequest().subnetIds(unknown), call)
                    .subnets()) {
                String vpc = Objects.requireNonNull(each.vpcId());
                String vpcBlock = ec2.describeVpcs(new DescribeVpcsRequest().vpcIds(List.of(vpc)), call)
                        .vpcs()
                        .getFirst()
                        .cidrBlock();
                Place place = new Place(
                        Objects.requireNonNull(each.subnetId()),
                        Objects.requireNonNull(each.availabilityZone()),
                        Objects.requireNonNull(each.cidrBlock()),
                        Objects.requireNonNull(vpcBlock));
                known.put(scope.key(place.subnet()), place);
                found.put(place.subnet(), place);
            }
        }
        return ids.stream().map(found::get).filter(Objects::nonNull).toList();
    }
}
