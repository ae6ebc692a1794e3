package dev.haneul.services.iam;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.iam.IamTables.GroupRow;
import dev.haneul.services.iam.IamTables.ProfileRow;
import dev.haneul.services.iam.IamTables.RoleRow;
import dev.haneul.services.iam.IamTables.UserRow;
import dev.haneul.services.iam.actions.Forms;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parts of IAM's ARNs that only its records know: requests name users and roles by name, their ARNs hold a path.
 */
final class EntityForms implements Forms.Lookup {
    private final IamState state;

    EntityForms(IamState state) {
        this.state = state;
    }

    @Override
    public @Nullable String find(String form, @Nullable String value, Call call) {
        String account = call.account();
        String name = value == null && form.startsWith("user") ? callersName(call) : value;
        if (name == null) {
            return form.endsWith("-boundary") ? "" : "/*";
        }
        return switch (form) {
            case "user" ->
                path(
                        state.read(tx -> IamState.find(tx, IamTables.USERS, account, name)
                                .map(row -> row.path() + row.name())),
                        name);
            case "role" ->
                path(
                        state.read(tx -> IamState.find(tx, IamTables.ROLES, account, name)
                                .map(row -> row.path() + row.name())),
                        name);
            case "group" ->
                path(
                        state.read(tx -> IamState.find(tx, IamTables.GROUPS, account, name)
                                .map((GroupRow row) -> row.path() + row.name())),
                        name);
            case "profile" ->
                path(
                        state.read(tx -> IamState.find(tx, IamTables.PROFILES, account, name)
                                .map((ProfileRow row) -> row.path() + row.name())),
                        name);
            case "profile-role" -> roleOfProfile(name.substring(name.lastIndexOf('/') + 1), account);
            case "user-boundary" ->
                orEmpty(state.read(tx -> IamState.find(tx, IamTables.USERS, account, name)
                        .map(row -> row.grants().boundary())));
            case "role-boundary" ->
                orEmpty(state.read(tx -> IamState.find(tx, IamTables.ROLES, account, name)
                        .map(row -> row.grants().boundary())));
            default -> null;
        };
    }

    /** The role that whoever gets this instance profile gets; any role where there is no such profile. */
    private String roleOfProfile(String profile, String account) {
        return state.read(tx -> IamState.find(tx, IamTables.PROFILES, account, profile)
                .map(ProfileRow::role)
                .flatMap(role -> IamState.find(tx, IamTables.ROLES, account, role))
                .map(role -> role.arn(account))
                .orElse("arn:aws:iam::" + account + ":role/*"));
    }

    private static String path(Optional<String> found, String name) {
        return found.orElse("/" + name);
    }

    private static String orEmpty(Optional<String> found) {
        return found.orElse("");
    }

    /** Who an operation on a user is about where it names none. */
    private static @Nullable String callersName(Call call) {
        String arn = call.principal().arn();
        return call.principal().type() == Principal.Type.USER ? arn.substring(arn.lastIndexOf('/') + 1) : null;
    }

    /** The role of this ARN, path and all. */
    static Optional<RoleRow> role(ReadTx tx, String arn) {
        String[] segments = arn.split(":", 6);
        if (segments.length < 6 || !segments[5].startsWith("role/")) {
            return Optional.empty();
        }
        return IamState.find(tx, IamTables.ROLES, segments[4], arn.substring(arn.lastIndexOf('/') + 1))
                .filter(row -> row.arn(segments[4]).equals(arn));
    }

    /** The tags of a user or role; empty for every other resource. */
    Map<String, String> tags(String arn) {
        if (!arn.startsWith("arn:aws:iam::")) {
            return Map.of();
        }
        String[] segments = arn.split(":", 6);
        String name = arn.substring(arn.lastIndexOf('/') + 1);
        return state.read(tx -> segments[5].startsWith("role/")
                ? role(tx, arn).map(RoleRow::tags).orElse(Map.of())
                : segments[5].startsWith("user/")
                        ? IamState.find(tx, IamTables.USERS, segments[4], name)
                                .map(UserRow::tags)
                                .orElse(Map.of())
                        : Map.of());
    }
}
