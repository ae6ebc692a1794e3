package dev.haneul.storage;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts the blocks of one content with AES-256-GCM. The key is the content's alone and each of its blocks is written
 * once, so a block's number is its nonce; a block put in another's place does not open. For one thread.
 */
final class BlockCipher {
    /** What a block grows by. */
    static final int TAG_BYTES = 16;

    private static final int NONCE_BYTES = 12;
    private final SecretKeySpec key;
    private final String id;
    private final Cipher cipher;

    BlockCipher(byte[] key, String id) {
        this.key = new SecretKeySpec(key, "AES");
        this.id = id;
        try {
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /** Encrypts a block into another buffer, which has room for the tag; answers how long it is then. */
    int seal(int block, byte[] plain, int length, byte[] into) {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, nonce(block));
            return cipher.doFinal(plain, 0, length, into, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("block " + block + " of " + id + " cannot be encrypted", e);
        }
    }

    /** Decrypts a block to a place in another buffer; BlobDamagedException where it is not what was written under this key. */
    int open(int block, byte[] sealed, int length, byte[] into, int offset) throws BlobDamagedException {
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, nonce(block));
            return cipher.doFinal(sealed, 0, length, into, offset);
        } catch (GeneralSecurityException e) {
            throw BlobFile.damaged(id, "block " + block);
        }
    }

    private static GCMParameterSpec nonce(int block) {
        byte[] nonce = ByteBuffer.allocate(NONCE_BYTES)
                .putInt(NONCE_BYTES - Integer.BYTES, block)
                .array();
        return new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce);
    }
}
