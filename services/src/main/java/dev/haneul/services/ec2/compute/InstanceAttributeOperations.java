package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.compute.InstanceRow.Settings;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What may be changed of an instance, and what it says. */
public interface InstanceAttributeOperations extends Ec2Api {
    Ec2Room room();

    Compute compute();

    @Override
    default InstanceAttribute describeInstanceAttribute(DescribeInstanceAttributeRequest in, Call call) {
        Ec2Room.refuseDryRun(in);
        Scope scope = Ec2Room.scope(call);
        return room().read(tx -> {
            InstanceRow row = Instances.require(tx, scope, in.instanceId());
            return attribute(tx, scope, row, String.valueOf(in.attribute()));
        });
    }

    private InstanceAttribute attribute(ReadTx tx, Scope scope, InstanceRow row, String attribute) {
        InstanceAttribute out = new InstanceAttribute().instanceId(row.id());
        Settings settings = row.settings();
        return switch (attribute) {
            case "instanceType" -> out.instanceType(text(row.told().instanceType()));
            case "userData" -> out.userData(text(settings.userData().isEmpty() ? null : settings.userData()));
            case "disableApiTermination" -> out.disableApiTermination(flag(settings.keepsRunning()));
            case "disableApiStop" -> out.disableApiStop(flag(settings.keepsStarted()));
            case "instanceInitiatedShutdownBehavior" ->
                out.instanceInitiatedShutdownBehavior(text(settings.shutdown()));
            case "rootDeviceName" -> out.rootDeviceName(text(row.told().rootDeviceName()));
            case "ebsOptimized" ->
                out.ebsOptimized(flag(Boolean.TRUE.equals(row.told().ebsOptimized())));
            case "enaSupport" ->
                out.enaSupport(flag(Boolean.TRUE.equals(row.told().enaSupport())));
            case "enclaveOptions" -> out.enclaveOptions(row.told().enclaveOptions());
            case "kernel" -> out.kernelId(text(null));
            case "ramdisk" -> out.ramdiskId(text(null));
            case "sriovNetSupport" -> out.sriovNetSupport(text("simple"));
            case "productCodes" -> out.productCodes(List.of());
            case "sourceDestCheck" ->
                out.sourceDestCheck(
                        flag(!Boolean.FALSE.equals(view(tx, scope, row).sourceDestCheck())));
            case "groupSet" -> out.groups(view(tx, scope, row).securityGroups());
            case "blockDeviceMapping" ->
                out.blockDeviceMappings(view(tx, scope, row).blockDeviceMappings());
            default ->
                throw Ec2Faults.invalid(
                        "Value (" + attribute + ") for parameter attribute is invalid. Unknown attribute.");
        };
    }

    private Instance view(ReadTx tx, Scope scope, InstanceRow row) {
        return InstanceViews.of(tx, scope, compute().networks(), row);
    }

    private static AttributeValue text(@Nullable String value) {
        return new AttributeValue().value(value);
    }

    private static AttributeBooleanValue flag(boolean value) {
        return new AttributeBooleanValue().value(value);
    }

    @Override
    default ModifyInstanceAttributeResult modifyInstanceAttribute(ModifyInstanceAttributeRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        room().change(in, tx -> {
            InstanceRow row = Instances.require(tx, scope, in.instanceId());
            return Records.INSTANCES.put(tx, scope, modified(tx, scope, row, in));
        });
        return new ModifyInstanceAttributeResult();
    }

    private InstanceRow modified(WriteTx tx, Scope scope, InstanceRow row, ModifyInstanceAttributeRequest in) {
        Settings settings = row.settings();
        String named = String.valueOf(in.attribute());
        if (in.disableApiTermination() != null || named.equals("disableApiTermination")) {
            return row.with(settings.keepsRunning(flag(in.disableApiTermination(), in.value())));
        }
        if (in.disableApiStop() != null || named.equals("disableApiStop")) {
            return row.with(settings.keepsStarted(flag(in.disableApiStop(), in.value())));
        }
        if (in.instanceInitiatedShutdownBehavior() != null || named.equals("instanceInitiatedShutdownBehavior")) {
            String value = text(in.instanceInitiatedShutdownBehavior(), in.value());
            if (!Set.of("stop", "terminate").contains(value)) {
                throw Ec2Faults.invalid("Value (" + value
                        + ") for parameter instanceInitiatedShutdownBehavior is invalid. Unknown instance initiated"
                        + " shutdown behavior.");
            }
            return row.with(settings.shutdown(value));
        }
        if (in.instanceType() != null || named.equals("instanceType")) {
            return typed(stopped(row, "instanceType"), text(in.instanceType(), in.value()));
        }
        if (in.userData() != null || named.equals("userData")) {
            return row.with(stopped(row, "userData").settings().userData(userData(in)));
        }
        if (in.sourceDestCheck() != null || named.equals("sourceDestCheck")) {
            compute().networks().sourceDestCheck(tx, scope, row.id(), flag(in.sourceDestCheck(), in.value()));
            return row;
        }
        if (!in.groups().isEmpty()) {
            compute().networks().groups(tx, scope, row.id(), in.groups());
            return row;
        }
        if (!in.blockDeviceMappings().isEmpty()) {
            in.blockDeviceMappings().forEach(each -> disk(tx, scope, row, each));
            return row;
        }
        if (in.ebsOptimized() != null || named.equals("ebsOptimized")) {
            return row.with(Structs.clone(stopped(row, "ebsOptimized").told())
                    .ebsOptimized(flag(in.ebsOptimized(), in.value())));
        }
        if (in.enaSupport() != null) {
            return row.with(Structs.clone(stopped(row, "enaSupport").told())
                    .enaSupport(in.enaSupport().value()));
        }
        throw Ec2Faults.combination("No attributes specified.");
    }

    private static InstanceRow stopped(InstanceRow row, String attribute) {
        if (row.state() != State.STOPPED) {
            throw Ec2Faults.of(
                    "IncorrectInstanceState",
                    "The instance '" + row.id() + "' is not in the 'stopped' state, which changing its " + attribute
                            + " needs.");
        }
        return row;
    }

    private InstanceRow typed(InstanceRow row, String name) {
        var type = compute()
                .types()
                .find(name)
                .orElseThrow(() -> Ec2Faults.invalid("Invalid value '" + name + "' for InstanceType."));
        if (!type.runs(String.valueOf(row.told().architecture()))) {
            throw Ec2Faults.invalid("The architecture of " + name + " does not match the instance's.");
        }
        Instance told = Structs.clone(row.told())
                .instanceType(name)
                .cpuOptions(new CpuOptions().coreCount(type.cores()).threadsPerCore(type.threadsPerCore()));
        Settings settings = row.settings();
        String credits = !type.burstable() ? "" : settings.credits().isEmpty() ? "unlimited" : settings.credits();
        return row.with(told).with(settings.credits(credits));
    }

    private static String userData(ModifyInstanceAttributeRequest in) {
        byte[] blob = in.userData() == null ? null : in.userData().value();
        String base64 = blob == null ? in.value() : Base64.getEncoder().encodeToString(blob);
        if (base64 == null || base64.isEmpty()) {
            return "";
        }
        UserData.decode(base64);
        return base64;
    }

    private static void disk(WriteTx tx, Scope scope, InstanceRow row, InstanceBlockDeviceMappingSpecification change) {
        VolumeRow volume = Instances.volumes(tx, scope, row.id()).stream()
                .filter(each -> Instances.device(each).equals(change.deviceName()))
                .findFirst()
                .orElseThrow(() -> Ec2Faults.of(
                        "InvalidInstanceAttributeValue", "No device is currently mapped at " + change.deviceName()));
        EbsInstanceBlockDeviceSpecification ebs = change.ebs();
        if (ebs != null && ebs.deleteOnTermination() != null) {
            VolumeAttachment attachment = Structs.clone(Objects.requireNonNull(volume.attachment()))
                    .deleteOnTermination(ebs.deleteOnTermination());
            Records.VOLUMES.put(tx, scope, volume.attached(attachment));
        }
    }

    private static boolean flag(@Nullable AttributeBooleanValue value, @Nullable String text) {
        return value == null || value.value() == null ? Boolean.parseBoolean(text) : value.value();
    }

    private static String text(@Nullable AttributeValue value, @Nullable String text) {
        return String.valueOf(value == null ? text : value.value());
    }

    @Override
    default ResetInstanceAttributeResult resetInstanceAttribute(ResetInstanceAttributeRequest in, Call call) {
        if (!"sourceDestCheck".equals(in.attribute())) {
            throw Ec2Faults.invalid("The attribute " + in.attribute() + " cannot be reset.");
        }
        Scope scope = Ec2Room.scope(call);
        room().change(in, tx -> {
            InstanceRow row = Instances.require(tx, scope, in.instanceId());
            compute().networks().sourceDestCheck(tx, scope, row.id(), true);
            return row;
        });
        return new ResetInstanceAttributeResult();
    }

    @Override
    default ModifyInstanceMetadataOptionsResult modifyInstanceMetadataOptions(
            ModifyInstanceMetadataOptionsRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        LaunchParameters.metadata(in.httpTokens(), in.httpEndpoint(), in.httpPutResponseHopLimit());
        return room().change(in, tx -> {
            InstanceRow row = Instances.require(tx, scope, in.instanceId());
            if (row.state() == State.TERMINATED || row.state() == State.SHUTTING_DOWN) {
                throw Instances.incorrect(row.id(), "from which its metadata options can be changed");
            }
            InstanceMetadataOptionsResponse options = Structs.copy(
                    in, Structs.clone(Objects.requireNonNull(row.told().metadataOptions())));
            Records.INSTANCES.put(tx, scope, row.with(Structs.clone(row.told()).metadataOptions(options)));
            return new ModifyInstanceMetadataOptionsResult()
                    .instanceId(row.id())
                    .instanceMetadataOptions(Structs.clone(options).state("pending"));
        });
    }

    @Override
    default DescribeInstanceCreditSpecificationsResult describeInstanceCreditSpecifications(
            DescribeInstanceCreditSpecificationsRequest in, Call call) {
        Ec2Room.refuseDryRun(in);
        Scope scope = Ec2Room.scope(call);
        return room().read(tx -> {
            List<InstanceRow> rows = in.instanceIds().isEmpty()
                    ? Records.INSTANCES.all(tx, scope).stream()
                            .filter(row -> row.settings().credits().equals("unlimited"))
                            .toList()
                    : Instances.require(tx, scope, in.instanceIds());
            return new DescribeInstanceCreditSpecificationsResult()
                    .instanceCreditSpecifications(rows.stream()
                            .filter(row -> !row.settings().credits().isEmpty())
                            .map(row -> new InstanceCreditSpecification()
                                    .instanceId(row.id())
                                    .cpuCredits(row.settings().credits()))
                            .toList());
        });
    }

    @Override
    default ModifyInstanceCreditSpecificationResult modifyInstanceCreditSpecification(
            ModifyInstanceCreditSpecificationRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            List<SuccessfulInstanceCreditSpecificationItem> done = new ArrayList<>();
            List<UnsuccessfulInstanceCreditSpecificationItem> failed = new ArrayList<>();
            for (InstanceCreditSpecificationRequest each : in.instanceCreditSpecifications()) {
                InstanceRow row = Instances.require(tx, scope, each.instanceId());
                String credits = String.valueOf(each.cpuCredits());
                if (row.settings().credits().isEmpty()
                        || !Set.of("standard", "unlimited").contains(credits)) {
                    failed.add(new UnsuccessfulInstanceCreditSpecificationItem()
                            .instanceId(row.id())
                            .error(new UnsuccessfulInstanceCreditSpecificationItemError()
                                    .code("InstanceCreditSpecification.NotSupported")
                                    .message("The instance type does not have CPU credits, or " + credits
                                            + " is no credit specification.")));
                } else {
                    Records.INSTANCES.put(tx, scope, row.with(row.settings().credits(credits)));
                    done.add(new SuccessfulInstanceCreditSpecificationItem().instanceId(row.id()));
                }
            }
            return new ModifyInstanceCreditSpecificationResult()
                    .successfulInstanceCreditSpecifications(done)
                    .unsuccessfulInstanceCreditSpecifications(failed);
        });
    }
}
