package dev.haneul.services.lambda;

import dev.haneul.api.lambda.InvalidParameterValueException;
import dev.haneul.api.lambda.InvalidRequestContentException;
import dev.haneul.api.lambda.PreconditionFailedException;
import dev.haneul.api.lambda.ResourceConflictException;
import dev.haneul.api.lambda.ResourceNotFoundException;
import dev.haneul.api.lambda.ServiceException;
import dev.haneul.api.lambda.TooManyRequestsException;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;

/** Lambda's errors, as its model declares them. */
final class Problems {
    private static final String USER = "User";

    private Problems() {}

    static Fault invalid(String message) {
        return Fault.of(new InvalidParameterValueException().type(USER), message);
    }

    static Fault notFound(String message) {
        return Fault.of(new ResourceNotFoundException().type(USER), message);
    }

    static Fault functionNotFound(FunctionRef ref) {
        return notFound("Function not found: " + ref.qualifiedArn());
    }

    static Fault conflict(String message) {
        return Fault.of(new ResourceConflictException().type(USER), message);
    }

    static Fault preconditionFailed() {
        return Fault.of(
                new PreconditionFailedException().type(USER),
                "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to"
                        + " retrieve the latest Revision Id");
    }

    static Fault badContent(String message) {
        return Fault.of(new InvalidRequestContentException().type(USER), message);
    }

    /** The model calls it RequestTooLargeException; the service answers this code. */
    static Fault tooLarge(String message) {
        return Fault.client("RequestEntityTooLargeException", 413, message);
    }

    static Fault throttled(String reason) {
        return Fault.of(new TooManyRequestsException().type(USER).reason(reason), "Rate Exceeded.");
    }

    static Fault service(String message) {
        return Fault.of(new ServiceException().type("Service"), message);
    }

    static Fault validation(String constraint) {
        return Faults.validation("1 validation error detected: " + constraint);
    }

    /** A parameter of an operation that is there, while the operation is. */
    static Fault notBuilt(String what) {
        return Fault.server("NotImplemented", 501, "lambda: " + what + " is not implemented by Haneul yet.");
    }
}
