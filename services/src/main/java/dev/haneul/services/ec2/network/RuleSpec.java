package dev.haneul.services.ec2.network;

import dev.haneul.api.ec2.IpPermission;
import dev.haneul.api.ec2.ReferencedSecurityGroup;
import dev.haneul.api.ec2.SecurityGroupRule;
import dev.haneul.api.ec2.UserIdGroupPair;
import dev.haneul.services.ec2.Cidrs;
import dev.haneul.services.ec2.Ec2Faults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a security group as a request asks for it, checked and in its canonical form.
 *
 * @param protocol tcp, udp, icmp, icmpv6, a number, or -1 for all
 * @param from first port or ICMP type; -1 where there is none
 * @param to last port or ICMP code; -1 where there is none
 * @param peer what the rule speaks of
 */
record RuleSpec(
        String protocol,
        int from,
        int to,
        Peer peer,
        @Nullable String description) {
    private static final Pattern DESCRIPTION = Pattern.compile("[a-zA-Z0-9. _\\-:/()#,@\\[\\]+=&;{}!$*]{0,255}");
    private static final Map<String, String> NAMES = Map.of(
            "6", "tcp",
            "17", "udp",
            "1", "icmp",
            "58", "icmpv6",
            "icmp6", "icmpv6",
            "all", "-1");

    /** The other end: a block, a prefix list or a group. */
    sealed interface Peer {
        record Four(String cidr) implements Peer {
            @Override
            public String toString() {
                return cidr;
            }
        }

        record Six(String cidr) implements Peer {
            @Override
            public String toString() {
                return cidr;
            }
        }

        record PrefixList(String id) implements Peer {
            @Override
            public String toString() {
                return id;
            }
        }

        /** A group as named; resolved against the records before it is kept. */
        record Group(
                @Nullable String id,
                @Nullable String name,
                @Nullable String user) implements Peer {
            @Override
            public String toString() {
                return String.valueOf(id == null ? name : id);
            }
        }
    }

    /** The rules of a request, one for each peer of each permission. */
    static List<RuleSpec> of(List<IpPermission> permissions) {
        List<RuleSpec> found = new ArrayList<>();
        for (IpPermission each : permissions) {
            found.addAll(of(each));
        }
        Set<String> seen = new HashSet<>();
        for (RuleSpec rule : found) {
            if (!seen.add(rule.key())) {
                throw Ec2Faults.invalid("The same permission must not appear multiple times");
            }
        }
        return found;
    }

    private static List<RuleSpec> of(IpPermission given) {
        RuleSpec base = ports(given.ipProtocol(), given.fromPort(), given.toPort());
        List<RuleSpec> found = new ArrayList<>();
        given.ipRanges().forEach(each -> found.add(base.with(four(each.cidrIp()), each.description())));
        given.ipv6Ranges().forEach(each -> found.add(base.with(six(each.cidrIpv6()), each.description())));
        given.prefixListIds()
                .forEach(each -> found.add(
                        base.with(new Peer.PrefixList(String.valueOf(each.prefixListId())), each.description())));
        for (UserIdGroupPair pair : given.userIdGroupPairs()) {
            if (pair.groupId() == null && pair.groupName() == null) {
                throw Ec2Faults.missing("groupId");
            }
            found.add(base.with(new Peer.Group(pair.groupId(), pair.groupName(), pair.userId()), pair.description()));
        }
        if (found.isEmpty()) {
            throw Ec2Faults.missing("ipRanges");
        }
        return found;
    }

    static Peer four(@Nullable String cidr) {
        return new Peer.Four(Cidrs.parse(String.valueOf(cidr))
                .filter(each -> !each.v6())
                .orElseThrow(() -> Ec2Faults.invalid("CIDR block " + cidr + " is malformed"))
                .toString());
    }

    static Peer six(@Nullable String cidr) {
        return new Peer.Six(Cidrs.parse(String.valueOf(cidr))
                .filter(each -> each.v6())
                .orElseThrow(() -> Ec2Faults.invalid("CIDR block " + cidr + " is malformed"))
                .toString());
    }

    /** Protocol and ports, checked; the peer is still to come. */
    static RuleSpec ports(@Nullable String named, @Nullable Integer from, @Nullable Integer to) {
        String protocol = protocol(named);
        switch (protocol) {
            case "tcp", "udp" -> {
                if (from == null || to == null) {
                    throw Ec2Faults.invalid(
                            "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
                }
                if (from < 0 || from > 65535 || to < 0 || to > 65535) {
                    throw Ec2Faults.invalid("Invalid value '" + (from < 0 || from > 65535 ? from : to)
                            + "' for portRange. Must be between 0 and 65535.");
                }
                if (from > to) {
                    throw Ec2Faults.invalid("Invalid TCP/UDP port range (" + from + ":" + to + ")");
                }
                return new RuleSpec(protocol, from, to, ANYONE, null);
            }
            case "icmp", "icmpv6" -> {
                int type = from == null ? -1 : from;
                int code = to == null ? -1 : to;
                if (type < -1 || type > 255 || code < -1 || code > 255 || (type == -1 && code != -1)) {
                    throw Ec2Faults.invalid("ICMP code (" + code + ") or type (" + type + ") out of range");
                }
                return new RuleSpec(protocol, type, code, ANYONE, null);
            }
            default -> {
                return new RuleSpec(protocol, -1, -1, ANYONE, null);
            }
        }
    }

    private static final Peer ANYONE = new Peer.Four("0.0.0.0/0");

    private static String protocol(@Nullable String named) {
        if (named == null || named.isEmpty()) {
            throw Ec2Faults.missing("ipProtocol");
        }
        String lower = named.toLowerCase(Locale.ROOT);
        String protocol = NAMES.getOrDefault(lower, lower);
        boolean number = protocol.matches("[0-9]{1,3}") && Integer.parseInt(protocol) <= 255;
        if (!number && !List.of("tcp", "udp", "icmp", "icmpv6", "-1").contains(protocol)) {
            throw Ec2Faults.invalid("Invalid value '" + named + "' for IP protocol. Unknown protocol.");
        }
        return protocol;
    }

    RuleSpec with(Peer other, @Nullable String text) {
        return new RuleSpec(protocol, from, to, other, description(text));
    }

    static @Nullable String description(@Nullable String text) {
        if (text != null && !DESCRIPTION.matcher(text).matches()) {
            throw Ec2Faults.invalid(
                    "Invalid rule description. Valid descriptions are strings less than 256 characters from the"
                            + " following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*");
        }
        return text == null || text.isEmpty() ? null : text;
    }

    /** What makes two rules the same. */
    String key() {
        return protocol + "/" + from + "/" + to + "/" + peer;
    }

    /** As a duplicate is told. */
    String told() {
        String ports = protocol.equals("-1")
                ? "ALL"
                : protocol.toUpperCase(Locale.ROOT)
                        + (protocol.startsWith("icmp")
                                ? ", type: " + from + ", code: " + to
                                : ", from port: " + from + ", to port: " + to);
        return "peer: " + peer + ", " + ports + ", ALLOW";
    }

    /** The rule as kept; a group must have been resolved. */
    SecurityGroupRule rule(@Nullable ReferencedSecurityGroup group) {
        SecurityGroupRule made = new SecurityGroupRule()
                .ipProtocol(protocol)
                .fromPort(from)
                .toPort(to)
                .description(description);
        return switch (peer) {
            case Peer.Four four -> made.cidrIpv4(four.cidr());
            case Peer.Six six -> made.cidrIpv6(six.cidr());
            case Peer.PrefixList list -> made.prefixListId(list.id());
            case Peer.Group ignored -> made.referencedGroupInfo(group);
        };
    }

    /** A kept rule as a specification. */
    static RuleSpec of(SecurityGroupRule rule) {
        ReferencedSecurityGroup group = rule.referencedGroupInfo();
        Peer peer = rule.cidrIpv4() != null
                ? new Peer.Four(rule.cidrIpv4())
                : rule.cidrIpv6() != null
                        ? new Peer.Six(rule.cidrIpv6())
                        : rule.prefixListId() != null
                                ? new Peer.PrefixList(rule.prefixListId())
                                : new Peer.Group(group == null ? null : group.groupId(), null, null);
        return new RuleSpec(
                Nets.known(rule.ipProtocol()),
                Nets.known(rule.fromPort()),
                Nets.known(rule.toPort()),
                peer,
                rule.description());
    }
}
