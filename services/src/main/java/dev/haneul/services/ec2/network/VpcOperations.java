package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Networks: their blocks, their attributes, and the default one. */
interface VpcOperations extends NetworkStory {
    Listing<VpcRow> VPCS = Listing.of(
            "DescribeVpcs",
            Filters.<VpcRow>tagged()
                    .one("cidr", row -> row.vpc().cidrBlock())
                    .one("cidrBlock", row -> row.vpc().cidrBlock())
                    .many(
                            "cidr-block-association.cidr-block",
                            row -> row.vpc().cidrBlockAssociationSet().stream()
                                    .map(each -> known(each.cidrBlock()))
                                    .toList())
                    .many(
                            "cidr-block-association.association-id",
                            row -> row.vpc().cidrBlockAssociationSet().stream()
                                    .map(each -> known(each.associationId()))
                                    .toList())
                    .many(
                            "cidr-block-association.state",
                            row -> row.vpc().cidrBlockAssociationSet().stream()
                                    .map(each ->
                                            known(known(each.cidrBlockState()).state()))
                                    .toList())
                    .many(
                            "ipv6-cidr-block-association.ipv6-cidr-block",
                            row -> row.vpc().ipv6CidrBlockAssociationSet().stream()
                                    .map(each -> known(each.ipv6CidrBlock()))
                                    .toList())
                    .many(
                            "ipv6-cidr-block-association.ipv6-pool",
                            row -> row.vpc().ipv6CidrBlockAssociationSet().stream()
                                    .map(each -> known(each.ipv6Pool()))
                                    .toList())
                    .many(
                            "ipv6-cidr-block-association.association-id",
                            row -> row.vpc().ipv6CidrBlockAssociationSet().stream()
                                    .map(each -> known(each.associationId()))
                                    .toList())
                    .many(
                            "ipv6-cidr-block-association.state",
                            row -> row.vpc().ipv6CidrBlockAssociationSet().stream()
                                    .map(each -> known(
                                            known(each.ipv6CidrBlockState()).state()))
                                    .toList())
                    .one("dhcp-options-id", row -> row.vpc().dhcpOptionsId())
                    .one("dhcpOptionsId", row -> row.vpc().dhcpOptionsId())
                    .one("is-default", row -> row.vpc().isDefault())
                    .one("isDefault", row -> row.vpc().isDefault())
                    .one("owner-id", row -> row.vpc().ownerId())
                    .one("state", row -> row.vpc().state())
                    .one("vpc-id", VpcRow::id));

    private Vpc told(VpcRow row, Map<String, String> tags) {
        return row.vpc()
                .blockPublicAccessStates(new BlockPublicAccessStates().internetGatewayBlockMode("off"))
                .tags(Tags.told(tags));
    }

    @Override
    default CreateVpcResult createVpc(CreateVpcRequest in, Call call) {
        refusePools(in.ipv4IpamPoolId(), in.ipv6IpamPoolId(), in.ipv6Pool());
        if (in.cidrBlock() == null) {
            throw Ec2Faults.missing("cidrBlock");
        }
        Cidr block = Vpcs.block(in.cidrBlock());
        String tenancy = in.instanceTenancy() == null ? "default" : in.instanceTenancy();
        if (!List.of("default", "dedicated").contains(tenancy)) {
            throw Ec2Faults.invalid("instanceTenancy", tenancy, "The tenancy must be default or dedicated.");
        }
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "vpc");
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            boolean six = Boolean.TRUE.equals(in.amazonProvidedIpv6CidrBlock());
            VpcRow made =
                    Vpcs.make(network(), tx, scope, block, six ? Vpcs.sixBlock(network(), tx) : null, tenancy, false);
            Tags.put(tx, scope, Nets.VPCS, made.id(), tags);
            return new CreateVpcResult()
                    .vpc(told(made, Tags.of(tx, scope, made.id())).state("pending"));
        });
    }

    /** Pools of addresses are not built; naming one must not be taken for not naming one. */
    private static void refusePools(@Nullable String... pools) {
        for (String pool : pools) {
            if (pool != null && !pool.isEmpty()) {
                throw Ec2Faults.of("InvalidIpamPoolId.NotFound", "The ipam-pool ID '" + pool + "' does not exist");
            }
        }
    }

    @Override
    default CreateDefaultVpcResult createDefaultVpc(CreateDefaultVpcRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            if (Network.defaultVpc(tx, scope).isPresent()) {
                throw Ec2Faults.of(
                        "DefaultVpcAlreadyExists", "A Default VPC already exists for this account in this region.");
            }
            return new CreateDefaultVpcResult().vpc(told(DefaultNetwork.make(network(), tx, scope), Map.of()));
        });
    }

    @Override
    default DeleteVpcResult deleteVpc(DeleteVpcRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            Vpcs.delete(tx, scope, in.vpcId());
            return new DeleteVpcResult();
        });
    }

    @Override
    default DescribeVpcsResult describeVpcs(DescribeVpcsRequest in, Call call) {
        network().scope(call);
        Page<Tagged<VpcRow>> page = VPCS.page(network().room(), Nets.VPCS, in, in.vpcIds(), call);
        return new DescribeVpcsResult()
                .vpcs(page.items().stream()
                        .map(each -> told(each.record(), each.tags()))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    default DescribeVpcAttributeResult describeVpcAttribute(DescribeVpcAttributeRequest in, Call call) {
        Scope scope = network().scope(call);
        VpcRow row = network().room().read(tx -> Network.vpc(tx, scope, in.vpcId()));
        Ec2Room.refuseDryRun(in);
        DescribeVpcAttributeResult out = new DescribeVpcAttributeResult().vpcId(row.id());
        return switch (String.valueOf(in.attribute())) {
            case "enableDnsSupport" -> out.enableDnsSupport(new AttributeBooleanValue().value(row.dnsSupport()));
            case "enableDnsHostnames" -> out.enableDnsHostnames(new AttributeBooleanValue().value(row.dnsHostnames()));
            case "enableNetworkAddressUsageMetrics" ->
                out.enableNetworkAddressUsageMetrics(new AttributeBooleanValue().value(row.usageMetrics()));
            default -> throw Ec2Faults.invalid("attribute", in.attribute(), "Unknown attribute.");
        };
    }

    @Override
    default ModifyVpcAttributeResult modifyVpcAttribute(ModifyVpcAttributeRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            VpcRow row = Network.vpc(tx, scope, in.vpcId());
            boolean support = or(in.enableDnsSupport(), row.dnsSupport());
            boolean names = or(in.enableDnsHostnames(), row.dnsHostnames());
            boolean metrics = or(in.enableNetworkAddressUsageMetrics(), row.usageMetrics());
            Nets.VPCS.put(tx, scope, new VpcRow(row.vpc(), names, support, metrics));
            return new ModifyVpcAttributeResult();
        });
    }

    private static boolean or(@Nullable AttributeBooleanValue given, boolean before) {
        return given == null || given.value() == null ? before : given.value();
    }

    @Override
    default ModifyVpcTenancyResult modifyVpcTenancy(ModifyVpcTenancyRequest in, Call call) {
        if (!"default".equals(in.instanceTenancy())) {
            throw Ec2Faults.invalid("instanceTenancy", in.instanceTenancy(), "The tenancy can only become default.");
        }
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            VpcRow row = Network.vpc(tx, scope, in.vpcId());
            row.vpc().instanceTenancy("default");
            Nets.VPCS.put(tx, scope, row);
            return new ModifyVpcTenancyResult().returnValue(true);
        });
    }

    @Override
    default AssociateVpcCidrBlockResult associateVpcCidrBlock(AssociateVpcCidrBlockRequest in, Call call) {
        refusePools(in.ipv4IpamPoolId(), in.ipv6IpamPoolId(), in.ipv6Pool());
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            VpcRow row = Network.vpc(tx, scope, in.vpcId());
            AssociateVpcCidrBlockResult out = new AssociateVpcCidrBlockResult().vpcId(row.id());
            if (Boolean.TRUE.equals(in.amazonProvidedIpv6CidrBlock())) {
                if (Vpcs.sixBlocks(row).size() >= Quotas.CIDRS_PER_VPC) {
                    throw Ec2Faults.of(
                            "CidrLimitExceeded",
                            "The maximum number of IPv6 CIDR blocks for this VPC has been reached.");
                }
                VpcIpv6CidrBlockAssociation made = Vpcs.sixAssociation(network(), scope, Vpcs.sixBlock(network(), tx));
                List<VpcIpv6CidrBlockAssociation> all =
                        new ArrayList<>(row.vpc().ipv6CidrBlockAssociationSet());
                all.add(made);
                row.vpc().ipv6CidrBlockAssociationSet(all);
                Vpcs.rewrite(tx, scope, row);
                return out.ipv6CidrBlockAssociation(made);
            }
            if (in.cidrBlock() == null) {
                throw Ec2Faults.missing("cidrBlock");
            }
            return out.cidrBlockAssociation(Vpcs.add(network(), tx, scope, row, Vpcs.block(in.cidrBlock())));
        });
    }

    @Override
    default DisassociateVpcCidrBlockResult disassociateVpcCidrBlock(DisassociateVpcCidrBlockRequest in, Call call) {
        Scope scope = network().scope(call);
        String id = in.associationId();
        return network().room().change(in, tx -> {
            VpcRow row = Nets.VPCS.all(tx, scope).stream()
                    .filter(each -> holds(each.vpc(), id))
                    .findFirst()
                    .orElseThrow(() -> Ec2Faults.of(
                            "InvalidVpcCidrBlockAssociationID.NotFound",
                            "The vpc CIDR block association ID '" + id + "' does not exist"));
            Vpc vpc = row.vpc();
            List<VpcCidrBlockAssociation> four = new ArrayList<>(vpc.cidrBlockAssociationSet());
            List<VpcIpv6CidrBlockAssociation> six = new ArrayList<>(vpc.ipv6CidrBlockAssociationSet());
            DisassociateVpcCidrBlockResult out = new DisassociateVpcCidrBlockResult().vpcId(row.id());
            for (VpcCidrBlockAssociation each : vpc.cidrBlockAssociationSet()) {
                if (id.equals(each.associationId())) {
                    if (known(each.cidrBlock()).equals(vpc.cidrBlock())) {
                        throw Ec2Faults.of(
                                "OperationNotPermitted",
                                "The vpc CIDR block with association ID " + id
                                        + " may not be disassociated. It is the primary IPv4 CIDR block of the VPC");
                    }
                    Subnets.refuseInside(tx, scope, row.id(), Cidr.parse(known(each.cidrBlock())));
                    four.remove(each);
                    out.cidrBlockAssociation(each.cidrBlockState(new VpcCidrBlockState().state("disassociating")));
                }
            }
            for (VpcIpv6CidrBlockAssociation each : vpc.ipv6CidrBlockAssociationSet()) {
                if (id.equals(each.associationId())) {
                    Subnets.refuseInside(tx, scope, row.id(), Cidr.parse(known(each.ipv6CidrBlock())));
                    six.remove(each);
                    out.ipv6CidrBlockAssociation(
                            each.ipv6CidrBlockState(new VpcCidrBlockState().state("disassociating")));
                }
            }
            vpc.cidrBlockAssociationSet(four).ipv6CidrBlockAssociationSet(six);
            Vpcs.rewrite(tx, scope, row);
            return out;
        });
    }

    private static boolean holds(Vpc vpc, String association) {
        return vpc.cidrBlockAssociationSet().stream().anyMatch(each -> association.equals(each.associationId()))
                || vpc.ipv6CidrBlockAssociationSet().stream()
                        .anyMatch(each -> association.equals(each.associationId()));
    }
}
