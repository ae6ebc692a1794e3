package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Tags;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes images of instances, of snapshots and of other images. */
final class MakeImage {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private MakeImage() {}

    /** An image of an instance's disks, which become snapshots by and by. */
    static String ofInstance(Ec2Room room, Compute compute, CreateImageRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "image", "snapshot");
        Map<String, String> snapshotTags = Tags.specified(in.tagSpecifications(), "snapshot", "image");
        return room.change(in, tx -> {
            InstanceRow instance = Instances.require(tx, scope, in.instanceId());
            if (instance.state() != State.RUNNING && instance.state() != State.STOPPED) {
                throw Instances.incorrect(instance.id(), "from which an image can be created");
            }
            String name = name(tx, scope, in.name());
            String id = room.ids().ec2("ami");
            List<BlockDeviceMapping> disks = new ArrayList<>();
            for (VolumeRow volume : Instances.volumes(tx, scope, instance.id())) {
                disks.add(snapshot(room, tx, scope, volume, id, instance.id(), snapshotTags));
            }
            Image image = base(room, call.account(), id, name, in.description())
                    .architecture(instance.told().architecture())
                    .rootDeviceName(instance.told().rootDeviceName())
                    .sourceInstanceId(instance.id())
                    .sourceImageId(instance.told().imageId())
                    .sourceImageRegion(call.region())
                    .state("pending")
                    .blockDeviceMappings(overridden(disks, in.blockDeviceMappings()));
            Records.IMAGES.put(tx, scope, new ImageRow(image, null, List.of(), instance.id()));
            Tags.put(tx, scope, Records.IMAGES, id, tags);
            if (!Boolean.TRUE.equals(in.noReboot()) && instance.state() == State.RUNNING) {
                Records.INSTANCES.put(tx, scope, instance.with(instance.course().reboot(true)));
            }
            return id;
        });
    }

    private static BlockDeviceMapping snapshot(
            Ec2Room room,
            WriteTx tx,
            Scope scope,
            VolumeRow volume,
            String image,
            String instance,
            Map<String, String> tags) {
        String description = "Created by CreateImage(" + instance + ") for " + image;
        SnapshotRow made = Snapshots.make(room, tx, scope, volume, description, tags);
        VolumeAttachment attachment = Objects.requireNonNull(volume.attachment());
        return new BlockDeviceMapping()
                .deviceName(attachment.device())
                .ebs(new EbsBlockDevice()
                        .snapshotId(made.id())
                        .volumeSize(volume.sizeGib())
                        .volumeType(volume.told().volumeType())
                        .iops(volume.told().iops())
                        .throughput(volume.told().throughput())
                        .encrypted(volume.told().encrypted())
                        .deleteOnTermination(attachment.deleteOnTermination()));
    }

    /** The instance's disks, as the request wants them: other sizes and kinds, or not at all. */
    private static List<BlockDeviceMapping> overridden(
            List<BlockDeviceMapping> disks, List<BlockDeviceMapping> changes) {
        List<BlockDeviceMapping> out = new ArrayList<>(disks);
        for (BlockDeviceMapping change : changes) {
            BlockDeviceMapping known = out.stream()
                    .filter(each -> Objects.equals(each.deviceName(), change.deviceName()))
                    .findFirst()
                    .orElse(null);
            out.remove(known);
            if (change.noDevice() == null) {
                out.add(known == null ? change : Structs.copy(change, Structs.clone(known)));
            }
        }
        return out;
    }

    /** An image whose root device begins with a snapshot of such a one. */
    static String ofSnapshots(Ec2Room room, RegisterImageRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "image");
        if (in.imageLocation() != null) {
            throw Ec2Faults.invalid("Images in S3 (imageLocation) cannot be registered here.");
        }
        String root = in.rootDeviceName() == null ? "/dev/sda1" : in.rootDeviceName();
        return room.change(in, tx -> {
            String name = name(tx, scope, in.name());
            List<BlockDeviceMapping> disks = new ArrayList<>();
            boolean boots = false;
            for (BlockDeviceMapping each : in.blockDeviceMappings()) {
                BlockDeviceMapping disk = Structs.clone(each);
                EbsBlockDevice ebs = disk.ebs();
                if (ebs != null && ebs.snapshotId() != null) {
                    SnapshotRow snapshot = Snapshots.usable(tx, scope, ebs.snapshotId());
                    boots |= root.equals(disk.deviceName()) && snapshot.image() != null;
                    ebs.volumeSize(ebs.volumeSize() == null ? snapshot.told().volumeSize() : ebs.volumeSize());
                }
                disks.add(disk);
            }
            if (!boots) {
                throw Ec2Faults.of(
                        "InvalidBlockDeviceMapping",
                        "The root device " + root + " must begin with a snapshot of a root volume.");
            }
            String id = room.ids().ec2("ami");
            Image image = base(room, call.account(), id, name, in.description())
                    .architecture(in.architecture() == null ? "i386" : in.architecture())
                    .rootDeviceName(root)
                    .enaSupport(in.enaSupport())
                    .bootMode(in.bootMode())
                    .imdsSupport(in.imdsSupport())
                    .state("available")
                    .blockDeviceMappings(disks);
            Records.IMAGES.put(tx, scope, new ImageRow(image, null, List.of(), null));
            Tags.put(tx, scope, Records.IMAGES, id, tags);
            return id;
        });
    }

    /** A copy of an image, from here or from another region; snapshots share what they keep. */
    static String ofImage(Ec2Room room, Compute compute, CopyImageRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Map<String, String> given = Tags.specified(in.tagSpecifications(), "image", "snapshot");
        String key = compute.encryption().key(call, in.encrypted(), in.kmsKeyId(), null);
        return room.once("CopyImage", in, call, tx -> {
            Scope from = new Scope(scope.account(), String.valueOf(in.sourceRegion()));
            ImageRow source = compute.images().require(tx, from, String.valueOf(in.sourceImageId()));
            if (!"available".equals(source.told().state())) {
                throw Ec2Faults.of("InvalidRequest", "The image " + source.id() + " is not available yet.");
            }
            String id = room.ids().ec2("ami");
            List<BlockDeviceMapping> disks = new ArrayList<>();
            for (BlockDeviceMapping each : source.told().blockDeviceMappings()) {
                BlockDeviceMapping disk = Structs.clone(each);
                EbsBlockDevice ebs = disk.ebs();
                if (ebs != null && ebs.snapshotId() != null && source.recipe() == null) {
                    SnapshotRow copy = Snapshots.copy(
                            room,
                            tx,
                            scope,
                            Snapshots.anywhere(tx, from.region(), ebs.snapshotId()),
                            "Copied for DestinationAmi " + id + " from SourceAmi " + source.id(),
                            key);
                    ebs.snapshotId(copy.id());
                }
                disks.add(disk);
            }
            Image image = Structs.copy(source.told(), new Image())
                    .imageId(id)
                    .imageLocation(scope.account() + "/" + in.name())
                    .name(name(tx, scope, in.name()))
                    .description(in.description() == null ? source.told().description() : in.description())
                    .ownerId(scope.account())
                    .imageOwnerAlias(null)
                    .deprecationTime(null)
                    .public_(false)
                    .creationDate(DATE.format(room.now()))
                    .sourceImageId(source.id())
                    .sourceImageRegion(from.region())
                    .blockDeviceMappings(disks);
            Records.IMAGES.put(tx, scope, new ImageRow(image, source.recipe(), List.of(), null));
            Map<String, String> tags =
                    new TreeMap<>(Boolean.TRUE.equals(in.copyImageTags()) ? Tags.of(tx, from, source.id()) : Map.of());
            tags.putAll(given);
            Tags.put(tx, scope, Records.IMAGES, id, tags);
            return id;
        });
    }

    static Image base(Ec2Room room, String account, String id, String name, @Nullable String description) {
        return new Image()
                .imageId(id)
                .name(name)
                .description(description)
                .imageLocation(account + "/" + name)
                .ownerId(account)
                .public_(false)
                .imageType("machine")
                .platformDetails("Linux/UNIX")
                .usageOperation("RunInstances")
                .creationDate(DATE.format(room.now()))
                .hypervisor("xen")
                .virtualizationType("hvm")
                .rootDeviceType("ebs")
                .enaSupport(true)
                .imageAllowed(true);
    }

    private static String name(ReadTx tx, Scope scope, @Nullable String name) {
        if (name == null) {
            throw Ec2Faults.missing("Name");
        }
        if (!name.matches("[a-zA-Z0-9()\\[\\] ./\\-'@_]{3,128}")) {
            throw Ec2Faults.of(
                    "InvalidAMIName.Malformed",
                    "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')',"
                            + " '.', '-', '/' and '_'");
        }
        List<ImageRow> same = Records.IMAGES.find(tx, scope, Records.NAME, name);
        if (!same.isEmpty()) {
            throw Ec2Faults.of(
                    "InvalidAMIName.Duplicate",
                    "AMI name " + name + " is already in use by AMI "
                            + same.getFirst().id());
        }
        return name;
    }
}
