package dev.haneul.services.organizations;

import dev.haneul.api.organizations.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.services.organizations.OrganizationRow.PolicyRow;
import dev.haneul.services.organizations.Organizations.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which policies are attached to what, and the tags of everything. */
interface AttachmentOperations extends OrganizationsRoom {
    int CONTROLS = 5;
    int OTHERS = 10;

    static Fault notEnabled() {
        return OrganizationFaults.of(
                "PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types.");
    }

    @Override
    default AttachPolicyResponse attachPolicy(AttachPolicyRequest in, Call call) {
        return state().change(call, draft -> {
            PolicyRow policy = PolicyOperations.policy(draft.before, in.policyId());
            requireTarget(draft.before, in.targetId());
            if (!draft.types.contains(policy.type())) {
                throw notEnabled();
            }
            List<String> ids = draft.attached.computeIfAbsent(in.targetId(), _ -> new ArrayList<>());
            if (ids.contains(policy.id())) {
                throw OrganizationFaults.of(
                        "DuplicatePolicyAttachmentException", "A policy with the same name already exists.");
            }
            if (ofType(draft.policies, ids, policy.type()).size() >= (isControl(policy) ? CONTROLS : OTHERS)) {
                throw OrganizationFaults.constraint(
                        "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                        "You have exceeded the number of policies of this type that can be attached to an entity.");
            }
            ids.add(policy.id());
            return new AttachPolicyResponse();
        });
    }

    @Override
    default DetachPolicyResponse detachPolicy(DetachPolicyRequest in, Call call) {
        return state().change(call, draft -> {
            PolicyRow policy = PolicyOperations.policy(draft.before, in.policyId());
            requireTarget(draft.before, in.targetId());
            List<String> ids = draft.attached.getOrDefault(in.targetId(), new ArrayList<>());
            if (!ids.contains(policy.id())) {
                throw OrganizationFaults.of(
                        "PolicyNotAttachedException", "The policy isn't attached to the specified target.");
            }
            if (policy.id().equals(Controls.FULL_RESOURCE_ACCESS.id())) {
                throw OrganizationFaults.invalid("NON_DETACHABLE_POLICY", "You can't detach this policy.");
            }
            if (isControl(policy) && ofType(draft.policies, ids, policy.type()).size() == 1) {
                throw OrganizationFaults.constraint(
                        "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                        "You cannot remove the last policy attached to the specified target. You should have at least"
                                + " one attached always.");
            }
            ids.remove(policy.id());
            return new DetachPolicyResponse();
        });
    }

    private static boolean isControl(PolicyRow policy) {
        return Set.of(PolicyType.SERVICE_CONTROL_POLICY, PolicyType.RESOURCE_CONTROL_POLICY)
                .contains(policy.type());
    }

    private static List<PolicyRow> ofType(Map<String, PolicyRow> policies, List<String> ids, String type) {
        return ids.stream()
                .map(policies::get)
                .filter(policy -> policy != null && policy.type().equals(type))
                .toList();
    }

    private static void requireTarget(OrganizationRow row, String id) {
        if (!id.equals(row.root()) && !row.parents().containsKey(id)) {
            throw OrganizationFaults.noTarget();
        }
    }

    @Override
    default ListPoliciesForTargetResponse listPoliciesForTarget(ListPoliciesForTargetRequest in, Call call) {
        OrganizationRow row = state().managed(call);
        requireTarget(row, in.targetId());
        List<PolicyRow> all =
                ofType(row.policies(), row.attached().getOrDefault(in.targetId(), List.of()), in.filter());
        Page<PolicyRow> page = state().page(all, in.nextToken(), in.maxResults());
        return new ListPoliciesForTargetResponse()
                .policies(page.items().stream()
                        .map(policy -> PolicyOperations.summary(row, policy))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    default ListTargetsForPolicyResponse listTargetsForPolicy(ListTargetsForPolicyRequest in, Call call) {
        OrganizationRow row = state().managed(call);
        PolicyOperations.policy(row, in.policyId());
        List<PolicyTargetSummary> all = row.attached().entrySet().stream()
                .filter(each -> each.getValue().contains(in.policyId()))
                .map(each -> target(row, each.getKey()))
                .toList();
        Page<PolicyTargetSummary> page = state().page(all, in.nextToken(), in.maxResults());
        return new ListTargetsForPolicyResponse().targets(page.items()).nextToken(page.next());
    }

    private static PolicyTargetSummary target(OrganizationRow row, String id) {
        PolicyTargetSummary out = new PolicyTargetSummary().targetId(id);
        if (id.equals(row.root())) {
            Root root = PolicyOperations.root(row);
            return out.arn(root.arn()).name(root.name()).type(TargetType.ROOT);
        }
        Account account = row.accounts().get(id);
        if (account != null) {
            return out.arn(account.arn()).name(account.name()).type(TargetType.ACCOUNT);
        }
        OrganizationalUnit unit = TreeOperations.unit(row, id);
        return out.arn(unit.arn()).name(unit.name()).type(TargetType.ORGANIZATIONAL_UNIT);
    }

    @Override
    default TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        return state().change(call, draft -> {
            requireTaggable(draft.before, in.resourceId());
            Tagging.put(draft, in.resourceId(), in.tags());
            return new TagResourceResponse();
        });
    }

    @Override
    default UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        return state().change(call, draft -> {
            requireTaggable(draft.before, in.resourceId());
            Map<String, String> tags = draft.tags.get(in.resourceId());
            if (tags != null) {
                in.tagKeys().forEach(tags::remove);
            }
            return new UntagResourceResponse();
        });
    }

    @Override
    default ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest in, Call call) {
        OrganizationRow row = state().managed(call);
        requireTaggable(row, in.resourceId());
        return new ListTagsForResourceResponse().tags(Tagging.of(row, in.resourceId()));
    }

    private static void requireTaggable(OrganizationRow row, String id) {
        if (!row.policies().containsKey(id)) {
            requireTarget(row, id);
        }
    }
}
