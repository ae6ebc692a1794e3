package dev.haneul.wire.protocols;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** S3's second request id, {@code x-amz-id-2}: opaque, long, and here a function of the first. */
final class HostId {
    private HostId() {}

    static String of(String requestId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-384").digest(requestId.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-384", e);
        }
    }
}
