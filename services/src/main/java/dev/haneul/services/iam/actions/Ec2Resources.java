package dev.haneul.services.iam.actions;

import java.util.Map;
import java.util.Set;

/** EC2's resources by the prefix of their ids, as {@code CreateTags} names them. */
final class Ec2Resources {
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("acl", "network-acl"),
            Map.entry("ami", "image"),
            Map.entry("cgw", "customer-gateway"),
            Map.entry("cr", "capacity-reservation"),
            Map.entry("dopt", "dhcp-options"),
            Map.entry("eigw", "egress-only-internet-gateway"),
            Map.entry("eipalloc", "elastic-ip"),
            Map.entry("eni", "network-interface"),
            Map.entry("fl", "vpc-flow-log"),
            Map.entry("fleet", "fleet"),
            Map.entry("h", "dedicated-host"),
            Map.entry("i", "instance"),
            Map.entry("igw", "internet-gateway"),
            Map.entry("key", "key-pair"),
            Map.entry("lt", "launch-template"),
            Map.entry("nat", "natgateway"),
            Map.entry("pcx", "vpc-peering-connection"),
            Map.entry("pg", "placement-group"),
            Map.entry("pl", "prefix-list"),
            Map.entry("rtb", "route-table"),
            Map.entry("sfr", "spot-fleet-request"),
            Map.entry("sg", "security-group"),
            Map.entry("sgr", "security-group-rule"),
            Map.entry("sir", "spot-instances-request"),
            Map.entry("snap", "snapshot"),
            Map.entry("subnet", "subnet"),
            Map.entry("tgw", "transit-gateway"),
            Map.entry("vgw", "vpn-gateway"),
            Map.entry("vol", "volume"),
            Map.entry("vpc", "vpc"),
            Map.entry("vpce", "vpc-endpoint"),
            Map.entry("vpn", "vpn-connection"));

    /** Types whose ARNs name no account. */
    private static final Set<String> OF_NOBODY = Set.of("image", "snapshot");

    private Ec2Resources() {}

    /** {@code account:type/id}. */
    static String byId(String id, String account) {
        int dash = id.lastIndexOf('-');
        String type = TYPES.getOrDefault(dash < 0 ? id : id.substring(0, dash), "*");
        return ofType(type, account) + "/" + id;
    }

    /** {@code account:type}. */
    static String ofType(String type, String account) {
        return (OF_NOBODY.contains(type) ? "" : account) + ":" + type;
    }
}
