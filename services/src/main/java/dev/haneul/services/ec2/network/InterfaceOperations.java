package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.network.Interfaces.Spec;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Network interfaces: made, attached, changed. */
interface InterfaceOperations extends NetworkStory {
    int MOST_SECONDARY = 49;

    Listing<InterfaceRow> INTERFACES = Listing.of("DescribeNetworkInterfaces", interfaceFilters());

    private static Filters<InterfaceRow> interfaceFilters() {
        Filters<InterfaceRow> filters = Filters.<InterfaceRow>tagged()
                .one("availability-zone", row -> row.shape().availabilityZone())
                .one("availability-zone-id", row -> row.shape().availabilityZoneId())
                .one("description", row -> row.shape().description())
                .one("interface-type", row -> row.shape().interfaceType())
                .one("mac-address", row -> row.shape().macAddress())
                .one("network-interface-id", InterfaceRow::id)
                .one("operator.managed", row -> "false")
                .one("owner-id", row -> row.shape().ownerId())
                .one("private-dns-name", row -> row.shape().privateDnsName())
                .one("private-ip-address", row -> row.shape().privateIpAddress())
                .one("requester-id", row -> row.shape().requesterId())
                .one("requester-managed", row -> row.shape().requesterManaged())
                .one("source-dest-check", row -> row.shape().sourceDestCheck())
                .one("status", row -> row.shape().status())
                .one("subnet-id", row -> row.shape().subnetId())
                .one("vpc-id", row -> row.shape().vpcId())
                .many("group-id", row -> texts(row.shape().groups(), GroupIdentifier::groupId))
                .many("group-name", row -> texts(row.shape().groups(), GroupIdentifier::groupName))
                .many(
                        "ipv6-addresses.ipv6-address",
                        row -> texts(row.shape().ipv6Addresses(), NetworkInterfaceIpv6Address::ipv6Address))
                .many(
                        "addresses.private-ip-address",
                        row -> texts(
                                row.shape().privateIpAddresses(), NetworkInterfacePrivateIpAddress::privateIpAddress))
                .many(
                        "addresses.primary",
                        row -> texts(row.shape().privateIpAddresses(), each -> String.valueOf(each.primary())));
        attachment(filters, "attachment.attach-time", NetworkInterfaceAttachment::attachTime);
        attachment(filters, "attachment.attachment-id", NetworkInterfaceAttachment::attachmentId);
        attachment(filters, "attachment.delete-on-termination", NetworkInterfaceAttachment::deleteOnTermination);
        attachment(filters, "attachment.device-index", NetworkInterfaceAttachment::deviceIndex);
        attachment(filters, "attachment.instance-id", NetworkInterfaceAttachment::instanceId);
        attachment(filters, "attachment.instance-owner-id", NetworkInterfaceAttachment::instanceOwnerId);
        attachment(filters, "attachment.status", NetworkInterfaceAttachment::status);
        association(filters, "allocation-id", NetworkInterfaceAssociation::allocationId);
        association(filters, "association-id", NetworkInterfaceAssociation::associationId);
        association(filters, "ip-owner-id", NetworkInterfaceAssociation::ipOwnerId);
        association(filters, "public-ip", NetworkInterfaceAssociation::publicIp);
        association(filters, "public-dns-name", NetworkInterfaceAssociation::publicDnsName);
        return filters;
    }

    private static <E> List<String> texts(List<E> all, Function<E, @Nullable String> value) {
        return all.stream().map(value).filter(Objects::nonNull).map(Nets::known).toList();
    }

    private static void attachment(
            Filters<InterfaceRow> filters, String name, Function<NetworkInterfaceAttachment, @Nullable Object> value) {
        filters.one(
                name,
                row -> row.shape().attachment() == null
                        ? null
                        : value.apply(row.shape().attachment()));
    }

    private static void association(
            Filters<InterfaceRow> filters, String name, Function<NetworkInterfaceAssociation, @Nullable String> value) {
        Function<InterfaceRow, List<String>> all = row -> row.shape().privateIpAddresses().stream()
                .map(NetworkInterfacePrivateIpAddress::association)
                .filter(Objects::nonNull)
                .map(value)
                .filter(Objects::nonNull)
                .map(Nets::known)
                .toList();
        filters.many("association." + name, all).many("addresses.association." + name, all);
    }

    @Override
    default CreateNetworkInterfaceResult createNetworkInterface(CreateNetworkInterfaceRequest in, Call call) {
        boolean prefixes = !in.ipv4Prefixes().isEmpty()
                || in.ipv4PrefixCount() != null
                || !in.ipv6Prefixes().isEmpty()
                || in.ipv6PrefixCount() != null;
        if (prefixes) {
            throw Ec2Faults.unbuilt("A network interface with prefixes");
        }
        String type = in.interfaceType() == null ? "interface" : in.interfaceType();
        boolean balancer = type.equals("network_load_balancer") && call.principal().type() == Principal.Type.SERVICE;
        if (!type.equals("interface") && !balancer) {
            throw Ec2Faults.unbuilt("A network interface of type " + type);
        }
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "network-interface");
        Scope scope = network().scope(call);
        String id = network().room().once("CreateNetworkInterface", in, call, tx -> {
            if (Nets.INTERFACES.all(tx, scope).size() >= Quotas.INTERFACES) {
                throw Ec2Faults.of(
                        "NetworkInterfaceLimitExceeded", "The maximum number of network interfaces has been reached.");
            }
            String made = ServiceInterfaces.create(network(), tx, scope, spec(in), call)
                    .id();
            Tags.put(tx, scope, Nets.INTERFACES, made, tags);
            return made;
        });
        return network()
                .room()
                .read(tx -> new CreateNetworkInterfaceResult()
                        .networkInterface(told(Nets.INTERFACES.require(tx, scope, id), Tags.of(tx, scope, id)))
                        .clientToken(in.clientToken()));
    }

    private static Spec spec(CreateNetworkInterfaceRequest in) {
        String primary = in.privateIpAddress();
        List<String> secondary = new ArrayList<>();
        for (PrivateIpAddressSpecification each : in.privateIpAddresses()) {
            if (Boolean.TRUE.equals(each.primary())) {
                if (primary != null) {
                    throw Ec2Faults.combination("Only one primary private IP address can be specified");
                }
                primary = each.privateIpAddress();
            } else {
                secondary.add(String.valueOf(each.privateIpAddress()));
            }
        }
        int count = in.secondaryPrivateIpAddressCount() == null ? 0 : in.secondaryPrivateIpAddressCount();
        if (count > 0 && !secondary.isEmpty()) {
            throw Ec2Faults.combination("secondaryPrivateIpAddressCount", "privateIpAddresses");
        }
        int six = in.ipv6AddressCount() == null ? 0 : in.ipv6AddressCount();
        if (count < 0 || count > MOST_SECONDARY || six < 0 || six > MOST_SECONDARY) {
            throw Ec2Faults.invalid("The number of addresses must be between 0 and " + MOST_SECONDARY + ".");
        }
        return new Spec(
                in.subnetId(),
                in.description(),
                in.groups(),
                primary,
                secondary,
                count,
                in.ipv6Addresses().stream()
                        .map(each -> String.valueOf(each.ipv6Address()))
                        .toList(),
                six,
                in.interfaceType() == null ? "interface" : in.interfaceType(),
                null,
                false);
    }

    private static NetworkInterface told(InterfaceRow row, Map<String, String> tags) {
        return row.shape()
                .tagSet(Tags.told(tags))
                .operator(new OperatorResponse().managed(false))
                .denyAllIgwTraffic(false);
    }

    @Override
    default DeleteNetworkInterfaceResult deleteNetworkInterface(DeleteNetworkInterfaceRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            InterfaceRow row = Nets.INTERFACES.require(tx, scope, in.networkInterfaceId());
            if (!ServiceInterfaces.own(row, call)) {
                if (row.shape().attachment() != null) {
                    throw Ec2Faults.invalid("Network interface '" + row.id() + "' is currently in use.");
                }
                refuseManaged(row);
            }
            network().interfaces().delete(tx, scope, row.id());
            return new DeleteNetworkInterfaceResult();
        });
    }

    private static void refuseManaged(InterfaceRow row) {
        if (Boolean.TRUE.equals(row.shape().requesterManaged())) {
            throw Ec2Faults.of(
                    "OperationNotPermitted",
                    "You do not have permission to access the specified resource: " + row.id()
                            + " is managed by another service.");
        }
    }

    @Override
    default DescribeNetworkInterfacesResult describeNetworkInterfaces(DescribeNetworkInterfacesRequest in, Call call) {
        network().scope(call);
        Page<Tagged<InterfaceRow>> page =
                INTERFACES.page(network().room(), Nets.INTERFACES, in, in.networkInterfaceIds(), call);
        return new DescribeNetworkInterfacesResult()
                .networkInterfaces(page.items().stream()
                        .map(each -> told(each.record(), each.tags()))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    default AttachNetworkInterfaceResult attachNetworkInterface(AttachNetworkInterfaceRequest in, Call call) {
        Scope scope = network().scope(call);
        int device = in.deviceIndex();
        if (device < 1 || device > 30) {
            throw Ec2Faults.invalid("deviceIndex", device, "The device index must be between 1 and 30.");
        }
        return network().room().change(in, tx -> {
            InterfaceRow row = Nets.INTERFACES.require(tx, scope, in.networkInterfaceId());
            List<InterfaceRow> others = network().interfaces().ofInstance(tx, scope, in.instanceId());
            if (others.isEmpty()) {
                throw Ec2Faults.of(
                        "InvalidInstanceID.NotFound", "The instance ID '" + in.instanceId() + "' does not exist");
            }
            NetworkInterface first = others.getFirst().shape();
            if (!known(first.availabilityZone()).equals(row.shape().availabilityZone())) {
                throw Ec2Faults.combination("You may not attach a network interface to an instance if they are not in"
                        + " the same availability zone");
            }
            if (!known(first.vpcId()).equals(row.shape().vpcId())) {
                throw Ec2Faults.combination(
                        "You may not attach a network interface to an instance if they are not in" + " the same VPC");
            }
            String attachment = network().interfaces().attach(tx, scope, row.id(), in.instanceId(), device, false);
            return new AttachNetworkInterfaceResult().attachmentId(attachment).networkCardIndex(0);
        });
    }

    @Override
    default DetachNetworkInterfaceResult detachNetworkInterface(DetachNetworkInterfaceRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            InterfaceRow row = Nets.INTERFACES.find(tx, scope, Nets.ATTACHMENT, in.attachmentId()).stream()
                    .findFirst()
                    .orElseThrow(() -> Ec2Faults.of(
                            "InvalidAttachmentID.NotFound",
                            "The attachment ID '" + in.attachmentId() + "' does not exist"));
            refuseManaged(row);
            if (List.of(0).contains(known(row.shape().attachment()).deviceIndex())) {
                throw Ec2Faults.of(
                        "OperationNotPermitted", "The network interface at device index 0 cannot be detached.");
            }
            network().interfaces().detach(tx, scope, row.id());
            return new DetachNetworkInterfaceResult();
        });
    }

    @Override
    default ModifyNetworkInterfaceAttributeResult modifyNetworkInterfaceAttribute(
            ModifyNetworkInterfaceAttributeRequest in, Call call) {
        if (in.associatePublicIpAddress() != null || !in.associatedSubnetIds().isEmpty()) {
            throw Ec2Faults.unbuilt("This attribute of a network interface");
        }
        boolean none =
                Stream.of(in.description(), in.sourceDestCheck(), in.attachment(), in.connectionTrackingSpecification())
                                .allMatch(Objects::isNull)
                        && in.groups().isEmpty()
                        && in.enablePrimaryIpv6() == null
                        && in.enaSrdSpecification() == null;
        if (none) {
            throw Ec2Faults.missing("attribute");
        }
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            InterfaceRow row = Nets.INTERFACES.require(tx, scope, in.networkInterfaceId());
            NetworkInterface shape = row.shape();
            if (in.description() != null) {
                shape.description(
                        in.description().value() == null ? "" : in.description().value());
            }
            if (in.sourceDestCheck() != null && in.sourceDestCheck().value() != null) {
                shape.sourceDestCheck(in.sourceDestCheck().value());
            }
            if (!in.groups().isEmpty()) {
                shape.groups(Interfaces.groups(tx, scope, Network.vpc(tx, scope, known(shape.vpcId())), in.groups()));
            }
            NetworkInterfaceAttachmentChanges changes = in.attachment();
            if (changes != null) {
                NetworkInterfaceAttachment attachment = shape.attachment();
                if (attachment == null || !known(attachment.attachmentId()).equals(changes.attachmentId())) {
                    throw Ec2Faults.of(
                            "InvalidAttachmentID.NotFound",
                            "The attachment ID '" + changes.attachmentId() + "' does not exist");
                }
                if (changes.deleteOnTermination() != null) {
                    attachment.deleteOnTermination(changes.deleteOnTermination());
                }
            }
            network().interfaces().write(tx, scope, row);
            return new ModifyNetworkInterfaceAttributeResult();
        });
    }

    @Override
    default DescribeNetworkInterfaceAttributeResult describeNetworkInterfaceAttribute(
            DescribeNetworkInterfaceAttributeRequest in, Call call) {
        Scope scope = network().scope(call);
        NetworkInterface shape = network()
                .room()
                .read(tx -> Nets.INTERFACES.require(tx, scope, in.networkInterfaceId()))
                .shape();
        Ec2Room.refuseDryRun(in);
        DescribeNetworkInterfaceAttributeResult out =
                new DescribeNetworkInterfaceAttributeResult().networkInterfaceId(in.networkInterfaceId());
        return switch (String.valueOf(in.attribute())) {
            case "description" -> out.description(new AttributeValue().value(shape.description()));
            case "groupSet" -> out.groups(shape.groups());
            case "sourceDestCheck" -> out.sourceDestCheck(new AttributeBooleanValue().value(shape.sourceDestCheck()));
            case "attachment" -> out.attachment(shape.attachment());
            default -> throw Ec2Faults.invalid("attribute", in.attribute(), "Unknown attribute.");
        };
    }

    @Override
    default ResetNetworkInterfaceAttributeResult resetNetworkInterfaceAttribute(
            ResetNetworkInterfaceAttributeRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            InterfaceRow row = Nets.INTERFACES.require(tx, scope, in.networkInterfaceId());
            row.shape().sourceDestCheck(true);
            network().interfaces().write(tx, scope, row);
            return new ResetNetworkInterfaceAttributeResult();
        });
    }
}
