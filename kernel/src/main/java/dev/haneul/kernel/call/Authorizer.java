package dev.haneul.kernel.call;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;

/** Says whether a call may be made. Asked once for every operation of every service, before it runs. */
@FunctionalInterface
public interface Authorizer {
    /**
     * Answers quietly where the call is allowed.
     *
     * @throws Fault AccessDenied (in the service's own code) where it is not
     */
    void check(OperationShape operation, Struct input, Call call);
}
