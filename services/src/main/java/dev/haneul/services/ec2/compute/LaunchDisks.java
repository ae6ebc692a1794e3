package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.BlockDeviceMapping;
import dev.haneul.api.ec2.EbsBlockDevice;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Zones;
import dev.haneul.services.ec2.compute.Networks.Place;
import dev.haneul.services.ec2.compute.VolumeRow.Source;
import dev.haneul.services.ec2.types.InstanceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The volumes a launch makes: the image's, as the request changes them, and the request's own. */
record LaunchDisks(List<Planned> volumes) {
    private static final int MOST = 27;

    /** A volume to be made. */
    private record Planned(
            String device,
            VolumeSpec spec,
            Source source,
            @Nullable String snapshot,
            @Nullable String kmsKey,
            boolean deleteOnTermination) {}

    /** Works out and checks the volumes; asks KMS, so not in a transaction. */
    static LaunchDisks of(
            Compute compute, ImageRow image, List<BlockDeviceMapping> asked, InstanceType type, Call call) {
        Map<String, BlockDeviceMapping> byDevice = new LinkedHashMap<>();
        image.told().blockDeviceMappings().forEach(each -> byDevice.put(String.valueOf(each.deviceName()), each));
        for (BlockDeviceMapping each : asked) {
            String device = VolumeOperations.device(each.deviceName());
            BlockDeviceMapping known = byDevice.get(device);
            if (each.noDevice() != null) {
                byDevice.remove(device);
            } else {
                byDevice.put(device, known == null ? each : merged(known, each));
            }
        }
        List<Planned> planned = new ArrayList<>();
        for (BlockDeviceMapping each : byDevice.values()) {
            if (each.ebs() != null) {
                planned.add(planned(compute, image, each, call));
            } else if (each.virtualName() == null) {
                throw Ec2Faults.of(
                        "InvalidBlockDeviceMapping",
                        "The device " + each.deviceName() + " has neither ebs nor" + " virtualName.");
            }
        }
        boolean root = planned.stream()
                .anyMatch(each -> each.device().equals(image.told().rootDeviceName()));
        if (!root) {
            throw Ec2Faults.of("InvalidBlockDeviceMapping", "The root device may not be left out.");
        }
        if (planned.size() > MOST) {
            throw Ec2Faults.of(
                    "AttachmentLimitExceeded",
                    "The maximum number of attachments of " + type.name() + " is " + MOST + ".");
        }
        return new LaunchDisks(planned);
    }

    private static BlockDeviceMapping merged(BlockDeviceMapping known, BlockDeviceMapping change) {
        EbsBlockDevice ebs = known.ebs() == null ? new EbsBlockDevice() : Structs.clone(known.ebs());
        if (change.ebs() != null) {
            boolean other = change.ebs().volumeType() != null
                    && !change.ebs().volumeType().equals(ebs.volumeType());
            if (other) {
                ebs.iops(null).throughput(null);
            }
            if ("gp2".equals(ebs.volumeType())) {
                ebs.iops(null);
            }
            Structs.copy(change.ebs(), ebs);
        }
        return new BlockDeviceMapping().deviceName(known.deviceName()).ebs(ebs);
    }

    private static Planned planned(Compute compute, ImageRow image, BlockDeviceMapping each, Call call) {
        EbsBlockDevice ebs = Objects.requireNonNull(each.ebs());
        String device = VolumeOperations.device(each.deviceName());
        boolean root = device.equals(image.told().rootDeviceName());
        Scope scope = Ec2Room.scope(call);
        String snapshot = ebs.snapshotId();
        // The snapshots of the catalogue's images are names only: their systems are built.
        boolean built = root
                && image.recipe() != null
                && image.root() != null
                && Objects.equals(snapshot, image.root().snapshotId());
        Source source = built
                ? new Source.System(Objects.requireNonNull(image.recipe()))
                : compute.room().read(tx -> source(tx, scope, image, snapshot));
        int least = built
                ? Objects.requireNonNull(Objects.requireNonNull(image.root()).volumeSize())
                : compute.room().read(tx -> sizeGib(tx, scope, image, snapshot));
        if (root && source instanceof Source.Empty) {
            throw Ec2Faults.of("InvalidBlockDeviceMapping", "The root device must begin with a snapshot.");
        }
        String kind = ebs.volumeType() == null ? "gp2" : ebs.volumeType();
        VolumeSpec spec =
                VolumeSpec.of(kind, ebs.volumeSize(), kind.equals("gp2") ? null : ebs.iops(), ebs.throughput(), least);
        String key = compute.encryption()
                .key(call, ebs.encrypted(), ebs.kmsKeyId(), built || image.recipe() == null ? null : snapshot);
        boolean ends = ebs.deleteOnTermination() == null ? root : ebs.deleteOnTermination();
        return new Planned(device, spec, source, snapshot, key, ends);
    }

    /** Who may launch an image may use its snapshots, whoever's they are. */
    private static Source source(ReadTx tx, Scope scope, ImageRow image, @Nullable String snapshot) {
        return ofImage(image, snapshot)
                ? new Source.Kept(Snapshots.anywhere(tx, scope.region(), Objects.requireNonNull(snapshot))
                        .kept())
                : Volumes.source(tx, scope, snapshot);
    }

    private static int sizeGib(ReadTx tx, Scope scope, ImageRow image, @Nullable String snapshot) {
        return ofImage(image, snapshot)
                ? Objects.requireNonNull(Snapshots.anywhere(tx, scope.region(), Objects.requireNonNull(snapshot))
                        .told()
                        .volumeSize())
                : Volumes.sizeGib(tx, scope, snapshot);
    }

    private static boolean ofImage(ImageRow image, @Nullable String snapshot) {
        return snapshot != null
                && image.told().blockDeviceMappings().stream()
                        .anyMatch(each ->
                                each.ebs() != null && snapshot.equals(each.ebs().snapshotId()));
    }

    /** Writes the volumes down for an instance. */
    void make(Ec2Room room, WriteTx tx, Scope scope, String instance, Place place, Map<String, String> tags) {
        String zoneId = Zones.require(scope.region(), place.zone()).id();
        for (Planned each : volumes) {
            String id = room.ids().ec2("vol");
            Volumes.New wanted = new Volumes.New(
                    place.zone(), zoneId, each.spec(), each.source(), each.snapshot(), each.kmsKey(), false);
            Volumes.make(
                    room,
                    tx,
                    scope,
                    id,
                    wanted,
                    Volumes.attachment(room, id, instance, each.device(), each.deleteOnTermination()),
                    tags);
        }
    }
}
