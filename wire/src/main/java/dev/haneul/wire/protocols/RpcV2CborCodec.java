package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** rpcv2Cbor: CloudWatch and others that came from Query. See Smithy's "RPC v2 CBOR protocol". */
final class RpcV2CborCodec implements ProtocolCodec {
    private static final String MEDIA_TYPE = "application/cbor";

    private final CborDecoder decoder = new CborDecoder();
    private final CborEncoder encoder = new CborEncoder();
    private final ShapeCache<StructShape, HttpBinding> bindings = new ShapeCache<>(HttpBinding::ofOutput);
    private final EventStreams events = new EventStreams(new Documents());

    @Override
    public Protocol protocol() {
        return Protocol.RPC_V2_CBOR;
    }

    @Override
    public Struct decode(OperationShape operation, WireRequest request) {
        Struct input = operation.inputShape().create();
        int limitBytes = ServiceQuirks.of(operation.service()).maxBodyBytes();
        try {
            InputStream in = Bodies.unlessEmpty(operation, request, limitBytes);
            if (in != null) {
                decoder.read(Bodies.readAll(Body.of(in, -1), limitBytes), input);
            }
        } catch (Malformed e) {
            throw Fault.client("SerializationException", 400, e.message());
        }
        Defaults.fill(input);
        Defaults.fillTokens(bindings.of(input.shape()), input);
        return input;
    }

    @Override
    public WireResponse encode(OperationShape operation, Struct output, String requestId) {
        Headers headers = headers(requestId);
        Member stream = bindings.of(output.shape()).eventStream;
        if (stream != null) {
            return new WireResponse(200, headers, events.rpcResponse(stream, output, headers));
        }
        if (Bodies.isNothing(output.shape())) {
            return new WireResponse(200, headers, WireResponse.Bytes.NONE);
        }
        headers.add("Content-Type", MEDIA_TYPE);
        byte[] body = encoder.write(output, output.shape().members(), Map.of());
        return new WireResponse(200, headers, new WireResponse.Bytes(body));
    }

    @Override
    public WireResponse encodeFault(
            @Nullable OperationShape operation, ServiceShape service, Fault fault, String requestId) {
        Headers headers = headers(requestId).add("Content-Type", MEDIA_TYPE);
        QueryErrorHeader.add(service, fault, headers);
        fault.headers().forEach(headers::set);
        Map<String, String> front = new LinkedHashMap<>();
        front.put("__type", "com.amazonaws." + service.id() + "#" + fault.code());
        Struct detail = fault.detail();
        if (detail == null || JsonErrors.unmodelledMessage(fault, detail)) {
            front.put(ServiceQuirks.of(service).messageKey(), fault.message());
        }
        front.putAll(fault.extras());
        byte[] body = encoder.write(detail, detail == null ? List.of() : bindings.of(detail.shape()).body, front);
        return new WireResponse(fault.status(), headers, new WireResponse.Bytes(body));
    }

    private static Headers headers(String requestId) {
        return new Headers().add("smithy-protocol", "rpc-v2-cbor").add("x-amzn-RequestId", requestId);
    }

    /** Events carry their structures as CBOR. */
    private final class Documents implements EventStreams.Documents {
        @Override
        public String mediaType() {
            return MEDIA_TYPE;
        }

        @Override
        public void read(InputStream in, Struct into) {
            try {
                decoder.read(in.readAllBytes(), into);
            } catch (IOException e) {
                throw Bodies.broken(e);
            }
        }

        @Override
        public byte[] write(Struct struct) {
            return encoder.write(struct, struct.shape().members(), Map.of());
        }
    }
}
