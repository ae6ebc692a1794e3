package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.Zones;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Volumes.
 *
 * @see <a href="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volumes.html">Amazon EBS volumes</a>
 */
public interface VolumeOperations extends Ec2Api {
    Listing<VolumeRow> VOLUME_LISTING = Listing.of(
            "DescribeVolumes",
            Filters.<VolumeRow>tagged()
                    .one("attachment.attach-time", row -> attachment(row).attachTime())
                    .one(
                            "attachment.delete-on-termination",
                            row -> attachment(row).deleteOnTermination())
                    .one("attachment.device", row -> attachment(row).device())
                    .one("attachment.instance-id", row -> attachment(row).instanceId())
                    .one("attachment.status", row -> attachment(row).state())
                    .one("availability-zone", row -> row.told().availabilityZone())
                    .one("availability-zone-id", row -> row.told().availabilityZoneId())
                    .one("create-time", row -> row.told().createTime())
                    .one("encrypted", row -> row.told().encrypted())
                    .one("fast-restored", row -> false)
                    .one("multi-attach-enabled", row -> row.told().multiAttachEnabled())
                    .one("size", row -> row.told().size())
                    .one("snapshot-id", row -> row.told().snapshotId())
                    .one("status", row -> row.told().state())
                    .one("volume-id", VolumeRow::id)
                    .one("volume-type", row -> row.told().volumeType()));

    Ec2Room room();

    Compute compute();

    private static VolumeAttachment attachment(VolumeRow row) {
        VolumeAttachment attachment = row.attachment();
        return attachment == null ? new VolumeAttachment() : attachment;
    }

    @Override
    default Volume createVolume(CreateVolumeRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "volume");
        String where = in.availabilityZone() == null ? in.availabilityZoneId() : in.availabilityZone();
        if (where == null) {
            throw Ec2Faults.missing("AvailabilityZone");
        }
        Zones.Zone zone = Zones.find(call.region(), where)
                .orElseThrow(() -> Ec2Faults.of("InvalidZone.NotFound", "The zone '" + where + "' does not exist."));
        String key = compute().encryption().key(call, in.encrypted(), in.kmsKeyId(), in.snapshotId());
        String id = room().once("CreateVolume", in, call, tx -> {
            VolumeSpec spec = VolumeSpec.of(
                    in.volumeType(),
                    in.size(),
                    in.iops(),
                    in.throughput(),
                    Volumes.sizeGib(tx, scope, in.snapshotId()));
            boolean multi = Boolean.TRUE.equals(in.multiAttachEnabled());
            if (multi && !Set.of("io1", "io2").contains(spec.type())) {
                throw Ec2Faults.combination("Multi-Attach is not supported for " + spec.type() + " volumes.");
            }
            Volumes.New wanted = new Volumes.New(
                    zone.name(),
                    zone.id(),
                    spec,
                    Volumes.source(tx, scope, in.snapshotId()),
                    in.snapshotId(),
                    key,
                    multi);
            String made = room().ids().ec2("vol");
            Volumes.make(room(), tx, scope, made, wanted, null, tags);
            return made;
        });
        return room().read(tx -> told(Records.VOLUMES.require(tx, scope, id), Tags.of(tx, scope, id)));
    }

    private static Volume told(VolumeRow row, Map<String, String> tags) {
        return Structs.clone(row.told()).tags(ImageOperations.told(tags));
    }

    @Override
    default DescribeVolumesResult describeVolumes(DescribeVolumesRequest in, Call call) {
        in.volumeIds().forEach(Volumes::check);
        Page<Tagged<VolumeRow>> page = VOLUME_LISTING.page(room(), Records.VOLUMES, in, in.volumeIds(), call);
        return new DescribeVolumesResult()
                .volumes(page.items().stream()
                        .map(each -> told(each.record(), each.tags()))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    default DescribeVolumeStatusResult describeVolumeStatus(DescribeVolumeStatusRequest in, Call call) {
        Listing<VolumeRow> listing = Listing.of(
                "DescribeVolumeStatus",
                Filters.<VolumeRow>plain()
                        .one("availability-zone", row -> row.told().availabilityZone())
                        .one("volume-status.status", row -> row.made() ? "ok" : "insufficient-data"));
        Page<VolumeStatusItem> page = listing.page(room(), Records.VOLUMES, in, in.volumeIds(), call)
                .map(each -> new VolumeStatusItem()
                        .volumeId(each.record().id())
                        .availabilityZone(each.record().told().availabilityZone())
                        .volumeStatus(new VolumeStatusInfo()
                                .status(each.record().made() ? "ok" : "insufficient-data")
                                .details(List.of(new VolumeStatusDetails()
                                        .name("io-enabled")
                                        .status("passed")))));
        return new DescribeVolumeStatusResult().volumeStatuses(page.items()).nextToken(page.next());
    }

    @Override
    default DeleteVolumeResult deleteVolume(DeleteVolumeRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        room().change(in, tx -> {
            VolumeRow row = Volumes.require(tx, scope, in.volumeId());
            if (row.attachment() != null) {
                throw Ec2Faults.of(
                        "VolumeInUse",
                        "Volume " + row.id() + " is currently attached to "
                                + row.attachment().instanceId());
            }
            return Records.VOLUMES.put(tx, scope, row.state("deleting"));
        });
        return new DeleteVolumeResult();
    }

    @Override
    default VolumeAttachment attachVolume(AttachVolumeRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            VolumeRow row = Volumes.require(tx, scope, in.volumeId());
            InstanceRow instance = Instances.require(tx, scope, in.instanceId());
            String device = device(in.device());
            if (!row.state().equals("available")) {
                throw row.attachment() != null
                        ? Ec2Faults.of("VolumeInUse", row.id() + " is already attached to an instance")
                        : Ec2Faults.of("IncorrectState", row.id() + " is not 'available'.");
            }
            if (instance.state() != State.RUNNING && instance.state() != State.STOPPED) {
                throw Ec2Faults.of("IncorrectState", "Instance '" + instance.id() + "' is not 'running'.");
            }
            if (!instance.zone().equals(row.told().availabilityZone())) {
                throw Ec2Faults.of(
                        "InvalidVolume.ZoneMismatch",
                        "The volume '" + row.id() + "' is not in the same availability zone as instance '"
                                + instance.id() + "'");
            }
            Instances.volumes(tx, scope, instance.id()).forEach(each -> {
                if (device.equals(Objects.requireNonNull(each.attachment()).device())) {
                    throw Ec2Faults.invalid("Invalid value '" + device + "' for unixDevice. Attachment point " + device
                            + " is already in use");
                }
            });
            VolumeAttachment made = Volumes.attachment(room(), row.id(), instance.id(), device, false);
            Records.VOLUMES.put(tx, scope, row.forced(false).attached(made));
            return made;
        });
    }

    /** Names a server knows devices by. */
    static String device(@Nullable String device) {
        if (device == null) {
            throw Ec2Faults.missing("device");
        }
        if (!device.matches("/dev/(sd|xvd)[a-z]{1,2}[0-9]{0,2}")) {
            throw Ec2Faults.invalid("Value (" + device + ") for parameter device is invalid. " + device
                    + " is not a valid EBS device name.");
        }
        return device;
    }

    @Override
    default VolumeAttachment detachVolume(DetachVolumeRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            VolumeRow row = Volumes.require(tx, scope, in.volumeId());
            VolumeAttachment attachment = row.attachment();
            if (attachment == null
                    || (in.instanceId() != null && !in.instanceId().equals(attachment.instanceId()))
                    || (in.device() != null && !in.device().equals(attachment.device()))) {
                throw Ec2Faults.of(
                        "IncorrectState", "Volume '" + row.id() + "' is in the '" + row.state() + "' state.");
            }
            refuseRoot(tx, scope, row, attachment);
            VolumeRow next = row.forced(Boolean.TRUE.equals(in.force())).attachment("detaching");
            Records.VOLUMES.put(tx, scope, next);
            return Objects.requireNonNull(next.attachment());
        });
    }

    private static void refuseRoot(WriteTx tx, Scope scope, VolumeRow row, VolumeAttachment attachment) {
        InstanceRow instance = Records.INSTANCES.require(tx, scope, Objects.requireNonNull(attachment.instanceId()));
        boolean root = Objects.equals(instance.told().rootDeviceName(), attachment.device());
        if (root && instance.state() != State.STOPPED) {
            throw Ec2Faults.of(
                    "OperationNotPermitted",
                    "Unable to detach root volume '" + row.id() + "' from instance '" + instance.id() + "'");
        }
    }

    @Override
    default ModifyVolumeResult modifyVolume(ModifyVolumeRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            VolumeRow row = Volumes.require(tx, scope, in.volumeId());
            if (!Set.of("available", "in-use").contains(row.state()) || !row.made()) {
                throw Ec2Faults.of("IncorrectState", "The volume '" + row.id() + "' is in state " + row.state() + ".");
            }
            if (row.modification() != null
                    && "modifying".equals(row.modification().modificationState())) {
                throw Ec2Faults.of("IncorrectModificationState", "Volume " + row.id() + " is being modified already.");
            }
            if (in.size() != null && in.size() < row.sizeGib()) {
                throw Ec2Faults.invalid("New size cannot be smaller than existing size");
            }
            String type = in.volumeType() == null ? row.told().volumeType() : in.volumeType();
            boolean same = Objects.equals(type, row.told().volumeType());
            boolean provisioned = type != null && Set.of("gp3", "io1", "io2").contains(type);
            VolumeSpec spec = VolumeSpec.of(
                    type,
                    in.size() == null ? row.sizeGib() : in.size(),
                    in.iops() != null || !same || !provisioned
                            ? in.iops()
                            : row.told().iops(),
                    in.throughput() != null || !same || !"gp3".equals(type)
                            ? in.throughput()
                            : row.told().throughput(),
                    0);
            VolumeModification change = new VolumeModification()
                    .volumeId(row.id())
                    .modificationState("modifying")
                    .progress(0L)
                    .startTime(room().now())
                    .originalSize(row.sizeGib())
                    .originalVolumeType(row.told().volumeType())
                    .originalIops(row.told().iops())
                    .originalThroughput(row.told().throughput())
                    .originalMultiAttachEnabled(row.told().multiAttachEnabled())
                    .targetSize(spec.sizeGib())
                    .targetVolumeType(spec.type())
                    .targetIops(spec.iops())
                    .targetThroughput(spec.throughput())
                    .targetMultiAttachEnabled(row.told().multiAttachEnabled());
            Records.VOLUMES.put(tx, scope, row.modified(change));
            return new ModifyVolumeResult().volumeModification(change);
        });
    }

    @Override
    default DescribeVolumesModificationsResult describeVolumesModifications(
            DescribeVolumesModificationsRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Listing<VolumeModification> listing = Listing.of(
                "DescribeVolumesModifications",
                Filters.<VolumeModification>plain()
                        .one("modification-state", VolumeModification::modificationState)
                        .one("original-iops", VolumeModification::originalIops)
                        .one("original-size", VolumeModification::originalSize)
                        .one("original-volume-type", VolumeModification::originalVolumeType)
                        .one("target-iops", VolumeModification::targetIops)
                        .one("target-size", VolumeModification::targetSize)
                        .one("target-volume-type", VolumeModification::targetVolumeType)
                        .one("start-time", VolumeModification::startTime)
                        .one("volume-id", VolumeModification::volumeId));
        Page<VolumeModification> page = room().read(tx -> {
            List<VolumeRow> rows = in.volumeIds().isEmpty()
                    ? Records.VOLUMES.all(tx, scope)
                    : in.volumeIds().stream()
                            .map(id -> Volumes.require(tx, scope, id))
                            .toList();
            List<VolumeModification> found = rows.stream()
                    .map(VolumeRow::modification)
                    .filter(Objects::nonNull)
                    .map(Objects::requireNonNull)
                    .toList();
            if (found.isEmpty() && !in.volumeIds().isEmpty()) {
                throw Ec2Faults.of(
                        "InvalidVolumeModification.NotFound",
                        "Modification for volume '" + in.volumeIds().getFirst() + "' does not exist.");
            }
            return listing.page(room(), tx, found, each -> Objects.requireNonNull(each.volumeId()), in, false, call)
                    .map(Tagged::record);
        });
        return new DescribeVolumesModificationsResult()
                .volumesModifications(page.items())
                .nextToken(page.next());
    }
}
