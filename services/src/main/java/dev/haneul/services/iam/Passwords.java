package dev.haneul.services.iam;

import dev.haneul.api.iam.PasswordPolicyViolationException;
import dev.haneul.api.runtime.Fault;
import dev.haneul.services.iam.IamTables.AccountRow.PasswordRules;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Passwords: kept as salted PBKDF2 hashes only, and held to the account's rules. */
final class Passwords {
    /** What holds where an account has set nothing: eight characters of three kinds, not a name of the user's. */
    private static final int DEFAULT_LENGTH = 8;

    private static final int DEFAULT_KINDS = 3;
    private static final int LONGEST = 128;
    private static final int ITERATIONS = 120_000;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BITS = 256;
    private static final String SYMBOLS = "!@#$%^&*()_+-=[]{}|'";

    private Passwords() {}

    static String hash(String password, SecureRandom random) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        Base64.Encoder base64 = Base64.getEncoder();
        return base64.encodeToString(salt) + ":" + base64.encodeToString(derive(password, salt));
    }

    static boolean matches(String password, String hash) {
        String[] parts = hash.split(":", 2);
        byte[] salt = Base64.getDecoder().decode(parts[0]);
        return MessageDigest.isEqual(derive(password, salt), Base64.getDecoder().decode(parts[1]));
    }

    private static byte[] derive(String password, byte[] salt) {
        try {
            PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, HASH_BITS);
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has PBKDF2", e);
        }
    }

    /** Refuses a password the rules do not allow; without rules AWS's own defaults hold. */
    static void check(String password, String user, @Nullable PasswordRules rules) {
        int least = rules == null ? DEFAULT_LENGTH : rules.length();
        if (password.length() < least) {
            throw violation("Password should have a minimum length of " + least);
        }
        if (password.length() > LONGEST) {
            throw violation("Password should have a maximum length of " + LONGEST);
        }
        boolean lower = password.chars().anyMatch(c -> c >= 'a' && c <= 'z');
        boolean upper = password.chars().anyMatch(c -> c >= 'A' && c <= 'Z');
        boolean digit = password.chars().anyMatch(c -> c >= '0' && c <= '9');
        boolean symbol = password.chars().anyMatch(c -> SYMBOLS.indexOf(c) >= 0);
        if (rules == null) {
            long kinds = List.of(lower, upper, digit, symbol).stream()
                    .filter(kind -> kind)
                    .count();
            if (kinds < DEFAULT_KINDS) {
                throw violation("Password should include a minimum of three of the following mix of character types:"
                        + " uppercase, lowercase, numbers, and non-alphanumeric characters");
            }
            if (password.equalsIgnoreCase(user)) {
                throw violation("Password must not be identical to the user name");
            }
            return;
        }
        require(!rules.symbols() || symbol, "symbol");
        require(!rules.numbers() || digit, "number");
        require(!rules.uppercase() || upper, "uppercase letter");
        require(!rules.lowercase() || lower, "lowercase letter");
    }

    /** Refuses a password that was in use before, as far back as the rules look. */
    static void checkReuse(String password, List<String> latestFirst, @Nullable PasswordRules rules) {
        int remembered = rules == null ? 0 : rules.reuse();
        if (latestFirst.stream().limit(remembered).anyMatch(hash -> matches(password, hash))) {
            throw violation("Password has been used previously");
        }
    }

    private static void require(boolean holds, String kind) {
        if (!holds) {
            throw violation("Password should have at least one " + kind);
        }
    }

    private static Fault violation(String message) {
        return Fault.of(new PasswordPolicyViolationException(), message);
    }
}
