package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.iam.IamTables.Grants;
import dev.haneul.services.iam.IamTables.GroupRow;
import dev.haneul.services.iam.IamTables.PolicyRow;
import dev.haneul.services.iam.IamTables.ProfileRow;
import dev.haneul.services.iam.IamTables.RoleRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.util.ArrayList;
import java.util.List;

/** Everything about an account's users, groups, roles and policies, page by page. */
interface AuthorizationDetailsOperations extends IamRoom {
    int MOST = 10_000;

    @Override
    default GetAccountAuthorizationDetailsResponse getAccountAuthorizationDetails(
            GetAccountAuthorizationDetailsRequest in, Call call) {
        String account = call.account();
        List<String> filter = in.filter();
        return state().read(tx -> {
            List<String> ids = ids(tx, account, filter);
            Pages<String> page = state().pages().of(ids, id -> id, in.marker(), in.maxItems());
            List<UserDetail> users = new ArrayList<>();
            List<GroupDetail> groups = new ArrayList<>();
            List<RoleDetail> roles = new ArrayList<>();
            List<ManagedPolicyDetail> policies = new ArrayList<>();
            for (String id : page.items()) {
                String name = id.substring(2);
                switch (id.charAt(0)) {
                    case 'u' -> users.add(user(tx, account, IamState.user(tx, account, name)));
                    case 'g' -> groups.add(group(account, IamState.group(tx, account, name)));
                    case 'r' -> roles.add(role(tx, account, IamState.role(tx, account, name)));
                    default -> policies.add(policy(tx, account, name));
                }
            }
            return new GetAccountAuthorizationDetailsResponse()
                    .userDetailList(users)
                    .groupDetailList(groups)
                    .roleDetailList(roles)
                    .policies(policies)
                    .isTruncated(page.truncated())
                    .marker(page.marker());
        });
    }

    /** One letter for the kind and the name; a managed policy's ARN. */
    private List<String> ids(ReadTx tx, String account, List<String> filter) {
        List<String> ids = new ArrayList<>();
        var scope = IamTables.scope(account);
        if (wanted(filter, EntityType.USER)) {
            tx.range(IamTables.USERS, scope, "", null, MOST)
                    .forEach(row -> ids.add("u:" + row.value().name()));
        }
        if (wanted(filter, EntityType.GROUP)) {
            tx.range(IamTables.GROUPS, scope, "", null, MOST)
                    .forEach(row -> ids.add("g:" + row.value().name()));
        }
        if (wanted(filter, EntityType.ROLE)) {
            tx.range(IamTables.ROLES, scope, "", null, MOST)
                    .forEach(row -> ids.add("r:" + row.value().name()));
        }
        if (wanted(filter, EntityType.LOCAL_MANAGED_POLICY)) {
            tx.range(IamTables.POLICIES, scope, "", null, MOST)
                    .forEach(row -> ids.add("p:" + row.value().arn(account)));
        }
        if (wanted(filter, EntityType.AWS_MANAGED_POLICY)) {
            // AWS tells of its own policies only those that are in use.
            state().awsManaged().all().values().stream()
                    .filter(policy -> IamState.uses(tx, account, policy.arn()) > 0)
                    .forEach(policy -> ids.add("p:" + policy.arn()));
        }
        return ids;
    }

    private static boolean wanted(List<String> filter, String type) {
        return filter.isEmpty() || filter.contains(type);
    }

    private static UserDetail user(ReadTx tx, String account, UserRow row) {
        List<String> groups = new ArrayList<>();
        for (String group : row.groups()) {
            IamState.find(tx, IamTables.GROUPS, account, group).ifPresent((GroupRow found) -> groups.add(found.name()));
        }
        return new UserDetail()
                .path(row.path())
                .userName(row.name())
                .userId(row.id())
                .arn(row.arn(account))
                .createDate(row.created())
                .userPolicyList(inline(row.grants()))
                .groupList(groups)
                .attachedManagedPolicies(attached(row.grants()))
                .permissionsBoundary(Views.boundary(row.grants().boundary()))
                .tags(Tags.list(row.tags()));
    }

    private static GroupDetail group(String account, GroupRow row) {
        return new GroupDetail()
                .path(row.path())
                .groupName(row.name())
                .groupId(row.id())
                .arn(row.arn(account))
                .createDate(row.created())
                .groupPolicyList(inline(row.grants()))
                .attachedManagedPolicies(attached(row.grants()));
    }

    private static RoleDetail role(ReadTx tx, String account, RoleRow row) {
        List<ProfileRow> profiles =
                tx
                        .find(IamTables.PROFILES, IamTables.scope(account), "role", IamTables.id(row.name()), "", 100)
                        .stream()
                        .map(Row::value)
                        .toList();
        return new RoleDetail()
                .path(row.path())
                .roleName(row.name())
                .roleId(row.id())
                .arn(row.arn(account))
                .createDate(row.created())
                .assumeRolePolicyDocument(Documents.encode(row.trust()))
                .instanceProfileList(profiles.stream()
                        .map(profile -> Views.profile(profile, account, row))
                        .toList())
                .rolePolicyList(inline(row.grants()))
                .attachedManagedPolicies(attached(row.grants()))
                .permissionsBoundary(Views.boundary(row.grants().boundary()))
                .tags(Tags.list(row.tags()))
                .roleLastUsed(Views.lastUsed(AccessTables.latest(tx, account, row.arn(account))));
    }

    private ManagedPolicyDetail policy(ReadTx tx, String account, String arn) {
        int attached = IamState.uses(tx, account, arn);
        int bounds = IamState.uses(tx, account, "boundary:" + arn);
        var aws = state().awsManaged().find(arn);
        Policy told = aws.isPresent()
                ? Views.policy(aws.get(), attached, bounds)
                : Views.policy(IamState.policy(tx, account, arn), account, attached, bounds);
        return new ManagedPolicyDetail()
                .policyName(told.policyName())
                .policyId(told.policyId())
                .arn(told.arn())
                .path(told.path())
                .defaultVersionId(told.defaultVersionId())
                .attachmentCount(attached)
                .permissionsBoundaryUsageCount(bounds)
                .isAttachable(told.isAttachable())
                .createDate(told.createDate())
                .updateDate(told.updateDate())
                .policyVersionList(
                        aws.isPresent() ? List.of(Views.version(aws.get(), true)) : versions(tx, account, arn));
    }

    private static List<PolicyVersion> versions(ReadTx tx, String account, String arn) {
        PolicyRow row = IamState.policy(tx, account, arn);
        return row.versions().stream()
                .map(version -> Views.version(row, version, true))
                .toList();
    }

    private static List<PolicyDetail> inline(Grants grants) {
        List<PolicyDetail> found = new ArrayList<>();
        grants.inline()
                .forEach((name, json) ->
                        found.add(new PolicyDetail().policyName(name).policyDocument(Documents.encode(json))));
        return found;
    }

    private static List<AttachedPolicy> attached(Grants grants) {
        return grants.attached().stream().map(Paths::attached).toList();
    }
}
