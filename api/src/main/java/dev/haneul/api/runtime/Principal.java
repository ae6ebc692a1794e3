package dev.haneul.api.runtime;

import java.util.Map;

/**
 * Who calls.
 *
 * @param type what it is
 * @param account the 12-digit account it belongs to; empty for anonymous callers and AWS services
 * @param id its unique id as IAM gives it ({@code AIDA…}, {@code AROA…:session}), the account for root, the service
 *     host for services, {@code anonymous} otherwise
 * @param arn its ARN as GetCallerIdentity tells it; the service host for services, empty for anonymous
 * @param accessKeyId the key that signed; empty where none did
 * @param attributes what conditions may ask of it, e.g. {@code aws:TokenIssueTime}, {@code sts:session-policy}
 */
public record Principal(
        Type type, String account, String id, String arn, String accessKeyId, Map<String, String> attributes) {
    /** The kinds of principals. */
    public enum Type {
        ROOT,
        USER,
        ASSUMED_ROLE,
        FEDERATED_USER,
        SERVICE,
        ANONYMOUS
    }

    public static final Principal ANONYMOUS = new Principal(Type.ANONYMOUS, "", "anonymous", "", "", Map.of());

    public Principal {
        attributes = Map.copyOf(attributes);
    }

    /** An account's root user. */
    public static Principal root(String account, String accessKeyId) {
        return new Principal(Type.ROOT, account, account, "arn:aws:iam::" + account + ":root", accessKeyId, Map.of());
    }

    /** An AWS service, e.g. {@code lambda.amazonaws.com}. */
    public static Principal service(String host) {
        return new Principal(Type.SERVICE, "", host, host, "", Map.of());
    }
}
