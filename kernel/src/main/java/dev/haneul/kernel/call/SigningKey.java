package dev.haneul.kernel.call;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A SigV4 signing key: a secret narrowed to one day, region and service. Pure; who checks a signature finds the secret
 * through {@link Credentials}. See IAM's user guide, "Create a signed AWS API request".
 */
public final class SigningKey {
    private static final String HMAC = "HmacSHA256";
    /** Keyed and never fed: its copies are. To look the algorithm up and key it takes longer than a signature. */
    private final Mac keyed;

    private SigningKey(byte[] key) {
        try {
            keyed = Mac.getInstance(HMAC);
            keyed.init(new SecretKeySpec(key, HMAC));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has " + HMAC, e);
        }
    }

    /**
     * Derives a key.
     *
     * @param date the scope's day, {@code yyyyMMdd}
     * @param region the scope's region
     * @param service the scope's service
     */
    public static SigningKey derive(String secretKey, String date, String region, String service) {
        SigningKey day = new SigningKey(("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8));
        SigningKey place = new SigningKey(new SigningKey(day.sign(date)).sign(region));
        return new SigningKey(new SigningKey(place.sign(service)).sign("aws4_request"));
    }

    /** HMAC-SHA256 of the text's UTF-8 bytes. */
    public byte[] sign(String text) {
        try {
            return ((Mac) keyed.clone()).doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's " + HMAC + " can be copied", e);
        }
    }

    /** The signature as it travels: lower-case hexadecimal. */
    public String signature(String stringToSign) {
        return HexFormat.of().formatHex(sign(stringToSign));
    }

    /** Whether this is the signature of that string; takes the same time for every wrong signature of its length. */
    public boolean verifies(String stringToSign, String signature) {
        byte[] given = signature.getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(signature(stringToSign).getBytes(StandardCharsets.UTF_8), given);
    }
}
