package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Struct;
import java.io.InputStream;

/** Events carry their structures as JSON documents. */
record JsonDocuments(JsonDecoder decoder, JsonEncoder encoder, String mediaType) implements EventStreams.Documents {
    @Override
    public void read(InputStream in, Struct into) {
        decoder.read(in, into);
    }

    @Override
    public byte[] write(Struct struct) {
        return encoder.write(struct, struct.shape().members(), out -> {});
    }
}
