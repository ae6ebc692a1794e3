package dev.haneul.services.iam;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.random.RandomGenerator;

/** Unique ids as IAM gives them: four letters for the kind, seventeen characters of base 32. */
final class UniqueIds {
    static final String USER = "AIDA";
    static final String ROLE = "AROA";
    static final String GROUP = "AGPA";
    static final String POLICY = "ANPA";
    static final String PROFILE = "AIPA";

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int LENGTH = 17;
    private static final String SECRET_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final int SECRET_LENGTH = 40;

    private UniqueIds() {}

    static String make(String prefix, RandomGenerator random) {
        StringBuilder out = new StringBuilder(prefix);
        for (int i = 0; i < LENGTH; i++) {
            out.append(ALPHABET.charAt(random.nextInt(32)));
        }
        return out.toString();
    }

    /** The id that this name always has. */
    static String of(String prefix, String name) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            StringBuilder out = new StringBuilder(prefix);
            for (int i = 0; i < LENGTH; i++) {
                out.append(ALPHABET.charAt(hash[i] & 31));
            }
            return out.toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A secret access key. */
    static String secret(RandomGenerator random) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < SECRET_LENGTH; i++) {
            out.append(SECRET_ALPHABET.charAt(random.nextInt(64)));
        }
        return out.toString();
    }
}
