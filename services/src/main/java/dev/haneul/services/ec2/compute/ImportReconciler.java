package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.BlockDeviceMapping;
import dev.haneul.api.ec2.EbsBlockDevice;
import dev.haneul.api.ec2.Image;
import dev.haneul.api.ec2.Snapshot;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.StsClient;
import dev.haneul.engines.machine.Disks;
import dev.haneul.engines.machine.Images;
import dev.haneul.engines.machine.Images.Packing;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Fetches what is imported, under the role that may read it, and makes an image or a snapshot of it. */
final class ImportReconciler implements Reconciler<Key> {
    private static final String HOST = "vmie.amazonaws.com";
    private static final String USER = "ec2-user";
    private static final String ROOT = "/dev/sda1";
    private static final long GIB = 1L << 30;
    private static final long MOST_BYTES = 16L << 40;
    private static final int LEAST_GIB = 8;
    private static final int SESSION_SECONDS = 3600;
    private static final Duration PATIENCE = Duration.ofHours(1);

    private final Ec2Room room;
    private final Servers servers;
    private final Credentials credentials;
    private final Kind<ImportRow> kind;

    /** @param kind of which imports it takes care */
    ImportReconciler(Compute compute, Credentials credentials, Kind<ImportRow> kind) {
        this.room = compute.room();
        this.servers = compute.servers();
        this.credentials = credentials;
        this.kind = kind;
    }

    @Override
    public String name() {
        return "ec2." + kind.type();
    }

    @Override
    public Next reconcile(Key key) throws InterruptedException {
        ImportRow row =
                room.read(tx -> tx.get(kind.table(), key)).map(Row::value).orElse(null);
        if (row == null || !row.active()) {
            return Next.DONE;
        }
        try {
            if (row.image()) {
                image(key, row);
            } else {
                snapshot(key, row);
            }
        } catch (Fault | IOException e) {
            change(key, each -> each.ended("deleted", "ClientError: " + e.getMessage()));
        }
        return Next.DONE;
    }

    private void image(Key key, ImportRow row) throws IOException, InterruptedException {
        Images images = servers.images();
        Images.Image made = images.find(row.system()).orElse(null);
        if (made == null) {
            try (Body body = object(key, row)) {
                change(key, each -> each.at("20", "converting", body.length()));
                made = images.importStream(row.system(), packing(row), body.stream(), USER);
            }
        }
        long bytes = made.sizeBytes();
        room.store().write(tx -> {
            ImportRow now = tx.get(kind.table(), key).map(Row::value).orElse(null);
            if (now != null && now.active()) {
                Records.IMAGES.put(tx, key.scope(), imageRow(key.scope(), now, bytes));
                kind.put(tx, key.scope(), now.ended("completed", null));
            }
        });
        boolean unwanted = room.read(tx -> Records.IMAGES.find(tx, key.scope(), row.makes()))
                .isEmpty();
        if (unwanted) {
            images.delete(row.system());
        }
    }

    private static Packing packing(ImportRow row) {
        return switch (row.format()) {
            case "TAR" -> Packing.TAR;
            case "OCI" -> Packing.OCI;
            default -> Packing.DISK;
        };
    }

    private ImageRow imageRow(Scope scope, ImportRow row, long bytes) {
        int size = (int) Math.max(LEAST_GIB, bytes / GIB + 2);
        Image told = MakeImage.base(room, scope.account(), row.makes(), row.id(), row.description())
                .architecture(row.architecture())
                .bootMode(row.bootMode())
                .rootDeviceName(ROOT)
                .state("available")
                .blockDeviceMappings(List.of(new BlockDeviceMapping()
                        .deviceName(ROOT)
                        .ebs(new EbsBlockDevice()
                                .volumeSize(size)
                                .volumeType("gp2")
                                .encrypted(false)
                                .deleteOnTermination(true))));
        return new ImageRow(told, row.system(), List.of(), null);
    }

    private void snapshot(Key key, ImportRow row) throws IOException {
        Disks disks = servers.disks();
        Disks.Snapshot made = disks.findSnapshot(row.makes()).orElse(null);
        if (made == null) {
            try (Body body = object(key, row);
                    InputStream bytes = body.stream()) {
                change(key, each -> each.at("20", "downloading/converting", body.length()));
                made = disks.importSnapshot(row.makes(), bytes, MOST_BYTES);
            }
        }
        Disks.Snapshot kept = made;
        boolean wanted = room.store().transact(tx -> finish(tx, key, kept));
        if (!wanted) {
            disks.deleteSnapshot(row.makes());
        }
    }

    private boolean finish(WriteTx tx, Key key, Disks.Snapshot kept) {
        ImportRow now = tx.get(kind.table(), key).map(Row::value).orElse(null);
        if (now == null || !now.active()) {
            return false;
        }
        Snapshot told = new Snapshot()
                .snapshotId(now.makes())
                .volumeId("vol-ffffffff")
                .ownerId(key.account())
                .description(now.description() == null ? "" : now.description())
                .state("completed")
                .progress("100%")
                .startTime(room.now())
                .completionTime(room.now())
                .storageTier("standard")
                .volumeSize((int) (kept.sizeBytes() / GIB))
                .encrypted(false);
        Records.SNAPSHOTS.put(tx, key.scope(), new SnapshotRow(told, now.makes(), null, kept.storedBytes(), List.of()));
        kind.put(tx, key.scope(), now.ended("completed", null));
        return true;
    }

    /** The object, read as the role that the request names. */
    private Body object(Key key, ImportRow row) throws IOException {
        Body body = new S3Client(room.caller())
                .getObject(
                        new GetObjectRequest().bucket(row.bucket()).key(row.key()),
                        call(key.scope(), principal(key.scope(), row)))
                .body();
        if (body == null) {
            throw new IOException("S3 gave an object without a body");
        }
        return body;
    }

    private Principal principal(Scope scope, ImportRow row) {
        String arn = "arn:aws:iam::" + scope.account() + ":role/" + row.role();
        try {
            dev.haneul.api.sts.Credentials keys = Objects.requireNonNull(new StsClient(room.caller())
                    .assumeRole(
                            new AssumeRoleRequest()
                                    .roleArn(arn)
                                    .roleSessionName(row.id())
                                    .durationSeconds(SESSION_SECONDS),
                            call(scope, Principal.service(HOST)))
                    .credentials());
            return credentials
                    .find(keys.accessKeyId(), keys.sessionToken())
                    .orElseThrow(() -> refused(row))
                    .principal();
        } catch (Fault fault) {
            throw refused(row);
        }
    }

    private static Fault refused(ImportRow row) {
        return Fault.client(
                "InvalidParameter",
                400,
                "The service role " + row.role() + " provided does not exist or does not have sufficient permissions");
    }

    private Call call(Scope scope, Principal principal) {
        return new Call(
                principal,
                scope.account(),
                scope.region(),
                room.ids().uuid(),
                room.clock().instant().plus(PATIENCE),
                Call.Origin.inside(HOST));
    }

    private void change(Key key, UnaryOperator<ImportRow> step) {
        room.store()
                .write(tx -> tx.get(kind.table(), key)
                        .map(Row::value)
                        .filter(ImportRow::active)
                        .ifPresent(row -> kind.put(tx, key.scope(), step.apply(row))));
    }

    /** Lets go of an imported system that no image names any more, unless disks still stand on it. */
    static void release(Compute compute, @Nullable String system) {
        if (!ImportRow.imported(system)) {
            return;
        }
        boolean named = compute
                .room()
                .read(tx -> tx.findAnywhere(
                        Records.IMAGES.table(), Records.SYSTEM, Objects.requireNonNull(system), null, 1))
                .stream()
                .findAny()
                .isPresent();
        try {
            if (!named) {
                compute.servers().images().delete(Objects.requireNonNull(system));
            }
        } catch (IOException e) {
            System.getLogger(ImportReconciler.class.getName())
                    .log(System.Logger.Level.INFO, "the system " + system + " stays: " + e.getMessage());
        }
    }
}
