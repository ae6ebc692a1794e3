package dev.haneul.services.iam;

import dev.haneul.api.iam.PolicyOwnerEntityType;
import dev.haneul.kernel.policy.NamedPolicy;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.iam.AccessTables.AccessRow;
import dev.haneul.services.iam.IamTables.Grants;
import dev.haneul.services.iam.IamTables.GroupRow;
import dev.haneul.services.iam.IamTables.RoleRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds what a user, group, role or policy reaches: the policies it has or is, and who calls under them. */
final class LastAccess {
    private static final int MOST = 10_000;

    private LastAccess() {}

    /**
     * What a report is about.
     *
     * @param policies permissions policies alone: boundaries grant nothing
     * @param entities the users and roles that call under them
     */
    record Reach(boolean ofPolicy, List<Owned> policies, List<Entity> entities) {}

    /** A policy and whose it is: the holder of an inline one. */
    record Owned(NamedPolicy policy, String ownerType, String ownerName) {}

    /** A user or role. */
    record Entity(String arn, String name, String type, String id, String path) {
        static Entity of(String account, UserRow row) {
            return new Entity(row.arn(account), row.name(), PolicyOwnerEntityType.USER, row.id(), row.path());
        }

        static Entity of(String account, RoleRow row) {
            return new Entity(row.arn(account), row.name(), PolicyOwnerEntityType.ROLE, row.id(), row.path());
        }
    }

    /** What an ARN reaches; NoSuchEntity where there is nothing of this ARN. */
    static Reach reach(IamState state, ReadTx tx, String account, String arn) {
        String prefix = "arn:aws:iam::" + account + ":";
        String kind = arn.startsWith(prefix) ? arn.substring(prefix.length()) : "";
        String name = arn.substring(arn.lastIndexOf('/') + 1);
        if (kind.startsWith("user/")) {
            UserRow row = IamState.user(tx, account, name);
            List<Owned> policies =
                    new ArrayList<>(owned(state, tx, row.grants(), PolicyOwnerEntityType.USER, row.name()));
            for (String id : row.groups()) {
                IamState.find(tx, IamTables.GROUPS, account, id)
                        .ifPresent(group -> policies.addAll(
                                owned(state, tx, group.grants(), PolicyOwnerEntityType.GROUP, group.name())));
            }
            return new Reach(false, policies, List.of(Entity.of(account, row)));
        }
        if (kind.startsWith("role/")) {
            RoleRow row = IamState.role(tx, account, name);
            return new Reach(
                    false,
                    owned(state, tx, row.grants(), PolicyOwnerEntityType.ROLE, row.name()),
                    List.of(Entity.of(account, row)));
        }
        if (kind.startsWith("group/")) {
            GroupRow row = IamState.group(tx, account, name);
            return new Reach(
                    false,
                    owned(state, tx, row.grants(), PolicyOwnerEntityType.GROUP, row.name()),
                    members(tx, account, row));
        }
        String document = state.managedDocument(tx, arn);
        if (document == null || (!kind.startsWith("policy/") && !arn.startsWith(AwsManagedPolicies.ARN + "/"))) {
            throw IamFaults.noSuchEntity("ARN " + arn + " was not found.");
        }
        NamedPolicy policy = new NamedPolicy(arn, state.documents().get(document, PolicyKind.IDENTITY));
        return new Reach(true, List.of(new Owned(policy, "", "")), holders(tx, account, arn));
    }

    private static List<Owned> owned(IamState state, ReadTx tx, Grants grants, String type, String name) {
        return state.principals().policies(tx, grants).stream()
                .map(policy -> new Owned(policy, type, name))
                .toList();
    }

    private static List<Entity> members(ReadTx tx, String account, GroupRow group) {
        return tx
                .find(IamTables.USERS, IamTables.scope(account), "group", IamTables.id(group.name()), "", MOST)
                .stream()
                .map(Row::value)
                .map(user -> Entity.of(account, user))
                .toList();
    }

    /** Users and roles a policy is attached to, and the members of groups it is attached to; each once. */
    private static List<Entity> holders(ReadTx tx, String account, String arn) {
        Scope scope = IamTables.scope(account);
        Map<String, Entity> found = new LinkedHashMap<>();
        tx.find(IamTables.USERS, scope, "policy", arn, "", MOST).forEach(row -> {
            Entity entity = Entity.of(account, row.value());
            found.put(entity.arn(), entity);
        });
        tx.find(IamTables.GROUPS, scope, "policy", arn, "", MOST)
                .forEach(row -> members(tx, account, row.value()).forEach(each -> found.put(each.arn(), each)));
        tx.find(IamTables.ROLES, scope, "policy", arn, "", MOST).forEach(row -> {
            Entity entity = Entity.of(account, row.value());
            found.put(entity.arn(), entity);
        });
        return List.copyOf(found.values());
    }

    /** What these entities called, by service. */
    static Map<String, List<AccessRow>> byService(ReadTx tx, String account, List<Entity> entities) {
        Map<String, List<AccessRow>> found = new HashMap<>();
        for (Entity entity : entities) {
            AccessTables.of(tx, account, entity.arn())
                    .forEach(row -> found.computeIfAbsent(row.service(), service -> new ArrayList<>())
                            .add(row));
        }
        return found;
    }
}
