package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Kind;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Tags;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Images and snapshots of disks that were made elsewhere, by way of S3. Formats: {@code RAW}, and beyond what AWS takes
 * {@code TAR} (a root file system, as {@code docker export} writes it) and {@code OCI} (a tar of an OCI image layout).
 *
 * @see <a href="https://docs.aws.amazon.com/vm-import/latest/userguide/what-is-vmimport.html">VM Import/Export</a>
 */
public interface ImportOperations extends Ec2Api {
    String USUAL_ROLE = "vmimport";

    Set<String> IMAGE_FORMATS = Set.of("RAW", "TAR", "OCI");

    Set<String> AWS_FORMATS = Set.of("OVA", "VHD", "VHDX", "VMDK", "RAW");

    Listing<ImportRow> IMAGE_TASKS =
            Listing.of("DescribeImportImageTasks", Filters.<ImportRow>tagged().one("task-state", ImportRow::status));

    Listing<ImportRow> SNAPSHOT_TASKS = Listing.of(
            "DescribeImportSnapshotTasks", Filters.<ImportRow>tagged().one("task-state", ImportRow::status));

    Ec2Room room();

    Compute compute();

    /** Where an object is. */
    record Place(String bucket, String key) {}

    private static Place place(@Nullable UserBucket bucket, @Nullable String url) {
        if (bucket != null && bucket.s3Bucket() != null && bucket.s3Key() != null) {
            return new Place(bucket.s3Bucket(), bucket.s3Key());
        }
        String text = url == null ? "" : url;
        int slash = text.indexOf('/', "s3://".length());
        if (!text.startsWith("s3://") || slash < 0 || slash == text.length() - 1) {
            throw Ec2Faults.invalid("The disk container must name an object: UserBucket, or a Url of the form s3://.");
        }
        return new Place(text.substring("s3://".length(), slash), text.substring(slash + 1));
    }

    private static String format(@Nullable String given, Set<String> known) {
        String format = given == null ? "" : given.toUpperCase(Locale.ROOT);
        if (known.contains(format)) {
            return format;
        }
        if (AWS_FORMATS.contains(format)) {
            throw Ec2Faults.unbuilt("A disk image of the format " + format);
        }
        throw Ec2Faults.invalid("Format", given, "Unknown disk image format.");
    }

    @Override
    default ImportImageResult importImage(ImportImageRequest in, Call call) {
        if (in.diskContainers().size() != 1) {
            throw in.diskContainers().isEmpty()
                    ? Ec2Faults.missing("DiskContainers")
                    : Ec2Faults.unbuilt("An image of more than one disk");
        }
        if (Boolean.TRUE.equals(in.encrypted()) || in.kmsKeyId() != null) {
            throw Ec2Faults.unbuilt("An encrypted import");
        }
        if (in.platform() != null && !in.platform().equals("Linux")) {
            throw Ec2Faults.invalid("Platform", in.platform(), "Only Linux can be imported here.");
        }
        ImageDiskContainer disk = in.diskContainers().getFirst();
        if (disk.snapshotId() != null) {
            throw Ec2Faults.unbuilt("An import of a snapshot; RegisterImage makes images of snapshots");
        }
        Place place = place(disk.userBucket(), disk.url());
        ImportRow row = new ImportRow(
                "import-ami-" + room().ids().hex(17),
                room().ids().ec2("ami"),
                in.roleName() == null ? USUAL_ROLE : in.roleName(),
                place.bucket(),
                place.key(),
                format(disk.format(), IMAGE_FORMATS),
                in.description(),
                in.architecture() == null ? "x86_64" : in.architecture(),
                in.bootMode(),
                "active",
                "1",
                "pending",
                0);
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "import-image-task");
        Scope scope = Ec2Room.scope(call);
        String id = room().once("ImportImage", in, call, tx -> {
            Records.IMAGE_IMPORTS.put(tx, scope, row);
            Tags.put(tx, scope, Records.IMAGE_IMPORTS, row.id(), tags);
            return row.id();
        });
        ImportImageTask told = room().read(tx -> imageTask(Records.IMAGE_IMPORTS.require(tx, scope, id), tags));
        return Structs.copy(told, new ImportImageResult());
    }

    private static ImportImageTask imageTask(ImportRow row, Map<String, String> tags) {
        SnapshotDetail detail = new SnapshotDetail()
                .format(row.format())
                .diskImageSize(row.bytes() == 0 ? null : (double) row.bytes())
                .status(row.status())
                .userBucket(new UserBucketDetails().s3Bucket(row.bucket()).s3Key(row.key()));
        return new ImportImageTask()
                .importTaskId(row.id())
                .architecture(row.architecture())
                .description(row.description())
                .platform("Linux")
                .licenseType("BYOL")
                .bootMode(row.bootMode())
                .imageId(row.status().equals("completed") ? row.makes() : null)
                .progress(row.progress().isEmpty() ? null : row.progress())
                .status(row.status())
                .statusMessage(row.message())
                .snapshotDetails(List.of(detail))
                .tags(Tags.told(tags));
    }

    @Override
    default DescribeImportImageTasksResult describeImportImageTasks(DescribeImportImageTasksRequest in, Call call) {
        Page<Tagged<ImportRow>> page = IMAGE_TASKS.page(room(), Records.IMAGE_IMPORTS, in, in.importTaskIds(), call);
        return new DescribeImportImageTasksResult()
                .importImageTasks(page.items().stream()
                        .map(each -> imageTask(each.record(), each.tags()))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    default ImportSnapshotResult importSnapshot(ImportSnapshotRequest in, Call call) {
        SnapshotDiskContainer disk = in.diskContainer();
        if (disk == null) {
            throw Ec2Faults.missing("DiskContainer");
        }
        if (Boolean.TRUE.equals(in.encrypted()) || in.kmsKeyId() != null) {
            throw Ec2Faults.unbuilt("An encrypted import");
        }
        Place place = place(disk.userBucket(), disk.url());
        ImportRow row = new ImportRow(
                "import-snap-" + room().ids().hex(17),
                room().ids().ec2("snap"),
                in.roleName() == null ? USUAL_ROLE : in.roleName(),
                place.bucket(),
                place.key(),
                format(disk.format(), Set.of("RAW")),
                in.description() == null ? disk.description() : in.description(),
                "",
                null,
                "active",
                "3",
                "pending",
                0);
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "import-snapshot-task");
        Scope scope = Ec2Room.scope(call);
        String id = room().once("ImportSnapshot", in, call, tx -> {
            Records.SNAPSHOT_IMPORTS.put(tx, scope, row);
            Tags.put(tx, scope, Records.SNAPSHOT_IMPORTS, row.id(), tags);
            return row.id();
        });
        ImportSnapshotTask told =
                room().read(tx -> snapshotTask(Records.SNAPSHOT_IMPORTS.require(tx, scope, id), tags));
        return Structs.copy(told, new ImportSnapshotResult());
    }

    private static ImportSnapshotTask snapshotTask(ImportRow row, Map<String, String> tags) {
        return new ImportSnapshotTask()
                .importTaskId(row.id())
                .description(row.description())
                .snapshotTaskDetail(new SnapshotTaskDetail()
                        .description(row.description())
                        .format(row.format())
                        .diskImageSize(row.bytes() == 0 ? null : (double) row.bytes())
                        .encrypted(false)
                        .progress(row.progress().isEmpty() ? null : row.progress())
                        .snapshotId(row.status().equals("completed") ? row.makes() : null)
                        .status(row.status())
                        .statusMessage(row.message())
                        .userBucket(
                                new UserBucketDetails().s3Bucket(row.bucket()).s3Key(row.key())))
                .tags(Tags.told(tags));
    }

    @Override
    default DescribeImportSnapshotTasksResult describeImportSnapshotTasks(
            DescribeImportSnapshotTasksRequest in, Call call) {
        Page<Tagged<ImportRow>> page =
                SNAPSHOT_TASKS.page(room(), Records.SNAPSHOT_IMPORTS, in, in.importTaskIds(), call);
        return new DescribeImportSnapshotTasksResult()
                .importSnapshotTasks(page.items().stream()
                        .map(each -> snapshotTask(each.record(), each.tags()))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    default CancelImportTaskResult cancelImportTask(CancelImportTaskRequest in, Call call) {
        String id = in.importTaskId();
        if (id == null) {
            throw Ec2Faults.missing("ImportTaskId");
        }
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            Kind<ImportRow> kind = id.startsWith("import-snap-") ? Records.SNAPSHOT_IMPORTS : Records.IMAGE_IMPORTS;
            ImportRow row = row(tx, scope, kind, id);
            if (!row.active()) {
                throw Ec2Faults.of(
                        "IncorrectState",
                        "The import task " + id + " is " + row.status() + " and cannot be cancelled.");
            }
            kind.put(tx, scope, row.ended("deleted", in.cancelReason() == null ? "cancelled" : in.cancelReason()));
            return new CancelImportTaskResult()
                    .importTaskId(id)
                    .previousState("active")
                    .state("deleted");
        });
    }

    private static ImportRow row(ReadTx tx, Scope scope, Kind<ImportRow> kind, String id) {
        return kind.find(tx, scope, id)
                .orElseThrow(() -> Ec2Faults.of(
                        "InvalidConversionTaskId.Malformed", "The import task ID '" + id + "' does not exist"));
    }
}
