package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What restXml and restJson1 share: bindings to path, query, headers, status and payload. */
abstract sealed class RestCodec implements ProtocolCodec permits RestXmlCodec, RestJsonCodec {
    private final HttpRequests requests;
    private final ShapeCache<StructShape, HttpBinding> inputs = new ShapeCache<>(HttpBinding::ofInput);
    private final ShapeCache<StructShape, HttpBinding> outputs = new ShapeCache<>(HttpBinding::ofOutput);
    private final ShapeCache<OperationShape, UriTemplate> templates =
            new ShapeCache<>(operation -> new UriTemplate(operation.uri()));

    RestCodec(HttpRequests requests) {
        this.requests = requests;
    }

    /** The bindings of an output or error. */
    final HttpBinding binding(StructShape shape) {
        return outputs.of(shape);
    }

    @Override
    public final Struct decode(OperationShape operation, WireRequest request) {
        StructShape shape = operation.inputShape();
        HttpBinding binding = inputs.of(shape);
        Struct input = shape.create();
        try {
            accept(operation, request);
            requests.bind(templates.of(operation), binding, request, input);
            body(operation, binding, request, input);
        } catch (Malformed e) {
            throw fault(operation, e);
        }
        Defaults.fill(input);
        Defaults.fillTokens(binding, input);
        return input;
    }

    private void body(OperationShape operation, HttpBinding binding, WireRequest request, Struct input) {
        int limitBytes = ServiceQuirks.of(operation.service()).maxBodyBytes();
        Member payload = binding.payload;
        if (binding.eventStream != null) {
            EventStream events = events(binding.eventStream, request.body());
            input.set(binding.eventStream.index(), events);
        } else if (payload == null) {
            document(operation, binding, request, input, limitBytes);
        } else if (payload.shape().kind() == Kind.STREAM) {
            contentType(payload.mediaType(), request, request.body().length() != 0);
            input.set(payload.index(), request.body());
        } else {
            payload(operation, payload, request, input, limitBytes);
        }
    }

    private void document(
            OperationShape operation, HttpBinding binding, WireRequest request, Struct input, int limitBytes) {
        InputStream in = Bodies.unlessEmpty(operation, request, limitBytes);
        contentType(binding.body.isEmpty() ? null : documentType(), request, in != null);
        if (in == null) {
            return;
        }
        if (!binding.body.isEmpty()) {
            readDocument(operation, in, input);
        } else if (Bodies.isNothing(input.shape())) {
            noBody(request);
        }
    }

    private void payload(OperationShape operation, Member payload, WireRequest request, Struct input, int limitBytes) {
        InputStream in = Bodies.unlessEmpty(operation, request, limitBytes);
        Kind kind = payload.shape().kind();
        boolean plain = kind == Kind.BLOB || kind == Kind.STRING;
        String implied = kind == Kind.STRING ? "text/plain" : null;
        String plainType = payload.mediaType() == null ? implied : payload.mediaType();
        contentType(plain ? plainType : documentType(), request, in != null);
        if (in == null) {
            return;
        }
        if (plain) {
            byte[] bytes = Bodies.readAll(Body.of(in, request.body().length()), limitBytes);
            input.set(payload.index(), kind == Kind.BLOB ? bytes : new String(bytes, StandardCharsets.UTF_8));
        } else {
            input.set(payload.index(), readPayload(operation, payload, in));
        }
    }

    @Override
    public final WireResponse encode(OperationShape operation, Struct output, String requestId) {
        HttpBinding binding = binding(output.shape());
        Headers headers = new Headers();
        requestIds(operation.service(), requestId, headers);
        HttpResponses.headers(binding, output, headers);
        int status = HttpResponses.status(binding, output, operation.status());
        boolean bodiless = operation.method().equals("HEAD") || status == 204 || status == 304;
        return new WireResponse(
                status, headers, bodiless ? WireResponse.Bytes.NONE : content(operation, binding, output, headers));
    }

    private WireResponse.Payload content(
            OperationShape operation, HttpBinding binding, Struct output, Headers headers) {
        Member payload = binding.payload;
        if (binding.eventStream != null) {
            return events(operation, binding.eventStream, output, headers);
        }
        if (payload == null) {
            byte[] document = writeDocument(operation, binding, output);
            typed(headers, documentType(), document.length > 0);
            return new WireResponse.Bytes(document);
        }
        Object value = output.get(payload.index());
        String media = payload.mediaType();
        return switch (value) {
            case null -> {
                byte[] bytes = emptyPayload(payload);
                typed(headers, documentType(), bytes.length > 0);
                yield new WireResponse.Bytes(bytes);
            }
            case Body body -> {
                typed(headers, media == null ? "application/octet-stream" : media, true);
                yield new WireResponse.Streamed(body);
            }
            case byte[] bytes -> {
                typed(headers, media == null ? "application/octet-stream" : media, true);
                yield new WireResponse.Bytes(bytes);
            }
            case String text
            when payload.shape().kind() == Kind.STRING -> {
                typed(headers, media == null ? "text/plain" : media, true);
                yield new WireResponse.Bytes(text.getBytes(StandardCharsets.UTF_8));
            }
            default -> {
                typed(headers, documentType(), true);
                yield new WireResponse.Bytes(writePayload(operation, payload, value));
            }
        };
    }

    private static void typed(Headers headers, String type, boolean wanted) {
        if (wanted && !headers.has("Content-Type")) {
            headers.add("Content-Type", type);
        }
    }

    /** The media type of documents. */
    abstract String documentType();

    /** Refuses a request whose {@code Accept} excludes the answer, in protocols that look at it. */
    abstract void accept(OperationShape operation, WireRequest request);

    /** Refuses a body of another type than wanted (null: none is wanted), in protocols that look at it. */
    abstract void contentType(@Nullable String wanted, WireRequest request, boolean hasBody);

    /** A body came where the model has none. */
    abstract void noBody(WireRequest request);

    abstract void readDocument(OperationShape operation, InputStream in, Struct input);

    @Nullable
    abstract Object readPayload(OperationShape operation, Member payload, InputStream in);

    abstract byte[] writeDocument(OperationShape operation, HttpBinding binding, Struct output);

    abstract byte[] writePayload(OperationShape operation, Member payload, Object value);

    /** The body where the payload member is not set. */
    abstract byte[] emptyPayload(Member payload);

    abstract EventStream events(Member member, Body body);

    abstract WireResponse.Payload events(OperationShape operation, Member member, Struct output, Headers headers);

    abstract Fault fault(OperationShape operation, Malformed malformed);

    abstract void requestIds(dev.haneul.api.runtime.ServiceShape service, String requestId, Headers headers);
}
