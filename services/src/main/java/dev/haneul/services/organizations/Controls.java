package dev.haneul.services.organizations;

import dev.haneul.api.organizations.PolicyType;
import dev.haneul.kernel.call.AccountRules.Control;
import dev.haneul.kernel.call.AccountRules.Membership;
import dev.haneul.services.organizations.OrganizationRow.PolicyRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What binds an account: pure. */
final class Controls {
    static final PolicyRow FULL_ACCESS = new PolicyRow(
            "p-FullAWSAccess",
            "FullAWSAccess",
            "Allows access to every operation",
            PolicyType.SERVICE_CONTROL_POLICY,
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
            true);
    static final PolicyRow FULL_RESOURCE_ACCESS = new PolicyRow(
            "p-RCPFullAWSAccess",
            "RCPFullAWSAccess",
            "Allows access to every resource",
            PolicyType.RESOURCE_CONTROL_POLICY,
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\","
                    + "\"Resource\":\"*\"}]}",
            true);

    private Controls() {}

    /** The policies everything has when these types are enabled. */
    static List<String> defaults(List<String> types) {
        List<String> ids = new ArrayList<>();
        if (types.contains(PolicyType.SERVICE_CONTROL_POLICY)) {
            ids.add(FULL_ACCESS.id());
        }
        if (types.contains(PolicyType.RESOURCE_CONTROL_POLICY)) {
            ids.add(FULL_RESOURCE_ACCESS.id());
        }
        return ids;
    }

    /** The ids from the root down to an account or unit. */
    static List<String> path(Map<String, String> parents, String id) {
        List<String> path = new ArrayList<>(List.of(id));
        for (String at = parents.get(id); at != null; at = parents.get(at)) {
            path.addFirst(at);
        }
        return path;
    }

    /** An account's place; empty where it is none of this organisation's. */
    static Optional<Membership> membership(OrganizationRow row, String account) {
        if (!row.accounts().containsKey(account)) {
            return Optional.empty();
        }
        List<String> path = path(row.parents(), account);
        StringBuilder text = new StringBuilder(row.id()).append('/');
        path.subList(0, path.size() - 1).forEach(step -> text.append(step).append('/'));
        boolean bound = !account.equals(row.management());
        return Optional.of(new Membership(
                row.id(),
                text.toString(),
                row.management(),
                bound ? levels(row, path, PolicyType.SERVICE_CONTROL_POLICY) : List.of(),
                bound ? levels(row, path, PolicyType.RESOURCE_CONTROL_POLICY) : List.of()));
    }

    private static List<List<Control>> levels(OrganizationRow row, List<String> path, String type) {
        if (!row.types().contains(type)) {
            return List.of();
        }
        return path.stream()
                .map(step -> row.attached().getOrDefault(step, List.of()).stream()
                        .map(row.policies()::get)
                        .filter(policy -> policy != null && policy.type().equals(type))
                        .map(policy -> new Control(row.arnOf(policy), policy.content()))
                        .toList())
                .toList();
    }
}
