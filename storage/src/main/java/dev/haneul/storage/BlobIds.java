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

    /** The folders files lie in, by the last of their random digits. */
    static List<String> fans() {
        return DIGITS.chars().mapToObj(Character::toString).toList();
    }

    /** The folder a file lies in. */
    static String fan(String id) {
        return id.substring(id.length() - 1);
    }
}
