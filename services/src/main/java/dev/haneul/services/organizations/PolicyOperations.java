package dev.haneul.services.organizations;

import dev.haneul.api.organizations.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.services.organizations.OrganizationRow.PolicyRow;
import dev.haneul.services.organizations.Organizations.Page;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Policies and the types of them that are enabled. */
interface PolicyOperations extends OrganizationsRoom {
    int POLICIES = 1000;
    int CONTENT_CHARS = 10_240;

    @Override
    default CreatePolicyResponse createPolicy(CreatePolicyRequest in, Call call) {
        check(in.type(), in.content());
        String id = "p-" + state().ids().lower(8);
        return state().change(call, draft -> {
            if (draft.policies.size() >= POLICIES) {
                throw OrganizationFaults.constraint(
                        "POLICY_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of policies.");
            }
            requireFreeName(draft, in.type(), in.name());
            PolicyRow policy = new PolicyRow(id, in.name(), in.description(), in.type(), in.content(), false);
            draft.policies.put(id, policy);
            Tagging.put(draft, id, in.tags());
            return new CreatePolicyResponse().policy(view(draft.before, policy));
        });
    }

    private static void requireFreeName(Draft draft, String type, String name) {
        boolean taken = draft.policies.values().stream()
                .anyMatch(each -> each.type().equals(type) && each.name().equals(name));
        if (taken) {
            throw OrganizationFaults.of("DuplicatePolicyException", "A policy with the same name already exists.");
        }
    }

    /** Refuses content that its type does not allow; of types that nothing reads, only what is no JSON object. */
    private static void check(String type, String content) {
        if (content.length() > CONTENT_CHARS) {
            throw OrganizationFaults.constraint(
                    "POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the allowed size of a policy document.");
        }
        try {
            switch (type) {
                case PolicyType.SERVICE_CONTROL_POLICY -> PolicyDocument.parse(content, PolicyKind.IDENTITY);
                case PolicyType.RESOURCE_CONTROL_POLICY -> {
                    boolean allows = PolicyDocument.parse(content, PolicyKind.RESOURCE).statements().stream()
                            .anyMatch(statement -> statement.allow());
                    if (allows) {
                        throw malformed();
                    }
                }
                default -> {
                    String bare = content.strip();
                    if (!bare.startsWith("{") || !bare.endsWith("}")) {
                        throw malformed();
                    }
                }
            }
        } catch (MalformedPolicyException _) {
            throw malformed();
        }
    }

    private static Fault malformed() {
        return OrganizationFaults.of(
                "MalformedPolicyDocumentException",
                "The provided policy document does not meet the requirements of the specified policy type.");
    }

    static PolicyRow policy(OrganizationRow row, String id) {
        PolicyRow found = row.policies().get(id);
        if (found == null) {
            throw OrganizationFaults.noPolicy();
        }
        return found;
    }

    private static PolicyRow own(OrganizationRow row, String id) {
        PolicyRow found = policy(row, id);
        if (found.aws()) {
            throw OrganizationFaults.invalid("IMMUTABLE_POLICY", "You specified a policy that cannot be modified.");
        }
        return found;
    }

    static PolicySummary summary(OrganizationRow row, PolicyRow policy) {
        return new PolicySummary()
                .id(policy.id())
                .arn(row.arnOf(policy))
                .name(policy.name())
                .description(policy.description())
                .type(policy.type())
                .awsManaged(policy.aws());
    }

    private static Policy view(OrganizationRow row, PolicyRow policy) {
        return new Policy().policySummary(summary(row, policy)).content(policy.content());
    }

    @Override
    default DescribePolicyResponse describePolicy(DescribePolicyRequest in, Call call) {
        OrganizationRow row = state().managed(call);
        return new DescribePolicyResponse().policy(view(row, policy(row, in.policyId())));
    }

    @Override
    default UpdatePolicyResponse updatePolicy(UpdatePolicyRequest in, Call call) {
        return state().change(call, draft -> {
            PolicyRow old = own(draft.before, in.policyId());
            String name = or(in.name(), old.name());
            String content = or(in.content(), old.content());
            check(old.type(), content);
            if (!name.equals(old.name())) {
                requireFreeName(draft, old.type(), name);
            }
            PolicyRow changed =
                    new PolicyRow(old.id(), name, or(in.description(), old.description()), old.type(), content, false);
            draft.policies.put(old.id(), changed);
            return new UpdatePolicyResponse().policy(view(draft.before, changed));
        });
    }

    private static String or(@Nullable String given, String old) {
        return given == null ? old : given;
    }

    @Override
    default DeletePolicyResponse deletePolicy(DeletePolicyRequest in, Call call) {
        return state().change(call, draft -> {
            own(draft.before, in.policyId());
            if (draft.attached.values().stream().anyMatch(each -> each.contains(in.policyId()))) {
                throw OrganizationFaults.of(
                        "PolicyInUseException",
                        "The policy is attached to one or more entities. You must detach it from all roots, OUs, and"
                                + " accounts before performing this operation.");
            }
            draft.policies.remove(in.policyId());
            draft.tags.remove(in.policyId());
            return new DeletePolicyResponse();
        });
    }

    @Override
    default ListPoliciesResponse listPolicies(ListPoliciesRequest in, Call call) {
        OrganizationRow row = state().managed(call);
        List<PolicySummary> all = row.policies().values().stream()
                .filter(each -> each.type().equals(in.filter()))
                .map(each -> summary(row, each))
                .toList();
        Page<PolicySummary> page = state().page(all, in.nextToken(), in.maxResults());
        return new ListPoliciesResponse().policies(page.items()).nextToken(page.next());
    }

    static Root root(OrganizationRow row) {
        return new Root()
                .id(row.root())
                .arn(row.arn("root/" + row.id() + "/" + row.root()))
                .name("Root")
                .policyTypes(row.types().stream()
                        .map(type -> new PolicyTypeSummary().type(type).status(PolicyTypeStatus.ENABLED))
                        .toList());
    }

    @Override
    default EnablePolicyTypeResponse enablePolicyType(EnablePolicyTypeRequest in, Call call) {
        return state().change(call, draft -> {
            requireRoot(draft, in.rootId());
            if (!draft.before.featureSet().equals(OrganizationFeatureSet.ALL)) {
                throw OrganizationFaults.of(
                        "PolicyTypeNotAvailableForOrganizationException",
                        "You can't use the specified policy type with the feature set currently enabled for this"
                                + " organization.");
            }
            if (draft.types.contains(in.policyType())) {
                throw OrganizationFaults.of(
                        "PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.");
            }
            draft.types.add(in.policyType());
            // Everything starts with the policy that allows all, or the type would refuse everything at once.
            List<String> defaults = Controls.defaults(List.of(in.policyType()));
            List<String> everything = new ArrayList<>(draft.parents.keySet());
            everything.add(draft.before.root());
            everything.forEach(target -> draft.attached
                    .computeIfAbsent(target, _ -> new ArrayList<>())
                    .addAll(defaults));
            return new EnablePolicyTypeResponse().root(root(draft.row()));
        });
    }

    @Override
    default DisablePolicyTypeResponse disablePolicyType(DisablePolicyTypeRequest in, Call call) {
        return state().change(call, draft -> {
            requireRoot(draft, in.rootId());
            if (!draft.types.remove(in.policyType())) {
                throw AttachmentOperations.notEnabled();
            }
            draft.attached
                    .values()
                    .forEach(ids -> ids.removeIf(id -> {
                        PolicyRow policy = draft.policies.get(id);
                        return policy == null || policy.type().equals(in.policyType());
                    }));
            return new DisablePolicyTypeResponse().root(root(draft.row()));
        });
    }

    private static void requireRoot(Draft draft, String id) {
        if (!id.equals(draft.before.root())) {
            throw OrganizationFaults.of("RootNotFoundException", "You specified a root that doesn't exist.");
        }
    }
}
