package dev.haneul.services.s3;

import dev.haneul.api.s3.Owner;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Canonical user ids: 64 hexadecimal digits that stand for an account wherever S3 speaks of owners and grantees. AWS's
 * are opaque; these hide the account's number in the same way and can be read back, so that a grant finds its account.
 */
final class Owners {
    private static final int ACCOUNT_DIGITS = 12;
    private static final String MARK = "canonical-user:";
    /** Not a secret: the account's number is none, it shall only not be read off. */
    private static final byte[] KEY = "haneul/s3/canon.".getBytes(StandardCharsets.US_ASCII);

    private Owners() {}

    static String canonicalId(String account) {
        byte[] text = (MARK + account).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(cipher(Cipher.ENCRYPT_MODE, Arrays.copyOf(text, 32)));
    }

    /** The account of a canonical id, empty where it is nobody's. */
    static Optional<String> account(String canonicalId) {
        if (!canonicalId.matches("[0-9a-f]{64}")) {
            return Optional.empty();
        }
        String text = new String(
                        cipher(Cipher.DECRYPT_MODE, HexFormat.of().parseHex(canonicalId)), StandardCharsets.UTF_8)
                .stripTrailing()
                .replace("\0", "");
        return text.startsWith(MARK) && text.length() == MARK.length() + ACCOUNT_DIGITS
                ? Optional.of(text.substring(MARK.length()))
                : Optional.empty();
    }

    private static byte[] cipher(int mode, byte[] blocks) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
            cipher.init(mode, new SecretKeySpec(KEY, "AES"), new IvParameterSpec(new byte[16]));
            return cipher.doFinal(blocks);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES", e);
        }
    }

    static Owner owner(String account) {
        return new Owner().id(canonicalId(account));
    }
}
