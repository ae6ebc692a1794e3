package dev.haneul.storage;

import java.security.SecureRandom;
import java.util.List;

/**
 * Ids of contents: a letter for the kind, the time (so that what is written together lies together in the store), and 80
 * random bits, in base 32.
 */
final class BlobIds {
    static final char INLINE = 'i';
    static final char ON_DISK = 'f';
    static final char JOINED = 'j';
    /** Encrypted ones. */
    static final char SEALED_INLINE = 's';

    static final char SEALED_ON_DISK = 'e';

    private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int TIME_DIGITS = 9;
    private static final int RANDOM_DIGITS = 16;

    private BlobIds() {}

    static String next(char kind) {
        StringBuilder id = new StringBuilder().append(kind);
        long millis = System.currentTimeMillis();
        for (int shift = (TIME_DIGITS - 1) * 5; shift >= 0; shift -= 5) {
            id.append(DIGITS.charAt((int) (millis >>> shift & 31)));
        }
        byte[] random = new byte[RANDOM_DIGITS];
        RANDOM.nextBytes(random);
        for (byte each : random) {
            id.append(DIGITS.charAt(each & 31));
        }
        return id.toString();
    }

    static char kind(String id) {
        return id.length() == 1 + TIME_DIGITS + RANDOM_DIGITS ? id.charAt(0) : '?';
    }

    /** Whether the content lies in a file of its own. */
    static boolean isFile(String id) {
        return kind(id) == ON_DISK || kind(id) == SEALED_ON_DISK;
    }

    /** Whether the content lies in its row. */
    static boolean isInline(String id) {
        return kind(id) == INLINE || kind(id) == SEALED_INLINE;
    }

    /** Whether the content is encrypted. */
    static boolean isSealed(String id) {
        return kind(id) == SEALED_INLINE || kind(id) == SEALED_ON_DISK;
    }

    /** The folders files lie in, by the last of their random digits. */
    static List<String> fans() {
        return DIGITS.chars().mapToObj(Character::toString).toList();
    }

    /** The folder a file lies in. */
    static String fan(String id) {
        return id.substring(id.length() - 1);
    }
}
