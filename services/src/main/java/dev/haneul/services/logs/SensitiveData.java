package dev.haneul.services.logs;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds data of AWS's managed identifiers in a message and hides it behind asterisks. Pure. The patterns are ours, for AWS
 * does not publish its own; each is linear in the length of the message.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL-managed-data-identifiers.html">CloudWatch Logs
 *     managed data identifiers</a>
 */
final class SensitiveData {
    private static final Map<String, Kind> KINDS = new LinkedHashMap<>();

    private record Kind(Pattern pattern, Predicate<String> real) {}

    static {
        add("EmailAddress", "[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\\.){1,8}[A-Za-z]{2,24}", found -> true);
        add("IpAddress", "(?<![0-9.])(?:[0-9]{1,3}\\.){3}[0-9]{1,3}(?![0-9.])", SensitiveData::octets);
        add("CreditCardNumber", "(?<![0-9])(?:[0-9]{4}[ -]?){3}[0-9]{1,7}(?![0-9])", SensitiveData::luhn);
        add("AwsSecretKey", "(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])", SensitiveData::mixed);
        add("Ssn-US", "(?<![0-9-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![0-9-])", found -> true);
        add(
                "PhoneNumber-US",
                "(?<![0-9])(?:\\+?1[ .-]?)?\\(?[2-9][0-9]{2}\\)?[ .-][0-9]{3}[ .-][0-9]{4}(?![0-9])",
                found -> true);
        add("OpenSshPrivateKey", "-----BEGIN OPENSSH PRIVATE KEY-----[A-Za-z0-9+/=\\s]{1,8000}", found -> true);
        add(
                "PkcsPrivateKey",
                "-----BEGIN (?:RSA |EC |ENCRYPTED )?PRIVATE KEY-----[A-Za-z0-9+/=\\s]{1,8000}",
                found -> true);
        add("PgpPrivateKey", "-----BEGIN PGP PRIVATE KEY BLOCK-----[A-Za-z0-9+/=:.()\\s]{1,16000}", found -> true);
    }

    private SensitiveData() {}

    private static void add(String name, String pattern, Predicate<String> real) {
        KINDS.put(name, new Kind(Pattern.compile(pattern), real));
    }

    /** Whether data of this kind can be found; by the last part of the identifier's ARN. */
    static boolean knows(String identifier) {
        return KINDS.containsKey(identifier);
    }

    /** The message with an asterisk in the place of each character of what is found. */
    static String masked(String message, List<String> identifiers) {
        StringBuilder masked = null;
        for (String identifier : identifiers) {
            Kind kind = KINDS.get(identifier);
            if (kind == null) {
                continue;
            }
            Matcher found = kind.pattern.matcher(message);
            while (found.find()) {
                if (kind.real.test(found.group())) {
                    masked = masked == null ? new StringBuilder(message) : masked;
                    for (int i = found.start(); i < found.end(); i++) {
                        masked.setCharAt(i, '*');
                    }
                }
            }
        }
        return masked == null ? message : masked.toString();
    }

    private static boolean octets(String text) {
        for (String octet : text.split("\\.")) {
            if (Integer.parseInt(octet) > 255) {
                return false;
            }
        }
        return true;
    }

    private static boolean luhn(String text) {
        int sum = 0;
        int digits = 0;
        for (int i = text.length() - 1; i >= 0; i--) {
            int digit = Character.digit(text.charAt(i), 10);
            if (digit >= 0) {
                int counted = digits % 2 == 1 ? digit * 2 : digit;
                sum += counted > 9 ? counted - 9 : counted;
                digits++;
            }
        }
        return digits >= 13 && sum % 10 == 0;
    }

    private static boolean mixed(String text) {
        return text.chars().anyMatch(Character::isDigit)
                && text.chars().anyMatch(Character::isUpperCase)
                && text.chars().anyMatch(Character::isLowerCase);
    }
}
