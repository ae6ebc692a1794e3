package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.kernel.Regions;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.metadata.InstanceFacts;
import dev.haneul.services.ec2.network.Nets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Gathers what an instance may know of itself from the room's records. */
final class FactFinder {
    private final Compute compute;

    FactFinder(Compute compute) {
        this.compute = compute;
    }

    /** The facts of an instance, without its profile's role, which IAM knows. */
    InstanceFacts of(ReadTx tx, Scope scope, InstanceRow row, @Nullable String role) {
        Instance told = row.told();
        IamInstanceProfile profile = told.iamInstanceProfile();
        InstanceMetadataOptionsResponse options = Objects.requireNonNull(told.metadataOptions());
        String userData = row.settings().userData();
        return new InstanceFacts(
                place(scope, told),
                row.id(),
                text(told.imageId()),
                text(told.instanceType()),
                text(told.architecture()),
                row.reservation().id(),
                told.amiLaunchIndex() == null ? 0 : told.amiLaunchIndex(),
                Objects.requireNonNull(told.launchTime()),
                told.instanceLifecycle() == null ? "on-demand" : told.instanceLifecycle(),
                compute.type(row).nitro(),
                told.hibernationOptions() != null
                        && Boolean.TRUE.equals(told.hibernationOptions().configured()),
                told.monitoring() != null && "enabled".equals(told.monitoring().state()),
                disks(tx, scope, row),
                compute.networks().of(tx, scope, row.id()).stream()
                        .map(each -> network(tx, scope, each))
                        .toList(),
                keys(tx, scope, told.keyName()),
                profile == null ? null : new InstanceFacts.Profile(text(profile.arn()), text(profile.id()), role),
                userData.isEmpty() ? null : UserData.decode(userData),
                Tags.of(tx, scope, row.id()),
                new InstanceFacts.Options(
                        !"disabled".equals(options.httpEndpoint()),
                        "required".equals(options.httpTokens()),
                        options.httpPutResponseHopLimit() == null ? 1 : options.httpPutResponseHopLimit(),
                        "enabled".equals(options.httpProtocolIpv6()),
                        "enabled".equals(options.instanceMetadataTags())),
                null,
                null);
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static InstanceFacts.Place place(Scope scope, Instance told) {
        Placement placement = Objects.requireNonNull(told.placement());
        String partition = Regions.partition(scope.region());
        String group = placement.groupName();
        return new InstanceFacts.Place(
                scope.account(),
                partition,
                scope.region(),
                text(placement.availabilityZone()),
                text(placement.availabilityZoneId()),
                Regions.dnsSuffix(partition),
                group == null || group.isEmpty() ? null : group);
    }

    private static Map<String, String> disks(ReadTx tx, Scope scope, InstanceRow row) {
        Map<String, String> disks = new LinkedHashMap<>();
        String root = text(row.told().rootDeviceName());
        disks.put("ami", root);
        disks.put("root", root);
        int number = 1;
        for (VolumeRow volume : Instances.volumes(tx, scope, row.id())) {
            String device = Instances.device(volume);
            if (!device.equals(root)) {
                disks.put("ebs" + number++, device.replaceFirst("^/dev/", ""));
            }
        }
        return disks;
    }

    private static Map<String, String> keys(ReadTx tx, Scope scope, @Nullable String name) {
        return KeyPairOperations.keyNamed(tx, scope, name)
                .map(pair -> Map.of(pair.name(), pair.publicKey() + " " + pair.name()))
                .orElse(Map.of());
    }

    private static InstanceFacts.Interface network(ReadTx tx, Scope scope, NetworkInterface eni) {
        Map<String, String> open = new LinkedHashMap<>();
        for (NetworkInterfacePrivateIpAddress each : eni.privateIpAddresses()) {
            NetworkInterfaceAssociation association = each.association();
            if (association != null) {
                open.put(text(each.privateIpAddress()), text(association.publicIp()));
            }
        }
        Map<String, String> groups = new LinkedHashMap<>();
        eni.groups().forEach(group -> groups.put(text(group.groupId()), text(group.groupName())));
        Subnet subnet = Nets.SUBNETS.find(tx, scope, text(eni.subnetId())).orElse(new Subnet());
        Vpc vpc = Nets.VPCS
                .find(tx, scope, text(eni.vpcId()))
                .map(Nets.VpcRow::vpc)
                .orElse(new Vpc());
        return new InstanceFacts.Interface(
                text(eni.networkInterfaceId()),
                text(eni.macAddress()),
                eni.attachment() == null || eni.attachment().deviceIndex() == null
                        ? 0
                        : eni.attachment().deviceIndex(),
                text(eni.privateDnsName()),
                eni.association() == null ? null : eni.association().publicDnsName(),
                eni.privateIpAddresses().stream()
                        .map(each -> text(each.privateIpAddress()))
                        .toList(),
                open,
                eni.ipv6Addresses().stream()
                        .map(each -> text(each.ipv6Address()))
                        .toList(),
                groups,
                text(eni.ownerId()),
                text(eni.subnetId()),
                text(subnet.cidrBlock()),
                subnet.ipv6CidrBlockAssociationSet().stream()
                        .map(each -> text(each.ipv6CidrBlock()))
                        .toList(),
                text(eni.vpcId()),
                blocks(vpc),
                vpc.ipv6CidrBlockAssociationSet().stream()
                        .map(each -> text(each.ipv6CidrBlock()))
                        .toList());
    }

    private static List<String> blocks(Vpc vpc) {
        return vpc.cidrBlockAssociationSet().isEmpty()
                ? List.of(text(vpc.cidrBlock()))
                : vpc.cidrBlockAssociationSet().stream()
                        .map(each -> text(each.cidrBlock()))
                        .toList();
    }
}
