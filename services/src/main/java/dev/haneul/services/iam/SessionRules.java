package dev.haneul.services.iam;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import java.util.Set;

/**
 * What temporary credentials can never do, whatever policies say. See "Compare AWS STS credentials" in the User Guide:
 * sessions got by GetSessionToken without MFA call no IAM operation and of STS only two, federated users likewise.
 */
final class SessionRules {
    private static final Set<String> STS_ALLOWED = Set.of("AssumeRole", "GetCallerIdentity");

    private SessionRules() {}

    static void check(Principal principal, OperationShape operation) {
        boolean temporary = principal.accessKeyId().startsWith("ASIA");
        boolean federated = principal.type() == Principal.Type.FEDERATED_USER;
        boolean plain =
                temporary && (principal.type() == Principal.Type.USER || principal.type() == Principal.Type.ROOT);
        if (!federated && !plain) {
            return;
        }
        boolean mfa = "true".equals(principal.attributes().get("aws:MultiFactorAuthPresent"));
        String service = operation.service().id();
        boolean iam = service.equals("iam") && (federated || !mfa);
        boolean sts = service.equals("sts")
                && (federated
                        ? !operation.name().equals("GetCallerIdentity")
                        : !STS_ALLOWED.contains(operation.name()));
        if (iam || sts) {
            throw Fault.client(
                    sts ? "AccessDenied" : "InvalidClientTokenId",
                    403,
                    sts
                            ? "Cannot call " + operation.name() + " with session credentials"
                            : "The security token included in the request is invalid");
        }
    }
}
