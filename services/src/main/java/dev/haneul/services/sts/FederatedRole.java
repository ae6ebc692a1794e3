package dev.haneul.services.sts;

import dev.haneul.api.iam.Role;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.sts.Tag;
import dev.haneul.kernel.call.SessionAttributes;
import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.NamedPolicy;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyEvaluator;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.policy.PolicyRequest;
import dev.haneul.kernel.policy.PolicySet;
import dev.haneul.kernel.policy.RequestContext;
import dev.haneul.kernel.policy.Subject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether somebody an identity provider vouches for may have a role, and the session it is then. The caller has no AWS
 * principal that an authorizer could judge, so the role's trust policy is asked here.
 */
final class FederatedRole {
    private final AssumeRole roles;

    FederatedRole(AssumeRole roles) {
        this.roles = roles;
    }

    /**
     * Somebody from outside.
     *
     * @param provider the provider's ARN
     * @param action e.g. {@code AssumeRoleWithWebIdentity}
     * @param keys condition keys of what the provider says
     */
    record Stranger(
            String provider,
            String action,
            String sessionName,
            List<Tag> tags,
            List<String> transitiveKeys,
            @Nullable String sourceIdentity,
            Map<String, List<String>> keys) {}

    AssumeRole.Plan plan(
            String roleArn,
            Stranger stranger,
            SessionPolicies policies,
            @Nullable Integer seconds,
            Instant now,
            Call call) {
        Role role = roles.find(roleArn, call);
        if (role == null) {
            throw refused(stranger);
        }
        requireTrust(role, stranger, now, call);
        Map<String, String> attributes = new HashMap<>(policies.attributes());
        attributes.put(Subject.ENTITY_ARN, role.arn());
        attributes.put("aws:FederatedProvider", stranger.provider());
        if (!stranger.transitiveKeys().isEmpty()) {
            attributes.put(SessionAttributes.TRANSITIVE_TAG_KEYS, String.join("\n", stranger.transitiveKeys()));
        }
        if (stranger.sourceIdentity() != null) {
            attributes.put("aws:SourceIdentity", stranger.sourceIdentity());
        }
        return new AssumeRole.Plan(
                AssumeRole.principal(role, stranger.sessionName(), attributes),
                role,
                AssumeRole.seconds(seconds, role, call),
                policies);
    }

    private static void requireTrust(Role role, Stranger stranger, Instant now, Call call) {
        String json = URLDecoder.decode(
                role.assumeRolePolicyDocument() == null ? "" : role.assumeRolePolicyDocument(), StandardCharsets.UTF_8);
        PolicySet trust;
        try {
            trust = PolicySet.NONE.withResource(
                    List.of(new NamedPolicy(role.arn(), PolicyDocument.parse(json, PolicyKind.TRUST))), true);
        } catch (MalformedPolicyException e) {
            throw refused(stranger);
        }
        RequestContext.Builder facts = RequestContext.builder()
                .put("aws:CurrentTime", now.toString())
                .put("aws:EpochTime", Long.toString(now.getEpochSecond()))
                .put("aws:SourceIp", call.origin().sourceIp())
                .put("aws:SecureTransport", Boolean.toString(call.origin().secure()))
                .put("aws:RequestedRegion", call.region())
                .put("aws:FederatedProvider", stranger.provider())
                .put("sts:RoleSessionName", stranger.sessionName())
                .put("sts:SourceIdentity", stranger.sourceIdentity());
        stranger.keys().forEach(facts::putAll);
        stranger.tags().forEach(tag -> facts.put("aws:RequestTag/" + tag.key(), tag.value()));
        if (!stranger.tags().isEmpty()) {
            facts.putAll("aws:TagKeys", stranger.tags().stream().map(Tag::key).toList());
            facts.putAll("sts:TransitiveTagKeys", stranger.transitiveKeys());
        }
        RequestContext context = facts.build();
        requireTrust(trust, stranger, "sts:" + stranger.action(), role, context);
        if (!stranger.tags().isEmpty()) {
            requireTrust(trust, stranger, "sts:TagSession", role, context);
        }
        if (stranger.sourceIdentity() != null) {
            requireTrust(trust, stranger, "sts:SetSourceIdentity", role, context);
        }
    }

    private static void requireTrust(
            PolicySet trust, Stranger stranger, String action, Role role, RequestContext context) {
        Subject subject = new Subject(Principal.Type.ANONYMOUS, "", stranger.provider(), stranger.provider());
        PolicyRequest request =
                PolicyRequest.of(subject, action, role.arn(), role.arn().split(":", 6)[4], context);
        if (!PolicyEvaluator.evaluate(request, trust).allowed()) {
            throw refused(stranger);
        }
    }

    private static Fault refused(Stranger stranger) {
        return StsFaults.denied("Not authorized to perform sts:" + stranger.action());
    }
}
