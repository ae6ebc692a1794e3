package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.SecurityGroup;
import dev.haneul.api.ec2.SecurityGroupRule;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Security groups as records. */
final class Groups {
    static final String DEFAULT = "default";

    private Groups() {}

    /** A network's default group. */
    static SecurityGroup defaultOf(ReadTx tx, Scope scope, String vpc) {
        return named(tx, scope, vpc, DEFAULT)
                .orElseThrow(() -> new IllegalStateException(vpc + " has no default security group"));
    }

    static Optional<SecurityGroup> named(ReadTx tx, Scope scope, String vpc, String name) {
        return Nets.GROUPS.find(tx, scope, Nets.VPC, vpc).stream()
                .filter(each -> name.equals(each.groupName()))
                .findFirst();
    }

    /** A group by id, or by name in the default network. */
    static SecurityGroup require(ReadTx tx, Scope scope, @Nullable String id, @Nullable String name) {
        if (id != null) {
            return byId(tx, scope, id);
        }
        if (name == null) {
            throw Ec2Faults.missing("groupId");
        }
        VpcRow vpc = Network.defaultVpc(tx, scope)
                .orElseThrow(() -> Ec2Faults.of("VPCIdNotSpecified", "No default VPC for this user"));
        return named(tx, scope, vpc.id(), name)
                .orElseThrow(() -> Ec2Faults.of(
                        "InvalidGroup.NotFound",
                        "The security group '" + name + "' does not exist in default VPC '" + vpc.id() + "'"));
    }

    static SecurityGroup byId(ReadTx tx, Scope scope, String id) {
        if (!id.startsWith("sg-")) {
            throw Ec2Faults.of("InvalidGroupId.Malformed", "Invalid id: \"" + id + "\" (expecting \"sg-...\")");
        }
        return Nets.GROUPS.require(tx, scope, id);
    }

    /** The rules of a group. */
    static List<SecurityGroupRule> rules(ReadTx tx, Scope scope, String group) {
        return Nets.RULES.find(tx, scope, Nets.GROUP, group);
    }

    /** Refuses where something needs the group. */
    static void refuseUsed(ReadTx tx, Scope scope, SecurityGroup group) {
        String id = known(group.groupId());
        if (DEFAULT.equals(group.groupName())) {
            throw Ec2Faults.of(
                    "CannotDelete",
                    "the specified group: \"" + id + "\" name: \"default\" cannot be deleted by a user");
        }
        boolean referenced = tx.findAnywhere(Nets.RULES.table(), "referenced", id, null, 100).stream()
                .anyMatch(row -> !id.equals(row.value().groupId()));
        if (referenced || !Nets.INTERFACES.find(tx, scope, Nets.GROUP, id).isEmpty()) {
            throw dependent(id);
        }
    }

    private static Fault dependent(String id) {
        return Ec2Faults.dependency("resource " + id + " has a dependent object");
    }

    /** Removes a group and its rules. */
    static void delete(WriteTx tx, Scope scope, String id) {
        rules(tx, scope, id).forEach(rule -> Nets.RULES.delete(tx, scope, known(rule.securityGroupRuleId())));
        Nets.GROUPS.delete(tx, scope, id);
    }

    /** Whether a group of a network is named by rules of another network's groups. */
    static boolean referencedFromOutside(ReadTx tx, Scope scope, String vpc) {
        List<String> own = Nets.GROUPS.find(tx, scope, Nets.VPC, vpc).stream()
                .map(each -> known(each.groupId()))
                .toList();
        return own.stream()
                .anyMatch(id -> tx.findAnywhere(Nets.RULES.table(), "referenced", id, null, 100).stream()
                        .anyMatch(row -> !own.contains(known(row.value().groupId()))));
    }
}
