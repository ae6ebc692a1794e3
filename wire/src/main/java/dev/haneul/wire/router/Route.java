package dev.haneul.wire.router;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import org.jspecify.annotations.Nullable;

/** Where a request goes. */
public sealed interface Route {
    /** The service, or a stand-in for one that is not here, so that its clients can read the refusal. */
    ServiceShape service();

    /** The protocol the client speaks. */
    Protocol protocol();

    /**
     * To an operation.
     *
     * @param path raw, as the operation's template sees it: with the bucket of a virtual host in front
     * @param objectStyle whether the service is the object store
     * @param region of the signature's scope, else of the host name, else us-east-1
     * @param hostRegion the region the host name insists on, null where it names none or the service is global
     */
    record Found(
            ServiceShape service,
            Protocol protocol,
            OperationShape operation,
            String path,
            boolean objectStyle,
            String region,
            @Nullable String hostRegion)
            implements Route {}

    /** To nowhere. */
    record Refused(ServiceShape service, Protocol protocol, Fault fault, boolean objectStyle) implements Route {}
}
