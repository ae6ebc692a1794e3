package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import java.nio.charset.StandardCharsets;

/**
 * Object keys: what is allowed, and how they stand in the index. See AWS, "Naming Amazon S3 objects": any UTF-8 of 1
 * to 1024 bytes; {@code ..}, empty segments and control characters mean nothing special.
 */
final class Keys {
    static final int MAX_KEY_BYTES = 1024;

    private Keys() {}

    /** Refuses keys that are too long (KeyTooLongError) or no Unicode (InvalidURI). */
    static void check(String key) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(key)) {
            throw Fault.client("InvalidURI", 400, "Couldn't parse the specified URI.");
        }
        // At most three bytes a UTF-16 unit: the usual key needs no count.
        if (key.length() * 3 <= MAX_KEY_BYTES) {
            return;
        }
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_KEY_BYTES) {
            throw Fault.client("KeyTooLongError", 400, "Your key is too long")
                    .with("Size", Integer.toString(bytes))
                    .with("MaxSizeAllowed", Integer.toString(MAX_KEY_BYTES));
        }
    }

    /**
     * The key's place in the index: the key itself, with U+0000 and U+0001 escaped in a way that keeps the order, so
     * that NUL is free to set off what follows a key (a version, an upload).
     */
    static String position(String key) {
        int at = 0;
        while (at < key.length() && key.charAt(at) > '\1') {
            at++;
        }
        if (at == key.length()) {
            return key;
        }
        StringBuilder out = new StringBuilder(key.length() + 8);
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c > '\1') {
                out.append(c);
            } else {
                out.append('\1').append((char) (c + 1));
            }
        }
        return out.toString();
    }

    /** The key of a position; what follows a NUL is left out. */
    static String ofPosition(String position) {
        int end = position.indexOf('\0');
        String key = end < 0 ? position : position.substring(0, end);
        if (key.indexOf('\1') < 0) {
            return key;
        }
        StringBuilder out = new StringBuilder(key.length());
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            out.append(c == '\1' ? (char) (key.charAt(++i) - 1) : c);
        }
        return out.toString();
    }
}
