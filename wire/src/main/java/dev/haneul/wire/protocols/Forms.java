package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;

/** What awsQuery and ec2Query share. */
final class Forms {
    private Forms() {}

    /** Decodes a form into the operation's input. */
    static Struct decode(
            FormDecoder decoder,
            ShapeCache<StructShape, HttpBinding> bindings,
            OperationShape operation,
            WireRequest request) {
        Struct input = operation.inputShape().create();
        try {
            decoder.read(
                    operation, request, ServiceQuirks.of(operation.service()).maxBodyBytes(), input);
        } catch (Malformed e) {
            throw Fault.client("MalformedInput", 400, e.message());
        }
        Defaults.fillTokens(bindings.of(input.shape()), input);
        return input;
    }

    /** An answer in XML. */
    static WireResponse response(int status, String requestId, String mediaType, XmlText document) {
        Headers headers = new Headers().add("x-amzn-RequestId", requestId).add("Content-Type", mediaType);
        return new WireResponse(status, headers, new WireResponse.Bytes(document.bytes()));
    }
}
