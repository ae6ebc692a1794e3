package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * awsJson1.0 and 1.1: CloudWatch Logs, ECS, ECR, SQS … See Smithy's "AWS JSON 1.0 and 1.1 protocols" and, for services
 * that came from Query, {@code awsQueryCompatible}.
 */
final class AwsJsonCodec implements ProtocolCodec {
    private final Protocol protocol;
    private final String mediaType;
    private final JsonDecoder decoder = new JsonDecoder();
    private final JsonEncoder encoder = new JsonEncoder();
    private final ShapeCache<StructShape, HttpBinding> bindings = new ShapeCache<>(HttpBinding::ofOutput);
    private final EventStreams events;

    AwsJsonCodec(Protocol protocol) {
        this.protocol = protocol;
        mediaType = protocol == Protocol.AWS_JSON_1_0 ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1";
        events = new EventStreams(new JsonDocuments(decoder, encoder, "application/json"));
    }

    @Override
    public Protocol protocol() {
        return protocol;
    }

    @Override
    public Struct decode(OperationShape operation, WireRequest request) {
        Struct input = operation.inputShape().create();
        HttpBinding binding = bindings.of(input.shape());
        int limitBytes = ServiceQuirks.of(operation.service()).maxBodyBytes();
        try {
            InputStream in = Bodies.unlessEmpty(operation, request, limitBytes);
            if (in != null) {
                decoder.read(in, input);
            }
        } catch (Malformed e) {
            throw Fault.client("SerializationException", 400, e.message());
        }
        Defaults.fill(input);
        Defaults.fillTokens(binding, input);
        return input;
    }

    @Override
    public WireResponse encode(OperationShape operation, Struct output, String requestId) {
        HttpBinding binding = bindings.of(output.shape());
        Headers headers = new Headers().add("x-amzn-RequestId", requestId);
        Member stream = binding.eventStream;
        if (stream != null) {
            return new WireResponse(200, headers, events.rpcResponse(stream, output, headers));
        }
        headers.add("Content-Type", mediaType);
        byte[] body = Bodies.isNothing(output.shape())
                ? new byte[0]
                : encoder.write(output, output.shape().members(), out -> {});
        return new WireResponse(200, headers, new WireResponse.Bytes(body));
    }

    @Override
    public WireResponse encodeFault(
            @Nullable OperationShape operation, ServiceShape service, Fault fault, String requestId) {
        Headers headers = new Headers()
                .add("x-amzn-RequestId", requestId)
                .add("x-amzn-ErrorType", fault.code())
                .add("Content-Type", mediaType);
        QueryErrorHeader.add(service, fault, headers);
        fault.headers().forEach(headers::set);
        String type =
                protocol == Protocol.AWS_JSON_1_0 ? "com.amazonaws." + service.id() + "#" + fault.code() : fault.code();
        byte[] body = JsonErrors.body(encoder, operation, service, fault, type, bindings::of);
        return new WireResponse(fault.status(), headers, new WireResponse.Bytes(body));
    }
}
