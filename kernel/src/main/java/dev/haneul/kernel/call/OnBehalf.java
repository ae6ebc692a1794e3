package dev.haneul.kernel.call;

import dev.haneul.api.runtime.Principal;
import java.util.Map;

/**
 * AWS services as principals that say for which resource they act. Policies ask for it by {@code aws:SourceArn} and
 * {@code aws:SourceAccount}, so that nobody makes a service act for him on somebody else's resource (the confused
 * deputy).
 */
public final class OnBehalf {
    /** The attribute that names whose call a service passes on. */
    public static final String CALLER = "haneul:caller";

    private OnBehalf() {}

    /**
     * A service that passes on what somebody asked of it.
     *
     * @param host e.g. {@code ecs.amazonaws.com}
     */
    public static Principal of(String host, Principal caller) {
        return new Principal(Principal.Type.SERVICE, "", host, host, "", Map.of(CALLER, caller.arn()));
    }

    /**
     * A service that acts for a resource.
     *
     * @param host e.g. {@code s3.amazonaws.com}
     * @param sourceArn the resource, e.g. the bucket whose event is delivered
     * @param sourceAccount who owns it
     */
    public static Principal of(String host, String sourceArn, String sourceAccount) {
        return new Principal(
                Principal.Type.SERVICE,
                "",
                host,
                host,
                "",
                Map.of("aws:SourceArn", sourceArn, "aws:SourceAccount", sourceAccount));
    }
}
