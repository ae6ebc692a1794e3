package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import dev.haneul.services.elbv2.ElbTables.ListenerRow;
import dev.haneul.services.elbv2.ElbTables.RuleRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A listener's rules. */
final class RuleOperations {
    private static final int MOST = 100;

    private final Store store;
    private final Ids ids;
    private final Pager pager;

    RuleOperations(Store store, Ids ids, Pager pager) {
        this.store = store;
        this.ids = ids;
        this.pager = pager;
    }

    CreateRuleOutput create(CreateRuleInput in, Call call) {
        Scope scope = Rows.scope(call);
        Map<String, String> tags = Tagging.checked(in.tags());
        List<RuleCondition> conditions = Conditions.checked(in.conditions());
        List<RuleTransform> transforms = Conditions.transforms(in.transforms());
        RuleRow made = store.transact(tx -> {
            ListenerRow listener = Rows.listener(tx, scope, in.listenerArn());
            if (!Actions.hasRules(listener)) {
                throw Fault.of(
                        new UnsupportedProtocolException(),
                        "Rules are unsupported for listeners with the protocol '" + listener.protocol() + "'");
            }
            BalancerRow balancer = Rows.balancer(tx, scope, ElbTables.balancerArn(scope, listener.balancer()));
            List<RuleRow> others = Rows.rules(tx, scope, listener.id());
            if (others.stream().anyMatch(each -> each.priority() == in.priority())) {
                throw Fault.of(new PriorityInUseException(), "Priority '" + in.priority() + "' is currently in use");
            }
            long all = Rows.listeners(tx, scope, balancer.id()).stream()
                    .mapToLong(each -> Rows.rules(tx, scope, each.id()).size() - 1)
                    .sum();
            if (all >= MOST) {
                throw Fault.of(
                        new TooManyRulesException(),
                        "You have reached the maximum number of rules for this load balancer");
            }
            RuleRow row = new RuleRow(
                    listener.id() + "/" + ids.hex(16),
                    listener.id(),
                    in.priority(),
                    conditions,
                    Actions.checked(tx, scope, balancer, listener.protocol(), in.actions(), List.of()),
                    transforms,
                    tags);
            tx.put(ElbTables.RULES, scope.key(row.id()), row);
            return row;
        });
        return new CreateRuleOutput().rules(List.of(told(scope, made)));
    }

    static Rule told(Scope scope, RuleRow row) {
        return new Rule()
                .ruleArn(ElbTables.ruleArn(scope, row.id()))
                .priority(row.isDefault() ? "default" : String.valueOf(row.priority()))
                .conditions(row.conditions())
                .actions(Actions.told(row.actions()))
                .isDefault(row.isDefault())
                .transforms(row.transforms());
    }

    DescribeRulesOutput describe(DescribeRulesInput in, Call call) {
        Scope scope = Rows.scope(call);
        String listener = in.listenerArn();
        List<String> arns = in.ruleArns();
        if ((listener == null) == arns.isEmpty()) {
            throw ElbFaults.validation("You must specify either listener rule ARNs or a listener ARN");
        }
        List<RuleRow> all = store.read(tx -> listener == null
                ? arns.stream().map(arn -> Rows.rule(tx, scope, arn)).toList()
                : Rows.rules(tx, scope, Rows.listener(tx, scope, listener).id()));
        Page<RuleRow> page = pager.list(
                all,
                RuleOperations::order,
                "DescribeRules " + scope + listener + arns,
                in.marker(),
                Balancers.size(in.pageSize()));
        return new DescribeRulesOutput()
                .rules(page.items().stream().map(each -> told(scope, each)).toList())
                .nextMarker(page.next());
    }

    /** By priority, the default one last. */
    private static String order(RuleRow row) {
        int place = row.isDefault() ? 99_999 : row.priority();
        return String.format(java.util.Locale.ROOT, "%05d %s", place, row.id());
    }

    ModifyRuleOutput modify(ModifyRuleInput in, Call call) {
        Scope scope = Rows.scope(call);
        RuleRow after = store.transact(tx -> {
            RuleRow row = Rows.rule(tx, scope, in.ruleArn());
            if (row.isDefault() && !in.conditions().isEmpty()) {
                throw ElbFaults.notPermitted("Default rule '" + in.ruleArn() + "' cannot be modified");
            }
            ListenerRow listener = Rows.listener(tx, scope, ElbTables.listenerArn(scope, row.listener()));
            BalancerRow balancer = Rows.balancer(tx, scope, ElbTables.balancerArn(scope, listener.balancer()));
            List<RuleTransform> transforms = Boolean.TRUE.equals(in.resetTransforms())
                    ? List.of()
                    : in.transforms().isEmpty() ? row.transforms() : Conditions.transforms(in.transforms());
            RuleRow now = new RuleRow(
                    row.id(),
                    row.listener(),
                    row.priority(),
                    in.conditions().isEmpty() ? row.conditions() : Conditions.checked(in.conditions()),
                    in.actions().isEmpty()
                            ? row.actions()
                            : Actions.checked(tx, scope, balancer, listener.protocol(), in.actions(), row.actions()),
                    transforms,
                    row.tags());
            tx.put(ElbTables.RULES, scope.key(row.id()), now);
            return now;
        });
        return new ModifyRuleOutput().rules(List.of(told(scope, after)));
    }

    DeleteRuleOutput delete(DeleteRuleInput in, Call call) {
        Scope scope = Rows.scope(call);
        store.write(tx -> {
            RuleRow row = Rows.rule(tx, scope, in.ruleArn());
            if (row.isDefault()) {
                throw ElbFaults.notPermitted("Default rule '" + in.ruleArn() + "' cannot be deleted");
            }
            tx.delete(ElbTables.RULES, scope.key(row.id()));
        });
        return new DeleteRuleOutput();
    }

    SetRulePrioritiesOutput setPriorities(SetRulePrioritiesInput in, Call call) {
        Scope scope = Rows.scope(call);
        Map<String, Integer> wanted = new HashMap<>();
        for (RulePriorityPair pair : in.rulePriorities()) {
            String arn = pair.ruleArn();
            Integer priority = pair.priority();
            if (arn == null || priority == null || wanted.put(Rows.idOf(arn), priority) != null) {
                throw ElbFaults.validation("Each rule must be specified once, with its priority");
            }
        }
        List<RuleRow> after = store.transact(tx -> {
            List<RuleRow> moved = new ArrayList<>();
            String listener = "";
            for (RulePriorityPair pair : in.rulePriorities()) {
                RuleRow row = Rows.rule(tx, scope, String.valueOf(pair.ruleArn()));
                if (row.isDefault()) {
                    throw ElbFaults.notPermitted("The priority of the default rule cannot be modified");
                }
                if (!listener.isEmpty() && !listener.equals(row.listener())) {
                    throw ElbFaults.validation("All rules must belong to the same listener");
                }
                listener = row.listener();
                moved.add(row.at(Objects.requireNonNull(wanted.get(row.id()))));
            }
            Set<Integer> taken = new HashSet<>();
            for (RuleRow row : Rows.rules(tx, scope, listener)) {
                int place = wanted.getOrDefault(row.id(), row.priority());
                if (!taken.add(place)) {
                    throw Fault.of(new PriorityInUseException(), "Priority '" + place + "' is currently in use");
                }
            }
            moved.forEach(row -> tx.put(ElbTables.RULES, scope.key(row.id()), row));
            return moved;
        });
        return new SetRulePrioritiesOutput()
                .rules(after.stream().map(each -> told(scope, each)).toList());
    }
}
