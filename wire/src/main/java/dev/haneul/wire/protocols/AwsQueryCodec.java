package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import org.jspecify.annotations.Nullable;

/** awsQuery: IAM, STS, CloudFormation, Auto Scaling … See Smithy's "AWS query protocol". */
final class AwsQueryCodec implements ProtocolCodec {
    private static final String MEDIA_TYPE = "text/xml";

    private final FormDecoder decoder = new FormDecoder(false);
    private final XmlEncoder encoder = new XmlEncoder(false);
    private final ShapeCache<StructShape, HttpBinding> bindings = new ShapeCache<>(HttpBinding::ofOutput);

    @Override
    public Protocol protocol() {
        return Protocol.AWS_QUERY;
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
        String wrapper = operation.resultWrapper();
        if (wrapper != null) {
            out.start(wrapper);
            encoder.content(out, output, output.shape().members());
            out.end(wrapper);
        } else {
            encoder.content(out, output, output.shape().members());
        }
        out.start("ResponseMetadata").element("RequestId", requestId).end("ResponseMetadata");
        return Forms.response(200, requestId, MEDIA_TYPE, out.end(root));
    }

    @Override
    public WireResponse encodeFault(
            @Nullable OperationShape operation, ServiceShape service, Fault fault, String requestId) {
        XmlText out = XmlText.document();
        out.start("ErrorResponse").namespace(service.facts().xmlNamespace(), null);
        XmlErrors.error(out, QueryErrorHeader.code(fault), fault, encoder, bindings::of);
        out.element("RequestId", requestId).end("ErrorResponse");
        WireResponse response = Forms.response(fault.status(), requestId, MEDIA_TYPE, out);
        fault.headers().forEach(response.headers()::set);
        return response;
    }
}
