package dev.haneul.services.s3;

import dev.haneul.api.s3.Owner;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Canonical user ids: 64 hexadecimal digits that stand for an account. */
final class Owners {
    private Owners() {}

    static String canonicalId(String account) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(("canonical-user:" + account).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static Owner owner(String account) {
        return new Owner().id(canonicalId(account));
    }
}
