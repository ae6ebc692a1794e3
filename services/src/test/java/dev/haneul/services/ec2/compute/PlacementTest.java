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

/** Placement groups, and what accounts, images and instances have set. */
class PlacementTest {
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

    private void group(String name, String strategy) {
        rig.ec2.createPlacementGroup(
                new CreatePlacementGroupRequest().groupName(name).strategy(strategy), call());
    }

    private RunInstancesRequest into(String group, String type, int count) {
        return rig.launch()
                .instanceType(type)
                .minCount(count)
                .maxCount(count)
                .placement(new Placement().groupName(group));
    }

    @Test
    void groupsTakeWhatFitsAndStayWhileTheyAreUsed() throws Exception {
        group("near", "cluster");
        group("far", "spread");
        group("parts", "partition");
        refused("InvalidPlacementGroup.Duplicate", () -> group("near", "cluster"));
        refused("InvalidPlacementGroup.Unknown", () -> rig.ec2.runInstances(into("none", "m5.large", 1), call()));
        refused("InvalidParameterCombination", () -> rig.ec2.runInstances(into("near", "t3.micro", 1), call()));
        RunInstancesRequest partition = into("parts", "m5.large", 1);
        partition.placement().partitionNumber(3);
        refused("InvalidParameterValue", () -> rig.ec2.runInstances(partition, call()));

        Instance far = rig.ec2
                .runInstances(into("far", "t3.micro", 7), call())
                .instances()
                .getFirst();
        assertThat(far.placement().groupName()).isEqualTo("far");
        RunInstancesRequest more = into("far", "t3.micro", 1);
        more.placement().availabilityZone(far.placement().availabilityZone());
        refused("InsufficientInstanceCapacity", () -> rig.ec2.runInstances(more, call()));

        String id = rig.ec2
                .runInstances(into("near", "m5.large", 1), call())
                .instances()
                .getFirst()
                .instanceId();
        rig.settle();
        DeletePlacementGroupRequest delete = new DeletePlacementGroupRequest().groupName("near");
        refused("InvalidPlacementGroup.InUse", () -> rig.ec2.deletePlacementGroup(delete, call()));
        ModifyInstancePlacementRequest leave =
                new ModifyInstancePlacementRequest().instanceId(id).groupName("");
        refused("IncorrectInstanceState", () -> rig.ec2.modifyInstancePlacement(leave, call()));
        rig.ec2.stopInstances(new StopInstancesRequest().instanceIds(List.of(id)), call());
        rig.settle();
        rig.ec2.modifyInstancePlacement(leave, call());
        assertThat(rig.describe(id).placement().groupName()).isEmpty();
        rig.ec2.deletePlacementGroup(delete, call());
        assertThat(rig.ec2
                        .describePlacementGroups(new DescribePlacementGroupsRequest(), call())
                        .placementGroups())
                .extracting(PlacementGroup::groupName)
                .containsExactlyInAnyOrder("far", "parts");
        refused(
                "InvalidPlacementGroup.Unknown",
                () -> rig.ec2.describePlacementGroups(
                        new DescribePlacementGroupsRequest().groupNames(List.of("near")), call()));
    }

    @Test
    void whatAnAccountSetsHoldsForNewInstances() {
        rig.ec2.modifyInstanceMetadataDefaults(
                new ModifyInstanceMetadataDefaultsRequest()
                        .httpTokens("required")
                        .httpPutResponseHopLimit(5),
                call());
        rig.ec2.modifyDefaultCreditSpecification(
                new ModifyDefaultCreditSpecificationRequest()
                        .instanceFamily("t3")
                        .cpuCredits("standard"),
                call());
        Instance made = rig.ec2.runInstances(rig.launch(), call()).instances().getFirst();
        assertThat(made.metadataOptions().httpTokens()).isEqualTo("required");
        assertThat(made.metadataOptions().httpPutResponseHopLimit()).isEqualTo(5);
        assertThat(rig.ec2
                        .describeInstanceCreditSpecifications(
                                new DescribeInstanceCreditSpecificationsRequest()
                                        .instanceIds(List.of(made.instanceId())),
                                call())
                        .instanceCreditSpecifications()
                        .getFirst()
                        .cpuCredits())
                .isEqualTo("standard");
        RunInstancesRequest own =
                rig.launch().metadataOptions(new InstanceMetadataOptionsRequest().httpPutResponseHopLimit(1));
        assertThat(rig.ec2
                        .runInstances(own, call())
                        .instances()
                        .getFirst()
                        .metadataOptions()
                        .httpPutResponseHopLimit())
                .isEqualTo(1);
        rig.ec2.modifyInstanceMetadataDefaults(
                new ModifyInstanceMetadataDefaultsRequest().httpTokens("no-preference"), call());
        assertThat(rig.ec2
                        .getInstanceMetadataDefaults(new GetInstanceMetadataDefaultsRequest(), call())
                        .accountLevel())
                .satisfies(now -> assertThat(now.httpTokens()).isNull())
                .satisfies(now -> assertThat(now.httpPutResponseHopLimit()).isEqualTo(5));
    }

    private ModifyImageAttributeResult open(String image) {
        return rig.ec2.modifyImageAttribute(
                new ModifyImageAttributeRequest()
                        .imageId(image)
                        .launchPermission(
                                new LaunchPermissionModifications().add(List.of(new LaunchPermission().group("all")))),
                call());
    }

    private List<Image> mine(boolean disabled) {
        return rig.ec2
                .describeImages(
                        new DescribeImagesRequest().owners(List.of("self")).includeDisabled(disabled), call())
                .images();
    }

    @Test
    void imagesAreBlockedDisabledDeprecatedAndProtected() throws Exception {
        String instance = rig.run();
        String image = rig.ec2
                .createImage(new CreateImageRequest().instanceId(instance).name("golden"), call())
                .imageId();
        rig.settle();
        refused("OperationNotPermitted", () -> open(image));
        rig.ec2.disableImageBlockPublicAccess(new DisableImageBlockPublicAccessRequest(), call());
        open(image);

        rig.ec2.disableImage(new DisableImageRequest().imageId(image), call());
        assertThat(mine(false)).isEmpty();
        assertThat(mine(true)).singleElement().satisfies(each -> {
            assertThat(each.state()).isEqualTo("disabled");
            assertThat(each.public_()).isFalse();
        });
        refused(
                "InvalidAMIID.Unavailable",
                () -> rig.ec2.runInstances(rig.launch().imageId(image), call()));
        rig.ec2.enableImage(new EnableImageRequest().imageId(image), call());

        rig.ec2.enableImageDeprecation(
                new EnableImageDeprecationRequest()
                        .imageId(image)
                        .deprecateAt(rig.clock.instant().plus(Duration.ofDays(2))),
                call());
        assertThat(mine(false).getFirst().deprecationTime()).isEqualTo("2026-01-04T03:00:00.000Z");
        rig.ec2.enableImageDeregistrationProtection(
                new EnableImageDeregistrationProtectionRequest().imageId(image), call());
        DeregisterImageRequest deregister = new DeregisterImageRequest().imageId(image);
        refused("OperationNotPermitted", () -> rig.ec2.deregisterImage(deregister, call()));
        rig.ec2.disableImageDeregistrationProtection(
                new DisableImageDeregistrationProtectionRequest().imageId(image), call());
        rig.ec2.deregisterImage(deregister, call());
    }

    @Test
    void optionsOfInstancesAndVolumesAreRecorded() throws Exception {
        String id = rig.run();
        rig.ec2.modifyInstanceMaintenanceOptions(
                new ModifyInstanceMaintenanceOptionsRequest().instanceId(id).autoRecovery("disabled"), call());
        assertThat(rig.describe(id).maintenanceOptions().autoRecovery()).isEqualTo("disabled");
        ModifyInstanceCpuOptionsRequest cpus =
                new ModifyInstanceCpuOptionsRequest().instanceId(id).threadsPerCore(1);
        refused("IncorrectInstanceState", () -> rig.ec2.modifyInstanceCpuOptions(cpus, call()));
        rig.ec2.stopInstances(new StopInstancesRequest().instanceIds(List.of(id)), call());
        rig.settle();
        rig.ec2.modifyInstanceCpuOptions(cpus, call());
        assertThat(rig.describe(id).cpuOptions().threadsPerCore()).isEqualTo(1);

        String volume = rig.describe(id).blockDeviceMappings().getFirst().ebs().volumeId();
        rig.ec2.modifyVolumeAttribute(
                new ModifyVolumeAttributeRequest()
                        .volumeId(volume)
                        .autoEnableIO(new AttributeBooleanValue().value(true)),
                call());
        assertThat(rig.ec2
                        .describeVolumeAttribute(
                                new DescribeVolumeAttributeRequest()
                                        .volumeId(volume)
                                        .attribute("autoEnableIO"),
                                call())
                        .autoEnableIO()
                        .value())
                .isTrue();
    }
}
