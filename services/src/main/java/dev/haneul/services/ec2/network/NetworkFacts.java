package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.NetworkAcl;
import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.ec2.RouteTable;
import dev.haneul.api.ec2.SecurityGroup;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.ec2.Vpc;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.Map;

/**
 * What policies may ask of networks' resources beside their tags.
 *
 * @see <a href="https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html">Condition keys</a>
 */
public final class NetworkFacts {
    private static final String IN = "ec2:Vpc";

    private NetworkFacts() {}

    /** Condition keys of a resource by its ARN's type and id; empty for what is not there or no network's. */
    public static Map<String, String> of(ReadTx tx, Scope scope, String type, String id) {
        return switch (type) {
            case "vpc" ->
                Nets.VPCS
                        .find(tx, scope, id)
                        .map(VpcRow::vpc)
                        .map(NetworkFacts::vpc)
                        .orElse(Map.of());
            case "subnet" ->
                Nets.SUBNETS
                        .find(tx, scope, id)
                        .map(each -> subnet(scope, each))
                        .orElse(Map.of());
            case "security-group" ->
                Nets.GROUPS
                        .find(tx, scope, id)
                        .map(SecurityGroup::vpcId)
                        .map(vpc -> in(scope, vpc))
                        .orElse(Map.of());
            case "route-table" ->
                Nets.ROUTE_TABLES
                        .find(tx, scope, id)
                        .map(RouteTable::vpcId)
                        .map(vpc -> in(scope, vpc))
                        .orElse(Map.of());
            case "network-acl" ->
                Nets.ACLS
                        .find(tx, scope, id)
                        .map(NetworkAcl::vpcId)
                        .map(vpc -> in(scope, vpc))
                        .orElse(Map.of());
            case "network-interface" ->
                Nets.INTERFACES
                        .find(tx, scope, id)
                        .map(InterfaceRow::shape)
                        .map(shape -> networkInterface(scope, shape))
                        .orElse(Map.of());
            default -> Map.of();
        };
    }

    private static Map<String, String> in(Scope scope, String vpc) {
        return Map.of(IN, Nets.VPCS.arn(scope, vpc));
    }

    private static Map<String, String> vpc(Vpc vpc) {
        return Map.of("ec2:Tenancy", known(vpc.instanceTenancy()));
    }

    private static Map<String, String> subnet(Scope scope, Subnet subnet) {
        return Map.of(
                IN,
                Nets.VPCS.arn(scope, known(subnet.vpcId())),
                "ec2:AvailabilityZone",
                known(subnet.availabilityZone()));
    }

    private static Map<String, String> networkInterface(Scope scope, NetworkInterface shape) {
        return Map.of(
                IN,
                Nets.VPCS.arn(scope, known(shape.vpcId())),
                "ec2:Subnet",
                Nets.SUBNETS.arn(scope, known(shape.subnetId())),
                "ec2:AvailabilityZone",
                known(shape.availabilityZone()));
    }
}
