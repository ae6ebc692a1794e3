package dev.haneul.services.iam;

import dev.haneul.api.iam.EvaluationResult;
import dev.haneul.api.iam.OrganizationsDecisionDetail;
import dev.haneul.api.iam.PermissionsBoundaryDecisionDetail;
import dev.haneul.api.iam.PolicyEvaluationDecisionType;
import dev.haneul.api.iam.Position;
import dev.haneul.api.iam.ResourceSpecificResult;
import dev.haneul.api.iam.Statement;
import dev.haneul.kernel.policy.Decision;
import dev.haneul.kernel.policy.Decision.Layer;
import dev.haneul.kernel.policy.Decision.Outcome;
import dev.haneul.kernel.policy.NamedPolicy;
import dev.haneul.kernel.policy.PolicyEvaluator;
import dev.haneul.kernel.policy.PolicyRequest;
import dev.haneul.kernel.policy.PolicySet;
import dev.haneul.kernel.policy.RequestContext;
import dev.haneul.kernel.policy.Statement.Span;
import dev.haneul.kernel.policy.Subject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One question to the simulator: whether this subject with these policies may do an action on a resource, and why.
 *
 * @param policies every policy but the resource's and the organisation's
 * @param controls what the subject's organisation adds; the same policies where it belongs to none
 * @param resourcePolicy what every resource of the simulation carries, empty for nothing
 * @param resourceOwner the account of resources whose ARN names none
 */
record Simulation(
        PolicySet policies,
        Controls controls,
        List<NamedPolicy> resourcePolicy,
        Subject subject,
        RequestContext context,
        String resourceOwner) {
    /** Adds the control policies that bear on an action on a resource of this owner. */
    @FunctionalInterface
    interface Controls {
        PolicySet over(PolicySet own, String owner, String action);
    }

    /** A result as AWS tells it: of a named resource, what is missing and why stand with the resource. */
    EvaluationResult result(String action, String resource) {
        String owner = owner(resource);
        PolicySet bound = controls.over(policies, owner, action).withResource(resourcePolicy, false);
        PolicyRequest request = PolicyRequest.of(subject, action, resource, owner, context);
        Decision decision = PolicyEvaluator.evaluate(request, bound);
        boolean named = !resource.equals("*");
        List<Statement> matched = matched(decision);
        List<String> missing = missing(bound);
        Map<String, String> details = details(request, bound, decision);
        PermissionsBoundaryDecisionDetail boundary = boundary(request);
        EvaluationResult out = new EvaluationResult()
                .evalActionName(action)
                .evalResourceName(resource)
                .evalDecision(text(decision))
                .matchedStatements(matched)
                .missingContextValues(named ? List.of() : missing)
                .organizationsDecisionDetail(organizations(decision, bound))
                .permissionsBoundaryDecisionDetail(boundary);
        if (named) {
            out.evalDecisionDetails(details);
            out.resourceSpecificResults(List.of(new ResourceSpecificResult()
                    .evalResourceName(resource)
                    .evalResourceDecision(text(decision))
                    .matchedStatements(matched)
                    .missingContextValues(missing)
                    .evalDecisionDetails(details.isEmpty() ? null : details)
                    .permissionsBoundaryDecisionDetail(boundary)));
        }
        return out;
    }

    private String owner(String resource) {
        String[] segments = resource.split(":", 6);
        return segments.length == 6 && segments[4].length() == 12 ? segments[4] : resourceOwner;
    }

    /** The statements of identity and resource policies that decided; control policies and boundaries tell their own. */
    private static List<Statement> matched(Decision decision) {
        return decision.matches().stream()
                .filter(match -> match.layer() == Layer.IDENTITY || match.layer() == Layer.RESOURCE)
                .filter(match -> match.allow() == decision.allowed())
                .map(match -> {
                    Span span = match.span();
                    String policy = match.policy();
                    return new Statement()
                            .sourcePolicyId(policy.substring(policy.lastIndexOf('/') + 1))
                            .sourcePolicyType(match.layer() == Layer.RESOURCE ? "Resource Policy" : "IAM Policy")
                            .startPosition(position(span.startLine(), span.startColumn()))
                            .endPosition(position(span.endLine(), span.endColumn()));
                })
                .toList();
    }

    private static Position position(int line, int column) {
        return new Position().line(line).column(column);
    }

    private static @Nullable OrganizationsDecisionDetail organizations(Decision decision, PolicySet bound) {
        boolean control = decision.layer() == Layer.SERVICE_CONTROL || decision.layer() == Layer.RESOURCE_CONTROL;
        return bound.organization().isEmpty()
                ? null
                : new OrganizationsDecisionDetail().allowedByOrganizations(decision.allowed() || !control);
    }

    private @Nullable PermissionsBoundaryDecisionDetail boundary(PolicyRequest request) {
        List<NamedPolicy> boundary = policies.boundary();
        return boundary == null
                ? null
                : new PermissionsBoundaryDecisionDetail()
                        .allowedByPermissionsBoundary(
                                alone(request, PolicySet.ofIdentity(boundary)).allowed());
    }

    /** Across accounts, what each side says for itself; empty within one, or where the organisation ended it. */
    private Map<String, String> details(PolicyRequest request, PolicySet bound, Decision decision) {
        boolean ended = decision.layer() == Layer.SERVICE_CONTROL && !decision.allowed();
        if (ended || subject.account().equals(request.resourceAccount())) {
            return Map.of();
        }
        Map<String, String> found = new LinkedHashMap<>();
        found.put("IAM Policy", text(alone(request, PolicySet.ofIdentity(policies.identity()))));
        // Asked as if at home, where a resource's policy alone may open it to the one it names.
        PolicySet theirs = PolicySet.ROOT.withResource(bound.resource(), true);
        found.put("Resource Policy", text(PolicyEvaluator.evaluate(atHome(request), theirs)));
        return found;
    }

    private Decision alone(PolicyRequest request, PolicySet own) {
        return PolicyEvaluator.evaluate(atHome(request), own);
    }

    private PolicyRequest atHome(PolicyRequest request) {
        return PolicyRequest.of(subject, request.action(), request.resource(), subject.account(), context);
    }

    private static String text(Decision decision) {
        return decision.outcome() == Outcome.EXPLICIT_DENY
                ? PolicyEvaluationDecisionType.EXPLICIT_DENY
                : decision.allowed()
                        ? PolicyEvaluationDecisionType.ALLOWED
                        : PolicyEvaluationDecisionType.IMPLICIT_DENY;
    }

    /** Keys the policies' conditions ask for and the simulation was not given. */
    private List<String> missing(PolicySet bound) {
        List<NamedPolicy> boundary = bound.boundary();
        List<NamedPolicy> all = Stream.of(
                        bound.identity(), boundary == null ? List.<NamedPolicy>of() : boundary, bound.resource())
                .flatMap(List::stream)
                .toList();
        return keys(all).stream()
                .filter(key -> context.get(key.toLowerCase(Locale.ROOT)) == null)
                .toList();
    }

    /** The keys policies ask a request for, as they first write them. */
    static List<String> keys(List<NamedPolicy> policies) {
        Map<String, String> found = new LinkedHashMap<>();
        for (NamedPolicy policy : policies) {
            policy.document()
                    .statements()
                    .forEach(statement -> statement
                            .keys()
                            .forEach(key -> found.putIfAbsent(key.strip().toLowerCase(Locale.ROOT), key.strip())));
        }
        return List.copyOf(found.values());
    }
}
