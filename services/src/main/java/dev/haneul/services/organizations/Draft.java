package dev.haneul.services.organizations;

import dev.haneul.api.organizations.Account;
import dev.haneul.api.organizations.CreateAccountStatus;
import dev.haneul.api.organizations.Handshake;
import dev.haneul.services.organizations.OrganizationRow.PolicyRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** An organisation while a transaction changes it. */
final class Draft {
    final OrganizationRow before;
    final List<String> types;
    final Map<String, Account> accounts;
    final Map<String, String> parents;
    final Map<String, String> units;
    final Map<String, PolicyRow> policies;
    final Map<String, List<String>> attached;
    final Map<String, Map<String, String>> tags;
    final Map<String, Long> services;
    final Map<String, Map<String, Long>> delegates;
    final Map<String, CreateAccountStatus> requests;
    final Map<String, String> roles;
    final Map<String, Handshake> handshakes;

    Draft(OrganizationRow row) {
        before = row;
        types = new ArrayList<>(row.types());
        accounts = new TreeMap<>(row.accounts());
        parents = new TreeMap<>(row.parents());
        units = new TreeMap<>(row.units());
        policies = new TreeMap<>(row.policies());
        attached = copy(row.attached(), ArrayList::new);
        tags = copy(row.tags(), LinkedHashMap::new);
        services = new TreeMap<>(row.services());
        delegates = copy(row.delegates(), LinkedHashMap::new);
        requests = new TreeMap<>(row.requests());
        roles = new TreeMap<>(row.roles());
        handshakes = new TreeMap<>(row.handshakes());
    }

    private static <V> Map<String, V> copy(Map<String, V> from, UnaryOperator<V> each) {
        Map<String, V> to = new TreeMap<>();
        from.forEach((key, value) -> to.put(key, each.apply(value)));
        return to;
    }

    OrganizationRow row() {
        return new OrganizationRow(
                before.id(),
                before.root(),
                before.management(),
                before.featureSet(),
                types,
                accounts,
                parents,
                units,
                policies,
                attached,
                tags,
                services,
                delegates,
                requests,
                roles,
                handshakes);
    }

    /** Puts an account or unit under a parent, with the policies that everything has. */
    void join(String child, String parent) {
        parents.put(child, parent);
        attached.put(child, new ArrayList<>(Controls.defaults(types)));
    }

    /** Takes an account or unit out of the tree, and all that hangs on it. */
    void leave(String child) {
        parents.remove(child);
        accounts.remove(child);
        units.remove(child);
        attached.remove(child);
        tags.remove(child);
        delegates.remove(child);
    }
}
