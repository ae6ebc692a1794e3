package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.GroupIdentifier;
import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.ec2.NetworkInterfaceAttachment;
import dev.haneul.api.ec2.SecurityGroup;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Kind;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.network.Interfaces;
import dev.haneul.services.ec2.network.Nets;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import dev.haneul.services.ec2.network.Network;
import dev.haneul.services.ec2.network.Subnets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Instances' interfaces on the region's networks. */
public final class InstanceNetworks implements Networks {
    private final Ec2Room room;
    private final Network network;

    public InstanceNetworks(Ec2Room room, Network network) {
        this.room = room;
        this.network = network;
    }

    @Override
    public void prepare(Call call) {
        network.scope(call);
    }

    @Override
    public Place placeOf(ReadTx tx, Scope scope, String eni) {
        NetworkInterface shape = Nets.INTERFACES.require(tx, scope, eni).shape();
        return new Place(
                Objects.requireNonNull(shape.subnetId()),
                Objects.requireNonNull(shape.availabilityZone()),
                Objects.requireNonNull(shape.vpcId()));
    }

    @Override
    public Place place(WriteTx tx, Scope scope, @Nullable String subnet, @Nullable String zone) {
        Subnet found = subnet == null
                ? Subnets.defaultOf(tx, scope, zone).orElseThrow(() -> none(tx, scope, zone))
                : Nets.SUBNETS.require(tx, scope, subnet);
        if (zone != null && !zone.equals(found.availabilityZone())) {
            throw Ec2Faults.invalid("The availability zone " + zone + " is not that of the subnet " + subnet + ".");
        }
        return new Place(
                Objects.requireNonNull(found.subnetId()),
                Objects.requireNonNull(found.availabilityZone()),
                Objects.requireNonNull(found.vpcId()));
    }

    private static Fault none(ReadTx tx, Scope scope, @Nullable String zone) {
        return Network.defaultVpc(tx, scope).isEmpty()
                ? Ec2Faults.of(
                        "VPCIdNotSpecified",
                        "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.")
                : Ec2Faults.of(
                        "MissingInput",
                        zone == null
                                ? "No subnets found for the default VPC. Please specify a subnet."
                                : "No default subnet for availability zone: '" + zone + "'.");
    }

    @Override
    public NetworkInterface create(WriteTx tx, Scope scope, String instance, NewInterface wanted) {
        Subnet subnet = Nets.SUBNETS.require(tx, scope, wanted.place().subnet());
        boolean open =
                wanted.openAddress() == null ? Boolean.TRUE.equals(subnet.mapPublicIpOnLaunch()) : wanted.openAddress();
        int six = wanted.ipv6Count() == 0 && Boolean.TRUE.equals(subnet.assignIpv6AddressOnCreation())
                ? 1
                : wanted.ipv6Count();
        InterfaceRow made = network.interfaces()
                .create(
                        tx,
                        scope,
                        new Interfaces.Spec(
                                wanted.place().subnet(),
                                wanted.description(),
                                groups(tx, scope, wanted),
                                wanted.address(),
                                wanted.moreAddresses(),
                                wanted.moreCount(),
                                List.of(),
                                six,
                                "interface",
                                null,
                                open && wanted.deviceIndex() == 0));
        network.interfaces().attach(tx, scope, made.id(), instance, wanted.deviceIndex(), wanted.deleteOnTermination());
        Tags.put(tx, scope, Nets.INTERFACES, made.id(), wanted.tags());
        return Nets.INTERFACES.require(tx, scope, made.id()).shape();
    }

    private static List<String> groups(ReadTx tx, Scope scope, NewInterface wanted) {
        List<String> ids = new ArrayList<>(wanted.groups());
        Kind<SecurityGroup> kind = Nets.GROUPS;
        for (String name : wanted.groupNames()) {
            ids.add(kind.find(tx, scope, "vpc", wanted.place().vpc()).stream()
                    .filter(group -> name.equals(group.groupName()))
                    .map(group -> Objects.requireNonNull(group.groupId()))
                    .findFirst()
                    .orElseThrow(() -> Ec2Faults.of(
                            "InvalidGroup.NotFound",
                            "The security group '" + name + "' does not exist in default VPC '"
                                    + wanted.place().vpc() + "'")));
        }
        return ids;
    }

    @Override
    public NetworkInterface adopt(WriteTx tx, Scope scope, String instance, String eni, int deviceIndex) {
        network.interfaces().attach(tx, scope, eni, instance, deviceIndex, false);
        return Nets.INTERFACES.require(tx, scope, eni).shape();
    }

    @Override
    public List<NetworkInterface> of(ReadTx tx, Scope scope, String instance) {
        return network.interfaces().ofInstance(tx, scope, instance).stream()
                .map(InterfaceRow::shape)
                .toList();
    }

    @Override
    public void groups(WriteTx tx, Scope scope, String instance, List<String> groups) {
        InterfaceRow row = primary(tx, scope, instance);
        List<GroupIdentifier> named = groups.stream()
                .map(id -> Nets.GROUPS.require(tx, scope, id))
                .peek(group -> {
                    if (!Objects.equals(group.vpcId(), row.shape().vpcId())) {
                        throw Ec2Faults.of(
                                "InvalidGroup.NotFound",
                                "The security group '" + group.groupId() + "' does not exist in VPC '"
                                        + row.shape().vpcId() + "'");
                    }
                })
                .map(group -> new GroupIdentifier().groupId(group.groupId()).groupName(group.groupName()))
                .toList();
        NetworkInterface shape = Structs.clone(row.shape()).groups(named);
        Nets.INTERFACES.put(tx, scope, new InterfaceRow(shape, row.autoPublic()));
    }

    @Override
    public void sourceDestCheck(WriteTx tx, Scope scope, String instance, boolean check) {
        InterfaceRow row = primary(tx, scope, instance);
        NetworkInterface shape = Structs.clone(row.shape()).sourceDestCheck(check);
        Nets.INTERFACES.put(tx, scope, new InterfaceRow(shape, row.autoPublic()));
    }

    private InterfaceRow primary(ReadTx tx, Scope scope, String instance) {
        return network.interfaces().ofInstance(tx, scope, instance).stream()
                .findFirst()
                .orElseThrow(() -> Instances.incorrect(instance, "in which it has a network interface"));
    }

    @Override
    public void started(WriteTx tx, Scope scope, String instance) {
        network.interfaces().started(tx, scope, instance);
    }

    @Override
    public void stopped(WriteTx tx, Scope scope, String instance) {
        network.interfaces().stopped(tx, scope, instance);
    }

    @Override
    public void terminated(WriteTx tx, Scope scope, String instance) {
        for (InterfaceRow row : network.interfaces().ofInstance(tx, scope, instance)) {
            boolean ends = Boolean.TRUE.equals(
                    Objects.requireNonNull(row.shape().attachment()).deleteOnTermination());
            network.interfaces().detach(tx, scope, row.id());
            if (ends) {
                network.interfaces().delete(tx, scope, row.id());
            }
        }
    }

    @Override
    public Optional<String> obstacle() {
        return network.obstacle();
    }

    @Override
    public void wire(Scope scope, String instance, Path netns) throws IOException {
        network.apply();
        for (NetworkInterface each : room.read(tx -> of(tx, scope, instance))) {
            network.fabric()
                    .attach(
                            Objects.requireNonNull(each.networkInterfaceId()),
                            netns,
                            Objects.requireNonNull(
                                    Objects.requireNonNull(each.attachment()).deviceIndex()));
        }
    }

    @Override
    public void wired(Scope scope, String eni, @Nullable Path netns) throws IOException {
        NetworkInterfaceAttachment attachment = room.read(tx -> Nets.INTERFACES.find(tx, scope, eni))
                .map(row -> row.shape().attachment())
                .orElse(null);
        if (netns == null || attachment == null) {
            network.fabric().detach(eni);
        } else if (!network.fabric().attached().contains(eni)) {
            network.apply();
            network.fabric().attach(eni, netns, Objects.requireNonNull(attachment.deviceIndex()));
        }
    }

    @Override
    public void unwire(Scope scope, String instance) throws IOException {
        for (NetworkInterface each : room.read(tx -> of(tx, scope, instance))) {
            network.fabric().detach(Objects.requireNonNull(each.networkInterfaceId()));
        }
    }

    @Override
    public List<String> nameServers(Scope scope, String instance) throws IOException {
        // An interface that was made a moment ago is not in the plan that the machine follows.
        network.apply();
        return room.read(tx -> of(tx, scope, instance)).stream()
                .findFirst()
                .map(each -> network.fabric()
                        .resolvConf(Objects.requireNonNull(each.networkInterfaceId()), null)
                        .lines()
                        .filter(line -> line.startsWith("nameserver "))
                        .map(line -> line.substring("nameserver ".length()).strip())
                        .toList())
                .filter(servers -> !servers.isEmpty())
                .orElse(List.of(VpcFabric.RESOLVER_ADDRESS));
    }

    @Override
    public String searchDomain(Scope scope, String instance) {
        return scope.region().equals("us-east-1") ? "ec2.internal" : scope.region() + ".compute.internal";
    }
}
