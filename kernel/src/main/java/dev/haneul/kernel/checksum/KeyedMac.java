package dev.haneul.kernel.checksum;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA256 under one key, for texts; safe for use by several threads at once. The algorithm is looked up and keyed
 * once, which takes longer than a short text: what was keyed is never fed, its copies are. See RFC 2104.
 */
public final class KeyedMac {
    private static final String ALGORITHM = "HmacSHA256";

    private final Mac keyed;

    /** @param key of any length but none; copied */
    public KeyedMac(byte[] key) {
        try {
            keyed = Mac.getInstance(ALGORITHM);
            keyed.init(new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /** The code of the text's UTF-8 bytes, of 32 bytes. */
    public byte[] of(String text) {
        try {
            return ((Mac) keyed.clone()).doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's " + ALGORITHM + " can be copied", e);
        }
    }
}
