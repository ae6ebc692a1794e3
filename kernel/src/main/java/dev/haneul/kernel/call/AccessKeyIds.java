package dev.haneul.kernel.call;

import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Access key ids as AWS makes them: a prefix ({@code AKIA} for long-term keys, {@code ASIA} for sessions) and sixteen
 * base-32 characters that hold the account, so that a key's owner is known without looking it up.
 */
public final class AccessKeyIds {
    /** Long-term keys. */
    public static final String LONG_TERM = "AKIA";

    /** Keys that come with a session token. */
    public static final String SESSION = "ASIA";

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int CHARS = 16;

    private AccessKeyIds() {}

    /** A new key id of this account. */
    public static String make(String prefix, String account, RandomGenerator random) {
        // Bit 79 marks the layout, the account takes the next forty bits, the rest is chance.
        long high = 1L << 39 | Long.parseLong(account) >>> 1;
        long low = (Long.parseLong(account) & 1) << 39 | random.nextLong() & (1L << 39) - 1;
        return prefix + word(high) + word(low);
    }

    /** The account a key id tells; empty where it is not of this form. */
    public static Optional<String> account(String accessKeyId) {
        if (accessKeyId.length() != 4 + CHARS) {
            return Optional.empty();
        }
        long high = 0;
        for (int i = 4; i < 4 + CHARS / 2; i++) {
            int digit = ALPHABET.indexOf(accessKeyId.charAt(i));
            if (digit < 0) {
                return Optional.empty();
            }
            high = high << 5 | digit;
        }
        int next = ALPHABET.indexOf(accessKeyId.charAt(4 + CHARS / 2));
        long account = (high & (1L << 39) - 1) << 1 | (next < 0 ? 0 : next >>> 4);
        return next < 0 || account > 999_999_999_999L || high >>> 39 == 0
                ? Optional.empty()
                : Optional.of("%012d".formatted(account));
    }

    /** Forty bits in eight characters. */
    private static String word(long bits) {
        StringBuilder out = new StringBuilder();
        for (int shift = 35; shift >= 0; shift -= 5) {
            out.append(ALPHABET.charAt((int) (bits >>> shift & 31)));
        }
        return out.toString();
    }
}
