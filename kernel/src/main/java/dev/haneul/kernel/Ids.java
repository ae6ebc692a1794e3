package dev.haneul.kernel;

import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Makes ids that look like AWS's. Randomness is given, so that tests and simulations repeat; a region uses
 * {@link java.security.SecureRandom}.
 *
 * @see <a href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html">IAM identifiers</a>
 */
public final class Ids {
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final String LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final String UPPER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final String HEX = "0123456789abcdef";
    private static final String SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final int UNIQUE_CHARS = 17;
    private static final int EC2_CHARS = 17;
    private static final int S3_REQUEST_CHARS = 16;
    private static final int SECRET_CHARS = 40;

    private final RandomGenerator random;

    /** Ids from this randomness; use one that may be shared by threads. */
    public Ids(RandomGenerator random) {
        this.random = random;
    }

    /** A random UUID, as most services' request ids are. */
    public String uuid() {
        long high = random.nextLong() & ~0xf000L | 0x4000L;
        long low = random.nextLong() & ~(0xc0L << 56) | 0x80L << 56;
        return new UUID(high, low).toString();
    }

    /** An S3 request id: 16 upper-case letters and digits. */
    public String s3RequestId() {
        return chars(UPPER, S3_REQUEST_CHARS);
    }

    /**
     * An IAM unique id: the prefix (AIDA user, AROA role, AGPA group, ANPA policy, AIPA instance profile …) and 17
     * characters.
     */
    public String unique(String prefix) {
        return prefix + chars(BASE32, UNIQUE_CHARS);
    }

    /** An EC2 resource id: the prefix ({@code i}, {@code vpc}, {@code subnet} …), a dash, {@code 0} and 16 hex digits. */
    public String ec2(String prefix) {
        return prefix + "-0" + chars(HEX, EC2_CHARS - 1);
    }

    /** A secret access key: 40 characters. */
    public String secretKey() {
        return chars(SECRET, SECRET_CHARS);
    }

    /** Lower-case letters and digits, e.g. a function URL's id. */
    public String lower(int length) {
        return chars(LETTERS_AND_DIGITS, length);
    }

    /** Lower-case hexadecimal digits, e.g. a task's id. */
    public String hex(int length) {
        return chars(HEX, length);
    }

    private String chars(String alphabet, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
