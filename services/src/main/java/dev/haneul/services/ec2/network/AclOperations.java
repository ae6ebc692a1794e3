package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Cidrs;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Tags;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Network access lists: stateless filters at the borders of subnets. */
interface AclOperations extends NetworkStory {
    Map<String, String> PROTOCOLS = Map.of("tcp", "6", "udp", "17", "icmp", "1", "icmpv6", "58", "all", "-1");

    Listing<NetworkAcl> ACLS = Listing.of(
            "DescribeNetworkAcls",
            Filters.<NetworkAcl>tagged()
                    .many("association.association-id", members(NetworkAclAssociation::networkAclAssociationId))
                    .many("association.network-acl-id", members(NetworkAclAssociation::networkAclId))
                    .many("association.subnet-id", members(NetworkAclAssociation::subnetId))
                    .one("default", NetworkAcl::isDefault)
                    .many("entry.cidr", entries(NetworkAclEntry::cidrBlock))
                    .many(
                            "entry.icmp.code",
                            entries(each -> each.icmpTypeCode() == null
                                    ? null
                                    : each.icmpTypeCode().code()))
                    .many(
                            "entry.icmp.type",
                            entries(each -> each.icmpTypeCode() == null
                                    ? null
                                    : each.icmpTypeCode().type()))
                    .many("entry.ipv6-cidr", entries(NetworkAclEntry::ipv6CidrBlock))
                    .many(
                            "entry.port-range.from",
                            entries(each -> each.portRange() == null
                                    ? null
                                    : each.portRange().from()))
                    .many(
                            "entry.port-range.to",
                            entries(each -> each.portRange() == null
                                    ? null
                                    : each.portRange().to()))
                    .many("entry.protocol", entries(NetworkAclEntry::protocol))
                    .many("entry.rule-action", entries(NetworkAclEntry::ruleAction))
                    .many("entry.egress", entries(NetworkAclEntry::egress))
                    .many("entry.rule-number", entries(NetworkAclEntry::ruleNumber))
                    .one("network-acl-id", NetworkAcl::networkAclId)
                    .one("owner-id", NetworkAcl::ownerId)
                    .one("vpc-id", NetworkAcl::vpcId));

    private static Function<NetworkAcl, List<String>> members(Function<NetworkAclAssociation, @Nullable String> value) {
        return acl -> acl.associations().stream()
                .map(value)
                .filter(Objects::nonNull)
                .map(Nets::known)
                .toList();
    }

    private static Function<NetworkAcl, List<String>> entries(Function<NetworkAclEntry, @Nullable Object> value) {
        return acl -> acl.entries().stream()
                .map(value)
                .filter(Objects::nonNull)
                .map(String::valueOf)
                .toList();
    }

    @Override
    default CreateNetworkAclResult createNetworkAcl(CreateNetworkAclRequest in, Call call) {
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "network-acl");
        Scope scope = network().scope(call);
        String id = network().room().once("CreateNetworkAcl", in, call, tx -> {
            Nets.VpcRow vpc = Network.vpc(tx, scope, in.vpcId());
            if (Nets.ACLS.find(tx, scope, Nets.VPC, vpc.id()).size() >= Quotas.ACLS_PER_VPC) {
                throw Ec2Faults.of(
                        "NetworkAclLimitExceeded", "The maximum number of network ACLs for this VPC has been reached.");
            }
            String made = network().id("acl");
            Nets.ACLS.put(
                    tx,
                    scope,
                    new NetworkAcl()
                            .networkAclId(made)
                            .vpcId(vpc.id())
                            .ownerId(scope.account())
                            .isDefault(false)
                            .entries(Acls.defaults(false, !Vpcs.sixBlocks(vpc).isEmpty())));
            Tags.put(tx, scope, Nets.ACLS, made, tags);
            return made;
        });
        return network()
                .room()
                .read(tx -> new CreateNetworkAclResult()
                        .networkAcl(Nets.ACLS.require(tx, scope, id).tags(Tags.told(tx, scope, id)))
                        .clientToken(in.clientToken()));
    }

    @Override
    default DeleteNetworkAclResult deleteNetworkAcl(DeleteNetworkAclRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            NetworkAcl acl = Nets.ACLS.require(tx, scope, in.networkAclId());
            if (Boolean.TRUE.equals(acl.isDefault())) {
                throw Ec2Faults.invalid("Cannot delete default network ACL " + in.networkAclId());
            }
            if (!acl.associations().isEmpty()) {
                throw Ec2Faults.dependents("networkAcl", in.networkAclId());
            }
            Nets.ACLS.delete(tx, scope, in.networkAclId());
            return new DeleteNetworkAclResult();
        });
    }

    @Override
    default DescribeNetworkAclsResult describeNetworkAcls(DescribeNetworkAclsRequest in, Call call) {
        network().scope(call);
        Page<Tagged<NetworkAcl>> page = ACLS.page(network().room(), Nets.ACLS, in, in.networkAclIds(), call);
        return new DescribeNetworkAclsResult()
                .networkAcls(page.items().stream()
                        .map(each -> each.record().tags(Tags.told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }

    /** An entry of a request, checked. */
    private static NetworkAclEntry entry(
            int number,
            @Nullable String named,
            @Nullable String action,
            boolean egress,
            @Nullable String four,
            @Nullable String six,
            @Nullable PortRange ports,
            @Nullable IcmpTypeCode icmp) {
        if (number < 1 || number >= Acls.LAST) {
            throw Ec2Faults.invalid("Value (" + number
                    + ") for parameter ruleNumber is invalid. The rule number must be" + " between 1 and 32766.");
        }
        if (!"allow".equals(action) && !"deny".equals(action)) {
            throw Ec2Faults.invalid("ruleAction", action, "Valid values are allow and deny.");
        }
        if (four == null && six == null) {
            throw Ec2Faults.missing("cidrBlock");
        }
        if (four != null && six != null) {
            throw Ec2Faults.combination("cidrBlock", "ipv6CidrBlock");
        }
        String lower = String.valueOf(named).toLowerCase(Locale.ROOT);
        String protocol = PROTOCOLS.getOrDefault(lower, lower);
        if (!protocol.equals("-1") && !(protocol.matches("[0-9]{1,3}") && Integer.parseInt(protocol) <= 255)) {
            throw Ec2Faults.invalid("protocol", named, "Unknown protocol.");
        }
        NetworkAclEntry made = new NetworkAclEntry()
                .ruleNumber(number)
                .protocol(protocol)
                .ruleAction(action)
                .egress(egress)
                .cidrBlock(four == null ? null : Cidrs.v4("cidrBlock", four).toString())
                .ipv6CidrBlock(
                        six == null ? null : Cidrs.v6("ipv6CidrBlock", six).toString());
        if (protocol.equals("6") || protocol.equals("17")) {
            if (ports == null || ports.from() == null || ports.to() == null) {
                throw Ec2Faults.missing("portRange");
            }
            boolean fits = ports.from() >= 0 && ports.to() <= 65535 && ports.from() <= ports.to();
            if (!fits) {
                throw Ec2Faults.invalid("portRange", ports.from() + "-" + ports.to(), "The port range is not valid.");
            }
            made.portRange(new PortRange().from(ports.from()).to(ports.to()));
        }
        if (protocol.equals("1") || protocol.equals("58")) {
            if (icmp == null || icmp.type() == null || icmp.code() == null) {
                throw Ec2Faults.missing("icmpTypeCode");
            }
            boolean fits = icmp.type() >= -1 && icmp.type() <= 255 && icmp.code() >= -1 && icmp.code() <= 255;
            if (!fits) {
                throw Ec2Faults.invalid("icmpTypeCode", icmp.type() + "/" + icmp.code(), "Out of range.");
            }
            made.icmpTypeCode(new IcmpTypeCode().type(icmp.type()).code(icmp.code()));
        }
        return made;
    }

    private static boolean at(NetworkAclEntry entry, int number, boolean egress) {
        return Integer.valueOf(number).equals(entry.ruleNumber())
                && Boolean.valueOf(egress).equals(entry.egress());
    }

    private static List<NetworkAclEntry> with(NetworkAcl acl, NetworkAclEntry more) {
        List<NetworkAclEntry> all = new ArrayList<>(acl.entries());
        all.removeIf(each -> at(each, known(more.ruleNumber()), known(more.egress())));
        all.add(more);
        all.sort(Comparator.comparing((NetworkAclEntry each) -> !known(each.egress()))
                .thenComparing(each -> known(each.ruleNumber())));
        return all;
    }

    @Override
    default CreateNetworkAclEntryResult createNetworkAclEntry(CreateNetworkAclEntryRequest in, Call call) {
        NetworkAclEntry entry = entry(
                in.ruleNumber(),
                in.protocol(),
                in.ruleAction(),
                in.egress(),
                in.cidrBlock(),
                in.ipv6CidrBlock(),
                in.portRange(),
                in.icmpTypeCode());
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            NetworkAcl acl = Nets.ACLS.require(tx, scope, in.networkAclId());
            if (acl.entries().stream().anyMatch(each -> at(each, in.ruleNumber(), in.egress()))) {
                throw Ec2Faults.of(
                        "NetworkAclEntryAlreadyExists",
                        "The network acl entry identified by " + in.ruleNumber() + " already exists.");
            }
            long count = acl.entries().stream()
                    .filter(each -> in.egress().equals(each.egress()) && known(each.ruleNumber()) < Acls.LAST)
                    .count();
            if (count >= Quotas.ENTRIES_PER_ACL) {
                throw Ec2Faults.of(
                        "NetworkAclEntryLimitExceeded", "The maximum number of network acl entries has been reached.");
            }
            Nets.ACLS.put(tx, scope, acl.entries(with(acl, entry)));
            return new CreateNetworkAclEntryResult();
        });
    }

    private static Fault noEntry(int number, String acl) {
        return Ec2Faults.of(
                "InvalidNetworkAclEntry.NotFound",
                "The network acl entry identified by " + number + " in network acl " + acl + " does not exist");
    }

    @Override
    default ReplaceNetworkAclEntryResult replaceNetworkAclEntry(ReplaceNetworkAclEntryRequest in, Call call) {
        NetworkAclEntry entry = entry(
                in.ruleNumber(),
                in.protocol(),
                in.ruleAction(),
                in.egress(),
                in.cidrBlock(),
                in.ipv6CidrBlock(),
                in.portRange(),
                in.icmpTypeCode());
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            NetworkAcl acl = Nets.ACLS.require(tx, scope, in.networkAclId());
            if (acl.entries().stream().noneMatch(each -> at(each, in.ruleNumber(), in.egress()))) {
                throw noEntry(in.ruleNumber(), in.networkAclId());
            }
            Nets.ACLS.put(tx, scope, acl.entries(with(acl, entry)));
            return new ReplaceNetworkAclEntryResult();
        });
    }

    @Override
    default DeleteNetworkAclEntryResult deleteNetworkAclEntry(DeleteNetworkAclEntryRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            NetworkAcl acl = Nets.ACLS.require(tx, scope, in.networkAclId());
            if (in.ruleNumber() >= Acls.LAST) {
                throw Ec2Faults.invalid("ruleNumber", in.ruleNumber(), "The rule cannot be deleted.");
            }
            List<NetworkAclEntry> left = new ArrayList<>(acl.entries());
            if (!left.removeIf(each -> at(each, in.ruleNumber(), in.egress()))) {
                throw noEntry(in.ruleNumber(), in.networkAclId());
            }
            Nets.ACLS.put(tx, scope, acl.entries(left));
            return new DeleteNetworkAclEntryResult();
        });
    }

    @Override
    default ReplaceNetworkAclAssociationResult replaceNetworkAclAssociation(
            ReplaceNetworkAclAssociationRequest in, Call call) {
        String id = in.associationId();
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            NetworkAcl before = Nets.ACLS.find(tx, scope, Nets.ASSOCIATION, id).stream()
                    .findFirst()
                    .orElseThrow(() -> Ec2Faults.of(
                            "InvalidAssociationID.NotFound", "The association ID '" + id + "' does not exist"));
            NetworkAcl wanted = Nets.ACLS.require(tx, scope, in.networkAclId());
            if (!known(before.vpcId()).equals(wanted.vpcId())) {
                throw Ec2Faults.invalid("You have specified two resources that belong to different networks.");
            }
            NetworkAclAssociation gone = before.associations().stream()
                    .filter(each -> id.equals(each.networkAclAssociationId()))
                    .findFirst()
                    .orElseThrow();
            List<NetworkAclAssociation> left = new ArrayList<>(before.associations());
            left.remove(gone);
            Nets.ACLS.put(tx, scope, before.associations(left));
            NetworkAcl after = Nets.ACLS.require(tx, scope, in.networkAclId());
            String made = network().id("aclassoc");
            List<NetworkAclAssociation> all = new ArrayList<>(after.associations());
            all.add(new NetworkAclAssociation()
                    .networkAclAssociationId(made)
                    .networkAclId(in.networkAclId())
                    .subnetId(gone.subnetId()));
            Nets.ACLS.put(tx, scope, after.associations(all));
            return new ReplaceNetworkAclAssociationResult().newAssociationId(made);
        });
    }
}
