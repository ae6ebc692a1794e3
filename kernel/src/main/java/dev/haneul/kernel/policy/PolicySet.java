package dev.haneul.kernel.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every policy that bears on one request.
 *
 * @param root whether the subject is its account's root, which no identity policy bounds
 * @param identity the subject's own and its groups' policies
 * @param boundary the permissions boundary, null where there is none
 * @param session session policies, null where the session has none; an empty list allows nothing
 * @param organization service control policies by level, from the organisation's root down; each level must allow
 * @param resourceControl resource control policies by level, of the organisation that owns the resource
 * @param resource policies of the resource
 * @param resourceMustAllow whether only the resource's own policy opens it, even within its account: a role's trust
 *     policy, a KMS key's policy
 */
public record PolicySet(
        boolean root,
        List<NamedPolicy> identity,
        @Nullable List<NamedPolicy> boundary,
        @Nullable List<NamedPolicy> session,
        List<List<NamedPolicy>> organization,
        List<List<NamedPolicy>> resourceControl,
        List<NamedPolicy> resource,
        boolean resourceMustAllow) {
    public static final PolicySet NONE =
            new PolicySet(false, List.of(), null, null, List.of(), List.of(), List.of(), false);

    /** An account's root user, for whom no identity policy need allow anything. */
    public static final PolicySet ROOT =
            new PolicySet(true, List.of(), null, null, List.of(), List.of(), List.of(), false);

    public static PolicySet ofIdentity(List<NamedPolicy> identity) {
        return new PolicySet(false, identity, null, null, List.of(), List.of(), List.of(), false);
    }

    public PolicySet withResource(List<NamedPolicy> policies, boolean mustAllow) {
        return new PolicySet(root, identity, boundary, session, organization, resourceControl, policies, mustAllow);
    }

    public PolicySet withSession(@Nullable List<NamedPolicy> policies) {
        return new PolicySet(
                root, identity, boundary, policies, organization, resourceControl, resource, resourceMustAllow);
    }

    public PolicySet withBoundary(@Nullable List<NamedPolicy> policies) {
        return new PolicySet(
                root, identity, policies, session, organization, resourceControl, resource, resourceMustAllow);
    }

    /** With control policies: those over the subject's account, and those over the resource's. */
    public PolicySet withControls(List<List<NamedPolicy>> service, List<List<NamedPolicy>> resources) {
        return new PolicySet(root, identity, boundary, session, service, resources, resource, resourceMustAllow);
    }
}
