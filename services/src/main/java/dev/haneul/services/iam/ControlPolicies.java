package dev.haneul.services.iam;

import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.AccountRules;
import dev.haneul.kernel.call.AccountRules.Control;
import dev.haneul.kernel.call.AccountRules.Membership;
import dev.haneul.kernel.policy.NamedPolicy;
import dev.haneul.kernel.policy.PolicyCache;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.policy.PolicySet;
import dev.haneul.kernel.policy.RequestContext;
import dev.haneul.kernel.policy.Subject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What organisations add to a decision: their control policies and the condition keys that speak of them.
 *
 * @see <a href="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html">SCPs</a>
 * @see <a href="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html">RCPs</a>
 */
final class ControlPolicies {
    /** The services whose resources resource control policies bind. */
    private static final Set<String> RESOURCE_CONTROLLED =
            Set.of("s3", "sts", "sqs", "kms", "secretsmanager", "ecr", "dynamodb", "logs", "cognito-idp");

    /** Nothing of an organisation's binds the roles that its services made for themselves. */
    private static final String SERVICE_LINKED = ":role/aws-service-role/";

    private final AccountRules rules;
    private final PolicyCache documents;

    ControlPolicies(AccountRules rules, PolicyCache documents) {
        this.rules = rules;
        this.documents = documents;
    }

    /** The same policies with those that bind the principal's account and the resource's owner. */
    PolicySet over(PolicySet own, Principal principal, String owner, String action) {
        return over(
                own, principal.account(), principal.attributes().getOrDefault(Subject.ENTITY_ARN, ""), owner, action);
    }

    /** The same for whoever is known by its account and by the ARN of the user or role that it is. */
    PolicySet over(PolicySet own, String account, String entityArn, String owner, String action) {
        boolean linked = entityArn.contains(SERVICE_LINKED);
        List<List<NamedPolicy>> service = linked
                ? List.of()
                : rules.membership(account)
                        .map(found -> parsed(found.serviceControl(), PolicyKind.IDENTITY))
                        .orElse(List.of());
        boolean controlled = !linked && RESOURCE_CONTROLLED.contains(action.substring(0, action.indexOf(':')));
        List<List<NamedPolicy>> resources = !controlled
                ? List.of()
                : rules.membership(owner)
                        .map(found -> parsed(found.resourceControl(), PolicyKind.RESOURCE))
                        .orElse(List.of());
        return service.isEmpty() && resources.isEmpty() ? own : own.withControls(service, resources);
    }

    private List<List<NamedPolicy>> parsed(List<List<Control>> levels, PolicyKind kind) {
        return levels.stream()
                .map(level -> level.stream()
                        .map(each -> new NamedPolicy(each.name(), documents.get(each.document(), kind)))
                        .toList())
                .toList();
    }

    /** {@code aws:PrincipalOrgID} and its kin, and for a service that acts for an account's resource, that account's. */
    void describe(Principal principal, RequestContext.Builder out) {
        describe("Principal", principal.account(), out);
        if (principal.type() == Principal.Type.SERVICE) {
            describe("Source", principal.attributes().getOrDefault("aws:SourceAccount", ""), out);
        }
    }

    /** {@code aws:ResourceOrgID} and {@code aws:ResourceOrgPaths}. */
    void describeOwner(String account, RequestContext.Builder out) {
        describe("Resource", account, out);
    }

    private void describe(String whose, String account, RequestContext.Builder out) {
        Optional<Membership> found = rules.membership(account);
        if (found.isPresent()) {
            out.put("aws:" + whose + "OrgID", found.get().organizationId());
            out.putAll("aws:" + whose + "OrgPaths", List.of(found.get().path()));
            if (whose.equals("Principal")) {
                out.put("aws:PrincipalOrgMasterAccountId", found.get().managementAccount());
            }
        }
    }
}
