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
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Interfaces made by EC2, as ecs.amazonaws.com, and carried by the region's fabric. */
public final class VpcTaskNetworks implements TaskNetworks {
    /** Where in a VPC's block its resolver is. */
    private static final int RESOLVER = 2;

    private static final Set<String> GONE = Set.of("InvalidNetworkInterfaceID.NotFound");

    private final EcsRoom room;
    private final VpcFabric fabric;
    private final Applied applied;

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
        List<Subnet> subnets = ec2.describeSubnets(
                        new DescribeSubnetsRequest().subnetIds(wanted.subnets()), room.inside(scope))
                .subnets();
        List<Subnet> fitting = subnets.stream()
                .filter(each -> zone == null || zone.equals(each.availabilityZone()))
                .toList();
        if (fitting.isEmpty()) {
            throw EcsFaults.invalid("No subnet of the task is in the zone " + zone + " of its container instance.");
        }
        Subnet subnet = fitting.get(Math.floorMod(task.hashCode(), fitting.size()));
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
                                .subnetId(subnet.subnetId())
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
                Objects.requireNonNull(subnet.cidrBlock()),
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
        Ec2Client ec2 = new Ec2Client(room.caller());
        Call call = room.inside(scope);
        String vpc = ec2.describeSubnets(new DescribeSubnetsRequest().subnetIds(List.of(subnet)), call)
                .subnets()
                .getFirst()
                .vpcId();
        String block = ec2.describeVpcs(new DescribeVpcsRequest().vpcIds(List.of(Objects.requireNonNull(vpc))), call)
                .vpcs()
                .getFirst()
                .cidrBlock();
        String domain = scope.region().equals("us-east-1") ? "ec2.internal" : scope.region() + ".compute.internal";
        return "search " + domain + "\nnameserver "
                + Cidr.parse(Objects.requireNonNull(block)).at(RESOLVER) + "\n";
    }
}
