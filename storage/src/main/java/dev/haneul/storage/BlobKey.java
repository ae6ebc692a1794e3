package dev.haneul.storage;

import dev.haneul.kernel.checksum.KeyedMac;

/**
 * What contents are encrypted under. Each content gets a key of its own, derived from this one and its id, so any number
 * of contents may share a key, and joined ones are read with the key of their pieces.
 */
public final class BlobKey {
    /** Bytes of a key. */
    public static final int BYTES = 32;

    private final KeyedMac mac;

    private BlobKey(byte[] secret) {
        this.mac = new KeyedMac(secret);
    }

    /**
     * A key of 32 secret bytes.
     *
     * @throws IllegalArgumentException where it has another length
     */
    public static BlobKey of(byte[] secret) {
        if (secret.length != BYTES) {
            throw new IllegalArgumentException("a key has " + BYTES + " bytes, not " + secret.length);
        }
        return new BlobKey(secret);
    }

    /** Another key that this one and a purpose determine. */
    public BlobKey derive(String purpose) {
        return of(mac.of(purpose));
    }

    /** What encrypts the content of this id. */
    BlockCipher cipher(String id) {
        return new BlockCipher(mac.of("content " + id), id);
    }

    @Override
    public String toString() {
        return "BlobKey";
    }
}
