package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Protocol;

/** The codecs, one per protocol. */
public final class ProtocolCodecs {
    private ProtocolCodecs() {}

    /** The codec of a protocol. Always the same object. */
    public static ProtocolCodec of(Protocol protocol) {
        throw new UnsupportedOperationException(protocol + " has no codec yet");
    }
}
