package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.Snapshot;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Tags;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What several operations do with snapshots. */
final class Snapshots {
    private static final int PAGE = 1000;
    private static final String ID = "snap-([0-9a-f]{8}|[0-9a-f]{17})";

    private Snapshots() {}

    /** Makes a snapshot of a volume, which is kept by and by. */
    static SnapshotRow make(
            Ec2Room room, WriteTx tx, Scope scope, VolumeRow volume, String description, Map<String, String> tags) {
        if (!volume.made() || volume.state().equals("deleting")) {
            throw Ec2Faults.of("IncorrectState", "The volume '" + volume.id() + "' is not in a state to be copied.");
        }
        String id = room.ids().ec2("snap");
        Snapshot told = new Snapshot()
                .snapshotId(id)
                .volumeId(volume.id())
                .ownerId(scope.account())
                .description(description)
                .state("pending")
                .progress("")
                .startTime(room.now())
                .storageTier("standard")
                .volumeSize(volume.sizeGib())
                .encrypted(volume.told().encrypted())
                .kmsKeyId(volume.told().kmsKeyId());
        String image = volume.source() instanceof VolumeRow.Source.System system ? system.image() : null;
        SnapshotRow row = new SnapshotRow(told, id, image, 0, List.of());
        Records.SNAPSHOTS.put(tx, scope, row);
        Tags.put(tx, scope, Records.SNAPSHOTS, id, tags);
        return row;
    }

    /** A copy of a snapshot, which shares what it keeps. */
    static SnapshotRow copy(
            Ec2Room room, WriteTx tx, Scope scope, SnapshotRow source, String description, @Nullable String kmsKey) {
        if (!"completed".equals(source.told().state())) {
            throw Ec2Faults.of(
                    "IncorrectState",
                    "Snapshot is in invalid state - " + source.told().state());
        }
        String id = room.ids().ec2("snap");
        Snapshot told = Structs.copy(source.told(), new Snapshot())
                .snapshotId(id)
                .ownerId(scope.account())
                .description(description)
                .volumeId("vol-ffffffff")
                .startTime(room.now())
                .completionTime(room.now());
        if (kmsKey != null) {
            told.encrypted(true).kmsKeyId(kmsKey);
        }
        SnapshotRow row = new SnapshotRow(told, source.kept(), source.image(), 0, List.of());
        return Records.SNAPSHOTS.put(tx, scope, row);
    }

    /** A snapshot of the caller's own or one that is shared with him. */
    static SnapshotRow usable(ReadTx tx, Scope scope, String id) {
        check(id);
        Optional<SnapshotRow> own = Records.SNAPSHOTS.find(tx, scope, id);
        if (own.isPresent()) {
            return own.get();
        }
        return found(tx, scope.region(), id)
                .filter(row -> row.value().users().contains(scope.account())
                        || (row.value().users().contains("all") && shared(tx, row, "all")))
                .map(Row::value)
                .orElseThrow(() -> missing(id));
    }

    /** Whether a snapshot that is shared with a user is so still: owners can block what is shared with all. */
    static boolean shared(ReadTx tx, Row<SnapshotRow> row, String user) {
        return !user.equals("all")
                || !RegionSettings.of(tx, row.key().scope()).snapshots().equals("block-all-sharing");
    }

    /** A snapshot whoever's it is. */
    static SnapshotRow anywhere(ReadTx tx, String region, String id) {
        return found(tx, region, id).map(Row::value).orElseThrow(() -> missing(id));
    }

    private static Optional<Row<SnapshotRow>> found(ReadTx tx, String region, String id) {
        Key after = null;
        while (true) {
            List<Row<SnapshotRow>> rows = tx.all(Records.SNAPSHOTS.table(), after, PAGE);
            for (Row<SnapshotRow> row : rows) {
                if (row.key().id().equals(id) && row.key().region().equals(region)) {
                    return Optional.of(row);
                }
            }
            if (rows.size() < PAGE) {
                return Optional.empty();
            }
            after = rows.getLast().key();
        }
    }

    static void check(String id) {
        if (!id.matches(ID)) {
            throw Ec2Faults.of(
                    "InvalidSnapshotID.Malformed",
                    "Value (" + id + ") for parameter snapshotId is invalid. Expected:" + " 'snap-...'.");
        }
    }

    static Fault missing(String id) {
        return Ec2Faults.of("InvalidSnapshot.NotFound", "The snapshot '" + id + "' does not exist.");
    }

    /** Deletes a snapshot; answers AWS's code of how that went. */
    static String delete(WriteTx tx, Scope scope, String id) {
        SnapshotRow row = Records.SNAPSHOTS.find(tx, scope, id).orElse(null);
        if (row == null) {
            return "missing-permissions";
        }
        if (user(tx, scope, id) != null) {
            return "skipped";
        }
        Records.SNAPSHOTS.delete(tx, scope, id);
        return "success";
    }

    /** The image that needs a snapshot, null where none does. */
    static @Nullable String user(ReadTx tx, Scope scope, String snapshot) {
        return Records.IMAGES.all(tx, scope).stream()
                .filter(image -> image.told().blockDeviceMappings().stream()
                        .anyMatch(each ->
                                each.ebs() != null && Objects.equals(each.ebs().snapshotId(), snapshot)))
                .map(ImageRow::id)
                .findFirst()
                .orElse(null);
    }
}
