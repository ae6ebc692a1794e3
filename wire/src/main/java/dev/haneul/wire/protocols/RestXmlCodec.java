package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** restXml: S3, CloudFront, Route 53. See Smithy's "AWS restXml protocol" and S3's "Error responses". */
final class RestXmlCodec extends RestCodec {
    private static final String MEDIA_TYPE = "application/xml";

    private final XmlDecoder decoder = new XmlDecoder();
    private final XmlEncoder plain = new XmlEncoder(false);
    private final XmlEncoder withMillis = new XmlEncoder(true);
    private final EventStreams events = new EventStreams(new EventDocuments());
    private final ShapeCache<StructShape, Set<String>> roots =
            new ShapeCache<>(shape -> Set.copyOf(List.of(XmlDecoder.localName(shape.xmlName()), shape.name())));
    private final ShapeCache<Member, Set<String>> payloadRoots = new ShapeCache<>(RestXmlCodec::payloadRoots);

    RestXmlCodec() {
        super(new HttpRequests(true));
    }

    @Override
    public Protocol protocol() {
        return Protocol.REST_XML;
    }

    @Override
    String documentType() {
        return MEDIA_TYPE;
    }

    @Override
    void accept(OperationShape operation, WireRequest request) {
        // Browsers open S3's URLs with any Accept, and get XML all the same.
    }

    @Override
    void contentType(@Nullable String wanted, WireRequest request, boolean hasBody) {
        // S3 keeps the content type as the object's own and does not look at it otherwise.
    }

    @Override
    void noBody(WireRequest request) {
        // Ignored, as AWS does.
    }

    @Override
    void readDocument(OperationShape operation, InputStream in, Struct input) {
        decoder.read(in, roots.of(input.shape()), input);
    }

    @Override
    Object readPayload(OperationShape operation, Member payload, InputStream in) {
        if (!(payload.shape() instanceof StructShape shape)) {
            throw new Malformed("Only structures are sent as XML payloads.");
        }
        Struct value = shape.create();
        decoder.read(in, payloadRoots.of(payload), value);
        return value;
    }

    private static Set<String> payloadRoots(Member payload) {
        Set<String> names = new HashSet<>();
        names.add(XmlDecoder.localName(payload.wireName()));
        names.add(payload.shape().name());
        if (payload.shape() instanceof StructShape shape) {
            names.add(XmlDecoder.localName(shape.xmlName()));
        }
        return Set.copyOf(names);
    }

    @Override
    byte[] writeDocument(OperationShape operation, HttpBinding binding, Struct output) {
        if (binding.body.isEmpty()) {
            return new byte[0];
        }
        ServiceQuirks quirks = ServiceQuirks.of(operation.service());
        StructShape shape = output.shape();
        XmlText out = XmlText.document();
        String name = shape.xmlName();
        out.start(name);
        if (shape.xmlNamespace() != null) {
            out.namespace(shape.xmlNamespace(), shape.xmlPrefix());
        } else {
            out.namespace(operation.service().facts().xmlNamespace(), null);
        }
        if (operation.is(OperationShape.Trait.UNWRAPPED_OUTPUT)) {
            out.text(output.get(binding.body.getFirst().index()) instanceof String text ? text : "");
        } else {
            encoder(quirks).content(out, output, binding.body);
        }
        return out.end(name).bytes();
    }

    @Override
    byte[] writePayload(OperationShape operation, Member payload, Object value) {
        if (!(value instanceof Struct struct)) {
            throw new IllegalArgumentException(operation + " has a payload that is no structure");
        }
        ServiceShape service = operation.service();
        XmlText out = XmlText.document();
        String uri = payload.xmlNamespace() != null
                ? payload.xmlNamespace()
                : service.facts().xmlNamespace();
        encoder(ServiceQuirks.of(service)).element(out, payload.wireName(), struct, uri);
        return out.bytes();
    }

    @Override
    byte[] emptyPayload(Member payload) {
        return new byte[0];
    }

    private XmlEncoder encoder(ServiceQuirks quirks) {
        return quirks.millis() ? withMillis : plain;
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
        boolean s3 = ServiceQuirks.of(operation.service()).bareErrors();
        if (malformed.part() == Malformed.Part.PARAMETER) {
            return s3
                    ? Fault.client("InvalidArgument", 400, malformed.message())
                            .with("ArgumentName", malformed.parameter())
                    : Fault.client("InvalidInput", 400, malformed.message());
        }
        return s3
                ? Fault.client(
                        "MalformedXML",
                        400,
                        "The XML you provided was not well-formed or did not validate against our published schema")
                : Fault.client("MalformedInput", 400, malformed.message());
    }

    @Override
    void requestIds(ServiceShape service, String requestId, Headers headers) {
        if (ServiceQuirks.of(service).bareErrors()) {
            headers.add("x-amz-request-id", requestId).add("x-amz-id-2", HostId.of(requestId));
        } else {
            headers.add("x-amzn-RequestId", requestId);
        }
    }

    @Override
    public WireResponse encodeFault(
            @Nullable OperationShape operation, ServiceShape service, Fault fault, String requestId) {
        ServiceQuirks quirks = ServiceQuirks.of(service);
        Headers headers = new Headers();
        requestIds(service, requestId, headers);
        XmlErrors.headers(fault, this::binding, headers);
        if (operation != null && operation.method().equals("HEAD")) {
            return new WireResponse(fault.status(), headers, WireResponse.Bytes.NONE);
        }
        XmlText out = XmlText.document();
        if (quirks.bareErrors()) {
            out.start("Error");
            XmlErrors.codeAndMessage(out, fault.code(), fault);
            XmlErrors.members(out, fault, encoder(quirks), this::binding);
            out.element("RequestId", requestId).element("HostId", HostId.of(requestId));
            out.end("Error");
        } else {
            out.start("ErrorResponse").namespace(service.facts().xmlNamespace(), null);
            XmlErrors.error(out, fault.code(), fault, encoder(quirks), this::binding);
            out.element("RequestId", requestId).end("ErrorResponse");
        }
        headers.set("Content-Type", MEDIA_TYPE);
        return new WireResponse(fault.status(), headers, new WireResponse.Bytes(out.bytes()));
    }

    /** Events carry their structures as XML documents. */
    private final class EventDocuments implements EventStreams.Documents {
        @Override
        public String mediaType() {
            return "text/xml";
        }

        @Override
        public void read(InputStream in, Struct into) {
            decoder.read(in, roots.of(into.shape()), into);
        }

        @Override
        public byte[] write(Struct struct) {
            XmlText out = XmlText.document();
            plain.element(out, struct.shape().xmlName(), struct, null);
            return out.bytes();
        }
    }
}
