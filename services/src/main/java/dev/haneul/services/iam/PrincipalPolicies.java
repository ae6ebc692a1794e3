package dev.haneul.services.iam;

import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.SessionAttributes;
import dev.haneul.kernel.policy.NamedPolicy;
import dev.haneul.kernel.policy.PolicyCache;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.policy.PolicySet;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.iam.IamTables.Grants;
import dev.haneul.services.iam.IamTables.GroupRow;
import dev.haneul.services.iam.IamTables.RoleRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The policies a principal brings with it. What belongs to a user or role is read and parsed once and kept until IAM's
 * records change; what a session carries comes with the principal.
 */
final class PrincipalPolicies {
    private static final int CACHED = 4096;

    private final IamState state;
    private final PolicyCache documents;
    private final Map<String, Holder> holders = new ConcurrentHashMap<>();

    PrincipalPolicies(IamState state, PolicyCache documents) {
        this.state = state;
        this.documents = documents;
    }

    /**
     * What is known of a user or role.
     *
     * @param tags for {@code aws:PrincipalTag}
     */
    record Holder(long generation, PolicySet policies, Map<String, String> tags) {}

    /** The holder behind a principal. One that is gone, or is another of the same name, holds nothing. */
    Holder holder(Principal principal) {
        String key = principal.account() + " " + principal.id();
        long generation = state.generation();
        Holder known = holders.get(key);
        if (known != null && known.generation() == generation) {
            return known;
        }
        Holder read = state.read(tx -> read(tx, principal, generation));
        if (holders.size() >= CACHED) {
            holders.clear();
        }
        holders.put(key, read);
        return read;
    }

    /** Every policy of the principal's own side. */
    PolicySet of(Principal principal) {
        PolicySet own = holder(principal).policies();
        List<NamedPolicy> session = session(principal);
        return session == null ? own : own.withSession(session);
    }

    private Holder read(ReadTx tx, Principal principal, long generation) {
        return switch (principal.type()) {
            case ROOT -> root(generation);
            case USER -> user(tx, principal.account(), lastOf(principal.arn()), principal.id(), generation);
            case ASSUMED_ROLE -> role(tx, principal, generation);
            case FEDERATED_USER -> {
                String federator = principal.attributes().getOrDefault(SessionAttributes.FEDERATOR, "");
                String[] idAndName = federator.split("/", 2);
                yield idAndName.length < 2
                        ? root(generation)
                        : user(tx, principal.account(), idAndName[1], idAndName[0], generation);
            }
            case SERVICE, ANONYMOUS -> nothing(generation);
        };
    }

    private static Holder root(long generation) {
        PolicySet all = PolicySet.ROOT;
        return new Holder(generation, all, Map.of());
    }

    private Holder user(ReadTx tx, String account, String name, String id, long generation) {
        return IamState.find(tx, IamTables.USERS, account, name)
                .filter(row -> row.id().equals(id))
                .map(row -> new Holder(generation, ofUser(tx, account, row), row.tags()))
                .orElseGet(() -> nothing(generation));
    }

    private Holder role(ReadTx tx, Principal principal, long generation) {
        String[] parts = principal.arn().split("/");
        String id = principal.id().split(":", 2)[0];
        Optional<RoleRow> found = parts.length < 2
                ? Optional.empty()
                : IamState.find(tx, IamTables.ROLES, principal.account(), parts[1])
                        .filter(row -> row.id().equals(id));
        return found.map(row -> new Holder(generation, ofRole(tx, row), row.tags()))
                .orElseGet(() -> nothing(generation));
    }

    private static Holder nothing(long generation) {
        return new Holder(generation, PolicySet.NONE, Map.of());
    }

    /** A user's own policies, its groups' and its boundary. */
    PolicySet ofUser(ReadTx tx, String account, UserRow row) {
        List<NamedPolicy> identity = new ArrayList<>(policies(tx, row.grants()));
        for (String group : row.groups()) {
            IamState.find(tx, IamTables.GROUPS, account, group)
                    .map(GroupRow::grants)
                    .ifPresent(grants -> identity.addAll(policies(tx, grants)));
        }
        return bounded(tx, identity, row.grants());
    }

    PolicySet ofRole(ReadTx tx, RoleRow row) {
        return bounded(tx, policies(tx, row.grants()), row.grants());
    }

    PolicySet ofGroup(ReadTx tx, GroupRow row) {
        return PolicySet.ofIdentity(policies(tx, row.grants()));
    }

    private PolicySet bounded(ReadTx tx, List<NamedPolicy> identity, Grants grants) {
        String boundary = grants.boundary();
        PolicySet set = PolicySet.ofIdentity(List.copyOf(identity));
        // A boundary that is gone allows nothing rather than everything.
        return boundary == null ? set : set.withBoundary(managed(tx, List.of(boundary)));
    }

    /** What grants, without the boundary. */
    List<NamedPolicy> policies(ReadTx tx, Grants grants) {
        List<NamedPolicy> found = new ArrayList<>();
        grants.inline()
                .forEach((name, json) -> found.add(new NamedPolicy(name, documents.get(json, PolicyKind.IDENTITY))));
        found.addAll(managed(tx, grants.attached()));
        return found;
    }

    private List<NamedPolicy> managed(ReadTx tx, List<String> arns) {
        List<NamedPolicy> found = new ArrayList<>();
        for (String arn : arns) {
            String json = state.managedDocument(tx, arn);
            if (json != null) {
                found.add(new NamedPolicy(arn, documents.get(json, PolicyKind.IDENTITY)));
            }
        }
        return found;
    }

    /** Session policies; null where the session has none. A federated user without any may do nothing. */
    private @Nullable List<NamedPolicy> session(Principal principal) {
        String inline = principal.attributes().get(SessionAttributes.POLICY);
        String arns = principal.attributes().get(SessionAttributes.POLICY_ARNS);
        if (inline == null && arns == null) {
            return principal.type() == Principal.Type.FEDERATED_USER ? List.of() : null;
        }
        List<NamedPolicy> found = new ArrayList<>();
        if (inline != null) {
            found.add(new NamedPolicy("session", documents.get(inline, PolicyKind.IDENTITY)));
        }
        if (arns != null) {
            List<String> each = List.of(arns.split("\n"));
            found.addAll(state.read(tx -> managed(tx, each)));
        }
        return found;
    }

    private static String lastOf(String arn) {
        return arn.substring(arn.lastIndexOf('/') + 1);
    }
}
