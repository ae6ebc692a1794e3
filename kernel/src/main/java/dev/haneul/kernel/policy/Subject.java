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
 * @param uniqueId the entity's unique id ({@code AIDA…}, {@code AROA…}), by which policies may name it too; empty where
 *     it has none
 */
public record Subject(Principal.Type type, String account, String arn, String entityArn, String uniqueId) {
    /** Attribute of {@link Principal} that holds the ARN of the role behind a session: a condition key of AWS's. */
    public static final String ENTITY_ARN = "aws:PrincipalArn";

    public static final Subject ANONYMOUS = new Subject(Principal.Type.ANONYMOUS, "", "", "", "");

    /** Somebody whose unique id no policy can name. */
    public Subject(Principal.Type type, String account, String arn, String entityArn) {
        this(type, account, arn, entityArn, "");
    }

    public static Subject of(Principal principal) {
        String entity = principal.attributes().getOrDefault(ENTITY_ARN, principal.arn());
        int session = principal.id().indexOf(':');
        String id = session < 0 ? principal.id() : principal.id().substring(0, session);
        return new Subject(principal.type(), principal.account(), principal.arn(), entity, id);
    }

    /** Whether it is a session, which boundaries and session policies bound unless a resource names the session itself. */
    boolean session() {
        return type == Principal.Type.ASSUMED_ROLE || type == Principal.Type.FEDERATED_USER;
    }
}
