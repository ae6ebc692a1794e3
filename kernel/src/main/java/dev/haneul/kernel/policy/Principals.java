package dev.haneul.kernel.policy;

import dev.haneul.api.runtime.Principal;
import java.util.Set;

/**
 * A Principal or NotPrincipal element.
 *
 * @param negated whether it is NotPrincipal
 * @param everyone whether it holds {@code *} or {@code {"AWS": "*"}}
 * @param accounts 12-digit accounts, written as such or as their root's ARN
 * @param arns users, roles and sessions; users and roles by their unique ids too
 * @param services service hosts, e.g. {@code lambda.amazonaws.com}
 * @param federated identity providers: ARNs or hosts
 * @param canonicalUsers S3's canonical user ids
 */
public record Principals(
        boolean negated,
        boolean everyone,
        Set<String> accounts,
        Set<String> arns,
        Set<String> services,
        Set<String> federated,
        Set<String> canonicalUsers) {
    public Principals {
        accounts = Set.copyOf(accounts);
        arns = Set.copyOf(arns);
        services = Set.copyOf(services);
        federated = Set.copyOf(federated);
        canonicalUsers = Set.copyOf(canonicalUsers);
    }

    /** How closely a statement names the caller; what an Allow grants depends on it. */
    public enum Closeness {
        /** Not at all. */
        NONE,
        /** Its account: that account's own policies decide further. */
        ACCOUNT,
        /** The user, or the role behind a session, or everyone. */
        ENTITY,
        /** The session itself, or a service. */
        SESSION
    }

    /** How this element names the subject. */
    Closeness match(Subject subject) {
        Closeness found = named(subject);
        if (!negated) {
            return found;
        }
        return found == Closeness.NONE ? Closeness.ENTITY : Closeness.NONE;
    }

    private Closeness named(Subject subject) {
        if (subject.type() == Principal.Type.SERVICE) {
            return everyone || services.contains(subject.arn()) ? Closeness.SESSION : Closeness.NONE;
        }
        if (subject.type() == Principal.Type.ANONYMOUS) {
            // Somebody an identity provider vouches for has no AWS principal yet; its ARN is the provider's.
            return everyone || federated.contains(subject.arn()) ? Closeness.ENTITY : Closeness.NONE;
        }
        if (subject.session() && arns.contains(subject.arn())) {
            return Closeness.SESSION;
        }
        if (everyone || arns.contains(subject.entityArn()) || arns.contains(subject.uniqueId())) {
            return Closeness.ENTITY;
        }
        return accounts.contains(subject.account()) ? Closeness.ACCOUNT : Closeness.NONE;
    }
}
