package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Cidrs;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Tags;
import java.util.List;
import java.util.Map;

/**
 * Parts of a subnet that are given out only when asked for by address, and the groups a network's interfaces may have.
 *
 * @see <a href="https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html">Reservations</a>
 */
interface ReservationOperations extends NetworkStory {
    Listing<SubnetCidrReservation> RESERVATIONS = Listing.of(
            "GetSubnetCidrReservations",
            Filters.<SubnetCidrReservation>tagged()
                    .one("reservationType", SubnetCidrReservation::reservationType)
                    .one("subnet-id", SubnetCidrReservation::subnetId));

    Listing<SecurityGroup> GROUPS_FOR_VPC = Listing.of(
            "GetSecurityGroupsForVpc",
            Filters.<SecurityGroup>tagged()
                    .one("group-id", SecurityGroup::groupId)
                    .one("description", SecurityGroup::description)
                    .one("group-name", SecurityGroup::groupName)
                    .one("owner-id", SecurityGroup::ownerId)
                    .one("primary-vpc-id", SecurityGroup::vpcId));

    @Override
    default CreateSubnetCidrReservationResult createSubnetCidrReservation(
            CreateSubnetCidrReservationRequest in, Call call) {
        if (in.cidr().indexOf(':') >= 0) {
            throw Ec2Faults.unbuilt("A reservation of IPv6 addresses");
        }
        if (!List.of("prefix", "explicit").contains(in.reservationType())) {
            throw Ec2Faults.invalid("ReservationType", in.reservationType(), "It must be prefix or explicit.");
        }
        Cidr block = Cidrs.v4("cidr", in.cidr());
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "subnet-cidr-reservation");
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            Subnet subnet = Nets.SUBNETS.require(tx, scope, in.subnetId());
            if (!Cidr.parse(known(subnet.cidrBlock())).contains(block)) {
                throw Ec2Faults.invalid("cidr", in.cidr(), "The CIDR is not within the subnet's.");
            }
            boolean overlaps = Nets.RESERVATIONS.find(tx, scope, Nets.SUBNET, in.subnetId()).stream()
                    .anyMatch(each -> block.overlaps(Cidr.parse(known(each.cidr()))));
            if (overlaps) {
                throw Ec2Faults.invalid("cidr", in.cidr(), "The CIDR overlaps with another reservation.");
            }
            SubnetCidrReservation made = new SubnetCidrReservation()
                    .subnetCidrReservationId(network().id("scr"))
                    .subnetId(in.subnetId())
                    .cidr(block.toString())
                    .reservationType(in.reservationType())
                    .ownerId(scope.account())
                    .description(in.description() == null ? "" : in.description());
            Nets.RESERVATIONS.put(tx, scope, made);
            Tags.put(tx, scope, Nets.RESERVATIONS, known(made.subnetCidrReservationId()), tags);
            return new CreateSubnetCidrReservationResult().subnetCidrReservation(made.tags(Tags.told(tags)));
        });
    }

    @Override
    default DeleteSubnetCidrReservationResult deleteSubnetCidrReservation(
            DeleteSubnetCidrReservationRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            SubnetCidrReservation gone = Nets.RESERVATIONS.require(tx, scope, in.subnetCidrReservationId());
            Nets.RESERVATIONS.delete(tx, scope, in.subnetCidrReservationId());
            return new DeleteSubnetCidrReservationResult().deletedSubnetCidrReservation(gone);
        });
    }

    @Override
    default GetSubnetCidrReservationsResult getSubnetCidrReservations(GetSubnetCidrReservationsRequest in, Call call) {
        Scope scope = network().scope(call);
        Page<Tagged<SubnetCidrReservation>> page = network().room().read(tx -> {
            Nets.SUBNETS.require(tx, scope, in.subnetId());
            List<SubnetCidrReservation> found = Nets.RESERVATIONS.find(tx, scope, Nets.SUBNET, in.subnetId());
            return RESERVATIONS.page(network().room(), tx, found, Nets.RESERVATIONS.id(), in, false, call);
        });
        return new GetSubnetCidrReservationsResult()
                .subnetIpv4CidrReservations(page.items().stream()
                        .map(each -> each.record().tags(Tags.told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    default GetSecurityGroupsForVpcResult getSecurityGroupsForVpc(GetSecurityGroupsForVpcRequest in, Call call) {
        Scope scope = network().scope(call);
        Page<Tagged<SecurityGroup>> page = network().room().read(tx -> {
            Network.vpc(tx, scope, in.vpcId());
            List<SecurityGroup> found = Nets.GROUPS.find(tx, scope, Nets.VPC, in.vpcId());
            return GROUPS_FOR_VPC.page(network().room(), tx, found, Nets.GROUPS.id(), in, false, call);
        });
        return new GetSecurityGroupsForVpcResult()
                .securityGroupForVpcs(page.items().stream()
                        .map(each -> new SecurityGroupForVpc()
                                .groupId(each.record().groupId())
                                .groupName(each.record().groupName())
                                .description(each.record().description())
                                .ownerId(each.record().ownerId())
                                .primaryVpcId(each.record().vpcId())
                                .tags(Tags.told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }

    /** There are no pools of one's own addresses in this region, so none is ever listed. */
    @Override
    default DescribePublicIpv4PoolsResult describePublicIpv4Pools(DescribePublicIpv4PoolsRequest in, Call call) {
        if (!in.poolIds().isEmpty()) {
            throw Ec2Faults.of(
                    "InvalidPublicIpv4PoolID.NotFound",
                    "The pool ID '" + in.poolIds().getFirst() + "' does not exist");
        }
        Ec2Room.refuseDryRun(in);
        return new DescribePublicIpv4PoolsResult();
    }
}
