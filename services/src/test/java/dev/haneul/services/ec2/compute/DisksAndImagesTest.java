package dev.haneul.services.ec2.compute;

import static dev.haneul.services.ec2.compute.ComputeRig.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Fault;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DisksAndImagesTest {
    private static final long GIB = 1L << 30;
    private final ComputeRig rig = new ComputeRig();

    @AfterEach
    void close() {
        rig.close();
    }

    private static void refused(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
    }

    private String create(CreateVolumeRequest in) throws InterruptedException {
        String id = rig.ec2.createVolume(in, call()).volumeId();
        rig.settle();
        return id;
    }

    private CreateVolumeRequest in(String instance) {
        return new CreateVolumeRequest()
                .availabilityZone(rig.describe(instance).placement().availabilityZone())
                .volumeType("gp3");
    }

    @Test
    void volumeGoesFromOneInstanceToAnother() throws Exception {
        String first = rig.run();
        String second = rig.run();
        String volume = create(in(first).size(10));
        assertThat(rig.volume(volume).state()).isEqualTo("available");
        assertThat(rig.volume(volume).iops()).isEqualTo(3000);
        AttachVolumeRequest attach =
                new AttachVolumeRequest().volumeId(volume).instanceId(first).device("/dev/sdf");
        assertThat(rig.ec2.attachVolume(attach, call()).state()).isEqualTo("attaching");
        rig.settle();
        assertThat(rig.volume(volume).attachments().getFirst().state()).isEqualTo("attached");
        assertThat(rig.servers.plugged(first, volume)).isTrue();
        refused("VolumeInUse", () -> rig.ec2.deleteVolume(new DeleteVolumeRequest().volumeId(volume), call()));
        refused("VolumeInUse", () -> rig.ec2.attachVolume(attach.instanceId(second), call()));

        rig.servers.busy.add(volume);
        rig.ec2.detachVolume(new DetachVolumeRequest().volumeId(volume), call());
        rig.settle();
        assertThat(rig.volume(volume).attachments().getFirst().state()).isEqualTo("detaching");
        rig.servers.busy.remove(volume);
        rig.advance(Duration.ofSeconds(3));
        assertThat(rig.volume(volume).state()).isEqualTo("available");
        rig.ec2.attachVolume(attach.instanceId(second), call());
        rig.settle();
        assertThat(rig.servers.plugged(second, volume)).isTrue();

        rig.ec2.terminateInstances(new TerminateInstancesRequest().instanceIds(List.of(second)), call());
        rig.settle();
        assertThat(rig.volume(volume).state()).isEqualTo("available");
        rig.ec2.deleteVolume(new DeleteVolumeRequest().volumeId(volume), call());
        rig.settle();
        refused("InvalidVolume.NotFound", () -> rig.volume(volume));
        assertThat(rig.servers.disks.made).doesNotContainKey(volume);
    }

    @Test
    void volumesGrowAndAreKept() throws Exception {
        String instance = rig.run();
        String volume = create(in(instance).size(10));
        rig.ec2.modifyVolume(new ModifyVolumeRequest().volumeId(volume).size(20).iops(4000), call());
        rig.settle();
        assertThat(rig.volume(volume).size()).isEqualTo(20);
        assertThat(rig.servers.disks.made.get(volume).sizeBytes()).isEqualTo(20 * GIB);
        assertThat(rig.ec2
                        .describeVolumesModifications(
                                new DescribeVolumesModificationsRequest().volumeIds(List.of(volume)), call())
                        .volumesModifications()
                        .getFirst()
                        .modificationState())
                .isEqualTo("completed");
        refused(
                "InvalidParameterValue",
                () -> rig.ec2.modifyVolume(
                        new ModifyVolumeRequest().volumeId(volume).size(5), call()));

        String snapshot = rig.ec2
                .createSnapshot(new CreateSnapshotRequest().volumeId(volume), call())
                .snapshotId();
        rig.settle();
        CopySnapshotRequest copy =
                new CopySnapshotRequest().sourceRegion("us-east-1").sourceSnapshotId(snapshot);
        String copied = rig.ec2.copySnapshot(copy, call()).snapshotId();
        rig.ec2.deleteSnapshot(new DeleteSnapshotRequest().snapshotId(snapshot), call());
        rig.settle();
        assertThat(rig.servers.disks.kept).hasSize(1);
        String restored = create(in(instance).snapshotId(copied));
        assertThat(rig.volume(restored).size()).isEqualTo(20);
        rig.ec2.deleteSnapshot(new DeleteSnapshotRequest().snapshotId(copied), call());
        rig.settle();
        assertThat(rig.servers.disks.kept).isEmpty();
        refused(
                "InvalidSnapshot.NotFound",
                () -> rig.ec2.describeSnapshots(new DescribeSnapshotsRequest().snapshotIds(List.of(copied)), call()));
    }

    @Test
    void badVolumesAreRefused() throws Exception {
        String instance = rig.run();
        refused("InvalidParameterValue", () -> create(in(instance).size(100_000)));
        refused("InvalidParameterValue", () -> create(in(instance).size(10).iops(100)));
        refused("MissingParameter", () -> create(in(instance)));
        refused("InvalidZone.NotFound", () -> create(in(instance).size(1).availabilityZone("us-east-1x")));
        refused("InvalidSnapshot.NotFound", () -> create(in(instance).snapshotId("snap-0123456789abcdef0")));
        refused(
                "InvalidParameterCombination",
                () -> create(in(instance).size(1).volumeType("gp2").iops(100)));
    }

    @Test
    void imageOfAnInstanceStartsOthers() throws Exception {
        String instance = rig.run();
        String image = rig.ec2
                .createImage(new CreateImageRequest().instanceId(instance).name("golden"), call())
                .imageId();
        rig.settle();
        Image told = image(image);
        assertThat(told.state()).isEqualTo("available");
        assertThat(told.sourceInstanceId()).isEqualTo(instance);
        assertThat(rig.servers.reboots).containsExactly(instance);
        refused(
                "InvalidAMIName.Duplicate",
                () -> rig.ec2.createImage(
                        new CreateImageRequest().instanceId(instance).name("golden"), call()));
        String other = rig.ec2
                .runInstances(rig.launch().imageId(image), call())
                .instances()
                .getFirst()
                .instanceId();
        rig.settle();
        assertThat(rig.state(other)).isEqualTo("running");
        String root = rig.servers.booted.get(other).rootDisk();
        assertThat(rig.servers.disks.made.get(root).image()).contains("debian-12");
        String snapshot = told.blockDeviceMappings().getFirst().ebs().snapshotId();
        refused(
                "InvalidSnapshot.InUse",
                () -> rig.ec2.deleteSnapshot(new DeleteSnapshotRequest().snapshotId(snapshot), call()));
        rig.ec2.modifyImageAttribute(
                new ModifyImageAttributeRequest()
                        .imageId(image)
                        .launchPermission(new LaunchPermissionModifications()
                                .add(List.of(new LaunchPermission().userId("222222222222")))),
                call());
        assertThat(rig.ec2
                        .describeImages(
                                new DescribeImagesRequest().owners(List.of(ComputeRig.ACCOUNT)),
                                call().in("222222222222", "us-east-1"))
                        .images())
                .singleElement()
                .satisfies(each -> assertThat(each.imageId()).isEqualTo(image));
        rig.ec2.deregisterImage(new DeregisterImageRequest().imageId(image), call());
        refused("InvalidAMIID.NotFound", () -> image(image));
        rig.ec2.deleteSnapshot(new DeleteSnapshotRequest().snapshotId(snapshot), call());
    }

    private Image image(String id) {
        return rig.ec2
                .describeImages(new DescribeImagesRequest().imageIds(List.of(id)), call())
                .images()
                .getFirst();
    }

    @Test
    void parametersNameImagesThatAreThere() {
        assertThat(AmiParameters.beginning("/aws/service/", "eu-west-1")).hasSizeGreaterThan(10);
        String id = AmiParameters.beginning(
                        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64", "us-east-1")
                .values()
                .iterator()
                .next();
        assertThat(image(id).name()).startsWith("al2023-ami-2023");
        assertThat(image(id).imageOwnerAlias()).isEqualTo("amazon");
    }

    @Test
    void storageOfTheInstancesOwnIsLostOnStop() throws Exception {
        String id = rig.ec2
                .runInstances(rig.launch().instanceType("m5d.large"), call())
                .instances()
                .getFirst()
                .instanceId();
        rig.settle();
        assertThat(rig.servers.disks.made).containsKey(id + "-ephemeral0");
        rig.ec2.stopInstances(new StopInstancesRequest().instanceIds(List.of(id)), call());
        rig.settle();
        assertThat(rig.servers.disks.made).doesNotContainKey(id + "-ephemeral0").hasSize(1);
    }
}
