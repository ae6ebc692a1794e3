package dev.haneul.services.ec2.compute;

import dev.haneul.services.ec2.types.InstanceTypeOperations;
import dev.haneul.services.ec2.types.InstanceTypes;

/** The API of servers, images and disks: one interface per story. */
public interface ComputeOperations
        extends InstanceTypeOperations,
                KeyPairOperations,
                ImageOperations,
                LaunchTemplateOperations,
                InstanceOperations,
                InstanceAttributeOperations,
                InstanceStatusOperations,
                ProfileOperations,
                VolumeOperations,
                SnapshotOperations,
                EbsSettingOperations,
                ImportOperations,
                PlacementOperations,
                RegionSettingOperations,
                ImageStateOperations,
                InstanceOptionOperations {
    @Override
    Compute compute();

    @Override
    default InstanceTypes instanceTypes() {
        return compute().types();
    }
}
