package dev.haneul.services.iam;

import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Table;
import dev.haneul.services.iam.IamTables.Grants;
import dev.haneul.services.iam.IamTables.GroupRow;
import dev.haneul.services.iam.IamTables.RoleRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What users, groups and roles have in common: inline policies, attached policies and boundaries.
 *
 * @param noun as in {@code user}
 * @param find finds one or faults
 * @param inlineLimit the size of all inline policies together
 * @param attachedQuota the quota's name, e.g. {@code PoliciesPerUser}
 */
record Entities<R>(
        String noun,
        Table<R> table,
        Finder<R> find,
        Function<R, Grants> grants,
        BiFunction<R, Grants, R> with,
        int inlineLimit,
        String attachedQuota,
        int attachedLimit) {
    static final Entities<UserRow> USERS = new Entities<>(
            "user", IamTables.USERS, IamState::user, UserRow::grants, UserRow::with, 2048, "PoliciesPerUser", 10);
    static final Entities<GroupRow> GROUPS = new Entities<>(
            "group", IamTables.GROUPS, IamState::group, GroupRow::grants, GroupRow::with, 5120, "PoliciesPerGroup", 10);
    static final Entities<RoleRow> ROLES = new Entities<>(
            "role", IamTables.ROLES, IamState::role, RoleRow::grants, RoleRow::with, 10_240, "PoliciesPerRole", 20);

    /** Finds an entity of an account by name. */
    @FunctionalInterface
    interface Finder<R> {
        R find(ReadTx tx, String account, String name);
    }

    /** Puts an inline policy. */
    void put(IamState state, String account, String name, String policyName, String document) {
        Documents.check(document, PolicyKind.IDENTITY);
        change(state, account, name, grants -> {
            Grants changed = grants.withInline(policyName, document);
            int size =
                    changed.inline().values().stream().mapToInt(Documents::size).sum();
            if (size > inlineLimit) {
                throw IamFaults.limit(
                        "Maximum policy size of " + inlineLimit + " bytes exceeded for " + noun + " " + name);
            }
            return changed;
        });
    }

    /** The document of an inline policy. */
    String get(IamState state, String account, String name, String policyName) {
        Grants found = state.read(tx -> grants.apply(find.find(tx, account, name)));
        String document = found.inline().get(policyName);
        if (document == null) {
            throw noSuchInline(policyName);
        }
        return document;
    }

    void delete(IamState state, String account, String name, String policyName) {
        change(state, account, name, grants -> {
            if (!grants.inline().containsKey(policyName)) {
                throw noSuchInline(policyName);
            }
            return grants.withInline(policyName, null);
        });
    }

    List<String> inlineNames(IamState state, String account, String name) {
        return state.read(tx ->
                List.copyOf(grants.apply(find.find(tx, account, name)).inline().keySet()));
    }

    /** Attaches a managed policy; one that is attached already stays as it is. */
    void attach(IamState state, String account, String name, String policyArn) {
        state.write(tx -> {
            R row = find.find(tx, account, name);
            refuseLinked(row);
            Grants before = grants.apply(row);
            requireAttachable(state, tx, account, policyArn);
            if (!before.attached().contains(policyArn)) {
                if (before.attached().size() >= attachedLimit) {
                    throw IamFaults.quota(attachedQuota, attachedLimit);
                }
                List<String> attached = new ArrayList<>(before.attached());
                attached.add(policyArn);
                IamState.put(tx, table, account, name, with.apply(row, before.withAttached(attached)));
            }
            return true;
        });
    }

    void detach(IamState state, String account, String name, String policyArn) {
        change(state, account, name, grants -> {
            if (!grants.attached().contains(policyArn)) {
                throw IamFaults.noSuchEntity("Policy " + policyArn + " was not found.");
            }
            return grants.withAttached(grants.attached().stream()
                    .filter(arn -> !arn.equals(policyArn))
                    .toList());
        });
    }

    List<String> attached(IamState state, String account, String name) {
        return state.read(tx -> grants.apply(find.find(tx, account, name)).attached());
    }

    void bound(IamState state, String account, String name, String policyArn) {
        state.write(tx -> {
            R row = find.find(tx, account, name);
            refuseLinked(row);
            requireAttachable(state, tx, account, policyArn);
            Grants changed = grants.apply(row).withBoundary(policyArn);
            IamState.put(tx, table, account, name, with.apply(row, changed));
            return true;
        });
    }

    void unbound(IamState state, String account, String name) {
        change(state, account, name, grants -> {
            if (grants.boundary() == null) {
                throw IamFaults.noSuchEntity(
                        "The " + noun + " with name " + name + " does not have a permissions boundary.");
            }
            return grants.withBoundary(null);
        });
    }

    static void requireAttachable(IamState state, ReadTx tx, String account, String policyArn) {
        if (!policyArn.startsWith("arn:") || policyArn.split(":").length < 6) {
            throw IamFaults.invalidInput("ARN " + policyArn + " is not valid.");
        }
        boolean own = policyArn.startsWith("arn:aws:iam::" + account + ":");
        boolean aws = policyArn.startsWith(AwsManagedPolicies.ARN + "/");
        if ((!own && !aws) || state.managedDocument(tx, policyArn) == null) {
            throw IamFaults.noSuchEntity("Policy " + policyArn + " does not exist or is not attachable.");
        }
    }

    private void change(IamState state, String account, String name, Function<Grants, Grants> change) {
        state.write(tx -> {
            R row = find.find(tx, account, name);
            refuseLinked(row);
            IamState.put(tx, table, account, name, with.apply(row, change.apply(grants.apply(row))));
            return true;
        });
    }

    private void refuseLinked(R row) {
        if (row instanceof RoleRow role) {
            RoleOperations.refuseLinked(role);
        }
    }

    private RuntimeException noSuchInline(String policyName) {
        return IamFaults.noSuchEntity("The " + noun + " policy with name " + policyName + " cannot be found.");
    }
}
