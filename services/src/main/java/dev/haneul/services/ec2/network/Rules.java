package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.IpPermission;
import dev.haneul.api.ec2.IpRange;
import dev.haneul.api.ec2.Ipv6Range;
import dev.haneul.api.ec2.PrefixListId;
import dev.haneul.api.ec2.ReferencedSecurityGroup;
import dev.haneul.api.ec2.SecurityGroup;
import dev.haneul.api.ec2.SecurityGroupRule;
import dev.haneul.api.ec2.UserIdGroupPair;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.network.RuleSpec.Peer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules of security groups as records. */
final class Rules {
    private Rules() {}

    /** The rules a group begins with: everything out; a network's default group lets its own members in. */
    static void defaults(Network network, WriteTx tx, Scope scope, String group, boolean standard, boolean six) {
        List<RuleSpec> out = new ArrayList<>();
        RuleSpec all = RuleSpec.ports("-1", null, null);
        out.add(all.with(new Peer.Four("0.0.0.0/0"), null));
        if (six) {
            out.add(all.with(new Peer.Six("::/0"), null));
        }
        SecurityGroup owner = Nets.GROUPS.require(tx, scope, group);
        out.forEach(spec -> put(network, tx, scope, owner, true, spec));
        if (standard) {
            put(network, tx, scope, owner, false, all.with(new Peer.Group(group, null, null), null));
        }
    }

    /**
     * Adds rules to a group.
     *
     * @throws dev.haneul.api.runtime.Fault where one is there already, names what is not there, or there are too many
     */
    static List<SecurityGroupRule> add(
            Network network, WriteTx tx, Scope scope, SecurityGroup group, boolean egress, List<RuleSpec> specs) {
        List<SecurityGroupRule> before = Groups.rules(tx, scope, known(group.groupId())).stream()
                .filter(rule -> Boolean.valueOf(egress).equals(rule.isEgress()))
                .toList();
        List<String> keys = before.stream().map(rule -> RuleSpec.of(rule).key()).toList();
        List<SecurityGroupRule> made = new ArrayList<>();
        for (RuleSpec spec : specs) {
            RuleSpec resolved = resolved(tx, scope, group, spec);
            if (keys.contains(resolved.key())) {
                throw Ec2Faults.of(
                        "InvalidPermission.Duplicate", "the specified rule \"" + resolved.told() + "\" already exists");
            }
            made.add(put(network, tx, scope, group, egress, resolved));
        }
        List<SecurityGroupRule> all = new ArrayList<>(before);
        all.addAll(made);
        if (weight(tx, scope, all, false) > Quotas.RULES_PER_GROUP
                || weight(tx, scope, all, true) > Quotas.RULES_PER_GROUP) {
            throw Ec2Faults.of(
                    "RulesPerSecurityGroupLimitExceeded",
                    "The maximum number of rules per security group has been reached.");
        }
        return made;
    }

    /** How many rules of a family count; a prefix list counts as many as it may have. */
    private static int weight(ReadTx tx, Scope scope, List<SecurityGroupRule> rules, boolean six) {
        int sum = 0;
        for (SecurityGroupRule rule : rules) {
            if (rule.prefixListId() != null) {
                sum += Nets.PREFIX_LISTS
                        .find(tx, scope, rule.prefixListId())
                        .filter(list -> six == "IPv6".equals(list.addressFamily()))
                        .map(list -> known(list.maxEntries()))
                        .orElse(0);
            } else {
                sum += six == (rule.cidrIpv6() != null) ? 1 : 0;
            }
        }
        return sum;
    }

    private static SecurityGroupRule put(
            Network network, WriteTx tx, Scope scope, SecurityGroup group, boolean egress, RuleSpec spec) {
        String id = network.id("sgr");
        return Nets.RULES.put(
                tx,
                scope,
                spec.rule(reference(tx, scope, group, spec))
                        .securityGroupRuleId(id)
                        .securityGroupRuleArn(Nets.RULES.arn(scope, id))
                        .groupId(group.groupId())
                        .groupOwnerId(scope.account())
                        .isEgress(egress));
    }

    /** The group a rule names, by id; other rules as they are. */
    static RuleSpec resolved(ReadTx tx, Scope scope, SecurityGroup group, RuleSpec spec) {
        if (spec.peer() instanceof Peer.PrefixList list && !AwsPrefixLists.exists(scope.region(), list.id())) {
            Nets.PREFIX_LISTS.require(tx, scope, list.id());
        }
        ReferencedSecurityGroup found = reference(tx, scope, group, spec);
        return found == null ? spec : spec.with(new Peer.Group(found.groupId(), null, null), spec.description());
    }

    static @Nullable ReferencedSecurityGroup reference(ReadTx tx, Scope scope, SecurityGroup group, RuleSpec spec) {
        if (!(spec.peer() instanceof Peer.Group named)) {
            return null;
        }
        String vpc = known(group.vpcId());
        if (named.id() == null) {
            SecurityGroup found = Groups.named(tx, scope, vpc, String.valueOf(named.name()))
                    .orElseThrow(() -> Ec2Faults.of(
                            "InvalidGroup.NotFound",
                            "The security group '" + named.name() + "' does not exist in VPC '" + vpc + "'"));
            return new ReferencedSecurityGroup().groupId(found.groupId()).userId(scope.account());
        }
        SecurityGroup own = Nets.GROUPS.find(tx, scope, named.id()).orElse(null);
        if (own != null && vpc.equals(own.vpcId())) {
            return new ReferencedSecurityGroup().groupId(own.groupId()).userId(scope.account());
        }
        return Peerings.groups(tx, scope, vpc, named.id())
                .orElseThrow(() -> own == null
                        ? Nets.GROUPS.missing(List.of(known(named.id())))
                        : Ec2Faults.invalid("You have specified two resources that belong to different networks."));
    }

    /** A group's rules of one direction as permissions: those with the same protocol and ports are one. */
    static List<IpPermission> permissions(List<SecurityGroupRule> rules, boolean egress) {
        Map<String, IpPermission> found = new LinkedHashMap<>();
        for (SecurityGroupRule rule : rules) {
            if (!Boolean.valueOf(egress).equals(rule.isEgress())) {
                continue;
            }
            boolean ports = !List.of(-1).contains(rule.fromPort())
                    || known(rule.ipProtocol()).startsWith("icmp");
            IpPermission permission = found.computeIfAbsent(
                    rule.ipProtocol() + "/" + rule.fromPort() + "/" + rule.toPort(),
                    key -> new IpPermission()
                            .ipProtocol(rule.ipProtocol())
                            .fromPort(ports ? rule.fromPort() : null)
                            .toPort(ports ? rule.toPort() : null)
                            .ipRanges(new ArrayList<>())
                            .ipv6Ranges(new ArrayList<>())
                            .prefixListIds(new ArrayList<>())
                            .userIdGroupPairs(new ArrayList<>()));
            add(permission, rule);
        }
        return List.copyOf(found.values());
    }

    private static void add(IpPermission permission, SecurityGroupRule rule) {
        String text = rule.description();
        ReferencedSecurityGroup group = rule.referencedGroupInfo();
        if (rule.cidrIpv4() != null) {
            permission.ipRanges().add(new IpRange().cidrIp(rule.cidrIpv4()).description(text));
        } else if (rule.cidrIpv6() != null) {
            permission
                    .ipv6Ranges()
                    .add(new Ipv6Range().cidrIpv6(rule.cidrIpv6()).description(text));
        } else if (rule.prefixListId() != null) {
            permission
                    .prefixListIds()
                    .add(new PrefixListId().prefixListId(rule.prefixListId()).description(text));
        } else if (group != null) {
            permission
                    .userIdGroupPairs()
                    .add(new UserIdGroupPair()
                            .groupId(group.groupId())
                            .userId(group.userId())
                            .vpcId(group.vpcId())
                            .vpcPeeringConnectionId(group.vpcPeeringConnectionId())
                            .peeringStatus(group.peeringStatus())
                            .description(text));
        }
    }
}
