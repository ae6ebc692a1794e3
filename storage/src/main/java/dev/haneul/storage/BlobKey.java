package dev.haneul.storage;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What contents are encrypted under. Each content gets a key of its own, derived from this one and its id, so any number
 * of contents may share a key, and joined ones are read with the key of their pieces.
 */
public final class BlobKey {
    /** Bytes of a key. */
    public static final int BYTES = 32;

    private static final String MAC = "HmacSHA256";
    /** Begun and never gone on with: cloned for each use, which spares looking for one and preparing the key. */
    private final Mac begun;

    private BlobKey(byte[] secret) {
        try {
            begun = Mac.getInstance(MAC);
            begun.init(new SecretKeySpec(secret, MAC));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + MAC, e);
        }
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
        return of(derived(purpose));
    }

    /** What encrypts the content of this id. */
    BlockCipher cipher(String id) {
        return new BlockCipher(derived("content " + id), id);
    }

    private byte[] derived(String purpose) {
        try {
            Mac mac = (Mac) begun.clone();
            return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(MAC + " of the JDK can be cloned", e);
        }
    }

    @Override
    public String toString() {
        return "BlobKey";
    }
}
