package dev.haneul.kernel;

import dev.haneul.kernel.checksum.KeyedMac;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Opaque, tamper-proof tokens for pagination and the like: AES-256-GCM under a key of the data folder, so that a token
 * neither shows nor lets a client change what it holds, outlives a restart, and is of no use elsewhere.
 */
public final class Tokens {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int LONGEST_CHARS = 16_384;
    private static final String CIPHER = "AES/GCM/NoPadding";

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    /** Tokens under a key of their own, made from the data folder's. */
    public Tokens(byte[] folderKey) {
        this.key = new SecretKeySpec(derive(folderKey, "tokens"), "AES");
    }

    /** A key for one purpose, made from the data folder's: knowing one says nothing about another. */
    public static byte[] derive(byte[] folderKey, String purpose) {
        return new KeyedMac(folderKey).of(purpose);
    }

    /**
     * Seals a text.
     *
     * @param context what the token belongs to: the operation, account, region and filter. It opens with the same only.
     * @return URL-safe characters
     */
    public String seal(String context, String content) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, context).doFinal(bytes(content));
            byte[] token = ByteBuffer.allocate(NONCE_BYTES + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
            return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot seal a token", e);
        }
    }

    /** Opens a token; empty where it is not one of ours, was changed, or belongs to another context. */
    public Optional<String> open(String context, String token) {
        if (token.length() > LONGEST_CHARS) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(token);
            if (bytes.length < NONCE_BYTES) {
                return Optional.empty();
            }
            byte[] nonce = Arrays.copyOf(bytes, NONCE_BYTES);
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, nonce, context);
            byte[] content = cipher.doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
            return Optional.of(new String(content, StandardCharsets.UTF_8));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String context) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(bytes(context));
        return cipher;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
