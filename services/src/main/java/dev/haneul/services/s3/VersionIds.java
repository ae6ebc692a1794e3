package dev.haneul.services.s3;

import java.security.SecureRandom;

/**
 * Ids of versions: opaque to clients, 32 letters and digits. They sort newest first, so that an id is its version's place
 * among those of a key, and a page of versions is one stretch of the index.
 */
final class VersionIds {
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz.";
    private static final int BITS = 6;
    private static final int MASK = (1 << BITS) - 1;
    private static final int ORDER_DIGITS = 11;
    private static final int LENGTH = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** In the order of their characters, as ids are compared. */
    private static final String ORDERED = DIGITS.chars()
            .sorted()
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();

    private VersionIds() {}

    /**
     * The next id.
     *
     * @param revision of the store, which has grown since the key's last id
     */
    static String next(long revision) {
        long order = Long.MAX_VALUE - revision;
        StringBuilder id = new StringBuilder(LENGTH);
        for (int shift = (ORDER_DIGITS - 1) * BITS; shift >= 0; shift -= BITS) {
            id.append(ORDERED.charAt((int) (order >>> shift) & MASK));
        }
        byte[] random = new byte[LENGTH - ORDER_DIGITS];
        RANDOM.nextBytes(random);
        for (byte each : random) {
            id.append(ORDERED.charAt(each & MASK));
        }
        return id.toString();
    }

    /** Whether a client's word could be an id. */
    static boolean wellFormed(String id) {
        return id.length() == LENGTH && id.chars().allMatch(c -> DIGITS.indexOf(c) >= 0);
    }
}
