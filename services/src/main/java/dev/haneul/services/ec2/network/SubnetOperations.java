package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.Zones;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Subnets. */
interface SubnetOperations extends NetworkStory {
    Listing<Subnet> SUBNETS = Listing.of(
            "DescribeSubnets",
            Filters.<Subnet>tagged()
                    .one("availability-zone", Subnet::availabilityZone)
                    .one("availabilityZone", Subnet::availabilityZone)
                    .one("availability-zone-id", Subnet::availabilityZoneId)
                    .one("availabilityZoneId", Subnet::availabilityZoneId)
                    .one("available-ip-address-count", Subnet::availableIpAddressCount)
                    .one("cidr-block", Subnet::cidrBlock)
                    .one("cidr", Subnet::cidrBlock)
                    .one("cidrBlock", Subnet::cidrBlock)
                    .one("customer-owned-ipv4-pool", Subnet::customerOwnedIpv4Pool)
                    .one("default-for-az", Subnet::defaultForAz)
                    .one("defaultForAz", Subnet::defaultForAz)
                    .one("enable-dns64", Subnet::enableDns64)
                    .many(
                            "ipv6-cidr-block-association.ipv6-cidr-block",
                            each -> each.ipv6CidrBlockAssociationSet().stream()
                                    .map(six -> known(six.ipv6CidrBlock()))
                                    .toList())
                    .many(
                            "ipv6-cidr-block-association.association-id",
                            each -> each.ipv6CidrBlockAssociationSet().stream()
                                    .map(six -> known(six.associationId()))
                                    .toList())
                    .many(
                            "ipv6-cidr-block-association.state",
                            each -> each.ipv6CidrBlockAssociationSet().stream()
                                    .map(six -> known(
                                            known(six.ipv6CidrBlockState()).state()))
                                    .toList())
                    .one("ipv6-native", Subnet::ipv6Native)
                    .one("map-customer-owned-ip-on-launch", Subnet::mapCustomerOwnedIpOnLaunch)
                    .one("map-public-ip-on-launch", Subnet::mapPublicIpOnLaunch)
                    .one("outpost-arn", Subnet::outpostArn)
                    .one("owner-id", Subnet::ownerId)
                    .one(
                            "private-dns-name-options-on-launch.hostname-type",
                            each -> known(each.privateDnsNameOptionsOnLaunch()).hostnameType())
                    .one("state", Subnet::state)
                    .one("subnet-arn", Subnet::subnetArn)
                    .one("subnet-id", Subnet::subnetId)
                    .one("vpc-id", Subnet::vpcId));

    @Override
    default CreateSubnetResult createSubnet(CreateSubnetRequest in, Call call) {
        if (in.availabilityZone() != null && in.availabilityZoneId() != null) {
            throw Ec2Faults.combination("availabilityZone", "availabilityZoneId");
        }
        if (in.ipv4IpamPoolId() != null || in.ipv6IpamPoolId() != null) {
            throw Ec2Faults.of("InvalidIpamPoolId.NotFound", "The ipam-pool ID does not exist");
        }
        if (in.outpostArn() != null) {
            throw Ec2Faults.of("InvalidOutpostArn.NotFound", "The outpost '" + in.outpostArn() + "' does not exist");
        }
        if (Boolean.TRUE.equals(in.ipv6Native())) {
            throw Ec2Faults.of("UnsupportedOperation", "IPv6-only subnets are not available here.");
        }
        String text = in.cidrBlock();
        if (text == null) {
            throw Ec2Faults.missing("cidrBlock");
        }
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "subnet");
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            VpcRow vpc = Network.vpc(tx, scope, in.vpcId());
            Cidr block = Subnets.block(tx, scope, vpc, text);
            String six = in.ipv6CidrBlock() == null ? null : Subnets.sixBlock(tx, scope, vpc, in.ipv6CidrBlock());
            Subnet made = Subnets.make(network(), tx, scope, vpc, zone(in, call), block, six, false);
            Tags.put(tx, scope, Nets.SUBNETS, known(made.subnetId()), tags);
            return new CreateSubnetResult().subnet(told(tx, scope, made));
        });
    }

    /** The zone a request names; the region's first where it names none. */
    private static Zones.Zone zone(CreateSubnetRequest in, Call call) {
        String named = in.availabilityZone() == null ? in.availabilityZoneId() : in.availabilityZone();
        return named == null ? Zones.of(call.region()).getFirst() : Zones.require(call.region(), named);
    }

    private static Subnet told(ReadTx tx, Scope scope, Subnet subnet) {
        String id = known(subnet.subnetId());
        int taken = Nets.INTERFACES.find(tx, scope, Nets.SUBNET, id).stream()
                .mapToInt(row -> row.shape().privateIpAddresses().size())
                .sum();
        return counted(subnet, taken).tags(Tags.told(tx, scope, id));
    }

    private static Subnet counted(Subnet subnet, int taken) {
        return subnet.availableIpAddressCount(SubnetSpace.free(Cidr.parse(known(subnet.cidrBlock())), taken))
                .blockPublicAccessStates(new BlockPublicAccessStates().internetGatewayBlockMode("off"));
    }

    @Override
    default CreateDefaultSubnetResult createDefaultSubnet(CreateDefaultSubnetRequest in, Call call) {
        String named = in.availabilityZone() == null ? in.availabilityZoneId() : in.availabilityZone();
        if (named == null) {
            throw Ec2Faults.missing("availabilityZone");
        }
        Zones.Zone zone = Zones.require(call.region(), named);
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            VpcRow vpc = Network.defaultVpc(tx, scope)
                    .orElseThrow(() -> Ec2Faults.of("DefaultVpcDoesNotExist", "No default VPC for this user"));
            if (Subnets.defaultOf(tx, scope, zone.name()).isPresent()) {
                throw Ec2Faults.of(
                        "DefaultSubnetAlreadyExistsInAvailabilityZone",
                        "'" + zone.name() + "' already has a default subnet");
            }
            Subnet made = DefaultNetwork.subnet(network(), tx, scope, vpc, zone);
            return new CreateDefaultSubnetResult().subnet(told(tx, scope, made));
        });
    }

    @Override
    default DeleteSubnetResult deleteSubnet(DeleteSubnetRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            Subnets.delete(tx, scope, in.subnetId());
            return new DeleteSubnetResult();
        });
    }

    @Override
    default DescribeSubnetsResult describeSubnets(DescribeSubnetsRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().read(tx -> {
            List<Subnet> found = new ArrayList<>();
            List<String> missing = new ArrayList<>();
            for (String id : in.subnetIds()) {
                Nets.SUBNETS.find(tx, scope, id).ifPresentOrElse(found::add, () -> missing.add(id));
            }
            if (!missing.isEmpty()) {
                throw Nets.SUBNETS.missing(missing);
            }
            if (in.subnetIds().isEmpty()) {
                found.addAll(Nets.SUBNETS.all(tx, scope));
            }
            Map<String, Integer> taken = new HashMap<>();
            Stream<InterfaceRow> within = in.subnetIds().isEmpty()
                    ? Nets.INTERFACES.all(tx, scope).stream()
                    : in.subnetIds().stream()
                            .distinct()
                            .flatMap(each -> Nets.INTERFACES.find(tx, scope, Nets.SUBNET, each).stream());
            within.forEach(row -> taken.merge(
                    known(row.shape().subnetId()),
                    row.shape().privateIpAddresses().size(),
                    Integer::sum));
            found.forEach(each -> counted(each, taken.getOrDefault(known(each.subnetId()), 0)));
            Page<Tagged<Subnet>> page = SUBNETS.page(
                    network().room(),
                    tx,
                    found,
                    Nets.SUBNETS.id(),
                    in,
                    !in.subnetIds().isEmpty(),
                    call);
            return new DescribeSubnetsResult()
                    .subnets(page.items().stream()
                            .map(each -> each.record().tags(Tags.told(each.tags())))
                            .toList())
                    .nextToken(page.next());
        });
    }

    @Override
    default ModifySubnetAttributeResult modifySubnetAttribute(ModifySubnetAttributeRequest in, Call call) {
        if (in.customerOwnedIpv4Pool() != null || in.enableLniAtDeviceIndex() != null) {
            throw Ec2Faults.of("UnsupportedOperation", "The subnet is not on an Outpost.");
        }
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            Subnet subnet = Nets.SUBNETS.require(tx, scope, in.subnetId());
            PrivateDnsNameOptionsOnLaunch names = known(subnet.privateDnsNameOptionsOnLaunch());
            if (value(in.assignIpv6AddressOnCreation())
                    && subnet.ipv6CidrBlockAssociationSet().isEmpty()) {
                throw Ec2Faults.invalid("Invalid value for 'assignIpv6AddressOnCreation'. The subnet does not have an"
                        + " IPv6 CIDR block.");
            }
            if (in.assignIpv6AddressOnCreation() != null) {
                subnet.assignIpv6AddressOnCreation(value(in.assignIpv6AddressOnCreation()));
            }
            if (in.mapPublicIpOnLaunch() != null) {
                subnet.mapPublicIpOnLaunch(value(in.mapPublicIpOnLaunch()));
            }
            if (in.enableDns64() != null) {
                subnet.enableDns64(value(in.enableDns64()));
            }
            if (in.privateDnsHostnameTypeOnLaunch() != null) {
                names.hostnameType(in.privateDnsHostnameTypeOnLaunch());
            }
            if (in.enableResourceNameDnsARecordOnLaunch() != null) {
                names.enableResourceNameDnsARecord(value(in.enableResourceNameDnsARecordOnLaunch()));
            }
            if (in.enableResourceNameDnsAAAARecordOnLaunch() != null) {
                names.enableResourceNameDnsAAAARecord(value(in.enableResourceNameDnsAAAARecordOnLaunch()));
            }
            Nets.SUBNETS.put(tx, scope, subnet.privateDnsNameOptionsOnLaunch(names));
            return new ModifySubnetAttributeResult();
        });
    }

    private static boolean value(@Nullable AttributeBooleanValue given) {
        return given != null && Boolean.TRUE.equals(given.value());
    }

    @Override
    default AssociateSubnetCidrBlockResult associateSubnetCidrBlock(AssociateSubnetCidrBlockRequest in, Call call) {
        String text = in.ipv6CidrBlock();
        if (text == null) {
            throw Ec2Faults.missing("ipv6CidrBlock");
        }
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            Subnet subnet = Nets.SUBNETS.require(tx, scope, in.subnetId());
            if (!subnet.ipv6CidrBlockAssociationSet().isEmpty()) {
                throw Ec2Faults.invalid("The subnet '" + in.subnetId() + "' already has an IPv6 CIDR block");
            }
            String block = Subnets.sixBlock(tx, scope, Network.vpc(tx, scope, known(subnet.vpcId())), text);
            SubnetIpv6CidrBlockAssociation made = Subnets.sixAssociation(network(), block);
            Nets.SUBNETS.put(tx, scope, subnet.ipv6CidrBlockAssociationSet(List.of(made)));
            return new AssociateSubnetCidrBlockResult().subnetId(in.subnetId()).ipv6CidrBlockAssociation(made);
        });
    }

    @Override
    default DisassociateSubnetCidrBlockResult disassociateSubnetCidrBlock(
            DisassociateSubnetCidrBlockRequest in, Call call) {
        String id = in.associationId();
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            Subnet subnet = Nets.SUBNETS.all(tx, scope).stream()
                    .filter(each ->
                            each.ipv6CidrBlockAssociationSet().stream().anyMatch(six -> id.equals(six.associationId())))
                    .findFirst()
                    .orElseThrow(() -> Ec2Faults.of(
                            "InvalidSubnetCidrBlockAssociationID.NotFound",
                            "The subnet CIDR block association ID '" + id + "' does not exist"));
            boolean used = Nets.INTERFACES.find(tx, scope, Nets.SUBNET, known(subnet.subnetId())).stream()
                    .anyMatch(row -> !row.shape().ipv6Addresses().isEmpty());
            if (used) {
                throw Ec2Faults.of("InvalidCidrBlock.InUse", "The IPv6 CIDR block has addresses that are in use.");
            }
            SubnetIpv6CidrBlockAssociation gone =
                    subnet.ipv6CidrBlockAssociationSet().getFirst();
            Nets.SUBNETS.put(
                    tx, scope, subnet.ipv6CidrBlockAssociationSet(List.of()).assignIpv6AddressOnCreation(false));
            return new DisassociateSubnetCidrBlockResult()
                    .subnetId(subnet.subnetId())
                    .ipv6CidrBlockAssociation(
                            gone.ipv6CidrBlockState(new SubnetCidrBlockState().state("disassociating")));
        });
    }
}
