package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.network.RuleSpec.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rules of security groups. */
interface GroupRuleOperations extends NetworkStory {
    Listing<SecurityGroupRule> RULES = Listing.of(
            "DescribeSecurityGroupRules",
            Filters.<SecurityGroupRule>tagged()
                    .one("group-id", SecurityGroupRule::groupId)
                    .one("security-group-rule-id", SecurityGroupRule::securityGroupRuleId));

    @Override
    default DescribeSecurityGroupRulesResult describeSecurityGroupRules(
            DescribeSecurityGroupRulesRequest in, Call call) {
        network().scope(call);
        Page<Tagged<SecurityGroupRule>> page =
                RULES.page(network().room(), Nets.RULES, in, in.securityGroupRuleIds(), call);
        return new DescribeSecurityGroupRulesResult()
                .securityGroupRules(page.items().stream()
                        .map(each -> each.record().tags(Tags.told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }

    /** A rule in the old, flat members, where a request has them. */
    private static List<IpPermission> flat(
            List<IpPermission> permissions,
            @Nullable String protocol,
            @Nullable Integer from,
            @Nullable Integer to,
            @Nullable String cidr,
            @Nullable String sourceGroup,
            @Nullable String sourceOwner) {
        if (protocol == null && cidr == null && sourceGroup == null) {
            return permissions;
        }
        if (!permissions.isEmpty()) {
            throw Ec2Faults.combination("The parameter ipPermissions cannot be used with the parameter ipProtocol");
        }
        boolean everything = protocol == null && sourceGroup != null;
        IpPermission made = new IpPermission()
                .ipProtocol(everything ? "-1" : protocol)
                .fromPort(from)
                .toPort(to);
        if (cidr != null) {
            boolean six = cidr.indexOf(':') >= 0;
            made.ipRanges(six ? List.of() : List.of(new IpRange().cidrIp(cidr)))
                    .ipv6Ranges(six ? List.of(new Ipv6Range().cidrIpv6(cidr)) : List.of());
        }
        if (sourceGroup != null) {
            made.userIdGroupPairs(
                    List.of(new UserIdGroupPair().groupName(sourceGroup).userId(sourceOwner)));
        }
        return List.of(made);
    }

    private List<SecurityGroupRule> authorize(
            WriteTx tx,
            Scope scope,
            SecurityGroup group,
            boolean egress,
            List<RuleSpec> specs,
            Map<String, String> tags) {
        if (specs.isEmpty()) {
            throw Ec2Faults.missing("ipPermissions");
        }
        List<SecurityGroupRule> made = Rules.add(network(), tx, scope, group, egress, specs);
        for (SecurityGroupRule rule : made) {
            Tags.put(tx, scope, Nets.RULES, known(rule.securityGroupRuleId()), tags);
            rule.tags(Tags.told(tx, scope, known(rule.securityGroupRuleId())));
        }
        return made;
    }

    @Override
    default AuthorizeSecurityGroupIngressResult authorizeSecurityGroupIngress(
            AuthorizeSecurityGroupIngressRequest in, Call call) {
        List<RuleSpec> specs = RuleSpec.of(flat(
                in.ipPermissions(),
                in.ipProtocol(),
                in.fromPort(),
                in.toPort(),
                in.cidrIp(),
                in.sourceSecurityGroupName(),
                in.sourceSecurityGroupOwnerId()));
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "security-group-rule");
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            SecurityGroup group = Groups.require(tx, scope, in.groupId(), in.groupName());
            return new AuthorizeSecurityGroupIngressResult()
                    .return_(true)
                    .securityGroupRules(authorize(tx, scope, group, false, specs, tags));
        });
    }

    @Override
    default AuthorizeSecurityGroupEgressResult authorizeSecurityGroupEgress(
            AuthorizeSecurityGroupEgressRequest in, Call call) {
        List<RuleSpec> specs = RuleSpec.of(flat(
                in.ipPermissions(),
                in.ipProtocol(),
                in.fromPort(),
                in.toPort(),
                in.cidrIp(),
                in.sourceSecurityGroupName(),
                in.sourceSecurityGroupOwnerId()));
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "security-group-rule");
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            SecurityGroup group = Groups.require(tx, scope, in.groupId(), null);
            return new AuthorizeSecurityGroupEgressResult()
                    .return_(true)
                    .securityGroupRules(authorize(tx, scope, group, true, specs, tags));
        });
    }

    /** What a revocation took, and what it did not find. */
    record Revoked(List<RevokedSecurityGroupRule> gone, List<IpPermission> unknown) {}

    private Revoked revoke(
            WriteTx tx,
            Scope scope,
            SecurityGroup group,
            boolean egress,
            List<String> ids,
            List<IpPermission> permissions) {
        if (!ids.isEmpty() && !permissions.isEmpty()) {
            throw Ec2Faults.combination("securityGroupRuleId", "ipPermissions");
        }
        if (ids.isEmpty() && permissions.isEmpty()) {
            throw Ec2Faults.missing("ipPermissions");
        }
        List<SecurityGroupRule> own = Groups.rules(tx, scope, known(group.groupId())).stream()
                .filter(rule -> Boolean.valueOf(egress).equals(rule.isEgress()))
                .toList();
        List<SecurityGroupRule> gone = new ArrayList<>();
        List<IpPermission> unknown = new ArrayList<>();
        for (String id : ids) {
            gone.add(own.stream()
                    .filter(rule -> id.equals(rule.securityGroupRuleId()))
                    .findFirst()
                    .orElseThrow(() -> Nets.RULES.missing(List.of(id))));
        }
        for (IpPermission permission : permissions) {
            for (RuleSpec spec : RuleSpec.of(List.of(permission))) {
                String key = spec.peer() instanceof Peer.Group named && named.id() == null
                        ? Rules.resolved(tx, scope, group, spec).key()
                        : spec.key();
                own.stream()
                        .filter(rule -> RuleSpec.of(rule).key().equals(key))
                        .findFirst()
                        .ifPresentOrElse(gone::add, () -> unknown.add(permission));
            }
        }
        boolean standard = Boolean.TRUE.equals(
                Network.vpc(tx, scope, known(group.vpcId())).vpc().isDefault());
        if (!unknown.isEmpty() && !standard) {
            throw Ec2Faults.of(
                    "InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
        }
        gone.forEach(rule -> Nets.RULES.delete(tx, scope, known(rule.securityGroupRuleId())));
        return new Revoked(gone.stream().map(GroupRuleOperations::revoked).toList(), unknown);
    }

    private static RevokedSecurityGroupRule revoked(SecurityGroupRule rule) {
        return new RevokedSecurityGroupRule()
                .securityGroupRuleId(rule.securityGroupRuleId())
                .groupId(rule.groupId())
                .isEgress(rule.isEgress())
                .ipProtocol(rule.ipProtocol())
                .fromPort(rule.fromPort())
                .toPort(rule.toPort())
                .cidrIpv4(rule.cidrIpv4())
                .cidrIpv6(rule.cidrIpv6())
                .prefixListId(rule.prefixListId())
                .referencedGroupId(
                        rule.referencedGroupInfo() == null
                                ? null
                                : rule.referencedGroupInfo().groupId())
                .description(rule.description());
    }

    @Override
    default RevokeSecurityGroupIngressResult revokeSecurityGroupIngress(
            RevokeSecurityGroupIngressRequest in, Call call) {
        List<IpPermission> permissions = flat(
                in.ipPermissions(),
                in.ipProtocol(),
                in.fromPort(),
                in.toPort(),
                in.cidrIp(),
                in.sourceSecurityGroupName(),
                in.sourceSecurityGroupOwnerId());
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            SecurityGroup group = Groups.require(tx, scope, in.groupId(), in.groupName());
            Revoked revoked = revoke(tx, scope, group, false, in.securityGroupRuleIds(), permissions);
            return new RevokeSecurityGroupIngressResult()
                    .return_(true)
                    .revokedSecurityGroupRules(revoked.gone())
                    .unknownIpPermissions(revoked.unknown());
        });
    }

    @Override
    default RevokeSecurityGroupEgressResult revokeSecurityGroupEgress(RevokeSecurityGroupEgressRequest in, Call call) {
        List<IpPermission> permissions = flat(
                in.ipPermissions(),
                in.ipProtocol(),
                in.fromPort(),
                in.toPort(),
                in.cidrIp(),
                in.sourceSecurityGroupName(),
                in.sourceSecurityGroupOwnerId());
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            SecurityGroup group = Groups.require(tx, scope, in.groupId(), null);
            Revoked revoked = revoke(tx, scope, group, true, in.securityGroupRuleIds(), permissions);
            return new RevokeSecurityGroupEgressResult()
                    .return_(true)
                    .revokedSecurityGroupRules(revoked.gone())
                    .unknownIpPermissions(revoked.unknown());
        });
    }

    @Override
    default ModifySecurityGroupRulesResult modifySecurityGroupRules(ModifySecurityGroupRulesRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            SecurityGroup group = Groups.require(tx, scope, in.groupId(), null);
            for (SecurityGroupRuleUpdate update : in.securityGroupRules()) {
                SecurityGroupRule before = ofGroup(tx, scope, group, update.securityGroupRuleId());
                SecurityGroupRuleRequest wanted = update.securityGroupRule();
                if (wanted == null) {
                    throw Ec2Faults.missing("securityGroupRule");
                }
                RuleSpec spec = Rules.resolved(tx, scope, group, spec(wanted));
                boolean taken = Groups.rules(tx, scope, in.groupId()).stream()
                        .filter(rule -> known(rule.isEgress()).equals(before.isEgress()))
                        .filter(rule -> !update.securityGroupRuleId().equals(rule.securityGroupRuleId()))
                        .anyMatch(rule -> RuleSpec.of(rule).key().equals(spec.key()));
                if (taken) {
                    throw Ec2Faults.of(
                            "InvalidPermission.Duplicate", "the specified rule \"" + spec.told() + "\" already exists");
                }
                Nets.RULES.put(
                        tx,
                        scope,
                        spec.rule(Rules.reference(tx, scope, group, spec))
                                .securityGroupRuleId(before.securityGroupRuleId())
                                .securityGroupRuleArn(before.securityGroupRuleArn())
                                .groupId(before.groupId())
                                .groupOwnerId(before.groupOwnerId())
                                .isEgress(before.isEgress()));
            }
            return new ModifySecurityGroupRulesResult().return_(true);
        });
    }

    private static RuleSpec spec(SecurityGroupRuleRequest wanted) {
        long peers = Stream.of(
                        wanted.cidrIpv4() != null,
                        wanted.cidrIpv6() != null,
                        wanted.prefixListId() != null,
                        wanted.referencedGroupId() != null)
                .filter(each -> each)
                .count();
        if (peers != 1) {
            throw Ec2Faults.combination("Exactly one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId must be"
                    + " specified for a security group rule.");
        }
        Peer peer = wanted.cidrIpv4() != null
                ? RuleSpec.four(wanted.cidrIpv4())
                : wanted.cidrIpv6() != null
                        ? RuleSpec.six(wanted.cidrIpv6())
                        : wanted.prefixListId() != null
                                ? new Peer.PrefixList(wanted.prefixListId())
                                : new Peer.Group(wanted.referencedGroupId(), null, null);
        return RuleSpec.ports(wanted.ipProtocol(), wanted.fromPort(), wanted.toPort())
                .with(peer, wanted.description());
    }

    private static SecurityGroupRule ofGroup(ReadTx tx, Scope scope, SecurityGroup group, String id) {
        return Nets.RULES
                .find(tx, scope, id)
                .filter(rule -> known(group.groupId()).equals(rule.groupId()))
                .orElseThrow(() -> Nets.RULES.missing(List.of(id)));
    }

    @Override
    default UpdateSecurityGroupRuleDescriptionsIngressResult updateSecurityGroupRuleDescriptionsIngress(
            UpdateSecurityGroupRuleDescriptionsIngressRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            SecurityGroup group = Groups.require(tx, scope, in.groupId(), in.groupName());
            describe(tx, scope, group, false, in.securityGroupRuleDescriptions(), in.ipPermissions());
            return new UpdateSecurityGroupRuleDescriptionsIngressResult().return_(true);
        });
    }

    @Override
    default UpdateSecurityGroupRuleDescriptionsEgressResult updateSecurityGroupRuleDescriptionsEgress(
            UpdateSecurityGroupRuleDescriptionsEgressRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            SecurityGroup group = Groups.require(tx, scope, in.groupId(), in.groupName());
            describe(tx, scope, group, true, in.securityGroupRuleDescriptions(), in.ipPermissions());
            return new UpdateSecurityGroupRuleDescriptionsEgressResult().return_(true);
        });
    }

    private static void describe(
            WriteTx tx,
            Scope scope,
            SecurityGroup group,
            boolean egress,
            List<SecurityGroupRuleDescription> given,
            List<IpPermission> permissions) {
        if (given.isEmpty() == permissions.isEmpty()) {
            throw given.isEmpty()
                    ? Ec2Faults.missing("ipPermissions")
                    : Ec2Faults.combination("securityGroupRuleDescription", "ipPermissions");
        }
        for (SecurityGroupRuleDescription each : given) {
            SecurityGroupRule rule = ofGroup(tx, scope, group, String.valueOf(each.securityGroupRuleId()));
            Nets.RULES.put(tx, scope, rule.description(RuleSpec.description(each.description())));
        }
        for (RuleSpec spec : RuleSpec.of(permissions)) {
            SecurityGroupRule rule = Groups.rules(tx, scope, known(group.groupId())).stream()
                    .filter(each -> Boolean.valueOf(egress).equals(each.isEgress()))
                    .filter(each -> RuleSpec.of(each)
                            .key()
                            .equals(Rules.resolved(tx, scope, group, spec).key()))
                    .findFirst()
                    .orElseThrow(GroupRuleOperations::noRule);
            Nets.RULES.put(tx, scope, rule.description(spec.description()));
        }
    }

    private static Fault noRule() {
        return Ec2Faults.of("InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
    }
}
