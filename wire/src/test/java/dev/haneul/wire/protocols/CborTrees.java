package dev.haneul.wire.protocols;

/** Gives tests the generic form of CBOR. */
public final class CborTrees {
    private CborTrees() {}

    /** The item as maps, lists and scalars. */
    public static Object read(byte[] bytes) {
        return new CborReader(bytes).tree(1);
    }
}
