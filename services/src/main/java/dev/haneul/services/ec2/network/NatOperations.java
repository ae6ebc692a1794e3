package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.network.Interfaces.Spec;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import java.util.List;
import java.util.Map;

/** NAT gateways: ways out for those who have no public address. */
interface NatOperations extends NetworkStory {
    Listing<NatGateway> NAT_GATEWAYS = Listing.of(
            "DescribeNatGateways",
            Filters.<NatGateway>tagged()
                    .one("nat-gateway-id", NatGateway::natGatewayId)
                    .one("state", NatGateway::state)
                    .one("subnet-id", NatGateway::subnetId)
                    .one("vpc-id", NatGateway::vpcId));

    @Override
    default CreateNatGatewayResult createNatGateway(CreateNatGatewayRequest in, Call call) {
        if ("regional".equals(in.availabilityMode())
                || !in.availabilityZoneAddresses().isEmpty()) {
            throw Ec2Faults.unbuilt("A regional NAT gateway");
        }
        boolean secondary = !in.secondaryAllocationIds().isEmpty()
                || !in.secondaryPrivateIpAddresses().isEmpty()
                || in.secondaryPrivateIpAddressCount() != null;
        if (secondary) {
            throw Ec2Faults.unbuilt("A NAT gateway with secondary addresses");
        }
        String subnet = in.subnetId();
        if (subnet == null) {
            throw Ec2Faults.missing("SubnetId");
        }
        String type = in.connectivityType() == null ? "public" : in.connectivityType();
        boolean open = type.equals("public");
        if (!open && !type.equals("private")) {
            throw Ec2Faults.invalid("ConnectivityType", type, "Valid values are public and private.");
        }
        if (open && in.allocationId() == null) {
            throw Ec2Faults.missing("AllocationId");
        }
        if (!open && in.allocationId() != null) {
            throw Ec2Faults.combination("AllocationId", "ConnectivityType=private");
        }
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "natgateway");
        Scope scope = network().scope(call);
        String id = network().room().once("CreateNatGateway", in, call, tx -> {
            String made = make(tx, scope, in, subnet, type);
            Tags.put(tx, scope, Nets.NAT_GATEWAYS, made, tags);
            return made;
        });
        return network()
                .room()
                .read(tx -> new CreateNatGatewayResult()
                        .natGateway(Nats.require(tx, scope, id).tags(Tags.told(tx, scope, id)))
                        .clientToken(in.clientToken()));
    }

    private String make(WriteTx tx, Scope scope, CreateNatGatewayRequest in, String subnetId, String type) {
        Subnet subnet = Nets.SUBNETS.require(tx, scope, subnetId);
        long inZone = Nets.NAT_GATEWAYS.all(tx, scope).stream()
                .filter(Nats::alive)
                .filter(each -> known(subnet.availabilityZone())
                        .equals(Nets.SUBNETS
                                .find(tx, scope, known(each.subnetId()))
                                .map(Subnet::availabilityZone)
                                .orElse("")))
                .count();
        if (inZone >= Quotas.NAT_GATEWAYS_PER_ZONE) {
            throw Ec2Faults.of("NatGatewayLimitExceeded", "The maximum number of NAT gateways has been reached.");
        }
        String id = network().id("nat");
        NatGateway made = new NatGateway()
                .natGatewayId(id)
                .subnetId(subnetId)
                .vpcId(subnet.vpcId())
                .createTime(network().room().now())
                .connectivityType(type)
                .availabilityMode("zonal")
                .state(Nats.PENDING);
        Address address = in.allocationId() == null ? null : Nets.ADDRESSES.require(tx, scope, in.allocationId());
        if (address != null && address.associationId() != null) {
            throw Ec2Faults.of(
                    "Resource.AlreadyAssociated",
                    "Elastic IP address [" + address.allocationId() + "] is already associated");
        }
        if (address != null
                && Nets.INTERNET_GATEWAYS
                        .find(tx, scope, Nets.VPC, known(subnet.vpcId()))
                        .isEmpty()) {
            Nets.NAT_GATEWAYS.put(
                    tx,
                    scope,
                    made.state(Nats.FAILED)
                            .failureCode("Gateway.NotAttached")
                            .failureMessage("Network " + subnet.vpcId() + " has no Internet gateway attached")
                            .deleteTime(network().room().now()));
            return id;
        }
        Spec spec = Spec.of(subnetId, List.of())
                .managed("Interface for NAT Gateway " + id, "amazon-vpc", "nat_gateway", in.privateIpAddress());
        InterfaceRow row = network().interfaces().create(tx, scope, spec);
        row.shape().groups(List.of());
        network().interfaces().attachTo(tx, scope, row, "amazon-aws");
        NatGatewayAddress told = new NatGatewayAddress()
                .networkInterfaceId(row.id())
                .privateIp(row.shape().privateIpAddress())
                .isPrimary(true)
                .status("succeeded");
        if (address != null) {
            String association = Addresses.associate(network(), tx, scope, address, row, null);
            told.allocationId(address.allocationId())
                    .publicIp(address.publicIp())
                    .associationId(association);
        }
        Nets.NAT_GATEWAYS.put(tx, scope, made.natGatewayAddresses(List.of(told)));
        return id;
    }

    @Override
    default DeleteNatGatewayResult deleteNatGateway(DeleteNatGatewayRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            NatGateway gateway = Nats.require(tx, scope, in.natGatewayId());
            if (Nats.alive(gateway)) {
                Nets.NAT_GATEWAYS.put(
                        tx,
                        scope,
                        gateway.state(Nats.DELETING).deleteTime(network().room().now()));
            }
            return new DeleteNatGatewayResult().natGatewayId(in.natGatewayId());
        });
    }

    @Override
    default DescribeNatGatewaysResult describeNatGateways(DescribeNatGatewaysRequest in, Call call) {
        Scope scope = network().scope(call);
        network()
                .room()
                .read(tx -> in.natGatewayIds().stream()
                        .map(id -> Nats.require(tx, scope, id))
                        .toList());
        Page<Tagged<NatGateway>> page =
                NAT_GATEWAYS.page(network().room(), Nets.NAT_GATEWAYS, in, in.natGatewayIds(), call);
        return new DescribeNatGatewaysResult()
                .natGateways(page.items().stream()
                        .map(each -> each.record().tags(Tags.told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }
}
