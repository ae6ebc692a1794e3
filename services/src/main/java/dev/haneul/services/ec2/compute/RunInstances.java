package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.engines.machine.MachineWay;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.Zones;
import dev.haneul.services.ec2.compute.InstanceRow.Course;
import dev.haneul.services.ec2.compute.InstanceRow.Settings;
import dev.haneul.services.ec2.compute.Networks.NewInterface;
import dev.haneul.services.ec2.compute.Networks.Place;
import dev.haneul.services.ec2.types.InstanceType;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Launches instances: checks everything, then writes them down as pending. */
final class RunInstances {
    private static final String[] TAGGED = {"instance", "volume", "network-interface", "spot-instances-request"};
    private static final int MOST_AT_ONCE = 1000;

    private final Ec2Room room;
    private final Compute compute;

    RunInstances(Ec2Room room, Compute compute) {
        this.room = room;
        this.compute = compute;
    }

    /** What is known before the transaction. */
    private record Wanted(
            RunInstancesRequest in,
            InstanceType type,
            @Nullable IamInstanceProfile profile,
            LaunchDisks disks,
            Servers.Host host,
            Call call) {
        Scope scope() {
            return Ec2Room.scope(call);
        }
    }

    Reservation run(RunInstancesRequest asked, Call call) {
        compute.networks().prepare(call);
        RunInstancesRequest in = new LaunchParameters(room).whole(asked, call);
        Scope scope = Ec2Room.scope(call);
        int min = count("minCount", asked.minCount());
        int max = count("maxCount", asked.maxCount());
        if (min > max) {
            throw Ec2Faults.invalid("Invalid value '" + min + "' for minCount. It must not exceed maxCount.");
        }
        InstanceType type = compute.types()
                .find(String.valueOf(in.instanceType()))
                .orElseThrow(() -> Ec2Faults.invalid("Invalid value '" + in.instanceType() + "' for InstanceType."));
        Servers.Host host = compute.servers().host();
        LaunchParameters.check(in, type);
        ImageRow image = room.read(tx -> compute.images().require(tx, scope, Objects.requireNonNull(in.imageId())));
        suits(image, type, host);
        LaunchDisks disks = LaunchDisks.of(compute, image, in.blockDeviceMappings(), type, call);
        refuseIncapable(compute.ways().asked(type, tags(in, "instance")));
        IamInstanceProfile profile = compute.profiles().of(in.iamInstanceProfile(), call);
        Wanted wanted = new Wanted(in, type, profile, disks, host, call);
        String reservation = room.once("RunInstances", asked, call, tx -> launch(tx, wanted, image, min, max));
        return room.read(tx -> told(tx, scope, reservation));
    }

    private static int count(String name, @Nullable Integer count) {
        if (count == null) {
            throw Ec2Faults.missing(name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1));
        }
        if (count < 1 || count > MOST_AT_ONCE) {
            throw Ec2Faults.invalid(
                    "Invalid value '" + count + "' for " + name + ". Must be between 1 and " + MOST_AT_ONCE + ".");
        }
        return count;
    }

    private static void suits(ImageRow image, InstanceType type, Servers.Host host) {
        String architecture = String.valueOf(image.told().architecture());
        if (!type.runs(architecture)) {
            throw Ec2Faults.of(
                    "InvalidParameterValue",
                    "The architecture '" + String.join(",", type.architectures())
                            + "' of the specified instance type does not match the architecture '" + architecture
                            + "' of the specified AMI. Specify an instance type and an AMI that have matching"
                            + " architectures, and try again. You can use 'describe-instance-types' or 'describe-images'"
                            + " to discover the architecture of the instance type or AMI.");
        }
        if (!architecture.equals(host.architecture())) {
            throw Ec2Faults.of(
                    "Unsupported",
                    "This host is " + host.architecture() + " and cannot run " + architecture + " instances.");
        }
        if (!"available".equals(image.told().state())) {
            throw Ec2Faults.of(
                    "InvalidAMIID.Unavailable", "The image ID '" + image.id() + "' is not available for launch.");
        }
    }

    private void refuseIncapable(MachineWay way) {
        compute.servers().obstacle().or(() -> compute.networks().obstacle()).ifPresent(why -> {
            throw Ec2Faults.of("Unsupported", "This host cannot run instances: " + why);
        });
        try {
            compute.servers().obstacle(way).ifPresent(why -> {
                throw Ec2Faults.of("Unsupported", "This host cannot run virtual machines: " + why);
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Ec2Faults.of("Unavailable", "The region is going down.");
        }
    }

    private String launch(WriteTx tx, Wanted wanted, ImageRow image, int min, int max) {
        RunInstancesRequest in = wanted.in();
        Scope scope = wanted.scope();
        if (in.keyName() != null
                && KeyPairOperations.keyNamed(tx, scope, in.keyName()).isEmpty()) {
            throw KeyPairOperations.noName(in.keyName());
        }
        Place place = place(tx, scope, in);
        int count = compute.capacity().grant(tx, scope, wanted.host(), wanted.type(), min, max, place.zone());
        grouped(tx, scope, wanted, place, count);
        String reservation = room.ids().ec2("r");
        for (int index = 0; index < count; index++) {
            instance(tx, wanted, image, place, reservation, index);
        }
        return reservation;
    }

    /** Asks the placement group, where one is named. */
    private static void grouped(ReadTx tx, Scope scope, Wanted wanted, Place place, int count) {
        Placement asked = wanted.in().placement();
        PlacementGroup group =
                asked == null ? null : PlacementGroups.named(tx, scope, asked.groupName(), asked.groupId());
        if (asked != null && group != null) {
            PlacementGroups.admit(tx, scope, group, asked, wanted.type(), place.zone(), count);
            asked.groupName(group.groupName()).groupId(group.groupId());
        }
    }

    private Place place(WriteTx tx, Scope scope, RunInstancesRequest in) {
        String zone = in.placement() == null ? null : in.placement().availabilityZone();
        if (zone != null && Zones.find(scope.region(), zone).isEmpty()) {
            throw Ec2Faults.invalid("Invalid availability zone: [" + zone + "]");
        }
        InstanceNetworkInterfaceSpecification first = in.networkInterfaces().stream()
                .filter(each -> each.deviceIndex() == null || each.deviceIndex() == 0)
                .findFirst()
                .orElse(null);
        if (first != null && first.networkInterfaceId() != null) {
            return compute.networks().placeOf(tx, scope, first.networkInterfaceId());
        }
        return compute.networks().place(tx, scope, first == null ? in.subnetId() : first.subnetId(), zone);
    }

    private void instance(WriteTx tx, Wanted wanted, ImageRow image, Place place, String reservation, int index) {
        Scope scope = wanted.scope();
        RunInstancesRequest in = wanted.in();
        String id = room.ids().ec2("i");
        RegionSettings usual = RegionSettings.of(tx, scope);
        Instance told = new LaunchedInstance(room, in, wanted.type(), image, wanted.profile(), usual.metadata())
                .of(id, place, index);
        InstanceRow row = new InstanceRow(
                told,
                new InstanceRow.Reservation(reservation, scope.account(), null),
                settings(in, wanted.type(), usual),
                Course.launched(room.now()));
        Records.INSTANCES.put(tx, scope, row);
        Tags.put(tx, scope, Records.INSTANCES, id, tags(in, "instance"));
        wanted.disks().make(room, tx, scope, id, place, tags(in, "volume"));
        networks(tx, scope, in, id, place);
        InstanceReconciler.tell(tx, scope, row, room.now());
    }

    private static Map<String, String> tags(RunInstancesRequest in, String type) {
        return Tags.specified(in.tagSpecifications(), type, TAGGED);
    }

    private static Settings settings(RunInstancesRequest in, InstanceType type, RegionSettings region) {
        String credits = in.creditSpecification() == null
                ? null
                : in.creditSpecification().cpuCredits();
        String usual = region.creditsOf(type.family());
        return new Settings(
                in.userData() == null ? "" : in.userData(),
                Boolean.TRUE.equals(in.disableApiTermination()),
                Boolean.TRUE.equals(in.disableApiStop()),
                in.instanceInitiatedShutdownBehavior() == null ? "stop" : in.instanceInitiatedShutdownBehavior(),
                !type.burstable() ? "" : credits == null ? usual : credits);
    }

    private void networks(WriteTx tx, Scope scope, RunInstancesRequest in, String id, Place place) {
        Map<String, String> tags = tags(in, "network-interface");
        if (in.networkInterfaces().isEmpty()) {
            NewInterface wanted = new NewInterface(
                    place,
                    0,
                    in.securityGroupIds(),
                    in.securityGroups(),
                    in.privateIpAddress(),
                    List.of(),
                    0,
                    in.ipv6AddressCount() == null ? 0 : in.ipv6AddressCount(),
                    null,
                    "",
                    true,
                    tags);
            compute.networks().create(tx, scope, id, wanted);
        }
        for (InstanceNetworkInterfaceSpecification each : in.networkInterfaces()) {
            int device = each.deviceIndex() == null ? 0 : each.deviceIndex();
            if (each.networkInterfaceId() != null) {
                compute.networks().adopt(tx, scope, id, each.networkInterfaceId(), device);
            } else {
                compute.networks().create(tx, scope, id, given(tx, scope, each, device, place, tags));
            }
        }
        compute.networks().started(tx, scope, id);
    }

    private NewInterface given(
            WriteTx tx,
            Scope scope,
            InstanceNetworkInterfaceSpecification each,
            int device,
            Place place,
            Map<String, String> tags) {
        String address = each.privateIpAddress();
        List<String> more = each.privateIpAddresses().stream()
                .filter(one -> !Boolean.TRUE.equals(one.primary()))
                .map(one -> String.valueOf(one.privateIpAddress()))
                .toList();
        if (address == null) {
            address = each.privateIpAddresses().stream()
                    .filter(one -> Boolean.TRUE.equals(one.primary()))
                    .map(PrivateIpAddressSpecification::privateIpAddress)
                    .findFirst()
                    .orElse(null);
        }
        Place where = device == 0 || each.subnetId() == null
                ? place
                : compute.networks().place(tx, scope, each.subnetId(), place.zone());
        return new NewInterface(
                where,
                device,
                each.groups(),
                List.of(),
                address,
                more,
                each.secondaryPrivateIpAddressCount() == null ? 0 : each.secondaryPrivateIpAddressCount(),
                each.ipv6AddressCount() == null ? 0 : each.ipv6AddressCount(),
                each.associatePublicIpAddress(),
                each.description() == null ? "" : each.description(),
                !Boolean.FALSE.equals(each.deleteOnTermination()),
                tags);
    }

    private Reservation told(ReadTx tx, Scope scope, String reservation) {
        List<InstanceRow> rows = Records.INSTANCES.find(tx, scope, Records.RESERVATION, reservation).stream()
                .sorted(Comparator.comparing(
                        row -> Objects.requireNonNull(row.told().amiLaunchIndex())))
                .toList();
        return new Reservation()
                .reservationId(reservation)
                .ownerId(scope.account())
                .groups(List.of())
                .instances(rows.stream()
                        .map(row -> InstanceViews.tagged(
                                InstanceViews.of(tx, scope, compute.networks(), row), Tags.of(tx, scope, row.id())))
                        .toList());
    }
}
