package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;

/**
 * {@code x-amzn-query-error}: the code that a service's clients knew in its Query days, e.g.
 * {@code AWS.SimpleQueueService.NonExistentQueue;Sender}. See Smithy's {@code awsQueryCompatible}.
 */
final class QueryErrorHeader {
    private QueryErrorHeader() {}

    /** Adds the header for services that came from Query. */
    static void add(ServiceShape service, Fault fault, Headers headers) {
        if (service.facts().queryCompatible()) {
            headers.add("x-amzn-query-error", code(fault) + ";" + (fault.sender() ? "Sender" : "Receiver"));
        }
    }

    /** The code in the Query protocols. */
    static String code(Fault fault) {
        Struct detail = fault.detail();
        StructShape.ErrorTrait trait = detail == null ? null : detail.shape().error();
        return trait == null || trait.queryCode() == null ? fault.code() : trait.queryCode();
    }
}
