package dev.haneul.services.sqs;

import dev.haneul.api.sqs.MessageAttributeValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The digests SQS answers with. See "Calculating the MD5 message digest for message attributes". */
final class Md5 {
    private Md5() {}

    static String of(String text) {
        return HexFormat.of().formatHex(digest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The digest of attributes; null where there are none. */
    static @Nullable String of(Map<String, MessageAttributeValue> attributes) {
        if (attributes.isEmpty()) {
            return null;
        }
        MessageDigest digest = digest();
        new TreeMap<>(attributes).forEach((name, value) -> {
            add(digest, name.getBytes(StandardCharsets.UTF_8));
            add(digest, value.dataType().getBytes(StandardCharsets.UTF_8));
            byte[] binary = value.binaryValue();
            String text = value.stringValue();
            digest.update((byte) (text != null ? 1 : 2));
            add(digest, text != null ? text.getBytes(StandardCharsets.UTF_8) : binary == null ? new byte[0] : binary);
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void add(MessageDigest digest, byte[] bytes) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}
