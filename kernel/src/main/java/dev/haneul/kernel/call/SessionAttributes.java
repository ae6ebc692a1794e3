package dev.haneul.kernel.call;

/**
 * Names of a principal's attributes by which STS, which makes sessions, tells the authorizer what they carry. Beside
 * them stand condition keys of AWS's own ({@code aws:…}).
 */
public final class SessionAttributes {
    /** The inline session policy as JSON. */
    public static final String POLICY = "sts:session-policy";

    /** ARNs of managed session policies, one a line. */
    public static final String POLICY_ARNS = "sts:session-policy-arns";

    /** Of a federated user: the unique id and the name of the user who asked for it, {@code id/name}; absent for root. */
    public static final String FEDERATOR = "sts:federator";

    /** Keys of session tags that go on to the next role, one a line. */
    public static final String TRANSITIVE_TAG_KEYS = "sts:transitive-tag-keys";

    /** When the session's owner gave the code of an MFA device, in seconds since the epoch; absent where none did. */
    public static final String MFA_TIME = "sts:mfa-time";

    private SessionAttributes() {}
}
