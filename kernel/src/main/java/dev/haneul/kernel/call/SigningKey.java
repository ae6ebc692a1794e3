package dev.haneul.kernel.call;

import dev.haneul.kernel.checksum.KeyedMac;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A SigV4 signing key: a secret narrowed to one day, region and service. Pure; who checks a signature finds the secret
 * through {@link Credentials}. See IAM's user guide, "Create a signed AWS API request".
 */
public final class SigningKey {
    private final KeyedMac mac;

    private SigningKey(byte[] key) {
        this.mac = new KeyedMac(key);
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
        return mac.of(text);
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
