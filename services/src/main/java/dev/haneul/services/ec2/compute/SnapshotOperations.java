package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Tags;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Snapshots.
 *
 * @see <a href="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-snapshots.html">Amazon EBS snapshots</a>
 */
public interface SnapshotOperations extends Ec2Api {
    int SHARED = 1000;

    Listing<SnapshotRow> SNAPSHOT_LISTING = Listing.of(
            "DescribeSnapshots",
            Filters.<SnapshotRow>tagged()
                    .one("description", row -> row.told().description())
                    .one("encrypted", row -> row.told().encrypted())
                    .one("owner-alias", row -> row.told().ownerAlias())
                    .one("owner-id", row -> row.told().ownerId())
                    .one("progress", row -> row.told().progress())
                    .one("snapshot-id", SnapshotRow::id)
                    .one("start-time", row -> row.told().startTime())
                    .one("status", row -> row.told().state())
                    .one("storage-tier", row -> row.told().storageTier())
                    .one("transfer-type", row -> row.told().transferType())
                    .one("volume-id", row -> row.told().volumeId())
                    .one("volume-size", row -> row.told().volumeSize()));

    Ec2Room room();

    Compute compute();

    @Override
    default Snapshot createSnapshot(CreateSnapshotRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "snapshot");
        return room().change(in, tx -> {
            VolumeRow volume = Volumes.require(tx, scope, in.volumeId());
            String description = in.description() == null ? "" : in.description();
            SnapshotRow made = Snapshots.make(room(), tx, scope, volume, description, tags);
            return Structs.clone(made.told()).tags(ImageOperations.told(tags));
        });
    }

    @Override
    default CreateSnapshotsResult createSnapshots(CreateSnapshotsRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "snapshot");
        InstanceSpecification of = in.instanceSpecification();
        if (of == null) {
            throw Ec2Faults.missing("InstanceSpecification");
        }
        return room().change(in, tx -> {
            InstanceRow instance = Instances.require(tx, scope, of.instanceId());
            List<SnapshotInfo> made = new ArrayList<>();
            for (VolumeRow volume : Instances.volumes(tx, scope, instance.id())) {
                boolean root = Objects.equals(
                        instance.told().rootDeviceName(),
                        Objects.requireNonNull(volume.attachment()).device());
                if ((root && Boolean.TRUE.equals(of.excludeBootVolume()))
                        || of.excludeDataVolumeIds().contains(volume.id())) {
                    continue;
                }
                Map<String, String> all = new TreeMap<>(
                        "volume".equals(in.copyTagsFromSource()) ? Tags.of(tx, scope, volume.id()) : Map.of());
                all.putAll(tags);
                String description = in.description() == null ? "" : in.description();
                SnapshotRow row = Snapshots.make(room(), tx, scope, volume, description, all);
                made.add(Structs.copy(row.told(), new SnapshotInfo()).tags(ImageOperations.told(all)));
            }
            return new CreateSnapshotsResult().snapshots(made);
        });
    }

    @Override
    default CopySnapshotResult copySnapshot(CopySnapshotRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "snapshot");
        if (in.sourceRegion() == null) {
            throw Ec2Faults.missing("SourceRegion");
        }
        Scope from = new Scope(scope.account(), in.sourceRegion());
        String key = compute().encryption().key(call, in.encrypted(), in.kmsKeyId(), null);
        return room().change(in, tx -> {
            SnapshotRow source = Snapshots.usable(tx, from, String.valueOf(in.sourceSnapshotId()));
            String description = in.description() == null
                    ? "[Copied " + source.id() + " from " + in.sourceRegion() + "]"
                    : in.description();
            SnapshotRow copy = Snapshots.copy(room(), tx, scope, source, description, key);
            Tags.put(tx, scope, Records.SNAPSHOTS, copy.id(), tags);
            return new CopySnapshotResult().snapshotId(copy.id()).tags(ImageOperations.told(tags));
        });
    }

    @Override
    default DescribeSnapshotsResult describeSnapshots(DescribeSnapshotsRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        boolean named = !in.snapshotIds().isEmpty();
        Page<Tagged<SnapshotRow>> page = room().read(tx -> {
            List<SnapshotRow> found = named
                    ? in.snapshotIds().stream()
                            .distinct()
                            .map(id -> Snapshots.usable(tx, scope, id))
                            .toList()
                    : visible(tx, scope);
            List<SnapshotRow> wanted = found.stream()
                    .filter(row -> in.ownerIds().isEmpty()
                            || in.ownerIds().stream()
                                    .anyMatch(owner -> (owner.equals("self") ? scope.account() : owner)
                                            .equals(row.told().ownerId())))
                    .filter(row -> in.restorableByUserIds().isEmpty()
                            || in.restorableByUserIds().stream()
                                    .anyMatch(
                                            user -> row.users().contains(user.equals("self") ? scope.account() : user)))
                    .toList();
            return SNAPSHOT_LISTING.page(room(), tx, wanted, SnapshotRow::id, in, named, call);
        });
        return new DescribeSnapshotsResult()
                .snapshots(page.items().stream()
                        .map(each -> Structs.clone(each.record().told()).tags(ImageOperations.told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }

    private static List<SnapshotRow> visible(ReadTx tx, Scope scope) {
        Map<String, SnapshotRow> found = new LinkedHashMap<>();
        Records.SNAPSHOTS.all(tx, scope).forEach(row -> found.put(row.id(), row));
        for (String user : List.of("all", scope.account())) {
            for (Row<SnapshotRow> row : tx.findAnywhere(Records.SNAPSHOTS.table(), Records.USER, user, null, SHARED)) {
                if (row.key().region().equals(scope.region()) && Snapshots.shared(tx, row, user)) {
                    found.put(row.value().id(), row.value());
                }
            }
        }
        return new ArrayList<>(found.values());
    }

    @Override
    default DeleteSnapshotResult deleteSnapshot(DeleteSnapshotRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        room().change(in, tx -> {
            String id = String.valueOf(in.snapshotId());
            SnapshotRow row = own(tx, scope, id);
            String image = Snapshots.user(tx, scope, row.id());
            if (image != null) {
                throw Ec2Faults.of("InvalidSnapshot.InUse", "The snapshot " + id + " is currently in use by " + image);
            }
            Records.SNAPSHOTS.delete(tx, scope, id);
            return id;
        });
        return new DeleteSnapshotResult();
    }

    private static SnapshotRow own(ReadTx tx, Scope scope, String id) {
        SnapshotRow row = Snapshots.usable(tx, scope, id);
        if (!scope.account().equals(row.told().ownerId())) {
            throw Fault.client("AuthFailure", 403, "Not authorized for snapshot:" + id);
        }
        return row;
    }

    @Override
    default ModifySnapshotAttributeResult modifySnapshotAttribute(ModifySnapshotAttributeRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        room().change(in, tx -> {
            SnapshotRow row = own(tx, scope, String.valueOf(in.snapshotId()));
            TreeSet<String> users = new TreeSet<>(row.users());
            CreateVolumePermissionModifications changes = in.createVolumePermission();
            if (changes != null) {
                changes.add().forEach(each -> users.add(user(each)));
                changes.remove().forEach(each -> users.remove(user(each)));
            }
            List<String> named = new ArrayList<>(in.userIds());
            named.addAll(in.groupNames());
            if ("remove".equals(in.operationType())) {
                named.forEach(users::remove);
            } else {
                users.addAll(named);
            }
            users.forEach(ImageOperations::checkUser);
            boolean opens = users.contains("all") && !row.users().contains("all");
            if (opens && !RegionSettings.of(tx, scope).snapshots().equals("unblocked")) {
                throw Ec2Faults.of(
                        "OperationNotPermitted",
                        "You can't publicly share this snapshot because block public access for snapshots is enabled for"
                                + " this account in this Region.");
            }
            return Records.SNAPSHOTS.put(tx, scope, row.users(List.copyOf(users)));
        });
        return new ModifySnapshotAttributeResult();
    }

    private static String user(CreateVolumePermission permission) {
        return String.valueOf(permission.userId() == null ? permission.group() : permission.userId());
    }

    @Override
    default ResetSnapshotAttributeResult resetSnapshotAttribute(ResetSnapshotAttributeRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        room().change(
                        in,
                        tx -> Records.SNAPSHOTS.put(
                                tx,
                                scope,
                                own(tx, scope, String.valueOf(in.snapshotId())).users(List.of())));
        return new ResetSnapshotAttributeResult();
    }

    @Override
    default DescribeSnapshotAttributeResult describeSnapshotAttribute(DescribeSnapshotAttributeRequest in, Call call) {
        Ec2Room.refuseDryRun(in);
        SnapshotRow row = room().read(tx -> own(tx, Ec2Room.scope(call), String.valueOf(in.snapshotId())));
        return new DescribeSnapshotAttributeResult()
                .snapshotId(row.id())
                .productCodes(List.of())
                .createVolumePermissions(row.users().stream()
                        .map(user -> user.equals("all")
                                ? new CreateVolumePermission().group(user)
                                : new CreateVolumePermission().userId(user))
                        .toList());
    }
}
