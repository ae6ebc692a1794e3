package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.Volume;
import dev.haneul.api.ec2.VolumeAttachment;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.compute.VolumeRow.Source;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What several operations do with volumes. */
final class Volumes {
    /** AWS's quota of a new account, per kind; one for all kinds together here. */
    private static final long MOST_GIB = 51_200;

    private static final String ID = "vol-([0-9a-f]{8}|[0-9a-f]{17})";

    private Volumes() {}

    /**
     * A volume to be made.
     *
     * @param snapshot the snapshot it tells to come from, null for none
     * @param kmsKey null where it is not encrypted
     */
    record New(
            String zone,
            String zoneId,
            VolumeSpec spec,
            Source source,
            @Nullable String snapshot,
            @Nullable String kmsKey,
            boolean multiAttach) {}

    /** Makes a volume, which is there by and by; attached from the start where an attachment is given. */
    static VolumeRow make(
            Ec2Room room,
            WriteTx tx,
            Scope scope,
            String id,
            New wanted,
            @Nullable VolumeAttachment attachment,
            Map<String, String> tags) {
        long used = Records.VOLUMES.all(tx, scope).stream()
                .mapToLong(VolumeRow::sizeGib)
                .sum();
        if (used + wanted.spec().sizeGib() > MOST_GIB) {
            throw Ec2Faults.of("VolumeLimitExceeded", "The maximum storage of " + MOST_GIB + " GiB is exceeded.");
        }
        Volume told = new Volume()
                .volumeId(id)
                .availabilityZone(wanted.zone())
                .availabilityZoneId(wanted.zoneId())
                .createTime(room.now())
                .size(wanted.spec().sizeGib())
                .volumeType(wanted.spec().type())
                .iops(wanted.spec().iops())
                .throughput(wanted.spec().throughput())
                .snapshotId(wanted.snapshot() == null ? "" : wanted.snapshot())
                .encrypted(wanted.kmsKey() != null)
                .kmsKeyId(wanted.kmsKey())
                .multiAttachEnabled(wanted.multiAttach())
                .state(attachment == null ? "creating" : "in-use")
                .attachments(attachment == null ? List.of() : List.of(attachment));
        VolumeRow row = new VolumeRow(told, wanted.source(), false, false, null, 0, false);
        Records.VOLUMES.put(tx, scope, row);
        Tags.put(tx, scope, Records.VOLUMES, id, tags);
        return row;
    }

    /** The volume of an id. */
    static VolumeRow require(ReadTx tx, Scope scope, @Nullable String id) {
        if (id == null) {
            throw Ec2Faults.missing("volumeId");
        }
        check(id);
        return Records.VOLUMES
                .find(tx, scope, id)
                .orElseThrow(() -> Ec2Faults.of("InvalidVolume.NotFound", "The volume '" + id + "' does not exist."));
    }

    static void check(String id) {
        if (!id.matches(ID)) {
            throw Ec2Faults.of(
                    "InvalidVolumeID.Malformed",
                    "Value (" + id + ") for parameter volume is invalid. Expected: 'vol-...'.");
        }
    }

    /** What a volume from this snapshot begins with. */
    static Source source(ReadTx tx, Scope scope, @Nullable String snapshot) {
        if (snapshot == null || snapshot.isEmpty()) {
            return new Source.Empty();
        }
        SnapshotRow row = Snapshots.usable(tx, scope, snapshot);
        if (!"completed".equals(row.told().state())) {
            throw Ec2Faults.of(
                    "IncorrectState",
                    "Snapshot is in invalid state - " + row.told().state());
        }
        return new Source.Kept(row.kept());
    }

    /** How large a snapshot is, 0 for none. */
    static int sizeGib(ReadTx tx, Scope scope, @Nullable String snapshot) {
        return snapshot == null || snapshot.isEmpty()
                ? 0
                : Objects.requireNonNull(
                        Snapshots.usable(tx, scope, snapshot).told().volumeSize());
    }

    /** The attachment of a volume that an instance gets. */
    static VolumeAttachment attachment(
            Ec2Room room, String volume, String instance, String device, boolean deleteOnTermination) {
        return new VolumeAttachment()
                .volumeId(volume)
                .instanceId(instance)
                .device(device)
                .state("attaching")
                .attachTime(room.now())
                .deleteOnTermination(deleteOnTermination);
    }
}
