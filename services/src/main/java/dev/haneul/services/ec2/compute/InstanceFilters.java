package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.compute.InstanceOperations.Told;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The filters of DescribeInstances, except those on tags. */
final class InstanceFilters {
    private InstanceFilters() {}

    static Filters<Told> filters() {
        Filters<Told> filters = Filters.tagged();
        placed(filters);
        described(filters);
        states(filters);
        disks(filters);
        networks(filters);
        addresses(filters);
        return filters;
    }

    private static void placed(Filters<Told> filters) {
        filters.one("affinity", told -> null)
                .one("availability-zone", told -> placement(told).availabilityZone())
                .one("availability-zone-id", told -> placement(told).availabilityZoneId())
                .one("host-id", told -> placement(told).hostId())
                .one("tenancy", told -> placement(told).tenancy())
                .one("placement-group-name", told -> placement(told).groupName())
                .one("placement-partition-number", told -> placement(told).partitionNumber())
                .one("subnet-id", told -> told.view().subnetId())
                .one("vpc-id", told -> told.view().vpcId())
                .one("reservation-id", told -> told.row().reservation().id())
                .one("requester-id", told -> told.row().reservation().requester())
                .one("owner-id", told -> told.row().reservation().owner());
    }

    private static Placement placement(Told told) {
        Placement placement = told.view().placement();
        return placement == null ? new Placement() : placement;
    }

    private static void described(Filters<Told> filters) {
        filters.one("architecture", told -> told.view().architecture())
                .one("boot-mode", told -> told.view().bootMode())
                .one("client-token", told -> told.view().clientToken())
                .one("current-instance-boot-mode", told -> told.view().currentInstanceBootMode())
                .one("dns-name", told -> told.view().publicDnsName())
                .one("ena-support", told -> told.view().enaSupport())
                .one(
                        "hibernation-options.configured",
                        told -> told.view().hibernationOptions() == null
                                ? null
                                : told.view().hibernationOptions().configured())
                .one("hypervisor", told -> told.view().hypervisor())
                .one(
                        "iam-instance-profile.arn",
                        told -> told.view().iamInstanceProfile() == null
                                ? null
                                : told.view().iamInstanceProfile().arn())
                .one(
                        "iam-instance-profile.id",
                        told -> told.view().iamInstanceProfile() == null
                                ? null
                                : told.view().iamInstanceProfile().id())
                .one("image-id", told -> told.view().imageId())
                .one("instance-id", told -> told.view().instanceId())
                .one("instance-lifecycle", told -> told.view().instanceLifecycle())
                .one("instance-state-code", told -> told.row().state().code())
                .one("instance-state-name", told -> told.row().state().told())
                .one("instance-type", told -> told.view().instanceType())
                .one("kernel-id", told -> told.view().kernelId())
                .one("key-name", told -> told.view().keyName())
                .one("launch-index", told -> told.view().amiLaunchIndex())
                .one("launch-time", told -> told.view().launchTime());
    }

    private static void states(Filters<Told> filters) {
        filters.one("maintenance-options.auto-recovery", told -> "default")
                .one("metadata-options.http-tokens", told -> metadata(told).httpTokens())
                .one("metadata-options.http-endpoint", told -> metadata(told).httpEndpoint())
                .one(
                        "metadata-options.http-put-response-hop-limit",
                        told -> metadata(told).httpPutResponseHopLimit())
                .one(
                        "metadata-options.http-protocol-ipv6",
                        told -> metadata(told).httpProtocolIpv6())
                .one(
                        "metadata-options.instance-metadata-tags",
                        told -> metadata(told).instanceMetadataTags())
                .one(
                        "monitoring-state",
                        told -> told.view().monitoring() == null
                                ? null
                                : told.view().monitoring().state())
                .one("outpost-arn", told -> null)
                .one("platform", told -> told.view().platform())
                .one("platform-details", told -> told.view().platformDetails())
                .one("private-dns-name", told -> told.view().privateDnsName())
                .many("product-code", told -> List.of())
                .many("product-code.type", told -> List.of())
                .one("ramdisk-id", told -> told.view().ramdiskId())
                .one("reason", told -> told.view().stateTransitionReason())
                .one("root-device-name", told -> told.view().rootDeviceName())
                .one("root-device-type", told -> told.view().rootDeviceType())
                .one("source-dest-check", told -> told.view().sourceDestCheck())
                .one("spot-instance-request-id", told -> told.view().spotInstanceRequestId())
                .one(
                        "state-reason-code",
                        told -> told.view().stateReason() == null
                                ? null
                                : told.view().stateReason().code())
                .one(
                        "state-reason-message",
                        told -> told.view().stateReason() == null
                                ? null
                                : told.view().stateReason().message())
                .one("tpm-support", told -> null)
                .one("usage-operation", told -> told.view().usageOperation())
                .one("virtualization-type", told -> told.view().virtualizationType());
    }

    private static InstanceMetadataOptionsResponse metadata(Told told) {
        InstanceMetadataOptionsResponse options = told.view().metadataOptions();
        return options == null ? new InstanceMetadataOptionsResponse() : options;
    }

    private static void disks(Filters<Told> filters) {
        filters.many("block-device-mapping.attach-time", told -> disks(told, ebs -> ebs.attachTime()))
                .many(
                        "block-device-mapping.delete-on-termination",
                        told -> disks(told, ebs -> ebs.deleteOnTermination()))
                .many(
                        "block-device-mapping.device-name",
                        told -> told.view().blockDeviceMappings().stream()
                                .map(each -> String.valueOf(each.deviceName()))
                                .toList())
                .many("block-device-mapping.status", told -> disks(told, ebs -> ebs.status()))
                .many("block-device-mapping.volume-id", told -> disks(told, ebs -> ebs.volumeId()));
    }

    private static List<String> disks(Told told, Function<EbsInstanceBlockDevice, @Nullable Object> value) {
        return told.view().blockDeviceMappings().stream()
                .map(each -> String.valueOf(value.apply(Objects.requireNonNull(each.ebs()))))
                .toList();
    }

    private static void networks(Filters<Told> filters) {
        String eni = "network-interface.";
        filters.many(
                        eni + "availability-zone",
                        told -> List.of(String.valueOf(placement(told).availabilityZone())))
                .many(eni + "description", told -> networks(told, each -> each.description()))
                .many(eni + "mac-address", told -> networks(told, each -> each.macAddress()))
                .many(eni + "network-interface-id", told -> networks(told, each -> each.networkInterfaceId()))
                .many(eni + "owner-id", told -> networks(told, each -> each.ownerId()))
                .many(eni + "private-dns-name", told -> networks(told, each -> each.privateDnsName()))
                .many(eni + "private-ip-address", told -> networks(told, each -> each.privateIpAddress()))
                .many(eni + "source-dest-check", told -> networks(told, each -> each.sourceDestCheck()))
                .many(eni + "status", told -> networks(told, each -> each.status()))
                .many(eni + "subnet-id", told -> networks(told, each -> each.subnetId()))
                .many(eni + "vpc-id", told -> networks(told, each -> each.vpcId()))
                .many(eni + "group-id", told -> groups(told, GroupIdentifier::groupId))
                .many(eni + "group-name", told -> groups(told, GroupIdentifier::groupName))
                .many(
                        eni + "attachment.attachment-id",
                        told -> networks(told, each -> attachment(each).attachmentId()))
                .many(eni + "attachment.instance-id", told -> List.of(told.row().id()))
                .many(
                        eni + "attachment.device-index",
                        told -> networks(told, each -> attachment(each).deviceIndex()))
                .many(
                        eni + "attachment.status",
                        told -> networks(told, each -> attachment(each).status()))
                .many(
                        eni + "attachment.delete-on-termination",
                        told -> networks(told, each -> attachment(each).deleteOnTermination()))
                .many("instance.group-id", told -> own(told, GroupIdentifier::groupId))
                .many("instance.group-name", told -> own(told, GroupIdentifier::groupName))
                .many("group-id", told -> own(told, GroupIdentifier::groupId))
                .many("group-name", told -> own(told, GroupIdentifier::groupName));
    }

    private static InstanceNetworkInterfaceAttachment attachment(InstanceNetworkInterface eni) {
        InstanceNetworkInterfaceAttachment attachment = eni.attachment();
        return attachment == null ? new InstanceNetworkInterfaceAttachment() : attachment;
    }

    private static List<String> networks(Told told, Function<InstanceNetworkInterface, @Nullable Object> value) {
        return told.view().networkInterfaces().stream()
                .map(value)
                .filter(Objects::nonNull)
                .map(String::valueOf)
                .toList();
    }

    private static List<String> groups(Told told, Function<GroupIdentifier, @Nullable String> value) {
        return told.view().networkInterfaces().stream()
                .flatMap(each -> each.groups().stream())
                .map(value)
                .map(String::valueOf)
                .toList();
    }

    private static List<String> own(Told told, Function<GroupIdentifier, @Nullable String> value) {
        return told.view().securityGroups().stream()
                .map(value)
                .map(String::valueOf)
                .toList();
    }

    private static void addresses(Filters<Told> filters) {
        String eni = "network-interface.";
        filters.one("ip-address", told -> told.view().publicIpAddress())
                .one("private-ip-address", told -> told.view().privateIpAddress())
                .many(
                        "ipv6-address",
                        told -> told.view().networkInterfaces().stream()
                                .flatMap(each -> each.ipv6Addresses().stream())
                                .map(each -> String.valueOf(each.ipv6Address()))
                                .toList())
                .many(eni + "addresses.private-ip-address", told -> own(told, each -> each.privateIpAddress(), true))
                .many(eni + "addresses.primary", told -> own(told, each -> String.valueOf(each.primary()), true))
                .many(eni + "addresses.association.public-ip", InstanceFilters::open)
                .many(eni + "association.public-ip", InstanceFilters::open)
                .many("association.public-ip", InstanceFilters::open)
                .many(
                        eni + "ipv6-addresses.ipv6-address",
                        told -> told.view().networkInterfaces().stream()
                                .flatMap(each -> each.ipv6Addresses().stream())
                                .map(each -> String.valueOf(each.ipv6Address()))
                                .toList());
    }

    private static List<String> own(
            Told told, Function<InstancePrivateIpAddress, @Nullable String> value, boolean all) {
        return told.view().networkInterfaces().stream()
                .flatMap(each -> each.privateIpAddresses().stream())
                .filter(each -> all || Boolean.TRUE.equals(each.primary()))
                .map(value)
                .map(String::valueOf)
                .toList();
    }

    private static List<String> open(Told told) {
        return told.view().networkInterfaces().stream()
                .flatMap(each -> each.privateIpAddresses().stream())
                .map(InstancePrivateIpAddress::association)
                .filter(Objects::nonNull)
                .map(each -> String.valueOf(Objects.requireNonNull(each).publicIp()))
                .toList();
    }
}
