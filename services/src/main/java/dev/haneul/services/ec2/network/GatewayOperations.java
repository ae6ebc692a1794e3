package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Tags;
import java.util.List;
import java.util.Map;

/** Ways to the internet: internet gateways, and those that let only out. */
interface GatewayOperations extends NetworkStory {
    Listing<InternetGateway> INTERNET_GATEWAYS = Listing.of(
            "DescribeInternetGateways",
            Filters.<InternetGateway>tagged()
                    .many(
                            "attachment.state",
                            each -> each.attachments().stream()
                                    .map(attachment -> known(attachment.state()))
                                    .toList())
                    .many(
                            "attachment.vpc-id",
                            each -> each.attachments().stream()
                                    .map(attachment -> known(attachment.vpcId()))
                                    .toList())
                    .one("internet-gateway-id", InternetGateway::internetGatewayId)
                    .one("owner-id", InternetGateway::ownerId));

    Listing<EgressOnlyInternetGateway> EGRESS_GATEWAYS =
            Listing.of("DescribeEgressOnlyInternetGateways", Filters.tagged());

    @Override
    default CreateInternetGatewayResult createInternetGateway(CreateInternetGatewayRequest in, Call call) {
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "internet-gateway");
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            if (Nets.INTERNET_GATEWAYS.all(tx, scope).size() >= Quotas.INTERNET_GATEWAYS) {
                throw Ec2Faults.of(
                        "InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached.");
            }
            InternetGateway made = new InternetGateway()
                    .internetGatewayId(network().id("igw"))
                    .ownerId(scope.account())
                    .attachments(List.of());
            Nets.INTERNET_GATEWAYS.put(tx, scope, made);
            Tags.put(tx, scope, Nets.INTERNET_GATEWAYS, known(made.internetGatewayId()), tags);
            return new CreateInternetGatewayResult()
                    .internetGateway(made.tags(Tags.told(tx, scope, known(made.internetGatewayId()))));
        });
    }

    @Override
    default DeleteInternetGatewayResult deleteInternetGateway(DeleteInternetGatewayRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            InternetGateway gateway = Nets.INTERNET_GATEWAYS.require(tx, scope, in.internetGatewayId());
            if (!gateway.attachments().isEmpty()) {
                throw Ec2Faults.dependents("internetGateway", in.internetGatewayId());
            }
            Nets.INTERNET_GATEWAYS.delete(tx, scope, in.internetGatewayId());
            return new DeleteInternetGatewayResult();
        });
    }

    @Override
    default AttachInternetGatewayResult attachInternetGateway(AttachInternetGatewayRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            InternetGateway gateway = Nets.INTERNET_GATEWAYS.require(tx, scope, in.internetGatewayId());
            Network.vpc(tx, scope, in.vpcId());
            if (!gateway.attachments().isEmpty()) {
                throw Ec2Faults.of(
                        "Resource.AlreadyAssociated",
                        "resource " + in.internetGatewayId() + " is already attached to network "
                                + gateway.attachments().getFirst().vpcId());
            }
            if (!Nets.INTERNET_GATEWAYS.find(tx, scope, Nets.VPC, in.vpcId()).isEmpty()) {
                throw Ec2Faults.invalid("Network " + in.vpcId() + " already has an internet gateway attached");
            }
            Nets.INTERNET_GATEWAYS.put(
                    tx,
                    scope,
                    gateway.attachments(List.of(
                            new InternetGatewayAttachment().state("available").vpcId(in.vpcId()))));
            return new AttachInternetGatewayResult();
        });
    }

    @Override
    default DetachInternetGatewayResult detachInternetGateway(DetachInternetGatewayRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            InternetGateway gateway = Nets.INTERNET_GATEWAYS.require(tx, scope, in.internetGatewayId());
            Network.vpc(tx, scope, in.vpcId());
            if (gateway.attachments().stream().noneMatch(each -> in.vpcId().equals(each.vpcId()))) {
                throw Ec2Faults.of(
                        "Gateway.NotAttached",
                        "resource " + in.internetGatewayId() + " is not attached to network " + in.vpcId());
            }
            boolean mapped = Nets.INTERFACES.find(tx, scope, Nets.VPC, in.vpcId()).stream()
                    .anyMatch(row ->
                            row.shape().privateIpAddresses().stream().anyMatch(each -> each.association() != null));
            if (mapped) {
                throw Ec2Faults.dependency("Network " + in.vpcId()
                        + " has some mapped public address(es). Please unmap those public address(es) before"
                        + " detaching the gateway.");
            }
            Nets.INTERNET_GATEWAYS.put(tx, scope, gateway.attachments(List.of()));
            return new DetachInternetGatewayResult();
        });
    }

    @Override
    default DescribeInternetGatewaysResult describeInternetGateways(DescribeInternetGatewaysRequest in, Call call) {
        network().scope(call);
        Page<Tagged<InternetGateway>> page =
                INTERNET_GATEWAYS.page(network().room(), Nets.INTERNET_GATEWAYS, in, in.internetGatewayIds(), call);
        return new DescribeInternetGatewaysResult()
                .internetGateways(page.items().stream()
                        .map(each -> each.record().tags(Tags.told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    default CreateEgressOnlyInternetGatewayResult createEgressOnlyInternetGateway(
            CreateEgressOnlyInternetGatewayRequest in, Call call) {
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "egress-only-internet-gateway");
        Scope scope = network().scope(call);
        String id = network().room().once("CreateEgressOnlyInternetGateway", in, call, tx -> {
            Network.vpc(tx, scope, in.vpcId());
            if (Nets.EGRESS_GATEWAYS.all(tx, scope).size() >= Quotas.EGRESS_GATEWAYS) {
                throw Ec2Faults.of(
                        "EgressOnlyInternetGatewayLimitExceeded",
                        "The maximum number of egress-only internet gateways has been reached.");
            }
            String made = network().id("eigw");
            Nets.EGRESS_GATEWAYS.put(
                    tx,
                    scope,
                    new EgressOnlyInternetGateway()
                            .egressOnlyInternetGatewayId(made)
                            .attachments(List.of(new InternetGatewayAttachment()
                                    .state("attached")
                                    .vpcId(in.vpcId()))));
            Tags.put(tx, scope, Nets.EGRESS_GATEWAYS, made, tags);
            return made;
        });
        return network()
                .room()
                .read(tx -> new CreateEgressOnlyInternetGatewayResult()
                        .clientToken(in.clientToken())
                        .egressOnlyInternetGateway(
                                Nets.EGRESS_GATEWAYS.require(tx, scope, id).tags(Tags.told(tx, scope, id))));
    }

    @Override
    default DeleteEgressOnlyInternetGatewayResult deleteEgressOnlyInternetGateway(
            DeleteEgressOnlyInternetGatewayRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            Nets.EGRESS_GATEWAYS.require(tx, scope, in.egressOnlyInternetGatewayId());
            Nets.EGRESS_GATEWAYS.delete(tx, scope, in.egressOnlyInternetGatewayId());
            return new DeleteEgressOnlyInternetGatewayResult().returnCode(true);
        });
    }

    @Override
    default DescribeEgressOnlyInternetGatewaysResult describeEgressOnlyInternetGateways(
            DescribeEgressOnlyInternetGatewaysRequest in, Call call) {
        network().scope(call);
        Page<Tagged<EgressOnlyInternetGateway>> page = EGRESS_GATEWAYS.page(
                network().room(), Nets.EGRESS_GATEWAYS, in, in.egressOnlyInternetGatewayIds(), call);
        return new DescribeEgressOnlyInternetGatewaysResult()
                .egressOnlyInternetGateways(page.items().stream()
                        .map(each -> each.record().tags(Tags.told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }
}
