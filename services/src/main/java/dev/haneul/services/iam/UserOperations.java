package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.iam.IamTables.AccessKeyRow;
import dev.haneul.services.iam.IamTables.Grants;
import dev.haneul.services.iam.IamTables.GroupRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Users: made, told, renamed, removed; their policies, boundary, groups and tags. */
interface UserOperations extends IamRoom {
    int USERS_PER_ACCOUNT = 5000;

    /** The user an operation is about: the named one, or the caller where none is named. */
    static String userName(@Nullable String name, Call call) {
        if (name != null) {
            return name;
        }
        if (call.principal().type() != Principal.Type.USER) {
            throw IamFaults.validation("Must specify userName when calling with non-User credentials");
        }
        String arn = call.principal().arn();
        return arn.substring(arn.lastIndexOf('/') + 1);
    }

    static List<AccessKeyRow> keys(ReadTx tx, String account, String userName) {
        return tx
                .find(IamTables.ACCESS_KEYS, IamTables.scope(account), "user", IamTables.id(userName), "", 100)
                .stream()
                .map(Row::value)
                .toList();
    }

    @Override
    default CreateUserResponse createUser(CreateUserRequest in, Call call) {
        String boundary = in.permissionsBoundary();
        UserRow row = new UserRow(
                in.userName(),
                state().ids().unique("AIDA"),
                Paths.of(in.path()),
                state().now(),
                Grants.NONE.withBoundary(boundary),
                List.of(),
                Tags.of(in.tags()));
        state().write(tx -> {
            if (IamState.find(tx, IamTables.USERS, call.account(), row.name()).isPresent()) {
                throw IamFaults.alreadyExists("User with name " + row.name() + " already exists.");
            }
            if (boundary != null) {
                Entities.requireAttachable(state(), tx, call.account(), boundary);
            }
            if (IamState.count(tx, IamTables.USERS, call.account()) >= USERS_PER_ACCOUNT) {
                throw IamFaults.quota("UsersPerAccount", USERS_PER_ACCOUNT);
            }
            IamState.put(tx, IamTables.USERS, call.account(), row.name(), row);
            return true;
        });
        return new CreateUserResponse().user(Views.full(row, call.account()));
    }

    @Override
    default GetUserResponse getUser(GetUserRequest in, Call call) {
        if (in.userName() == null && call.principal().type() == Principal.Type.ROOT) {
            return new GetUserResponse()
                    .user(new User()
                            .userId(call.account())
                            .arn("arn:aws:iam::" + call.account() + ":root")
                            .createDate(state().now()));
        }
        String name = userName(in.userName(), call);
        UserRow row = state().read(tx -> IamState.user(tx, call.account(), name));
        return new GetUserResponse().user(Views.full(row, call.account()));
    }

    @Override
    default ListUsersResponse listUsers(ListUsersRequest in, Call call) {
        Pages<UserRow> page = state().read(tx -> state().pages()
                .of(
                        tx,
                        IamTables.USERS,
                        IamTables.scope(call.account()),
                        row -> Paths.within(row.path(), in.pathPrefix()),
                        in.marker(),
                        in.maxItems()));
        return new ListUsersResponse()
                .users(page.map(row -> Views.brief(row, call.account())).items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    @Override
    default UpdateUserResponse updateUser(UpdateUserRequest in, Call call) {
        state().write(tx -> {
            UserRow row = IamState.user(tx, call.account(), in.userName());
            String name = in.newUserName() == null ? row.name() : in.newUserName();
            String path = in.newPath() == null ? row.path() : Paths.of(in.newPath());
            boolean moves = !IamTables.id(name).equals(IamTables.id(row.name()));
            if (moves
                    && IamState.find(tx, IamTables.USERS, call.account(), name).isPresent()) {
                throw IamFaults.alreadyExists("User with name " + name + " already exists.");
            }
            for (AccessKeyRow key : keys(tx, call.account(), row.name())) {
                AccessKeyRow moved =
                        new AccessKeyRow(key.id(), IamTables.id(name), key.secret(), key.active(), key.created());
                tx.put(IamTables.ACCESS_KEYS, IamTables.scope(call.account()).key(key.id()), moved);
            }
            IamState.find(tx, CredentialTables.LOGINS, call.account(), row.name())
                    .ifPresent(login -> {
                        IamState.delete(tx, CredentialTables.LOGINS, call.account(), row.name());
                        IamState.put(tx, CredentialTables.LOGINS, call.account(), name, login.of(name));
                    });
            IamState.delete(tx, IamTables.USERS, call.account(), row.name());
            UserRow changed = new UserRow(name, row.id(), path, row.created(), row.grants(), row.groups(), row.tags());
            IamState.put(tx, IamTables.USERS, call.account(), name, changed);
            return true;
        });
        return new UpdateUserResponse();
    }

    @Override
    default DeleteUserResponse deleteUser(DeleteUserRequest in, Call call) {
        state().write(tx -> {
            UserRow row = IamState.user(tx, call.account(), in.userName());
            if (!row.grants().attached().isEmpty()) {
                throw IamFaults.deleteConflict("Cannot delete entity, must detach all policies first.");
            }
            if (!row.grants().inline().isEmpty()) {
                throw IamFaults.deleteConflict("Cannot delete entity, must delete policies first.");
            }
            if (!row.groups().isEmpty()) {
                throw IamFaults.deleteConflict("Cannot delete entity, must remove user from groups first.");
            }
            if (!keys(tx, call.account(), row.name()).isEmpty()) {
                throw IamFaults.deleteConflict("Cannot delete entity, must delete access keys first.");
            }
            requireNoCredentials(tx, call.account(), row);
            IamState.delete(tx, IamTables.USERS, call.account(), row.name());
            return true;
        });
        return new DeleteUserResponse();
    }

    private static void requireNoCredentials(ReadTx tx, String account, UserRow row) {
        if (IamState.find(tx, CredentialTables.LOGINS, account, row.name()).isPresent()) {
            throw IamFaults.deleteConflict("Cannot delete entity, must delete login profile first.");
        }
        if (!MfaOperations.of(tx, account, row.id()).isEmpty()) {
            throw IamFaults.deleteConflict("Cannot delete entity, must delete MFA device first.");
        }
        if (!UserKeyOperations.of(tx, CredentialTables.SIGNING_CERTIFICATES, account, row.id())
                .isEmpty()) {
            throw IamFaults.deleteConflict("Cannot delete entity, must delete certificates first.");
        }
        if (!UserKeyOperations.of(tx, CredentialTables.SSH_KEYS, account, row.id())
                .isEmpty()) {
            throw IamFaults.deleteConflict("Cannot delete entity, must remove referenced objects first.");
        }
        if (!UserKeyOperations.of(tx, CredentialTables.SERVICE_CREDENTIALS, account, row.id())
                .isEmpty()) {
            throw IamFaults.deleteConflict("Cannot delete entity, must remove referenced objects first.");
        }
    }

    @Override
    default TagUserResponse tagUser(TagUserRequest in, Call call) {
        retag(in.userName(), call, row -> row.withTags(Tags.with(row.tags(), in.tags())));
        return new TagUserResponse();
    }

    @Override
    default UntagUserResponse untagUser(UntagUserRequest in, Call call) {
        retag(in.userName(), call, row -> row.withTags(Tags.without(row.tags(), in.tagKeys())));
        return new UntagUserResponse();
    }

    @Override
    default ListUserTagsResponse listUserTags(ListUserTagsRequest in, Call call) {
        UserRow row = state().read(tx -> IamState.user(tx, call.account(), in.userName()));
        Pages<Tag> page = state().pages().of(Tags.list(row.tags()), Tag::key, in.marker(), in.maxItems());
        return new ListUserTagsResponse()
                .tags(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private void retag(String userName, Call call, java.util.function.UnaryOperator<UserRow> change) {
        state().write(tx -> {
            UserRow row = IamState.user(tx, call.account(), userName);
            IamState.put(tx, IamTables.USERS, call.account(), userName, change.apply(row));
            return true;
        });
    }

    @Override
    default ListGroupsForUserResponse listGroupsForUser(ListGroupsForUserRequest in, Call call) {
        List<GroupRow> groups = state().read(tx -> {
            List<GroupRow> found = new ArrayList<>();
            for (String group : IamState.user(tx, call.account(), in.userName()).groups()) {
                IamState.find(tx, IamTables.GROUPS, call.account(), group).ifPresent(found::add);
            }
            return found;
        });
        Pages<GroupRow> page = state().pages().of(groups, row -> IamTables.id(row.name()), in.marker(), in.maxItems());
        return new ListGroupsForUserResponse()
                .groups(page.map(row -> Views.group(row, call.account())).items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    @Override
    default PutUserPolicyResponse putUserPolicy(PutUserPolicyRequest in, Call call) {
        Entities.USERS.put(state(), call.account(), in.userName(), in.policyName(), in.policyDocument());
        return new PutUserPolicyResponse();
    }

    @Override
    default GetUserPolicyResponse getUserPolicy(GetUserPolicyRequest in, Call call) {
        String document = Entities.USERS.get(state(), call.account(), in.userName(), in.policyName());
        return new GetUserPolicyResponse()
                .userName(in.userName())
                .policyName(in.policyName())
                .policyDocument(Documents.encode(document));
    }

    @Override
    default DeleteUserPolicyResponse deleteUserPolicy(DeleteUserPolicyRequest in, Call call) {
        Entities.USERS.delete(state(), call.account(), in.userName(), in.policyName());
        return new DeleteUserPolicyResponse();
    }

    @Override
    default ListUserPoliciesResponse listUserPolicies(ListUserPoliciesRequest in, Call call) {
        List<String> names = Entities.USERS.inlineNames(state(), call.account(), in.userName());
        Pages<String> page = state().pages().of(names, name -> name, in.marker(), in.maxItems());
        return new ListUserPoliciesResponse()
                .policyNames(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    @Override
    default AttachUserPolicyResponse attachUserPolicy(AttachUserPolicyRequest in, Call call) {
        Entities.USERS.attach(state(), call.account(), in.userName(), in.policyArn());
        return new AttachUserPolicyResponse();
    }

    @Override
    default DetachUserPolicyResponse detachUserPolicy(DetachUserPolicyRequest in, Call call) {
        Entities.USERS.detach(state(), call.account(), in.userName(), in.policyArn());
        return new DetachUserPolicyResponse();
    }

    @Override
    default ListAttachedUserPoliciesResponse listAttachedUserPolicies(ListAttachedUserPoliciesRequest in, Call call) {
        List<String> arns = Entities.USERS.attached(state(), call.account(), in.userName());
        Pages<AttachedPolicy> page = Paths.attached(state().pages(), arns, in.pathPrefix(), in.marker(), in.maxItems());
        return new ListAttachedUserPoliciesResponse()
                .attachedPolicies(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    @Override
    default PutUserPermissionsBoundaryResponse putUserPermissionsBoundary(
            PutUserPermissionsBoundaryRequest in, Call call) {
        Entities.USERS.bound(state(), call.account(), in.userName(), in.permissionsBoundary());
        return new PutUserPermissionsBoundaryResponse();
    }

    @Override
    default DeleteUserPermissionsBoundaryResponse deleteUserPermissionsBoundary(
            DeleteUserPermissionsBoundaryRequest in, Call call) {
        Entities.USERS.unbound(state(), call.account(), in.userName());
        return new DeleteUserPermissionsBoundaryResponse();
    }
}
