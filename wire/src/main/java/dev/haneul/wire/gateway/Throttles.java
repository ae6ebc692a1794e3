package dev.haneul.wire.gateway;

import dev.haneul.api.runtime.Fault;
import dev.haneul.wire.protocols.WireResponse;
import java.util.Set;

/** {@code Retry-After} on the answers that ask a client to come again, as the SDKs' retry strategies know them. */
final class Throttles {
    private static final String SECONDS = "1";
    private static final Set<String> CODES = Set.of(
            "BandwidthLimitExceeded",
            "EC2ThrottledException",
            "LimitExceededThrottling",
            "PriorRequestNotComplete",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
            "TransactionInProgressException");

    private Throttles() {}

    /** Adds the header where the fault is of that kind and has not said itself how long to wait. */
    static WireResponse told(Fault fault, WireResponse response) {
        boolean busy = fault.status() == 429 || fault.status() == 503 || CODES.contains(fault.code());
        if (busy && !response.headers().has("retry-after")) {
            response.headers().add("Retry-After", SECONDS);
        }
        return response;
    }
}
