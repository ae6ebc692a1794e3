package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import org.jspecify.annotations.Nullable;

/** Bytes ⇄ structs in one wire protocol. Stateless but for what it has precomputed per shape; safe for all threads. */
public interface ProtocolCodec {
    /** The protocol. */
    Protocol protocol();

    /**
     * Decodes a request. A streaming payload is handed on unread in the struct; any other body is read to its end
     * (at most {@link WireLimits#MAX_BODY_BYTES}). Constraints are not checked here, see the validation package.
     *
     * @throws Fault 400 for what is malformed (SerializationException, S3's MalformedXML …), 415 and 406 for content
     *     types that do not fit, 413 for a body that is too large, and whatever the body's reader throws
     */
    Struct decode(OperationShape operation, WireRequest request);

    /** Encodes a success. */
    WireResponse encode(OperationShape operation, Struct output, String requestId);

    /**
     * Encodes an error in the protocol's and service's format.
     *
     * @param operation null where it is not known (yet)
     */
    WireResponse encodeFault(@Nullable OperationShape operation, ServiceShape service, Fault fault, String requestId);
}
