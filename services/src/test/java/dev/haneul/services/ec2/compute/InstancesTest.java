package dev.haneul.services.ec2.compute;

import static dev.haneul.services.ec2.compute.ComputeRig.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Fault;
import dev.haneul.engines.machine.MachineExit;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InstancesTest {
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

    private void refusedLaunch(String code, Consumer<RunInstancesRequest> change) {
        RunInstancesRequest in = rig.launch();
        change.accept(in);
        refused(code, () -> rig.ec2.runInstances(in, call()));
    }

    private void stop(String id) throws InterruptedException {
        rig.ec2.stopInstances(new StopInstancesRequest().instanceIds(List.of(id)), call());
        rig.settle();
    }

    private void terminate(String id) throws InterruptedException {
        rig.ec2.terminateInstances(new TerminateInstancesRequest().instanceIds(List.of(id)), call());
        rig.settle();
    }

    @Test
    void lifeFromLaunchToOblivion() throws Exception {
        RunInstancesRequest in = rig.launch()
                .minCount(1)
                .maxCount(2)
                .tagSpecifications(List.of(new TagSpecification()
                        .resourceType("instance")
                        .tags(List.of(new Tag().key("Name").value("web")))));
        Reservation reservation = rig.ec2.runInstances(in, call());
        assertThat(reservation.instances()).hasSize(2).allSatisfy(each -> {
            assertThat(each.state().name()).isEqualTo("pending");
            assertThat(each.state().code()).isZero();
            assertThat(each.publicIpAddress()).startsWith("198.18.16.");
            assertThat(each.privateDnsName()).startsWith("ip-172-31-");
        });
        rig.settle();
        String id = reservation.instances().getFirst().instanceId();
        Instance running = rig.describe(id);
        assertThat(running.state().code()).isEqualTo(16);
        assertThat(running.blockDeviceMappings().getFirst().ebs().status()).isEqualTo("attached");
        assertThat(rig.fabric.attached).hasSize(2);
        DescribeInstancesRequest byTag = new DescribeInstancesRequest()
                .filters(List.of(new Filter().name("tag:Name").values(List.of("w*"))));
        assertThat(rig.ec2.describeInstances(byTag, call()).reservations())
                .singleElement()
                .satisfies(one -> assertThat(one.instances()).hasSize(2));

        stop(id);
        Instance stopped = rig.describe(id);
        assertThat(stopped.state().code()).isEqualTo(80);
        assertThat(stopped.publicIpAddress()).isNull();
        assertThat(stopped.privateIpAddress()).isEqualTo(running.privateIpAddress());
        assertThat(stopped.stateReason().code()).isEqualTo("Client.UserInitiatedShutdown");
        rig.ec2.startInstances(new StartInstancesRequest().instanceIds(List.of(id)), call());
        rig.settle();
        assertThat(rig.describe(id).publicIpAddress()).isNotNull();

        String volume = running.blockDeviceMappings().getFirst().ebs().volumeId();
        terminate(id);
        assertThat(rig.describe(id).state().code()).isEqualTo(48);
        refused("InvalidVolume.NotFound", () -> rig.volume(volume));
        assertThat(rig.servers.disks.made).doesNotContainKey(volume).hasSize(1);
        assertThat(rig.fabric.attached).hasSize(1);
        assertThat(rig.events)
                .contains("{\"instance-id\":\"" + id + "\",\"state\":\"pending\"}")
                .contains("{\"instance-id\":\"" + id + "\",\"state\":\"terminated\"}");
        terminate(id);
        rig.advance(Duration.ofMinutes(59));
        assertThat(rig.state(id)).isEqualTo("terminated");
        rig.advance(Duration.ofMinutes(2));
        refused("InvalidInstanceID.NotFound", () -> rig.describe(id));
    }

    @Test
    void neverRunningBeforeItRuns() throws Exception {
        rig.servers.gate.drainPermits();
        String id = rig.ec2
                .runInstances(rig.launch(), call())
                .instances()
                .getFirst()
                .instanceId();
        assertThat(rig.state(id)).isEqualTo("pending");
        refused("IncorrectInstanceState", () -> stopNow(id));
        rig.servers.gate.release(1000);
        rig.settle();
        assertThat(rig.state(id)).isEqualTo("running");
    }

    private StopInstancesResult stopNow(String id) {
        return rig.ec2.stopInstances(new StopInstancesRequest().instanceIds(List.of(id)), call());
    }

    @Test
    void launchThatFailsLeavesNothing() throws Exception {
        rig.servers.broken = true;
        String id = rig.run();
        rig.advance(Duration.ofSeconds(1));
        assertThat(rig.describe(id).state().name()).isEqualTo("terminated");
        assertThat(rig.describe(id).stateReason().code()).isEqualTo("Server.InternalError");
        assertThat(rig.describe(id).stateReason().message()).contains("no such luck");
        assertThat(rig.servers.disks.made).isEmpty();
        assertThat(rig.fabric.attached).isEmpty();
        assertThat(rig.ec2
                        .describeNetworkInterfaces(new DescribeNetworkInterfacesRequest(), call())
                        .networkInterfaces())
                .isEmpty();
    }

    @Test
    void shutdownFromWithinDoesWhatWasSaid() throws Exception {
        String stays = rig.run();
        RunInstancesRequest in = rig.launch().instanceInitiatedShutdownBehavior("terminate");
        String goes = rig.ec2.runInstances(in, call()).instances().getFirst().instanceId();
        rig.settle();
        rig.servers.end(stays, MachineExit.Kind.POWERED_OFF);
        rig.servers.end(goes, MachineExit.Kind.POWERED_OFF);
        rig.settle();
        assertThat(rig.state(stays)).isEqualTo("stopped");
        assertThat(rig.describe(stays).stateReason().code()).isEqualTo("Client.InstanceInitiatedShutdown");
        assertThat(rig.state(goes)).isEqualTo("terminated");
    }

    @Test
    void hostThatRebootedStartsItsInstancesAgain() throws Exception {
        String id = rig.run();
        rig.servers.end(id, MachineExit.Kind.HOST_LOST);
        rig.settle();
        assertThat(rig.state(id)).isEqualTo("running");
        assertThat(rig.servers.view(id)).isInstanceOf(ServerView.Up.class);
    }

    @Test
    void killedServersSuccessorAdoptsAndGoesOn() throws Exception {
        String running = rig.run();
        rig.servers.gate.drainPermits();
        String pending = rig.ec2
                .runInstances(rig.launch(), call())
                .instances()
                .getFirst()
                .instanceId();
        rig.restart();
        assertThat(rig.state(running)).isEqualTo("running");
        assertThat(rig.state(pending)).isEqualTo("pending");
        rig.servers.gate.release(1000);
        rig.settle();
        assertThat(rig.state(running)).isEqualTo("running");
        assertThat(rig.state(pending)).isEqualTo("running");
        rig.servers.end(running, MachineExit.Kind.POWERED_OFF);
        rig.settle();
        assertThat(rig.state(running)).isEqualTo("stopped");
    }

    @Test
    void protectionProtects() throws Exception {
        RunInstancesRequest in = rig.launch().disableApiTermination(true).disableApiStop(true);
        String id = rig.ec2.runInstances(in, call()).instances().getFirst().instanceId();
        rig.settle();
        refused("OperationNotPermitted", () -> terminate(id));
        refused("OperationNotPermitted", () -> stop(id));
        rig.ec2.modifyInstanceAttribute(
                new ModifyInstanceAttributeRequest()
                        .instanceId(id)
                        .disableApiTermination(new AttributeBooleanValue().value(false)),
                call());
        terminate(id);
        assertThat(rig.state(id)).isEqualTo("terminated");
        refused(
                "IncorrectInstanceState",
                () -> rig.ec2.startInstances(new StartInstancesRequest().instanceIds(List.of(id)), call()));
    }

    @Test
    void rebootKeepsEverything() throws Exception {
        String id = rig.run();
        String address = rig.describe(id).publicIpAddress();
        rig.ec2.rebootInstances(new RebootInstancesRequest().instanceIds(List.of(id)), call());
        rig.settle();
        assertThat(rig.servers.reboots).containsExactly(id);
        assertThat(rig.describe(id).publicIpAddress()).isEqualTo(address);
        assertThat(rig.state(id)).isEqualTo("running");
    }

    @Test
    void badLaunchesAreRefused() {
        refusedLaunch("InvalidAMIID.NotFound", in -> in.imageId("ami-0123456789abcdef0"));
        refusedLaunch("InvalidAMIID.Malformed", in -> in.imageId("ami-xyz"));
        refusedLaunch("InvalidParameterValue", in -> in.instanceType("t9.mini"));
        refusedLaunch("InvalidParameterValue", in -> in.instanceType("t4g.micro"));
        refusedLaunch("InvalidKeyPair.NotFound", in -> in.keyName("none"));
        refusedLaunch("InvalidParameterValue", in -> in.minCount(3));
        refusedLaunch("InvalidSubnetID.NotFound", in -> in.subnetId("subnet-0123456789abcdef0"));
        refusedLaunch("InvalidGroup.NotFound", in -> in.securityGroupIds(List.of("sg-0123456789abcdef0")));
        refusedLaunch("InvalidUserData.Malformed", in -> in.userData("%%%"));
        byte[] large = "x".repeat(16_385).getBytes(StandardCharsets.UTF_8);
        refusedLaunch(
                "InvalidParameterValue", in -> in.userData(Base64.getEncoder().encodeToString(large)));
        refusedLaunch("DryRunOperation", in -> in.dryRun(true));
        refusedLaunch(
                "VcpuLimitExceeded",
                in -> in.instanceType("m5.24xlarge").minCount(2).maxCount(2));
        rig.servers.freeMib = 300;
        refusedLaunch("InsufficientInstanceCapacity", in -> in.minCount(2).maxCount(2));
        assertThat(rig.ec2
                        .describeInstances(new DescribeInstancesRequest(), call())
                        .reservations())
                .isEmpty();
    }

    @Test
    void armImagesAreRefusedHonestly() {
        String arm = rig.ec2
                .describeImages(
                        new DescribeImagesRequest()
                                .filters(List.of(
                                        new Filter().name("architecture").values(List.of("arm64")))),
                        call())
                .images()
                .getFirst()
                .imageId();
        refusedLaunch("Unsupported", in -> in.imageId(arm).instanceType("t4g.micro"));
    }

    @Test
    void sameTokenSameInstances() throws Exception {
        Reservation first = rig.ec2.runInstances(rig.launch().clientToken("once"), call());
        Reservation again = rig.ec2.runInstances(rig.launch().clientToken("once"), call());
        assertThat(again.reservationId()).isEqualTo(first.reservationId());
        assertThat(again.instances()).hasSize(1);
        refusedLaunch(
                "IdempotentParameterMismatch", in -> in.clientToken("once").instanceType("t3.small"));
    }

    @Test
    void templateAddsWhatTheRequestLeavesOut() throws Exception {
        LaunchTemplate template = rig.ec2
                .createLaunchTemplate(
                        new CreateLaunchTemplateRequest()
                                .launchTemplateName("web")
                                .launchTemplateData(new RequestLaunchTemplateData()
                                        .imageId(rig.ami())
                                        .instanceType("t3.small")
                                        .userData(Base64.getEncoder().encodeToString("#!/bin/sh".getBytes()))),
                        call())
                .launchTemplate();
        rig.ec2.createLaunchTemplateVersion(
                new CreateLaunchTemplateVersionRequest()
                        .launchTemplateId(template.launchTemplateId())
                        .sourceVersion("1")
                        .launchTemplateData(new RequestLaunchTemplateData().instanceType("t3.medium")),
                call());
        RunInstancesRequest latest = new RunInstancesRequest()
                .minCount(1)
                .maxCount(1)
                .launchTemplate(new LaunchTemplateSpecification()
                        .launchTemplateName("web")
                        .version("$Latest"));
        Instance made = rig.ec2.runInstances(latest, call()).instances().getFirst();
        rig.settle();
        assertThat(made.instanceType()).isEqualTo("t3.medium");
        assertThat(rig.servers.booted.get(made.instanceId()).seed().userData()).isEqualTo("#!/bin/sh".getBytes());
        RunInstancesRequest own = new RunInstancesRequest()
                .minCount(1)
                .maxCount(1)
                .instanceType("t3.nano")
                .launchTemplate(new LaunchTemplateSpecification().launchTemplateId(template.launchTemplateId()));
        assertThat(rig.ec2.runInstances(own, call()).instances().getFirst().instanceType())
                .isEqualTo("t3.nano");
        refused(
                "InvalidLaunchTemplateId.VersionNotFound",
                () -> rig.ec2.runInstances(
                        new RunInstancesRequest()
                                .minCount(1)
                                .maxCount(1)
                                .launchTemplate(new LaunchTemplateSpecification()
                                        .launchTemplateName("web")
                                        .version("9")),
                        call()));
    }

    @Test
    void everyStartIsAMinuteAtLeast() throws Exception {
        String id = rig.run();
        stop(id);
        assertThat(rig.used.get("BoxUsage:t3.micro Hrs")).isEqualTo(1 / 60.0);
        rig.advance(Duration.ofSeconds(1));
        rig.ec2.startInstances(new StartInstancesRequest().instanceIds(List.of(id)), call());
        for (int minute = 0; minute < 3; minute++) {
            rig.advance(Duration.ofMinutes(1));
        }
        assertThat(rig.used.get("BoxUsage:t3.micro Hrs")).isCloseTo(4 / 60.0, Offset.offset(0.002));
        assertThat(rig.used.get("EBS:VolumeUsage.gp3 GB-Mo")).isPositive();
    }
}
