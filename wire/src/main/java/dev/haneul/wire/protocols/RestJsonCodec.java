package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** restJson1: Lambda, ECR's registry, API Gateway, EFS … See Smithy's "AWS restJson1 protocol". */
final class RestJsonCodec extends RestCodec {
    private static final String MEDIA_TYPE = "application/json";

    private final JsonDecoder decoder = new JsonDecoder();
    private final JsonEncoder encoder = new JsonEncoder();
    private final EventStreams events = new EventStreams(new JsonDocuments(decoder, encoder, MEDIA_TYPE));

    RestJsonCodec() {
        super(new HttpRequests(false));
    }

    @Override
    public Protocol protocol() {
        return Protocol.REST_JSON_1;
    }

    @Override
    String documentType() {
        return MEDIA_TYPE;
    }

    @Override
    void accept(OperationShape operation, WireRequest request) {
        String accept = request.headers().first("Accept");
        if (accept == null) {
            return;
        }
        HttpBinding output = binding(operation.outputShape());
        String answer = answerType(output);
        if (answer != null && !MediaTypes.accepts(accept, answer)) {
            throw MediaTypes.notAcceptable();
        }
    }

    /** The type of the answer's body, null where the model leaves it open. */
    private static @Nullable String answerType(HttpBinding output) {
        Member payload = output.payload;
        if (output.eventStream != null) {
            return null;
        }
        if (payload == null) {
            return output.body.isEmpty() ? null : MEDIA_TYPE;
        }
        if (payload.mediaType() != null || output.headerNames.contains("content-type")) {
            return output.headerNames.contains("content-type") ? null : payload.mediaType();
        }
        return switch (payload.shape().kind()) {
            case BLOB, STREAM -> null;
            case STRING -> "text/plain";
            default -> MEDIA_TYPE;
        };
    }

    @Override
    void contentType(@Nullable String wanted, WireRequest request, boolean hasBody) {
        if (!hasBody || wanted == null) {
            return;
        }
        String type = request.headers().first("Content-Type");
        if (type == null || !MediaTypes.essence(type).equals(wanted.toLowerCase(Locale.ROOT))) {
            throw MediaTypes.unsupported();
        }
    }

    @Override
    void noBody(WireRequest request) {
        if (request.headers().has("Content-Type")) {
            throw MediaTypes.unsupported();
        }
    }

    @Override
    void readDocument(OperationShape operation, InputStream in, Struct input) {
        decoder.read(in, input);
    }

    @Override
    @Nullable
    Object readPayload(OperationShape operation, Member payload, InputStream in) {
        return decoder.read(in, payload);
    }

    @Override
    byte[] writeDocument(OperationShape operation, HttpBinding binding, Struct output) {
        return Bodies.isNothing(output.shape()) ? new byte[0] : encoder.write(output, binding.body, out -> {});
    }

    @Override
    byte[] writePayload(OperationShape operation, Member payload, Object value) {
        return encoder.write(payload, value);
    }

    @Override
    byte[] emptyPayload(Member payload) {
        boolean structured = payload.shape().kind() == Kind.STRUCTURE;
        return structured ? "{}".getBytes(StandardCharsets.UTF_8) : new byte[0];
    }

    @Override
    EventStream events(Member member, Body body) {
        return events.reader(member, body);
    }

    @Override
    WireResponse.Payload events(OperationShape operation, Member member, Struct output, Headers headers) {
        return events.response(member, output, headers);
    }

    @Override
    Fault fault(OperationShape operation, Malformed malformed) {
        return Fault.client("SerializationException", 400, malformed.message());
    }

    @Override
    void requestIds(ServiceShape service, String requestId, Headers headers) {
        headers.add("x-amzn-RequestId", requestId);
    }

    @Override
    public WireResponse encodeFault(
            @Nullable OperationShape operation, ServiceShape service, Fault fault, String requestId) {
        Headers headers = new Headers();
        requestIds(service, requestId, headers);
        XmlErrors.headers(fault, this::binding, headers);
        // Set last: some models have the header as a member of their errors too (Account's errorType).
        headers.set("x-amzn-ErrorType", fault.code());
        headers.set("Content-Type", MEDIA_TYPE);
        byte[] body = operation != null && operation.method().equals("HEAD")
                ? new byte[0]
                : JsonErrors.body(encoder, operation, service, fault, null, this::binding);
        return new WireResponse(fault.status(), headers, new WireResponse.Bytes(body));
    }
}
