package dev.haneul.kernel.policy;

import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.policy.Decision.Layer;
import dev.haneul.kernel.policy.Decision.Match;
import dev.haneul.kernel.policy.Decision.Outcome;
import dev.haneul.kernel.policy.Principals.Closeness;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides in AWS's order: an explicit deny anywhere; then each level of service and of resource control
 * policies; then the resource's
 * policy, which within the account may suffice by itself; then identity policies, boundary and session policies.
 *
 * <p>What a resource policy's Allow is worth depends on whom it names (User Guide, "Policy evaluation logic"): a
 * session or a user by its own ARN needs nothing else; a role needs its boundary and session policies to agree; an
 * account leaves the matter to its identity policies. Across accounts both sides must allow.
 */
public final class PolicyEvaluator {
    private final PolicyRequest request;
    private final PolicySet policies;
    private final List<Match> matches = new ArrayList<>();

    private PolicyEvaluator(PolicyRequest request, PolicySet policies) {
        this.request = request;
        this.policies = policies;
    }

    /** Decides. Pure: the same request and policies give the same answer. */
    public static Decision evaluate(PolicyRequest request, PolicySet policies) {
        return new PolicyEvaluator(request, policies).decide();
    }

    private Decision decide() {
        Layer denying = explicitDeny();
        if (denying != null) {
            return new Decision(Outcome.EXPLICIT_DENY, denying, matches);
        }
        Layer silent = silentControl();
        if (silent != null) {
            return refused(silent);
        }
        Closeness grant = resourceGrant();
        Subject subject = request.subject();
        if (subject.type() == Principal.Type.ANONYMOUS || subject.type() == Principal.Type.SERVICE) {
            return grant == Closeness.NONE ? refused(Layer.RESOURCE) : allowed(Layer.RESOURCE);
        }
        boolean abroad = !subject.account().equals(request.resourceAccount());
        if (grant == Closeness.NONE && (abroad || policies.resourceMustAllow())) {
            Decision own = abroad ? ownSide(Closeness.NONE) : refused(Layer.RESOURCE);
            return own.allowed() ? refused(Layer.RESOURCE) : own;
        }
        return ownSide(abroad ? Closeness.NONE : grant);
    }

    /** The kind of control policies of which a level allows nothing of the sort; null where every level allows it. */
    private @Nullable Layer silentControl() {
        for (List<NamedPolicy> level : policies.organization()) {
            if (!allows(Layer.SERVICE_CONTROL, level)) {
                return Layer.SERVICE_CONTROL;
            }
        }
        for (List<NamedPolicy> level : policies.resourceControl()) {
            if (!allows(Layer.RESOURCE_CONTROL, level)) {
                return Layer.RESOURCE_CONTROL;
            }
        }
        return null;
    }

    /** The subject's own side: identity policies, boundary, session; less of it the closer a resource policy names it. */
    private Decision ownSide(Closeness grant) {
        boolean user = !request.subject().session();
        if (grant == Closeness.SESSION || (grant == Closeness.ENTITY && user)) {
            return allowed(Layer.RESOURCE);
        }
        boolean granted = grant == Closeness.ENTITY || policies.root();
        if (!granted && !allows(Layer.IDENTITY, policies.identity())) {
            return refused(Layer.IDENTITY);
        }
        List<NamedPolicy> boundary = policies.boundary();
        if (boundary != null && !allows(Layer.BOUNDARY, boundary)) {
            return refused(Layer.BOUNDARY);
        }
        List<NamedPolicy> session = policies.session();
        if (session != null && !allows(Layer.SESSION, session)) {
            return refused(Layer.SESSION);
        }
        return allowed(grant == Closeness.ENTITY ? Layer.RESOURCE : Layer.IDENTITY);
    }

    private Decision allowed(Layer layer) {
        return new Decision(Outcome.ALLOWED, layer, matches);
    }

    private Decision refused(Layer layer) {
        return new Decision(Outcome.IMPLICIT_DENY, layer, List.of());
    }

    private @Nullable Layer explicitDeny() {
        for (List<NamedPolicy> level : policies.organization()) {
            if (denies(Layer.SERVICE_CONTROL, level)) {
                return Layer.SERVICE_CONTROL;
            }
        }
        for (List<NamedPolicy> level : policies.resourceControl()) {
            if (denies(Layer.RESOURCE_CONTROL, level)) {
                return Layer.RESOURCE_CONTROL;
            }
        }
        if (denies(Layer.RESOURCE, policies.resource())) {
            return Layer.RESOURCE;
        }
        if (denies(Layer.IDENTITY, policies.identity())) {
            return Layer.IDENTITY;
        }
        List<NamedPolicy> boundary = policies.boundary();
        if (boundary != null && denies(Layer.BOUNDARY, boundary)) {
            return Layer.BOUNDARY;
        }
        List<NamedPolicy> session = policies.session();
        return session != null && denies(Layer.SESSION, session) ? Layer.SESSION : null;
    }

    private boolean denies(Layer layer, List<NamedPolicy> documents) {
        return find(layer, documents, false) != Closeness.NONE;
    }

    private boolean allows(Layer layer, List<NamedPolicy> documents) {
        return find(layer, documents, true) != Closeness.NONE;
    }

    private Closeness resourceGrant() {
        return find(Layer.RESOURCE, policies.resource(), true);
    }

    /** The closest match among the statements of one effect; identity statements match their holder fully. */
    private Closeness find(Layer layer, List<NamedPolicy> documents, boolean allow) {
        Closeness best = Closeness.NONE;
        for (NamedPolicy policy : documents) {
            List<Statement> statements = policy.document().statements();
            for (int i = 0; i < statements.size(); i++) {
                Statement statement = statements.get(i);
                if (statement.allow() != allow) {
                    continue;
                }
                Principals principals = statement.principals();
                Closeness named = principals == null ? Closeness.SESSION : principals.match(request.subject());
                if (named == Closeness.NONE || !statement.appliesTo(request)) {
                    continue;
                }
                matches.add(new Match(layer, policy.name(), i, statement.span(), allow));
                best = named.compareTo(best) > 0 ? named : best;
                if (best == Closeness.SESSION) {
                    return best;
                }
            }
        }
        return best;
    }
}
