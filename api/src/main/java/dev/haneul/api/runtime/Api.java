package dev.haneul.api.runtime;

/**
 * What every generated service interface extends: the service can say what it is and can be called by operation.
 */
public interface Api {
    /** The service. */
    ServiceShape service();

    /**
     * Runs an operation. The generated interface routes to the typed method.
     *
     * @throws Fault what AWS would answer; anything else that escapes is a bug and becomes InternalFailure
     */
    Struct invoke(OperationShape operation, Struct input, Call call);
}
