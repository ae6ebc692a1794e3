package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.types.InstanceType;
import java.util.Objects;
import java.util.Set;

/** Options of an instance, and of its volumes, that are recorded: what they ask of AWS's hardware has no effect here. */
public interface InstanceOptionOperations extends Ec2Api {
    Ec2Room room();

    Compute compute();

    @Override
    default ModifyInstanceMaintenanceOptionsResult modifyInstanceMaintenanceOptions(
            ModifyInstanceMaintenanceOptionsRequest in, Call call) {
        for (String each : new String[] {in.autoRecovery(), in.rebootMigration()}) {
            if (each != null && !Set.of("default", "disabled").contains(each)) {
                throw Ec2Faults.invalid("Invalid value '" + each + "'. Must be default or disabled.");
            }
        }
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            InstanceRow row = Instances.require(tx, scope, in.instanceId());
            InstanceMaintenanceOptions options = Structs.copy(
                    in, Structs.clone(Objects.requireNonNull(row.told().maintenanceOptions())));
            Records.INSTANCES.put(tx, scope, row.with(Structs.clone(row.told()).maintenanceOptions(options)));
            return new ModifyInstanceMaintenanceOptionsResult()
                    .instanceId(row.id())
                    .autoRecovery(options.autoRecovery())
                    .rebootMigration(options.rebootMigration());
        });
    }

    @Override
    default ModifyInstanceCpuOptionsResult modifyInstanceCpuOptions(ModifyInstanceCpuOptionsRequest in, Call call) {
        if (in.nestedVirtualization() != null) {
            throw Ec2Faults.unbuilt("Nested virtualization");
        }
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            InstanceRow row = Instances.require(tx, scope, in.instanceId());
            if (row.state() != State.STOPPED) {
                throw Ec2Faults.of(
                        "IncorrectInstanceState", "The instance '" + row.id() + "' is not in the 'stopped' state.");
            }
            InstanceType type = compute().type(row);
            CpuOptions options = Structs.clone(Objects.requireNonNull(row.told().cpuOptions()));
            options.coreCount(in.coreCount() == null ? options.coreCount() : in.coreCount())
                    .threadsPerCore(in.threadsPerCore() == null ? options.threadsPerCore() : in.threadsPerCore());
            LaunchParameters.cpus(
                    new CpuOptionsRequest().coreCount(options.coreCount()).threadsPerCore(options.threadsPerCore()),
                    type);
            Records.INSTANCES.put(tx, scope, row.with(Structs.clone(row.told()).cpuOptions(options)));
            return new ModifyInstanceCpuOptionsResult()
                    .instanceId(row.id())
                    .coreCount(options.coreCount())
                    .threadsPerCore(options.threadsPerCore());
        });
    }

    @Override
    default ModifyPrivateDnsNameOptionsResult modifyPrivateDnsNameOptions(
            ModifyPrivateDnsNameOptionsRequest in, Call call) {
        String type = in.privateDnsHostnameType();
        if (type != null && !type.equals("ip-name")) {
            throw Ec2Faults.unbuilt("A host name of type " + type);
        }
        if (Boolean.TRUE.equals(in.enableResourceNameDnsARecord())
                || Boolean.TRUE.equals(in.enableResourceNameDnsAAAARecord())) {
            throw Ec2Faults.unbuilt("A name of an instance by its id");
        }
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            Instances.require(tx, scope, in.instanceId());
            return new ModifyPrivateDnsNameOptionsResult().return_(true);
        });
    }

    @Override
    default DescribeVolumeAttributeResult describeVolumeAttribute(DescribeVolumeAttributeRequest in, Call call) {
        Ec2Room.refuseDryRun(in);
        VolumeRow row = room().read(tx -> Records.VOLUMES.require(tx, Ec2Room.scope(call), in.volumeId()));
        DescribeVolumeAttributeResult out = new DescribeVolumeAttributeResult().volumeId(row.id());
        return switch (in.attribute()) {
            case "autoEnableIO" -> out.autoEnableIO(new AttributeBooleanValue().value(row.autoEnableIo()));
            case "productCodes" -> out;
            default -> throw Ec2Faults.invalid("attribute", in.attribute(), "Unknown attribute.");
        };
    }

    @Override
    default ModifyVolumeAttributeResult modifyVolumeAttribute(ModifyVolumeAttributeRequest in, Call call) {
        Boolean auto = in.autoEnableIO() == null ? null : in.autoEnableIO().value();
        if (auto == null) {
            throw Ec2Faults.missing("autoEnableIO");
        }
        Scope scope = Ec2Room.scope(call);
        room().change(in, tx -> {
            VolumeRow row = Records.VOLUMES.require(tx, scope, in.volumeId());
            return Records.VOLUMES.put(tx, scope, row.autoEnableIo(auto));
        });
        return new ModifyVolumeAttributeResult();
    }

    /** Volumes' I/O is never off here: there is nothing to turn on. */
    @Override
    default EnableVolumeIOResult enableVolumeIO(EnableVolumeIORequest in, Call call) {
        return room().change(in, tx -> {
            Records.VOLUMES.require(tx, Ec2Room.scope(call), in.volumeId());
            return new EnableVolumeIOResult();
        });
    }
}
