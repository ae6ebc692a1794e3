package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.policy.NamedPolicy;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.policy.PolicySet;
import dev.haneul.kernel.policy.RequestContext;
import dev.haneul.kernel.policy.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The policy simulator: the evaluator that enforces, asked about requests that nobody makes. See "Test IAM policies with
 * the IAM policy simulator" in the User Guide.
 */
interface SimulationOperations extends IamRoom {
    @Override
    default SimulatePolicyResponse simulateCustomPolicy(SimulateCustomPolicyRequest in, Call call) {
        PolicySet policies = PolicySet.ofIdentity(inputs("PolicyInputList", in.policyInputList()));
        if (in.resourcePolicy() != null && in.callerArn() == null) {
            throw IamFaults.invalidInput("CallerArn is required when a ResourcePolicy is included.");
        }
        String caller = in.callerArn() == null ? "arn:aws:iam::" + call.account() + ":user/simulated" : in.callerArn();
        Subject subject = callers(caller);
        Simulation simulation = new Simulation(
                bounded(policies, in.permissionsBoundaryPolicyInputList()),
                controls(subject),
                resourcePolicy(in.resourcePolicy()),
                subject,
                context(in.contextEntries()),
                owner(in.resourceOwner(), subject));
        return simulate(simulation, in.actionNames(), in.resourceArns(), in.marker(), in.maxItems());
    }

    @Override
    default SimulatePolicyResponse simulatePrincipalPolicy(SimulatePrincipalPolicyRequest in, Call call) {
        PolicySet own = policiesOf(in.policySourceArn(), call);
        List<NamedPolicy> identity = new ArrayList<>(own.identity());
        identity.addAll(inputs("PolicyInputList", in.policyInputList()));
        PolicySet policies = PolicySet.ofIdentity(identity).withBoundary(own.boundary());
        if (in.callerArn() == null
                && in.resourcePolicy() != null
                && in.policySourceArn().contains(":group/")) {
            throw IamFaults.invalidInput(
                    "CallerArn is required when PolicySourceArn is not a user and a ResourcePolicy" + " is included.");
        }
        Subject subject = in.callerArn() == null ? source(in.policySourceArn(), call) : callers(in.callerArn());
        Simulation simulation = new Simulation(
                bounded(policies, in.permissionsBoundaryPolicyInputList()),
                controls(subject),
                resourcePolicy(in.resourcePolicy()),
                subject,
                context(in.contextEntries()),
                owner(in.resourceOwner(), subject));
        return simulate(simulation, in.actionNames(), in.resourceArns(), in.marker(), in.maxItems());
    }

    @Override
    default GetContextKeysForPolicyResponse getContextKeysForCustomPolicy(
            GetContextKeysForCustomPolicyRequest in, Call call) {
        return new GetContextKeysForPolicyResponse()
                .contextKeyNames(Simulation.keys(inputs("PolicyInputList", in.policyInputList())));
    }

    @Override
    default GetContextKeysForPolicyResponse getContextKeysForPrincipalPolicy(
            GetContextKeysForPrincipalPolicyRequest in, Call call) {
        List<NamedPolicy> policies =
                new ArrayList<>(policiesOf(in.policySourceArn(), call).identity());
        policies.addAll(inputs("PolicyInputList", in.policyInputList()));
        return new GetContextKeysForPolicyResponse().contextKeyNames(Simulation.keys(policies));
    }

    private SimulatePolicyResponse simulate(
            Simulation simulation,
            List<String> actions,
            List<String> resourceArns,
            @Nullable String marker,
            @Nullable Integer maxItems) {
        List<String> resources = resourceArns.isEmpty() ? List.of("*") : resourceArns;
        for (String action : actions) {
            int colon = action.indexOf(':');
            if (colon <= 0 || colon == action.length() - 1 || action.indexOf('*') >= 0) {
                throw IamFaults.invalidInput("Invalid action: " + action);
            }
        }
        List<Integer> places =
                IntStream.range(0, actions.size() * resources.size()).boxed().toList();
        Pages<Integer> page = state().pages().of(places, "%08d"::formatted, marker, maxItems);
        return new SimulatePolicyResponse()
                .evaluationResults(page.map(place -> simulation.result(
                                actions.get(place / resources.size()), resources.get(place % resources.size())))
                        .items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private Simulation.Controls controls(Subject subject) {
        return (own, owner, action) ->
                state().controls(accounts()).over(own, subject.account(), subject.entityArn(), owner, action);
    }

    private static PolicySet bounded(PolicySet policies, List<String> boundary) {
        return boundary.isEmpty()
                ? policies
                : policies.withBoundary(inputs("PermissionsBoundaryPolicyInputList", boundary));
    }

    private static List<NamedPolicy> resourcePolicy(@Nullable String json) {
        return json == null
                ? List.of()
                : List.of(new NamedPolicy("ResourcePolicy", Documents.check(json, PolicyKind.RESOURCE)));
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

    /** The account that owns what names none: the one that is named, or the caller's. */
    private static String owner(@Nullable String named, Subject subject) {
        if (named == null) {
            return subject.account();
        }
        String account = named.startsWith("arn:") && named.split(":", 6).length == 6 ? named.split(":", 6)[4] : named;
        if (!account.matches("[0-9]{12}")) {
            throw IamFaults.invalidInput("Invalid resource owner: " + named);
        }
        return account;
    }

    /** A user by its ARN, who need not be there. */
    private static Subject callers(String arn) {
        String[] segments = arn.split(":", 6);
        if (segments.length != 6 || !segments[4].matches("[0-9]{12}") || !segments[5].startsWith("user/")) {
            throw IamFaults.invalidInput("Invalid caller ARN: " + arn + ". It must be the ARN of an IAM user.");
        }
        return new Subject(Principal.Type.USER, segments[4], arn, arn);
    }

    /** The one whose policies are asked about: a role as a session of it, for nobody else calls under a role. */
    private static Subject source(String arn, Call call) {
        if (!arn.contains(":role/")) {
            return new Subject(Principal.Type.USER, call.account(), arn, arn);
        }
        String name = arn.substring(arn.lastIndexOf('/') + 1);
        String session = "arn:aws:sts::" + call.account() + ":assumed-role/" + name + "/simulated";
        return new Subject(Principal.Type.ASSUMED_ROLE, call.account(), session, arn);
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
