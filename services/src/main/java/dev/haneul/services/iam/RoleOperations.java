package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.policy.Principals;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.iam.IamTables.Grants;
import dev.haneul.services.iam.IamTables.RoleRow;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Roles: made with a checked trust policy, told, changed, removed; their policies, boundary and tags. */
interface RoleOperations extends IamRoom {
    int ROLES_PER_ACCOUNT = 1000;
    int TRUST_SIZE = 2048;
    int DEFAULT_SESSION_SECONDS = 3600;
    Pattern ENTITY = Pattern.compile("arn:aws:iam::([0-9]{12}):(user|role)(/.*/|/)([^/]+)");

    static void refuseLinked(RoleRow role) {
        if (!role.linkedTo().isEmpty()) {
            throw IamFaults.unmodifiable("Cannot perform the operation on the protected role '" + role.name()
                    + "' - this role is only modifiable by AWS");
        }
    }

    /** Checks a trust policy, also that the users and roles it names exist. */
    static void checkTrust(ReadTx tx, String document) {
        PolicyDocument parsed = Documents.check(document, PolicyKind.TRUST);
        if (Documents.size(document) > TRUST_SIZE) {
            throw IamFaults.quota("ACLSizePerRole", TRUST_SIZE);
        }
        for (dev.haneul.kernel.policy.Statement statement : parsed.statements()) {
            Principals principals = statement.principals();
            for (String arn : principals == null ? List.<String>of() : principals.arns()) {
                if (!exists(tx, arn)) {
                    throw IamFaults.malformedPolicy("Invalid principal in policy: \"AWS\":\"" + arn + "\"");
                }
            }
        }
    }

    private static boolean exists(ReadTx tx, String arn) {
        Matcher entity = ENTITY.matcher(arn);
        if (!entity.matches()) {
            return true;
        }
        String account = entity.group(1);
        String path = entity.group(3);
        return entity.group(2).equals("user")
                ? IamState.find(tx, IamTables.USERS, account, entity.group(4))
                        .filter(row -> row.path().equals(path))
                        .isPresent()
                : IamState.find(tx, IamTables.ROLES, account, entity.group(4))
                        .filter(row -> row.path().equals(path))
                        .isPresent();
    }

    @Override
    default CreateRoleResponse createRole(CreateRoleRequest in, Call call) {
        String boundary = in.permissionsBoundary();
        Integer seconds = in.maxSessionDuration();
        RoleRow row = new RoleRow(
                in.roleName(),
                state().ids().unique("AROA"),
                Paths.of(in.path()),
                state().now(),
                in.description(),
                seconds == null ? DEFAULT_SESSION_SECONDS : seconds,
                in.assumeRolePolicyDocument(),
                Grants.NONE.withBoundary(boundary),
                Tags.of(in.tags()),
                "");
        if (row.path().startsWith("/aws-service-role/")) {
            throw IamFaults.invalidInput("Path " + row.path() + " is reserved for service-linked roles.");
        }
        state().write(tx -> {
            checkTrust(tx, row.trust());
            if (IamState.find(tx, IamTables.ROLES, call.account(), row.name()).isPresent()) {
                throw IamFaults.alreadyExists("Role with name " + row.name() + " already exists.");
            }
            if (boundary != null) {
                Entities.requireAttachable(state(), tx, call.account(), boundary);
            }
            if (IamState.count(tx, IamTables.ROLES, call.account()) >= ROLES_PER_ACCOUNT) {
                throw IamFaults.quota("RolesPerAccount", ROLES_PER_ACCOUNT);
            }
            IamState.put(tx, IamTables.ROLES, call.account(), row.name(), row);
            return true;
        });
        Role role = Views.brief(row, call.account())
                .tags(row.tags().isEmpty() ? null : Tags.list(row.tags()))
                .permissionsBoundary(Views.boundary(boundary));
        return new CreateRoleResponse().role(role);
    }

    @Override
    default GetRoleResponse getRole(GetRoleRequest in, Call call) {
        // Neighbours ask for roles all the time, and not for when they were used.
        if (!call.origin().endpoint().isEmpty()) {
            state().accesses().flush();
        }
        return new GetRoleResponse().role(state().read(tx -> {
            RoleRow row = IamState.role(tx, call.account(), in.roleName());
            return Views.full(row, call.account(), AccessTables.latest(tx, call.account(), row.arn(call.account())));
        }));
    }

    @Override
    default ListRolesResponse listRoles(ListRolesRequest in, Call call) {
        Pages<RoleRow> page = state().read(tx -> state().pages()
                .of(
                        tx,
                        IamTables.ROLES,
                        IamTables.scope(call.account()),
                        row -> Paths.within(row.path(), in.pathPrefix()),
                        in.marker(),
                        in.maxItems()));
        return new ListRolesResponse()
                .roles(page.map(row -> Views.brief(row, call.account())).items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    @Override
    default UpdateRoleResponse updateRole(UpdateRoleRequest in, Call call) {
        Integer seconds = in.maxSessionDuration();
        change(
                in.roleName(),
                call,
                row -> row.withSettings(
                        in.description() == null ? row.description() : in.description(),
                        seconds == null ? row.maxSessionSeconds() : seconds));
        return new UpdateRoleResponse();
    }

    @Override
    default UpdateRoleDescriptionResponse updateRoleDescription(UpdateRoleDescriptionRequest in, Call call) {
        RoleRow row = change(
                in.roleName(), call, before -> before.withSettings(in.description(), before.maxSessionSeconds()));
        return new UpdateRoleDescriptionResponse()
                .role(state().read(tx -> Views.full(
                        row, call.account(), AccessTables.latest(tx, call.account(), row.arn(call.account())))));
    }

    @Override
    default UpdateAssumeRolePolicyResponse updateAssumeRolePolicy(UpdateAssumeRolePolicyRequest in, Call call) {
        state().write(tx -> {
            RoleRow row = IamState.role(tx, call.account(), in.roleName());
            refuseLinked(row);
            checkTrust(tx, in.policyDocument());
            IamState.put(tx, IamTables.ROLES, call.account(), row.name(), row.withTrust(in.policyDocument()));
            return true;
        });
        return new UpdateAssumeRolePolicyResponse();
    }

    @Override
    default DeleteRoleResponse deleteRole(DeleteRoleRequest in, Call call) {
        state().write(tx -> {
            RoleRow row = IamState.role(tx, call.account(), in.roleName());
            refuseLinked(row);
            if (!tx.find(IamTables.PROFILES, IamTables.scope(call.account()), "role", IamTables.id(row.name()), "", 1)
                    .isEmpty()) {
                throw IamFaults.deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
            }
            if (!row.grants().attached().isEmpty()) {
                throw IamFaults.deleteConflict("Cannot delete entity, must detach all policies first.");
            }
            if (!row.grants().inline().isEmpty()) {
                throw IamFaults.deleteConflict("Cannot delete entity, must delete policies first.");
            }
            IamState.delete(tx, IamTables.ROLES, call.account(), row.name());
            return true;
        });
        return new DeleteRoleResponse();
    }

    @Override
    default TagRoleResponse tagRole(TagRoleRequest in, Call call) {
        change(in.roleName(), call, row -> row.withTags(Tags.with(row.tags(), in.tags())));
        return new TagRoleResponse();
    }

    @Override
    default UntagRoleResponse untagRole(UntagRoleRequest in, Call call) {
        change(in.roleName(), call, row -> row.withTags(Tags.without(row.tags(), in.tagKeys())));
        return new UntagRoleResponse();
    }

    @Override
    default ListRoleTagsResponse listRoleTags(ListRoleTagsRequest in, Call call) {
        Map<String, String> tags = state().read(
                        tx -> IamState.role(tx, call.account(), in.roleName()).tags());
        Pages<Tag> page = state().pages().of(Tags.list(tags), Tag::key, in.marker(), in.maxItems());
        return new ListRoleTagsResponse()
                .tags(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private RoleRow change(String roleName, Call call, UnaryOperator<RoleRow> change) {
        return state().write(tx -> {
            RoleRow row = IamState.role(tx, call.account(), roleName);
            refuseLinked(row);
            RoleRow changed = change.apply(row);
            IamState.put(tx, IamTables.ROLES, call.account(), roleName, changed);
            return changed;
        });
    }

    @Override
    default PutRolePolicyResponse putRolePolicy(PutRolePolicyRequest in, Call call) {
        Entities.ROLES.put(state(), call.account(), in.roleName(), in.policyName(), in.policyDocument());
        return new PutRolePolicyResponse();
    }

    @Override
    default GetRolePolicyResponse getRolePolicy(GetRolePolicyRequest in, Call call) {
        String document = Entities.ROLES.get(state(), call.account(), in.roleName(), in.policyName());
        return new GetRolePolicyResponse()
                .roleName(in.roleName())
                .policyName(in.policyName())
                .policyDocument(Documents.encode(document));
    }

    @Override
    default DeleteRolePolicyResponse deleteRolePolicy(DeleteRolePolicyRequest in, Call call) {
        Entities.ROLES.delete(state(), call.account(), in.roleName(), in.policyName());
        return new DeleteRolePolicyResponse();
    }

    @Override
    default ListRolePoliciesResponse listRolePolicies(ListRolePoliciesRequest in, Call call) {
        List<String> names = Entities.ROLES.inlineNames(state(), call.account(), in.roleName());
        Pages<String> page = state().pages().of(names, name -> name, in.marker(), in.maxItems());
        return new ListRolePoliciesResponse()
                .policyNames(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    @Override
    default AttachRolePolicyResponse attachRolePolicy(AttachRolePolicyRequest in, Call call) {
        Entities.ROLES.attach(state(), call.account(), in.roleName(), in.policyArn());
        return new AttachRolePolicyResponse();
    }

    @Override
    default DetachRolePolicyResponse detachRolePolicy(DetachRolePolicyRequest in, Call call) {
        Entities.ROLES.detach(state(), call.account(), in.roleName(), in.policyArn());
        return new DetachRolePolicyResponse();
    }

    @Override
    default ListAttachedRolePoliciesResponse listAttachedRolePolicies(ListAttachedRolePoliciesRequest in, Call call) {
        List<String> arns = Entities.ROLES.attached(state(), call.account(), in.roleName());
        Pages<AttachedPolicy> page = Paths.attached(state().pages(), arns, in.pathPrefix(), in.marker(), in.maxItems());
        return new ListAttachedRolePoliciesResponse()
                .attachedPolicies(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    @Override
    default PutRolePermissionsBoundaryResponse putRolePermissionsBoundary(
            PutRolePermissionsBoundaryRequest in, Call call) {
        Entities.ROLES.bound(state(), call.account(), in.roleName(), in.permissionsBoundary());
        return new PutRolePermissionsBoundaryResponse();
    }

    @Override
    default DeleteRolePermissionsBoundaryResponse deleteRolePermissionsBoundary(
            DeleteRolePermissionsBoundaryRequest in, Call call) {
        Entities.ROLES.unbound(state(), call.account(), in.roleName());
        return new DeleteRolePermissionsBoundaryResponse();
    }
}
