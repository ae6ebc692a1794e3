package dev.haneul.services.sts;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sts.ExpiredTokenException;
import dev.haneul.api.sts.IDPCommunicationErrorException;
import dev.haneul.api.sts.InvalidIdentityTokenException;
import dev.haneul.api.sts.MalformedPolicyDocumentException;
import dev.haneul.api.sts.PackedPolicyTooLargeException;

/** STS's errors. */
final class StsFaults {
    private StsFaults() {}

    static Fault validation(String message) {
        return Fault.client("ValidationError", 400, message);
    }

    static Fault denied(String message) {
        return Fault.client("AccessDenied", 403, message);
    }

    static Fault mayNotAssume(Call call, String roleArn) {
        return denied("User: " + call.principal().arn() + " is not authorized to perform: sts:AssumeRole on resource: "
                + roleArn);
    }

    static Fault invalidIdentity(String message) {
        return Fault.of(new InvalidIdentityTokenException(), message);
    }

    static Fault expired(String message) {
        return Fault.of(new ExpiredTokenException(), message);
    }

    static Fault unreachable(String message) {
        return Fault.of(new IDPCommunicationErrorException(), message);
    }

    static Fault malformedPolicy(String message) {
        return Fault.of(new MalformedPolicyDocumentException(), message);
    }

    static Fault packedPolicyTooLarge(int percent) {
        return Fault.of(
                new PackedPolicyTooLargeException(),
                "Packed policy consumes " + percent + "% of allotted space, please use smaller policy.");
    }
}
