package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import org.jspecify.annotations.Nullable;

/** ec2Query, EC2's dialect of Query. See Smithy's "AWS EC2 query protocol". */
final class Ec2QueryCodec implements ProtocolCodec {
    private static final String MEDIA_TYPE = "text/xml;charset=UTF-8";

    private final FormDecoder decoder = new FormDecoder(true);
    private final XmlEncoder plain = new XmlEncoder(false);
    private final XmlEncoder withMillis = new XmlEncoder(true);
    private final ShapeCache<StructShape, HttpBinding> bindings = new ShapeCache<>(HttpBinding::ofOutput);

    @Override
    public Protocol protocol() {
        return Protocol.EC2_QUERY;
    }

    @Override
    public Struct decode(OperationShape operation, WireRequest request) {
        return Forms.decode(decoder, bindings, operation, request);
    }

    @Override
    public WireResponse encode(OperationShape operation, Struct output, String requestId) {
        String root = operation.name() + "Response";
        XmlText out = XmlText.document();
        out.start(root).namespace(operation.service().facts().xmlNamespace(), null);
        out.element("requestId", requestId);
        encoder(operation.service()).content(out, output, output.shape().members());
        return Forms.response(200, requestId, MEDIA_TYPE, out.end(root));
    }

    @Override
    public WireResponse encodeFault(
            @Nullable OperationShape operation, ServiceShape service, Fault fault, String requestId) {
        XmlText out = XmlText.document();
        out.start("Response").start("Errors").start("Error");
        XmlErrors.codeAndMessage(out, fault.code(), fault);
        XmlErrors.members(out, fault, encoder(service), bindings::of);
        out.end("Error").end("Errors").element("RequestID", requestId).end("Response");
        WireResponse response = Forms.response(fault.status(), requestId, MEDIA_TYPE, out);
        fault.headers().forEach(response.headers()::set);
        return response;
    }

    private XmlEncoder encoder(ServiceShape service) {
        return ServiceQuirks.of(service).millis() ? withMillis : plain;
    }
}
