package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.compute.InstanceRow.Course;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Instances as describe tells them: the record, and what stands elsewhere. */
final class InstanceViews {
    private InstanceViews() {}

    /** An instance with its state, interfaces and disks; without tags. */
    static Instance of(ReadTx tx, Scope scope, Networks networks, InstanceRow row) {
        Course course = row.course();
        Instance view = Structs.clone(row.told()).state(course.state().struct());
        if (course.state() == State.TERMINATED) {
            return view.blockDeviceMappings(List.of())
                    .networkInterfaces(List.of())
                    .privateDnsName("")
                    .publicDnsName("")
                    .subnetId(null)
                    .vpcId(null)
                    .securityGroups(List.of());
        }
        view.blockDeviceMappings(Instances.volumes(tx, scope, row.id()).stream()
                .map(volume -> disk(Objects.requireNonNull(volume.attachment())))
                .toList());
        List<NetworkInterface> interfaces = networks.of(tx, scope, row.id());
        view.networkInterfaces(interfaces.stream().map(InstanceViews::network).toList());
        return interfaces.isEmpty() ? view : primary(view, interfaces.getFirst());
    }

    /** The instance with its tags. */
    static Instance tagged(Instance view, Map<String, String> tags) {
        return view.tags(ImageOperations.told(tags));
    }

    private static Instance primary(Instance view, NetworkInterface eni) {
        NetworkInterfaceAssociation association = eni.association();
        return view.privateIpAddress(eni.privateIpAddress())
                .privateDnsName(eni.privateDnsName())
                .publicIpAddress(association == null ? null : association.publicIp())
                .publicDnsName(
                        association == null || association.publicDnsName() == null ? "" : association.publicDnsName())
                .subnetId(eni.subnetId())
                .vpcId(eni.vpcId())
                .sourceDestCheck(eni.sourceDestCheck())
                .ipv6Address(eni.ipv6Address())
                .securityGroups(eni.groups());
    }

    private static InstanceBlockDeviceMapping disk(VolumeAttachment attachment) {
        return new InstanceBlockDeviceMapping()
                .deviceName(attachment.device())
                .ebs(new EbsInstanceBlockDevice()
                        .volumeId(attachment.volumeId())
                        .status(attachment.state())
                        .attachTime(attachment.attachTime())
                        .deleteOnTermination(attachment.deleteOnTermination()));
    }

    private static InstanceNetworkInterface network(NetworkInterface eni) {
        InstanceNetworkInterface view = Structs.copy(eni, new InstanceNetworkInterface());
        // The lists of addresses are called by other names there.
        return view.privateIpAddresses(eni.privateIpAddresses().stream()
                        .map(each -> Structs.copy(each, new InstancePrivateIpAddress()))
                        .toList())
                .ipv6Addresses(eni.ipv6Addresses().stream()
                        .map(each -> Structs.copy(each, new InstanceIpv6Address()))
                        .toList());
    }
}
