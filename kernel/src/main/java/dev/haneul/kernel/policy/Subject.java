package dev.haneul.kernel.policy;

import dev.haneul.api.runtime.Principal;

/**
 * Who asks, as policies name them.
 *
 * @param type the kind of principal
 * @param account its account; empty for services and the anonymous
 * @param arn the ARN it calls under (the session's for roles); a service's host; empty for the anonymous
 * @param entityArn the ARN of the entity behind it: the role's for its sessions, the user's for federated sessions, else
 *     {@code arn}
 */
public record Subject(Principal.Type type, String account, String arn, String entityArn) {
    /** Attribute of {@link Principal} that holds the ARN of the role behind a session: a condition key of AWS's. */
    public static final String ENTITY_ARN = "aws:PrincipalArn";

    public static final Subject ANONYMOUS = new Subject(Principal.Type.ANONYMOUS, "", "", "");

    public static Subject of(Principal principal) {
        String entity = principal.attributes().getOrDefault(ENTITY_ARN, principal.arn());
        return new Subject(principal.type(), principal.account(), principal.arn(), entity);
    }

    /** Whether it is a session, which boundaries and session policies bound unless a resource names the session itself. */
    boolean session() {
        return type == Principal.Type.ASSUMED_ROLE || type == Principal.Type.FEDERATED_USER;
    }
}
