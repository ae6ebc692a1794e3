package dev.haneul.services.iam;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.kernel.policy.Decision;
import dev.haneul.kernel.policy.EncodedDecisions;
import dev.haneul.kernel.policy.PolicyRequest;

/** AccessDenied, in the code, status and words of each family of services. */
final class Denials {
    private Denials() {}

    /** IAM's own. */
    static Fault plain(String message) {
        return Fault.client("AccessDenied", 403, message);
    }

    /** An operation that no data says anything about. */
    static Fault unknown(ServiceShape service, String operation, Principal principal) {
        return coded(
                service,
                who(principal) + " is not authorized to perform: " + service.id() + ":" + operation
                        + " because Haneul has no authorization data for it");
    }

    /** The answer in a region that the account has not enabled, where none of its credentials are known. */
    static Fault closedRegion(ServiceShape service) {
        String message = "The security token included in the request is invalid";
        return switch (service.facts().protocols().getFirst()) {
            case AWS_JSON_1_0, AWS_JSON_1_1, RPC_V2_CBOR ->
                Fault.client("UnrecognizedClientException", 400, message + ".");
            case REST_JSON_1 -> Fault.client("UnrecognizedClientException", 403, message + ".");
            case EC2_QUERY ->
                Fault.client("AuthFailure", 401, "AWS was not able to validate the provided access credentials");
            case REST_XML, AWS_QUERY -> Fault.client("InvalidClientTokenId", 403, message);
        };
    }

    /** The answer to a refused request. */
    static Fault of(
            ServiceShape service,
            Principal principal,
            PolicyRequest request,
            Decision decision,
            EncodedDecisions encoded) {
        if (principal.type() == Principal.Type.ANONYMOUS) {
            return isObjectStore(service)
                    ? Fault.client("AccessDenied", 403, "Access Denied")
                    : Fault.client("MissingAuthenticationToken", 403, "Request is missing Authentication Token");
        }
        boolean abroad =
                !principal.account().equals(request.resourceAccount()) && principal.type() != Principal.Type.SERVICE;
        if (isObjectStore(service) && abroad) {
            return Fault.client("AccessDenied", 403, "Access Denied");
        }
        String action = request.action();
        StringBuilder message = new StringBuilder(who(principal))
                .append(" is not authorized to perform: ")
                .append(action);
        // EC2 names no resource where an action knows none.
        boolean nameless = service.id().equals("ec2") && request.resource().equals("*");
        if (!isObjectStore(service) && !nameless) {
            message.append(" on resource: ").append(request.resource());
        } else if (!request.resource().equals("*")) {
            message.append(" on resource: \"").append(request.resource()).append('"');
        }
        // STS tells what was refused and not why.
        if (!action.startsWith("sts:")) {
            message.append(' ').append(decision.reason(action));
        }
        if (service.id().equals("ec2")) {
            message.append(". Encoded authorization failure message: ")
                    .append(encoded.seal(principal.id(), request, decision));
        }
        return coded(service, message.toString());
    }

    private static String who(Principal principal) {
        return "User: " + principal.arn();
    }

    private static boolean isObjectStore(ServiceShape service) {
        return service.id().equals("s3");
    }

    private static Fault coded(ServiceShape service, String message) {
        Protocol protocol = service.facts().protocols().getFirst();
        return switch (protocol) {
            case REST_XML, AWS_QUERY -> Fault.client("AccessDenied", 403, message);
            case EC2_QUERY ->
                Fault.client(
                        "UnauthorizedOperation", 403, "You are not authorized to perform this operation. " + message);
            case REST_JSON_1 -> Fault.client("AccessDeniedException", 403, message);
            case AWS_JSON_1_0, AWS_JSON_1_1, RPC_V2_CBOR -> Fault.client("AccessDeniedException", 400, message);
        };
    }
}
