package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Security groups. */
interface GroupOperations extends NetworkStory {
    Pattern GROUP_TEXT = Pattern.compile("[a-zA-Z0-9 ._\\-:/()#,@\\[\\]+=&;{}!$*]{1,255}");

    Listing<SecurityGroup> GROUPS = Listing.of("DescribeSecurityGroups", groupFilters());

    private static Filters<SecurityGroup> groupFilters() {
        Filters<SecurityGroup> filters = Filters.<SecurityGroup>tagged()
                .one("description", SecurityGroup::description)
                .one("group-id", SecurityGroup::groupId)
                .one("group-name", SecurityGroup::groupName)
                .one("owner-id", SecurityGroup::ownerId)
                .one("vpc-id", SecurityGroup::vpcId);
        permissionFilters(filters, "ip-permission.", SecurityGroup::ipPermissions);
        permissionFilters(filters, "egress.ip-permission.", SecurityGroup::ipPermissionsEgress);
        return filters;
    }

    private static void permissionFilters(
            Filters<SecurityGroup> filters, String prefix, Function<SecurityGroup, List<IpPermission>> permissions) {
        each(
                filters,
                prefix + "cidr",
                permissions,
                one -> one.ipRanges().stream().map(IpRange::cidrIp));
        each(
                filters,
                prefix + "ipv6-cidr",
                permissions,
                one -> one.ipv6Ranges().stream().map(Ipv6Range::cidrIpv6));
        each(
                filters,
                prefix + "prefix-list-id",
                permissions,
                one -> one.prefixListIds().stream().map(PrefixListId::prefixListId));
        each(
                filters,
                prefix + "group-id",
                permissions,
                one -> one.userIdGroupPairs().stream().map(UserIdGroupPair::groupId));
        each(
                filters,
                prefix + "group-name",
                permissions,
                one -> one.userIdGroupPairs().stream().map(UserIdGroupPair::groupName));
        each(
                filters,
                prefix + "user-id",
                permissions,
                one -> one.userIdGroupPairs().stream().map(UserIdGroupPair::userId));
        each(filters, prefix + "protocol", permissions, one -> Stream.of(known(one.ipProtocol())));
        each(
                filters,
                prefix + "from-port",
                permissions,
                one -> Stream.ofNullable(one.fromPort()).map(String::valueOf));
        each(
                filters,
                prefix + "to-port",
                permissions,
                one -> Stream.ofNullable(one.toPort()).map(String::valueOf));
    }

    private static void each(
            Filters<SecurityGroup> filters,
            String name,
            Function<SecurityGroup, List<IpPermission>> permissions,
            Function<IpPermission, Stream<@Nullable String>> values) {
        filters.many(
                name,
                group -> permissions.apply(group).stream()
                        .flatMap(values)
                        .filter(Objects::nonNull)
                        .map(Nets::known)
                        .toList());
    }

    @Override
    default CreateSecurityGroupResult createSecurityGroup(CreateSecurityGroupRequest in, Call call) {
        String name = in.groupName();
        checkText("groupDescription", in.description());
        checkText("groupName", name);
        if (name.startsWith("sg-")) {
            throw Ec2Faults.invalid("groupName", name, "Group names may not be in the format sg-*.");
        }
        if (name.equals(Groups.DEFAULT)) {
            throw Ec2Faults.of("InvalidGroup.Reserved", "The security group 'default' is reserved");
        }
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "security-group");
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            String vpc = in.vpcId() == null ? defaultVpcId(tx, scope) : in.vpcId();
            Nets.VpcRow row = Network.vpc(tx, scope, vpc);
            if (Groups.named(tx, scope, vpc, name).isPresent()) {
                throw Ec2Faults.of(
                        "InvalidGroup.Duplicate",
                        "The security group '" + name + "' already exists for VPC '" + vpc + "'");
            }
            if (Nets.GROUPS.all(tx, scope).size() >= Quotas.SECURITY_GROUPS) {
                throw Ec2Faults.of(
                        "SecurityGroupLimitExceeded", "The maximum number of security groups has been reached.");
            }
            String id = network().id("sg");
            Nets.GROUPS.put(
                    tx,
                    scope,
                    new SecurityGroup()
                            .groupId(id)
                            .groupName(name)
                            .description(in.description())
                            .vpcId(vpc)
                            .ownerId(scope.account())
                            .securityGroupArn(Nets.GROUPS.arn(scope, id)));
            Rules.defaults(network(), tx, scope, id, false, !Vpcs.sixBlocks(row).isEmpty());
            Tags.put(tx, scope, Nets.GROUPS, id, tags);
            return new CreateSecurityGroupResult()
                    .groupId(id)
                    .securityGroupArn(Nets.GROUPS.arn(scope, id))
                    .tags(Tags.told(tx, scope, id));
        });
    }

    private static void checkText(String parameter, String text) {
        if (!GROUP_TEXT.matcher(text).matches()) {
            throw Ec2Faults.invalid("Value (" + text + ") for parameter " + parameter
                    + " is invalid. Character sets beyond ASCII are not supported.");
        }
    }

    private static String defaultVpcId(ReadTx tx, Scope scope) {
        return Network.defaultVpc(tx, scope)
                .map(Nets.VpcRow::id)
                .orElseThrow(() -> Ec2Faults.of("VPCIdNotSpecified", "No default VPC for this user"));
    }

    @Override
    default DeleteSecurityGroupResult deleteSecurityGroup(DeleteSecurityGroupRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            SecurityGroup group = Groups.require(tx, scope, in.groupId(), in.groupName());
            Groups.refuseUsed(tx, scope, group);
            Groups.delete(tx, scope, known(group.groupId()));
            return new DeleteSecurityGroupResult().return_(true).groupId(group.groupId());
        });
    }

    @Override
    default DescribeSecurityGroupsResult describeSecurityGroups(DescribeSecurityGroupsRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().read(tx -> {
            boolean named = !in.groupIds().isEmpty() || !in.groupNames().isEmpty();
            List<SecurityGroup> found = new ArrayList<>();
            List<String> missing = new ArrayList<>();
            for (String id : in.groupIds()) {
                if (!id.startsWith("sg-")) {
                    Groups.byId(tx, scope, id);
                }
                Nets.GROUPS.find(tx, scope, id).ifPresentOrElse(found::add, () -> missing.add(id));
            }
            if (!missing.isEmpty()) {
                throw Nets.GROUPS.missing(missing);
            }
            for (String name : in.groupNames()) {
                found.add(Groups.require(tx, scope, null, name));
            }
            if (!named) {
                found.addAll(Nets.GROUPS.all(tx, scope));
            }
            found.forEach(group -> told(tx, scope, group));
            Page<Tagged<SecurityGroup>> page =
                    GROUPS.page(network().room(), tx, found, Nets.GROUPS.id(), in, named, call);
            return new DescribeSecurityGroupsResult()
                    .securityGroups(page.items().stream()
                            .map(each -> each.record().tags(Tags.told(each.tags())))
                            .toList())
                    .nextToken(page.next());
        });
    }

    private static void told(ReadTx tx, Scope scope, SecurityGroup group) {
        List<SecurityGroupRule> rules = Groups.rules(tx, scope, known(group.groupId()));
        group.ipPermissions(Rules.permissions(rules, false)).ipPermissionsEgress(Rules.permissions(rules, true));
    }

    @Override
    default DescribeSecurityGroupReferencesResult describeSecurityGroupReferences(
            DescribeSecurityGroupReferencesRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().read(tx -> {
            List<SecurityGroupReference> found = new ArrayList<>();
            for (String id : in.groupId()) {
                Groups.byId(tx, scope, id);
                for (Row<SecurityGroupRule> row : tx.findAnywhere(Nets.RULES.table(), "referenced", id, null, 1000)) {
                    ReferencedSecurityGroup reference = row.value().referencedGroupInfo();
                    if (reference != null && reference.vpcPeeringConnectionId() != null) {
                        String from = Nets.GROUPS
                                .find(tx, row.key().scope(), known(row.value().groupId()))
                                .map(SecurityGroup::vpcId)
                                .orElse("");
                        found.add(new SecurityGroupReference()
                                .groupId(id)
                                .referencingVpcId(from)
                                .vpcPeeringConnectionId(reference.vpcPeeringConnectionId()));
                    }
                }
            }
            dev.haneul.services.ec2.Ec2Room.refuseDryRun(in);
            return new DescribeSecurityGroupReferencesResult()
                    .securityGroupReferenceSet(found.stream().distinct().toList());
        });
    }
}
