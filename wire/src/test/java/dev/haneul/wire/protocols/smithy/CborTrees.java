package dev.haneul.wire.protocols.smithy;

final class CborTrees {
    private CborTrees() {}

    static Object of(byte[] bytes) {
        throw new UnsupportedOperationException("CBOR");
    }
}
