package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.policy.Condition;
import dev.haneul.kernel.policy.Decision;
import dev.haneul.kernel.policy.NamedPolicy;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyEvaluator;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.policy.PolicyRequest;
import dev.haneul.kernel.policy.PolicySet;
import dev.haneul.kernel.policy.RequestContext;
import dev.haneul.kernel.policy.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The policy simulator: the evaluator that enforces, asked about requests that nobody makes. */
interface SimulationOperations extends IamRoom {
    /**
     * What a simulation is about, whatever operation asks.
     *
     * @param policies the identity policies, and the boundary where there is one
     */
    record Simulation(
            PolicySet policies,
            Subject subject,
            List<String> actions,
            List<String> resources,
            RequestContext context,
            @Nullable String resourceOwner) {}

    @Override
    default SimulatePolicyResponse simulateCustomPolicy(SimulateCustomPolicyRequest in, Call call) {
        PolicySet policies = PolicySet.ofIdentity(inputs("PolicyInputList", in.policyInputList()));
        String caller = in.callerArn() == null ? "arn:aws:iam::" + call.account() + ":user/simulated" : in.callerArn();
        return simulate(
                new Simulation(
                        bounded(policies, in.permissionsBoundaryPolicyInputList(), in.resourcePolicy()),
                        subject(caller, call.account()),
                        in.actionNames(),
                        in.resourceArns(),
                        context(in.contextEntries()),
                        in.resourceOwner()),
                in.marker(),
                in.maxItems());
    }

    @Override
    default SimulatePolicyResponse simulatePrincipalPolicy(SimulatePrincipalPolicyRequest in, Call call) {
        PolicySet own = policiesOf(in.policySourceArn(), call);
        List<NamedPolicy> identity = new ArrayList<>(own.identity());
        identity.addAll(inputs("PolicyInputList", in.policyInputList()));
        PolicySet policies = PolicySet.ofIdentity(identity).withBoundary(own.boundary());
        String caller = in.callerArn() == null ? in.policySourceArn() : in.callerArn();
        return simulate(
                new Simulation(
                        bounded(policies, in.permissionsBoundaryPolicyInputList(), in.resourcePolicy()),
                        subject(caller, call.account()),
                        in.actionNames(),
                        in.resourceArns(),
                        context(in.contextEntries()),
                        in.resourceOwner()),
                in.marker(),
                in.maxItems());
    }

    @Override
    default GetContextKeysForPolicyResponse getContextKeysForCustomPolicy(
            GetContextKeysForCustomPolicyRequest in, Call call) {
        Set<String> keys = new TreeSet<>(keys(inputs("PolicyInputList", in.policyInputList())));
        return new GetContextKeysForPolicyResponse().contextKeyNames(List.copyOf(keys));
    }

    @Override
    default GetContextKeysForPolicyResponse getContextKeysForPrincipalPolicy(
            GetContextKeysForPrincipalPolicyRequest in, Call call) {
        Set<String> keys =
                new TreeSet<>(keys(policiesOf(in.policySourceArn(), call).identity()));
        keys.addAll(keys(inputs("PolicyInputList", in.policyInputList())));
        return new GetContextKeysForPolicyResponse().contextKeyNames(List.copyOf(keys));
    }

    private SimulatePolicyResponse simulate(
            Simulation simulation, @Nullable String marker, @Nullable Integer maxItems) {
        List<EvaluationResult> results = new ArrayList<>();
        List<String> resources = simulation.resources().isEmpty() ? List.of("*") : simulation.resources();
        for (String action : simulation.actions()) {
            if (action.indexOf(':') <= 0) {
                throw IamFaults.invalidInput("Invalid action: " + action);
            }
            resources.forEach(resource -> results.add(result(simulation, action, resource)));
        }
        List<Integer> places = IntStream.range(0, results.size()).boxed().toList();
        Pages<Integer> page = state().pages().of(places, "%06d"::formatted, marker, maxItems);
        return new SimulatePolicyResponse()
                .evaluationResults(page.map(results::get).items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private static EvaluationResult result(Simulation simulation, String action, String resource) {
        Subject subject = simulation.subject();
        String owner = owner(simulation, resource);
        PolicyRequest request = PolicyRequest.of(subject, action, resource, owner, simulation.context());
        Decision decision = PolicyEvaluator.evaluate(request, simulation.policies());
        EvaluationResult out = new EvaluationResult()
                .evalActionName(action)
                .evalResourceName(resource)
                .evalDecision(text(decision))
                .matchedStatements(decision.matches().stream()
                        .map(match -> new Statement()
                                .sourcePolicyId(match.policy())
                                .sourcePolicyType(
                                        match.layer() == Decision.Layer.RESOURCE ? "Resource Policy" : "IAM Policy"))
                        .toList())
                .missingContextValues(missing(simulation));
        List<NamedPolicy> boundary = simulation.policies().boundary();
        if (boundary != null) {
            Decision bound = PolicyEvaluator.evaluate(request, PolicySet.ofIdentity(boundary));
            out.permissionsBoundaryDecisionDetail(
                    new PermissionsBoundaryDecisionDetail().allowedByPermissionsBoundary(bound.allowed()));
        }
        return out;
    }

    private static String owner(Simulation simulation, String resource) {
        String given = simulation.resourceOwner();
        String[] segments = (given == null ? resource : given).split(":", 6);
        return segments.length == 6 && segments[4].length() == 12
                ? segments[4]
                : simulation.subject().account();
    }

    private static String text(Decision decision) {
        return switch (decision.outcome()) {
            case ALLOWED -> PolicyEvaluationDecisionType.ALLOWED;
            case EXPLICIT_DENY -> PolicyEvaluationDecisionType.EXPLICIT_DENY;
            case IMPLICIT_DENY -> PolicyEvaluationDecisionType.IMPLICIT_DENY;
        };
    }

    /** Keys the policies' conditions ask for and the simulation was not given. */
    private static List<String> missing(Simulation simulation) {
        List<NamedPolicy> boundary = simulation.policies().boundary();
        List<NamedPolicy> all = Stream.of(
                        simulation.policies().identity(),
                        boundary == null ? List.<NamedPolicy>of() : boundary,
                        simulation.policies().resource())
                .flatMap(List::stream)
                .toList();
        return keys(all).stream()
                .filter(key -> simulation.context().get(key) == null)
                .toList();
    }

    private static Set<String> keys(List<NamedPolicy> policies) {
        Set<String> keys = new TreeSet<>();
        for (NamedPolicy policy : policies) {
            policy.document()
                    .statements()
                    .forEach(statement ->
                            statement.conditions().stream().map(Condition::key).forEach(keys::add));
        }
        return keys;
    }

    private static PolicySet bounded(PolicySet policies, List<String> boundary, @Nullable String resourcePolicy) {
        PolicySet set = boundary.isEmpty()
                ? policies
                : policies.withBoundary(inputs("PermissionsBoundaryPolicyInputList", boundary));
        return resourcePolicy == null
                ? set
                : set.withResource(
                        List.of(new NamedPolicy(
                                "ResourcePolicy", Documents.check(resourcePolicy, PolicyKind.RESOURCE))),
                        false);
    }

    private static List<NamedPolicy> inputs(String name, List<String> documents) {
        List<NamedPolicy> found = new ArrayList<>();
        for (String json : documents) {
            PolicyDocument document = Documents.check(json, PolicyKind.IDENTITY);
            found.add(new NamedPolicy(name + "." + (found.size() + 1), document));
        }
        return found;
    }

    private static RequestContext context(List<ContextEntry> entries) {
        RequestContext.Builder out = RequestContext.builder();
        for (ContextEntry entry : entries) {
            String name = entry.contextKeyName();
            if (name != null) {
                out.putAll(name, entry.contextKeyValues());
            }
        }
        return out.build();
    }

    private static Subject subject(String arn, String fallbackAccount) {
        String[] segments = arn.split(":", 6);
        String account = segments.length == 6 && segments[4].length() == 12 ? segments[4] : fallbackAccount;
        return new Subject(Principal.Type.USER, account, arn, arn);
    }

    /** The policies of a user, group or role. */
    private PolicySet policiesOf(String arn, Call call) {
        String prefix = "arn:aws:iam::" + call.account() + ":";
        String name = arn.substring(arn.lastIndexOf('/') + 1);
        String kind = arn.startsWith(prefix) ? arn.substring(prefix.length()) : "";
        return state().read(tx -> {
            if (kind.startsWith("user/")) {
                return state().principals().ofUser(tx, call.account(), IamState.user(tx, call.account(), name));
            }
            if (kind.startsWith("role/")) {
                return state().principals().ofRole(tx, IamState.role(tx, call.account(), name));
            }
            if (kind.startsWith("group/")) {
                return state().principals().ofGroup(tx, IamState.group(tx, call.account(), name));
            }
            throw IamFaults.invalidInput(
                    "Invalid Entity Arn: " + arn + " does not clearly define entity type and name.");
        });
    }
}
