package dev.haneul.services.sqs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Messages at rest: AES-256-GCM under a key of the data folder, bound to their queue's log. */
final class Seal {
    /** What sealed entries begin with; others are as they were written by earlier releases. */
    private static final byte MARK = 'S';

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    Seal(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
    }

    byte[] close(String log, byte[] plain) {
        byte[] head = new byte[1 + NONCE_BYTES];
        random.nextBytes(head);
        head[0] = MARK;
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, log, head);
            byte[] sealed = Arrays.copyOf(head, head.length + cipher.getOutputSize(plain.length));
            int unused = cipher.doFinal(plain, 0, plain.length, sealed, head.length);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a message cannot be sealed", e);
        }
    }

    byte[] open(String log, byte[] stored) throws IOException {
        if (stored.length <= 1 + NONCE_BYTES || stored[0] != MARK) {
            return stored;
        }
        try {
            return cipher(Cipher.DECRYPT_MODE, log, stored)
                    .doFinal(stored, 1 + NONCE_BYTES, stored.length - 1 - NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IOException("a message of " + log + " does not open", e);
        }
    }

    private Cipher cipher(int mode, String log, byte[] head) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, head, 1, NONCE_BYTES));
        cipher.updateAAD(log.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
