package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import java.util.List;

/** Which names a bucket may have. See AWS, "General purpose bucket naming rules". */
final class BucketNames {
    private static final List<String> BAD_PREFIXES = List.of("xn--", "sthree-", "amzn-s3-demo-");
    private static final List<String> BAD_SUFFIXES = List.of("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3");

    private BucketNames() {}

    /** Refuses a name that no new bucket may have (InvalidBucketName). */
    static void check(String name) {
        if (!valid(name)) {
            throw invalid(name);
        }
    }

    static Fault invalid(String name) {
        return Fault.client("InvalidBucketName", 400, "The specified bucket is not valid.")
                .with("BucketName", name);
    }

    static boolean valid(String name) {
        if (name.length() < 3 || name.length() > 63 || looksLikeAddress(name)) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean edge = i == 0 || i == name.length() - 1;
            boolean letterOrDigit = c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            if (!letterOrDigit && (edge || c != '-' && c != '.')) {
                return false;
            }
        }
        return !name.contains("..")
                && BAD_PREFIXES.stream().noneMatch(name::startsWith)
                && BAD_SUFFIXES.stream().noneMatch(name::endsWith);
    }

    private static boolean looksLikeAddress(String name) {
        return name.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    }
}
