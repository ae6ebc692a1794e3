package dev.haneul.services.elbv2;

import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import dev.haneul.services.elbv2.ElbTables.GroupRow;
import dev.haneul.services.elbv2.ElbTables.ListenerRow;
import dev.haneul.services.elbv2.ElbTables.RuleRow;
import dev.haneul.services.elbv2.ElbTables.StoreRow;
import dev.haneul.services.elbv2.ElbTables.TargetRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds rows by what requests name them with. */
final class Rows {
    private static final int CHUNK = 1000;

    private Rows() {}

    static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    /** What stands behind the kind in an ARN of the caller's; empty where it is none of that kind. */
    private static Optional<String> id(Scope scope, String arn, String kind) {
        return Arn.parse(arn)
                .filter(parsed -> parsed.service().equals("elasticloadbalancing")
                        && parsed.account().equals(scope.account())
                        && parsed.region().equals(scope.region())
                        && parsed.resourceType().equals(kind))
                .map(Arn::resourceId)
                .filter(id -> !id.isEmpty());
    }

    private static <R> Optional<R> find(ReadTx tx, Scope scope, Table<R> table, String arn, String kind, String what) {
        if (Arn.parse(arn).isEmpty() || !arn.contains(":" + kind + "/")) {
            throw ElbFaults.validation("'" + arn + "' is not a valid " + what + " ARN");
        }
        return id(scope, arn, kind).flatMap(id -> tx.get(table, scope.key(id))).map(Row::value);
    }

    static BalancerRow balancer(ReadTx tx, Scope scope, String arn) {
        return find(tx, scope, ElbTables.BALANCERS, arn, "loadbalancer", "load balancer")
                .filter(BalancerRow::alive)
                .orElseThrow(() -> ElbFaults.noBalancer(arn));
    }

    static ListenerRow listener(ReadTx tx, Scope scope, String arn) {
        return find(tx, scope, ElbTables.LISTENERS, arn, "listener", "listener")
                .orElseThrow(() -> ElbFaults.noListener(arn));
    }

    static RuleRow rule(ReadTx tx, Scope scope, String arn) {
        return find(tx, scope, ElbTables.RULES, arn, "listener-rule", "listener rule")
                .orElseThrow(() -> ElbFaults.noRule(arn));
    }

    static GroupRow group(ReadTx tx, Scope scope, String arn) {
        return find(tx, scope, ElbTables.GROUPS, arn, "targetgroup", "target group")
                .orElseThrow(() -> ElbFaults.noGroup(arn));
    }

    static StoreRow store(ReadTx tx, Scope scope, String arn) {
        return find(tx, scope, ElbTables.STORES, arn, "truststore", "trust store")
                .orElseThrow(() -> ElbFaults.noStore(arn));
    }

    /** The id in an ARN that was checked before. */
    static String idOf(String arn) {
        return Arn.parse(arn).map(Arn::resourceId).orElse("");
    }

    static <R> List<R> all(ReadTx tx, Scope scope, Table<R> table) {
        List<R> all = new ArrayList<>();
        String from = "";
        while (true) {
            List<Row<R>> page = tx.range(table, scope, from, null, CHUNK);
            page.forEach(row -> all.add(row.value()));
            if (page.size() < CHUNK) {
                return all;
            }
            from = page.getLast().key().id() + "\u0000";
        }
    }

    static <R> List<R> by(ReadTx tx, Scope scope, Table<R> table, String index, String value) {
        List<R> all = new ArrayList<>();
        String after = "";
        while (true) {
            List<Row<R>> page = tx.find(table, scope, index, value, after, CHUNK);
            page.forEach(row -> all.add(row.value()));
            if (page.size() < CHUNK) {
                return all;
            }
            after = page.getLast().key().id();
        }
    }

    static List<ListenerRow> listeners(ReadTx tx, Scope scope, String balancer) {
        return by(tx, scope, ElbTables.LISTENERS, "balancer", balancer);
    }

    /** In the order in which they are tried: the default one last. */
    static List<RuleRow> rules(ReadTx tx, Scope scope, String listener) {
        List<RuleRow> rules = new ArrayList<>(by(tx, scope, ElbTables.RULES, "listener", listener));
        rules.sort(Comparator.comparingInt(rule -> rule.isDefault() ? Integer.MAX_VALUE : rule.priority()));
        return rules;
    }

    static List<TargetRow> targets(ReadTx tx, Scope scope, String group) {
        return by(tx, scope, ElbTables.TARGETS, "group", group);
    }

    /** The load balancers (their ids) that send to a target group. */
    static Set<String> users(ReadTx tx, Scope scope, String group) {
        String arn = ElbTables.groupArn(scope, group);
        Set<String> users = new LinkedHashSet<>();
        for (RuleRow rule : all(tx, scope, ElbTables.RULES)) {
            if (Actions.groups(rule.actions()).contains(arn)) {
                users.add(balancerOf(rule.listener()));
            }
        }
        return users;
    }

    /** The load balancer's id within a listener's or rule's. */
    static String balancerOf(String id) {
        String[] parts = id.split("/", -1);
        return parts[0] + "/" + parts[1] + "/" + parts[2];
    }
}
