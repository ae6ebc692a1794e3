package dev.haneul.services.iam;

import dev.haneul.api.Catalog;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.call.AccountRules;
import dev.haneul.kernel.call.Authorizer;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.call.ResourcePolicies.Owned;
import dev.haneul.kernel.policy.Decision;
import dev.haneul.kernel.policy.NamedPolicy;
import dev.haneul.kernel.policy.PolicyCache;
import dev.haneul.kernel.policy.PolicyEvaluator;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.policy.PolicyRequest;
import dev.haneul.kernel.policy.PolicySet;
import dev.haneul.kernel.policy.RequestContext;
import dev.haneul.kernel.policy.Subject;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.iam.actions.ActionTable;
import dev.haneul.services.iam.actions.Need;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Says of every call of every service whether it may be made.
 *
 * <p>Which actions on which resources a call needs is data ({@code actions}); the principal's policies come from IAM's
 * records, the resource's from the room that owns it. Services act freely on behalf of the region's own machinery,
 * except where a resource must open itself to them: roles by their trust policies, functions by theirs.
 */
public final class IamAuthorizer implements Authorizer, Permissions {
    /** What the owner's root may do whatever a bucket policy denies, so that nobody locks himself out for good. */
    private static final Set<String> ALWAYS_ROOT =
            Set.of("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy");

    private final IamState state;
    private final Clock clock;
    private final ResourcePolicies.Registry resources;
    private final AccountRules accounts;
    private final boolean enforced;
    private final PolicyCache documents;
    private final ControlPolicies controls;
    private final PrincipalPolicies principals;
    private final EntityForms forms;
    private final MfaFactors factors;
    private final Map<String, ActionTable> tables = new ConcurrentHashMap<>();
    /** The services whose operations were checked: how theirs are told is how a question from inside them is. */
    private final Map<String, ServiceShape> seen = new ConcurrentHashMap<>();

    /**
     * Makes the region's authorizer.
     *
     * @param resources the rooms whose resources carry policies
     * @param enforced false lets every call pass ({@code --iam off})
     */
    public IamAuthorizer(IamState state, Clock clock, ResourcePolicies.Registry resources, boolean enforced) {
        this(state, clock, resources, new AccountRules(), enforced);
    }

    /**
     * Makes the region's authorizer.
     *
     * @param accounts what organisations and accounts have chosen for themselves
     */
    public IamAuthorizer(
            IamState state, Clock clock, ResourcePolicies.Registry resources, AccountRules accounts, boolean enforced) {
        this.state = state;
        this.accounts = accounts;
        this.clock = clock;
        this.resources = resources;
        this.enforced = enforced;
        this.documents = state.documents();
        this.controls = new ControlPolicies(accounts, documents);
        this.principals = state.principals();
        this.forms = new EntityForms(state);
        this.factors = new MfaFactors(state);
    }

    /** Makes a service's words known, for {@link #require} may be asked before any of its operations is. */
    public void know(ServiceShape service) {
        seen.putIfAbsent(service.id(), service);
    }

    @Override
    public void check(OperationShape operation, Struct input, Call call) {
        ServiceShape service = operation.service();
        Principal principal = call.principal();
        if (!enforced) {
            return;
        }
        seen.putIfAbsent(service.id(), service);
        if (principal.type() != Principal.Type.SERVICE && !accounts.regionOpen(call.account(), call.region())) {
            throw Denials.closedRegion(service);
        }
        SessionRules.check(principal, operation);
        List<Need> needs = table(service.id()).needs(operation.name());
        String first = needs == null || needs.isEmpty()
                ? service.id() + ":" + operation.name()
                : needs.getFirst().action();
        state.accesses().note(call, prefix(first), first.substring(first.indexOf(':') + 1));
        if (needs == null) {
            if (principal.type() == Principal.Type.ROOT || principal.type() == Principal.Type.SERVICE) {
                return;
            }
            throw Denials.unknown(service, operation.name(), principal);
        }
        RequestContext common = null;
        for (Need need : needs) {
            if (free(need, principal) || !need.appliesTo(input)) {
                continue;
            }
            if (common == null) {
                RequestContext.Builder facts = facts(call);
                RequestFacts.addTags(input, facts);
                if (operation.name().equals("AssumeRole") && service.id().equals("sts")) {
                    RequestFacts.addFactor(input, call, factors, facts);
                }
                common = facts.build();
            }
            RequestContext.Builder described = common.with();
            need.describe(input, call, forms, described);
            RequestContext context = described.build();
            for (String resource : need.resource().resources(input, call, forms)) {
                Opening opening = need.trusted() ? Opening.TRUST : need.closed() ? Opening.OWN_POLICY : Opening.ANY;
                require(service, call, need.action(), resource, context, opening);
            }
        }
    }

    /** Whose policies may open a resource. */
    private enum Opening {
        /** The caller's or the resource's. */
        ANY,
        /** The resource's must, or leave it to its account. */
        OWN_POLICY,
        /** A role's trust policy must. */
        TRUST
    }

    @Override
    public void require(Call call, String action, String resourceArn, Map<String, String> context) {
        if (!enforced || call.principal().type() == Principal.Type.SERVICE) {
            return;
        }
        RequestContext.Builder facts = facts(call);
        context.forEach(facts::put);
        ServiceShape service = seen.computeIfAbsent(prefix(action), IamAuthorizer::shape);
        require(service, call, action, resourceArn, facts.build(), Opening.ANY);
    }

    /** A service none of whose operations was asked for yet, as when deliveries go on after a start. */
    private static ServiceShape shape(String id) {
        return Catalog.SERVICES.stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no service " + id));
    }

    private RequestContext.Builder facts(Call call) {
        RequestContext.Builder facts =
                RequestFacts.of(call, principals.holder(call.principal()).tags(), clock.instant());
        controls.describe(call.principal(), facts);
        return facts;
    }

    /** Services need the policy of what guards itself, and nothing else. */
    private boolean free(Need need, Principal principal) {
        boolean guards = need.trusted() || (need.guarded() && resources.knows(prefix(need.action())));
        return principal.type() == Principal.Type.SERVICE && !guards;
    }

    private void require(
            ServiceShape service, Call call, String action, String named, RequestContext context, Opening opening) {
        Principal principal = call.principal();
        PolicySet own = principals.of(principal);
        Owned owned =
                opening == Opening.TRUST ? role(named) : resources.find(named).orElse(null);
        String resource = owned == null || owned.arn() == null ? named : owned.arn();
        String owner = owned == null ? accountOf(resource, principal) : owned.account();
        PolicySet bound = controls.over(own, principal, owner, action);
        boolean rootAtHome = own.root() && owner.equals(principal.account());
        boolean alone = rootAtHome && (owned == null || ALWAYS_ROOT.contains(action));
        if (alone && bound == own) {
            return;
        }
        PolicyRequest request = PolicyRequest.of(
                Subject.of(principal), action, resource, owner, about(resource, owner, owned, context));
        boolean mustAllow = opening == Opening.TRUST || (opening == Opening.OWN_POLICY && owned != null);
        PolicySet policies = alone ? bound : bound.withResource(resourcePolicy(resource, owned, opening), mustAllow);
        Decision decision = PolicyEvaluator.evaluate(request, policies);
        if (!decision.allowed()) {
            throw Denials.of(service, principal, request, decision, state.denials());
        }
    }

    /** The keys that speak of the resource. */
    private RequestContext about(String resource, String owner, @Nullable Owned owned, RequestContext context) {
        RequestContext.Builder more = context.with().put("aws:ResourceAccount", owner);
        controls.describeOwner(owner, more);
        if (owned != null) {
            owned.facts().forEach(more::put);
        }
        Map<String, String> tags = owned == null ? forms.tags(resource) : owned.tags();
        tags.forEach((key, value) -> {
            more.put("aws:ResourceTag/" + key, value);
            if (resource.startsWith("arn:aws:iam:")) {
                more.put("iam:ResourceTag/" + key, value);
            }
            if (resource.contains(":ec2:")) {
                more.put("ec2:ResourceTag/" + key, value);
            }
        });
        return more.build();
    }

    private List<NamedPolicy> resourcePolicy(String resource, @Nullable Owned owned, Opening opening) {
        String policy = owned == null ? null : owned.policy();
        return policy == null
                ? List.of()
                : List.of(new NamedPolicy(
                        resource,
                        documents.get(policy, opening == Opening.TRUST ? PolicyKind.TRUST : PolicyKind.RESOURCE)));
    }

    /** A role with its trust policy; without one where the role is not there, so that nobody may assume it. */
    private Owned role(String roleArn) {
        String account = roleArn.split(":", 6).length == 6 ? roleArn.split(":", 6)[4] : "";
        return state.read(tx -> EntityForms.role(tx, roleArn)
                .map(row -> new Owned(account, row.trust(), row.tags()))
                .orElseGet(() -> new Owned(account, null)));
    }

    /** The account in an ARN; what says none is taken to be the caller's. */
    private static String accountOf(String resource, Principal principal) {
        String[] segments = resource.split(":", 6);
        return segments.length == 6 && segments[4].length() == 12 ? segments[4] : principal.account();
    }

    private ActionTable table(String serviceId) {
        return tables.computeIfAbsent(serviceId, ActionTable::load);
    }

    private static String prefix(String action) {
        return action.substring(0, action.indexOf(':'));
    }
}
