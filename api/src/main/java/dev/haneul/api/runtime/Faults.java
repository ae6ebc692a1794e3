package dev.haneul.api.runtime;

/** The faults that every service shares. See AWS's "Common error types". */
public final class Faults {
    private Faults() {}

    /** 501: an operation that stands in the model and is not built. */
    public static Fault notImplemented(String service, String operation) {
        return Fault.server(
                "NotImplemented",
                501,
                service + ":" + operation + " is not implemented by Haneul yet. See docs/coverage.md.");
    }

    /** 500: a bug of ours. The log holds the stack under the request id. */
    public static Fault internal(String requestId) {
        return Fault.server("InternalFailure", 500, "An internal error occurred (request " + requestId + ").");
    }

    /** 400: input that breaks the model. */
    public static Fault validation(String message) {
        return Fault.client("ValidationException", 400, message);
    }

    /** 403: not allowed. */
    public static Fault accessDenied(String message) {
        return Fault.client("AccessDeniedException", 403, message);
    }
}
