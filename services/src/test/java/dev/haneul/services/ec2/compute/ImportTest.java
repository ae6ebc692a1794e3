package dev.haneul.services.ec2.compute;

import static dev.haneul.services.ec2.compute.ComputeRig.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.AssumeRoleResponse;
import dev.haneul.api.sts.Credentials;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Images and snapshots that come from S3. */
class ImportTest {
    private final ComputeRig rig = new ComputeRig();

    ImportTest() {
        rig.neighbours = ImportTest::answer;
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** A role called vmimport, and a bucket with an object that has bytes, and one that has none. */
    private static Struct answer(OperationShape operation, Struct input, Call call) {
        if (input instanceof AssumeRoleRequest role) {
            if (!role.roleArn().endsWith(":role/vmimport")) {
                throw Fault.client("AccessDenied", 403, "no such role");
            }
            return new AssumeRoleResponse()
                    .credentials(new Credentials().accessKeyId("ASIA1").sessionToken("token"));
        }
        GetObjectRequest wanted = (GetObjectRequest) input;
        assertThat(call.principal().id()).as("as the role").isEqualTo("role");
        return switch (wanted.key()) {
            case "full" -> new GetObjectOutput().body(Body.of(new byte[100]));
            case "empty" -> new GetObjectOutput().body(Body.of(new byte[0]));
            default -> throw Fault.client("NoSuchKey", 404, "The specified key does not exist.");
        };
    }

    private ImportImageRequest image(String key, String format) {
        return new ImportImageRequest()
                .description("mine")
                .diskContainers(List.of(new ImageDiskContainer()
                        .format(format)
                        .userBucket(new UserBucket().s3Bucket("disks").s3Key(key))));
    }

    private ImportImageTask ended(ImportImageRequest in) throws InterruptedException {
        ImportImageResult begun = rig.ec2.importImage(in, call());
        rig.settle();
        return rig.ec2
                .describeImportImageTasks(
                        new DescribeImportImageTasksRequest().importTaskIds(List.of(begun.importTaskId())), call())
                .importImageTasks()
                .getFirst();
    }

    @Test
    void anImageIsFetchedAndLaunched() throws Exception {
        ImportImageTask task = ended(image("full", "raw"));
        assertThat(task.status()).isEqualTo("completed");
        assertThat(task.snapshotDetails().getFirst().diskImageSize()).isEqualTo(100);
        Image made = rig.ec2
                .describeImages(new DescribeImagesRequest().owners(List.of("self")), call())
                .images()
                .getFirst();
        assertThat(made.imageId()).isEqualTo(task.imageId());
        assertThat(made.name()).isEqualTo(task.importTaskId());

        String id = rig.ec2
                .runInstances(rig.launch().imageId(made.imageId()), call())
                .instances()
                .getFirst()
                .instanceId();
        rig.settle();
        assertThat(rig.state(id)).isEqualTo("running");
        String root = rig.describe(id).blockDeviceMappings().getFirst().ebs().volumeId();
        assertThat(rig.servers.disks.made.get(root).image()).contains("import-" + made.imageId());

        rig.ec2.deregisterImage(
                new DeregisterImageRequest().imageId(made.imageId()).deleteAssociatedSnapshots(true), call());
        rig.settle();
        assertThat(rig.servers.images.imported).isEmpty();
    }

    @Test
    void whatCannotBeImportedSaysWhy() throws Exception {
        assertThat(ended(image("empty", "TAR")).statusMessage())
                .isEqualTo("ClientError: what was imported has no /sbin/init");
        ImportImageTask gone = ended(image("gone", "OCI"));
        assertThat(gone.status()).isEqualTo("deleted");
        assertThat(gone.statusMessage()).contains("The specified key does not exist");
        assertThat(ended(image("full", "RAW").roleName("other")).statusMessage())
                .contains("The service role other provided does not exist or does not have sufficient permissions");
        assertThatThrownBy(() -> rig.ec2.importImage(image("full", "VMDK"), call()))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("NotImplemented"));
        assertThatThrownBy(() -> rig.ec2.importImage(image("full", "FLOPPY"), call()))
                .hasMessageContaining("Unknown disk image format");
        assertThat(rig.ec2
                        .describeImages(new DescribeImagesRequest().owners(List.of("self")), call())
                        .images())
                .isEmpty();
    }

    @Test
    void aSnapshotIsFetchedAndBecomesAVolume() throws Exception {
        String id = rig.ec2
                .importSnapshot(
                        new ImportSnapshotRequest()
                                .diskContainer(new SnapshotDiskContainer()
                                        .format("RAW")
                                        .url("s3://disks/full")),
                        call())
                .importTaskId();
        rig.settle();
        SnapshotTaskDetail detail = rig.ec2
                .describeImportSnapshotTasks(
                        new DescribeImportSnapshotTasksRequest().importTaskIds(List.of(id)), call())
                .importSnapshotTasks()
                .getFirst()
                .snapshotTaskDetail();
        assertThat(detail.status()).isEqualTo("completed");
        String volume = rig.ec2
                .createVolume(
                        new CreateVolumeRequest().availabilityZone("us-east-1a").snapshotId(detail.snapshotId()),
                        call())
                .volumeId();
        rig.settle();
        assertThat(rig.volume(volume).size()).isEqualTo(1);
        assertThat(rig.servers.disks.made).containsKey(volume);
        assertThatThrownBy(() -> rig.ec2.cancelImportTask(new CancelImportTaskRequest().importTaskId(id), call()))
                .hasMessageContaining("completed and cannot be cancelled");
    }
}
