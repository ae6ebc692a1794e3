package dev.haneul.services.ec2.network;

import dev.haneul.api.ec2.NetworkAcl;
import dev.haneul.api.ec2.NetworkAclEntry;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import java.util.ArrayList;
import java.util.List;

/** Network access lists as records. */
final class Acls {
    /** The last entry, which nobody removes. */
    static final int LAST = 32767;

    private static final int LAST_SIX = 32768;

    private Acls() {}

    /** A network's default list. */
    static NetworkAcl defaultOf(ReadTx tx, Scope scope, String vpc) {
        return Nets.ACLS.find(tx, scope, Nets.VPC, vpc).stream()
                .filter(each -> Boolean.TRUE.equals(each.isDefault()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(vpc + " has no default network ACL"));
    }

    /** The entries a list begins with: a default one allows everything, another nothing. */
    static List<NetworkAclEntry> defaults(boolean open, boolean six) {
        List<NetworkAclEntry> entries = new ArrayList<>();
        for (boolean egress : new boolean[] {true, false}) {
            if (open) {
                entries.add(entry(100, egress, "allow").cidrBlock("0.0.0.0/0"));
            }
            entries.add(entry(LAST, egress, "deny").cidrBlock("0.0.0.0/0"));
            if (six) {
                if (open) {
                    entries.add(entry(101, egress, "allow").ipv6CidrBlock("::/0"));
                }
                entries.add(entry(LAST_SIX, egress, "deny").ipv6CidrBlock("::/0"));
            }
        }
        return entries;
    }

    private static NetworkAclEntry entry(int number, boolean egress, String action) {
        return new NetworkAclEntry()
                .ruleNumber(number)
                .egress(egress)
                .protocol("-1")
                .ruleAction(action);
    }
}
