package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.iam.IamTables.GroupRow;
import dev.haneul.services.iam.IamTables.PolicyRow;
import dev.haneul.services.iam.IamTables.RoleRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Managed policies and their versions; AWS's own can be read and attached, not changed. */
interface PolicyOperations extends IamRoom {
    int POLICIES_PER_ACCOUNT = 1500;
    int POLICY_SIZE = 6144;
    int VERSIONS = 5;

    private static String checked(String document) {
        Documents.check(document, PolicyKind.IDENTITY);
        if (Documents.size(document) > POLICY_SIZE) {
            throw IamFaults.quota("PolicySize", POLICY_SIZE);
        }
        return document;
    }

    @Override
    default CreatePolicyResponse createPolicy(CreatePolicyRequest in, Call call) {
        Instant now = state().now();
        PolicyRow row = new PolicyRow(
                in.policyName(),
                state().ids().unique("ANPA"),
                Paths.of(in.path()),
                in.description(),
                now,
                now,
                List.of(new PolicyRow.Version(1, checked(in.policyDocument()), now)),
                1,
                1,
                Tags.of(in.tags()));
        state().write(tx -> {
            if (IamState.find(tx, IamTables.POLICIES, call.account(), row.name())
                    .isPresent()) {
                throw IamFaults.alreadyExists(
                        "A policy called " + row.name() + " already exists. Duplicate names are not allowed.");
            }
            if (IamState.count(tx, IamTables.POLICIES, call.account()) >= POLICIES_PER_ACCOUNT) {
                throw IamFaults.quota("PoliciesPerAccount", POLICIES_PER_ACCOUNT);
            }
            IamState.put(tx, IamTables.POLICIES, call.account(), row.name(), row);
            return true;
        });
        Policy policy =
                Views.policy(row, call.account(), 0, 0).tags(row.tags().isEmpty() ? null : Tags.list(row.tags()));
        return new CreatePolicyResponse().policy(policy);
    }

    @Override
    default GetPolicyResponse getPolicy(GetPolicyRequest in, Call call) {
        String arn = in.policyArn();
        return state().read(tx -> {
            int attachments = IamState.uses(tx, call.account(), arn);
            int boundaries = IamState.uses(tx, call.account(), "boundary:" + arn);
            Optional<AwsManagedPolicies.Managed> aws = state().awsManaged().find(arn);
            if (aws.isPresent()) {
                return new GetPolicyResponse().policy(Views.policy(aws.get(), attachments, boundaries));
            }
            PolicyRow row = IamState.policy(tx, call.account(), arn);
            Policy policy = Views.policy(row, call.account(), attachments, boundaries)
                    .description(row.description())
                    .tags(Tags.list(row.tags()));
            return new GetPolicyResponse().policy(policy);
        });
    }

    @Override
    default DeletePolicyResponse deletePolicy(DeletePolicyRequest in, Call call) {
        state().write(tx -> {
            PolicyRow row = IamState.policy(tx, call.account(), in.policyArn());
            int uses = IamState.uses(tx, call.account(), in.policyArn())
                    + IamState.uses(tx, call.account(), "boundary:" + in.policyArn());
            if (uses > 0) {
                throw IamFaults.deleteConflict("Cannot delete a policy attached to entities.");
            }
            if (row.versions().size() > 1) {
                throw IamFaults.deleteConflict("This policy has more than one version. Before you delete a policy, you"
                        + " must delete the policy's versions. The default version is deleted with the policy.");
            }
            IamState.delete(tx, IamTables.POLICIES, call.account(), row.name());
            return true;
        });
        return new DeletePolicyResponse();
    }

    @Override
    default CreatePolicyVersionResponse createPolicyVersion(CreatePolicyVersionRequest in, Call call) {
        String document = checked(in.policyDocument());
        PolicyRow changed = change(in.policyArn(), call, row -> {
            if (row.versions().size() >= VERSIONS) {
                throw IamFaults.limit("A managed policy can have up to " + VERSIONS + " versions. Before you create a"
                        + " new version, you must delete an existing version.");
            }
            int number = row.lastVersion() + 1;
            List<PolicyRow.Version> versions = new ArrayList<>(row.versions());
            versions.add(new PolicyRow.Version(number, document, state().now()));
            int inForce = Boolean.TRUE.equals(in.setAsDefault()) ? number : row.defaultVersion();
            return row.withVersions(versions, inForce, number, state().now());
        });
        PolicyRow.Version made = changed.versions().getLast();
        return new CreatePolicyVersionResponse().policyVersion(Views.version(changed, made, false));
    }

    @Override
    default DeletePolicyVersionResponse deletePolicyVersion(DeletePolicyVersionRequest in, Call call) {
        change(in.policyArn(), call, row -> {
            PolicyRow.Version gone = row.version(in.versionId());
            if (gone.number() == row.defaultVersion()) {
                throw IamFaults.deleteConflict("Cannot delete the default version of a policy.");
            }
            List<PolicyRow.Version> versions = new ArrayList<>(row.versions());
            versions.remove(gone);
            return row.withVersions(versions, row.defaultVersion(), row.lastVersion(), state().now());
        });
        return new DeletePolicyVersionResponse();
    }

    @Override
    default SetDefaultPolicyVersionResponse setDefaultPolicyVersion(SetDefaultPolicyVersionRequest in, Call call) {
        change(in.policyArn(), call, row -> {
            int number = row.version(in.versionId()).number();
            return row.withVersions(row.versions(), number, row.lastVersion(), state().now());
        });
        return new SetDefaultPolicyVersionResponse();
    }

    @Override
    default GetPolicyVersionResponse getPolicyVersion(GetPolicyVersionRequest in, Call call) {
        Optional<AwsManagedPolicies.Managed> aws = state().awsManaged().find(in.policyArn());
        if (aws.isPresent()) {
            if (!aws.get().version().equals(in.versionId())) {
                throw IamFaults.noSuchEntity("Policy " + in.policyArn() + " version " + in.versionId()
                        + " does not exist or is not attachable.");
            }
            return new GetPolicyVersionResponse().policyVersion(Views.version(aws.get(), true));
        }
        PolicyRow row = state().read(tx -> IamState.policy(tx, call.account(), in.policyArn()));
        return new GetPolicyVersionResponse().policyVersion(Views.version(row, row.version(in.versionId()), true));
    }

    @Override
    default ListPolicyVersionsResponse listPolicyVersions(ListPolicyVersionsRequest in, Call call) {
        Optional<AwsManagedPolicies.Managed> aws = state().awsManaged().find(in.policyArn());
        List<PolicyVersion> versions;
        if (aws.isPresent()) {
            versions = List.of(Views.version(aws.get(), false));
        } else {
            PolicyRow row = state().read(tx -> IamState.policy(tx, call.account(), in.policyArn()));
            versions = row.versions().reversed().stream()
                    .map(version -> Views.version(row, version, false))
                    .toList();
        }
        return new ListPolicyVersionsResponse().versions(versions).isTruncated(false);
    }

    @Override
    default ListPoliciesResponse listPolicies(ListPoliciesRequest in, Call call) {
        String scope = in.scope() == null ? PolicyScopeType.ALL : in.scope();
        boolean onlyAttached = Boolean.TRUE.equals(in.onlyAttached());
        String usage = in.policyUsageFilter();
        List<Policy> found = state().read(tx -> {
            List<Policy> all = new ArrayList<>();
            if (!scope.equals(PolicyScopeType.AWS)) {
                tx.range(IamTables.POLICIES, IamTables.scope(call.account()), "", null, 10_000)
                        .forEach(row -> all.add(Views.policy(
                                row.value(),
                                call.account(),
                                IamState.uses(tx, call.account(), row.value().arn(call.account())),
                                IamState.uses(
                                        tx,
                                        call.account(),
                                        "boundary:" + row.value().arn(call.account())))));
            }
            if (!scope.equals(PolicyScopeType.LOCAL)) {
                state().awsManaged()
                        .all()
                        .values()
                        .forEach(policy -> all.add(Views.policy(
                                policy,
                                IamState.uses(tx, call.account(), policy.arn()),
                                IamState.uses(tx, call.account(), "boundary:" + policy.arn()))));
            }
            return all;
        });
        found.removeIf(policy -> !Paths.within(String.valueOf(policy.path()), in.pathPrefix()));
        found.removeIf(policy -> {
            boolean attached = Integer.valueOf(0).compareTo(policy.attachmentCount()) < 0;
            boolean boundary = Integer.valueOf(0).compareTo(policy.permissionsBoundaryUsageCount()) < 0;
            boolean wanted = PolicyUsageType.PERMISSIONS_BOUNDARY.equals(usage) ? boundary : attached;
            return (onlyAttached || usage != null) && !wanted;
        });
        Pages<Policy> page =
                state().pages().of(found, policy -> String.valueOf(policy.arn()), in.marker(), in.maxItems());
        return new ListPoliciesResponse()
                .policies(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    @Override
    default ListEntitiesForPolicyResponse listEntitiesForPolicy(ListEntitiesForPolicyRequest in, Call call) {
        String use = PolicyUsageType.PERMISSIONS_BOUNDARY.equals(in.policyUsageFilter())
                ? "boundary:" + in.policyArn()
                : in.policyArn();
        String only = in.entityFilter();
        return state().read(tx -> {
            if (state().managedDocument(tx, in.policyArn()) == null) {
                throw IamFaults.noSuchEntity("Policy " + in.policyArn() + " was not found.");
            }
            ListEntitiesForPolicyResponse out = new ListEntitiesForPolicyResponse().isTruncated(false);
            out.policyGroups(List.of()).policyUsers(List.of()).policyRoles(List.of());
            if (only == null || only.equals(EntityType.GROUP)) {
                out.policyGroups(users(tx, IamTables.GROUPS, call, use).stream()
                        .map((GroupRow row) ->
                                new PolicyGroup().groupName(row.name()).groupId(row.id()))
                        .toList());
            }
            if (only == null || only.equals(EntityType.USER)) {
                out.policyUsers(users(tx, IamTables.USERS, call, use).stream()
                        .map((UserRow row) ->
                                new PolicyUser().userName(row.name()).userId(row.id()))
                        .toList());
            }
            if (only == null || only.equals(EntityType.ROLE)) {
                out.policyRoles(users(tx, IamTables.ROLES, call, use).stream()
                        .map((RoleRow row) ->
                                new PolicyRole().roleName(row.name()).roleId(row.id()))
                        .toList());
            }
            return out;
        });
    }

    private static <R> List<R> users(ReadTx tx, dev.haneul.kernel.store.Table<R> table, Call call, String use) {
        return tx.find(table, IamTables.scope(call.account()), "policy", use, "", 10_000).stream()
                .map(Row::value)
                .toList();
    }

    @Override
    default TagPolicyResponse tagPolicy(TagPolicyRequest in, Call call) {
        change(in.policyArn(), call, row -> row.withTags(Tags.with(row.tags(), in.tags())));
        return new TagPolicyResponse();
    }

    @Override
    default UntagPolicyResponse untagPolicy(UntagPolicyRequest in, Call call) {
        change(in.policyArn(), call, row -> row.withTags(Tags.without(row.tags(), in.tagKeys())));
        return new UntagPolicyResponse();
    }

    @Override
    default ListPolicyTagsResponse listPolicyTags(ListPolicyTagsRequest in, Call call) {
        Map<String, String> tags = state().read(tx ->
                IamState.policy(tx, call.account(), in.policyArn()).tags());
        Pages<Tag> page = state().pages().of(Tags.list(tags), Tag::key, in.marker(), in.maxItems());
        return new ListPolicyTagsResponse()
                .tags(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private PolicyRow change(String arn, Call call, UnaryOperator<PolicyRow> change) {
        if (arn.startsWith(AwsManagedPolicies.ARN + "/")) {
            throw Denials.plain(
                    "User: " + call.principal().arn() + " is not authorized to change the AWS managed policy " + arn);
        }
        return state().write(tx -> {
            PolicyRow changed = change.apply(IamState.policy(tx, call.account(), arn));
            IamState.put(tx, IamTables.POLICIES, call.account(), changed.name(), changed);
            return changed;
        });
    }
}
