package dev.haneul.kernel.policy;

import java.util.List;

/**
 * A parsed, immutable policy, made ready for many decisions.
 *
 * @param version {@code 2012-10-17}, or {@code 2008-10-17}, which knows no policy variables
 * @param id the optional {@code Id}, empty where there is none
 */
public record PolicyDocument(String version, String id, List<Statement> statements) {
    /** The version with policy variables. */
    public static final String CURRENT = "2012-10-17";

    /** The version a document without one has. */
    public static final String OLD = "2008-10-17";

    public PolicyDocument {
        statements = List.copyOf(statements);
    }

    /**
     * Parses strictly: unknown or doubled elements, wrong types and elements that do not belong to this kind are
     * refused.
     *
     * @throws MalformedPolicyException naming the fault
     */
    public static PolicyDocument parse(String json, PolicyKind kind) {
        return new PolicyParser(kind).parse(json);
    }
}
