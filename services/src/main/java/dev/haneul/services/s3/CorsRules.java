package dev.haneul.services.s3;

import dev.haneul.api.s3.CORSConfiguration;
import dev.haneul.api.s3.CORSRule;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What S3 takes for a CORS configuration, and which of its rules a request of a browser goes by. */
final class CorsRules {
    private static final int MAX_RULES = 100;
    private static final int MAX_ID_CHARS = 255;
    private static final Set<String> METHODS = Set.of("GET", "PUT", "POST", "DELETE", "HEAD");

    private CorsRules() {}

    /** Checks a configuration that is to be put. */
    static CORSConfiguration check(CORSConfiguration given) {
        if (given.corsRules().isEmpty()) {
            throw S3Errors.malformedXml();
        }
        if (given.corsRules().size() > MAX_RULES) {
            throw S3Errors.invalidRequest("The number of CORS rules should not exceed allowed limit of 100 rules.");
        }
        given.corsRules().forEach(CorsRules::check);
        return given;
    }

    private static void check(CORSRule rule) {
        if (rule.allowedMethods().isEmpty() || rule.allowedOrigins().isEmpty()) {
            throw S3Errors.malformedXml();
        }
        String id = rule.id();
        if (id != null && id.length() > MAX_ID_CHARS) {
            throw S3Errors.invalidArgument("ID length should not exceed allowed limit of 255", "ID", id);
        }
        for (String method : rule.allowedMethods()) {
            if (!METHODS.contains(method)) {
                throw S3Errors.invalidRequest(
                        "Found unsupported HTTP method in CORS config. Unsupported method is " + method);
            }
        }
        rule.allowedOrigins().forEach(origin -> checkWildcards("AllowedOrigin", origin));
        rule.allowedHeaders().forEach(header -> checkWildcards("AllowedHeader", header));
        for (String header : rule.exposeHeaders()) {
            if (header.indexOf('*') >= 0) {
                throw S3Errors.invalidRequest("ExposeHeader \"" + header
                        + "\" contains wildcard. We currently do not support wildcard for ExposeHeader.");
            }
        }
    }

    private static void checkWildcards(String element, String value) {
        if (value.indexOf('*') != value.lastIndexOf('*')) {
            throw S3Errors.invalidRequest(element + " \"" + value + "\" can not have more than one wildcard.");
        }
    }

    /**
     * The first rule that lets a page of this origin send this method, and these headers where it asks beforehand.
     *
     * @param asked headers the page means to send, empty for none and for actual requests
     */
    static Optional<CORSRule> match(CORSConfiguration configuration, String origin, String method, List<String> asked) {
        return configuration.corsRules().stream()
                .filter(rule -> rule.allowedMethods().contains(method))
                .filter(rule -> rule.allowedOrigins().stream().anyMatch(allowed -> fits(allowed, origin)))
                .filter(rule -> asked.stream()
                        .allMatch(header -> rule.allowedHeaders().stream()
                                .anyMatch(allowed ->
                                        fits(allowed.toLowerCase(Locale.ROOT), header.toLowerCase(Locale.ROOT)))))
                .findFirst();
    }

    static boolean knows(String method) {
        return METHODS.contains(method);
    }

    /** Which of a matching rule's origins it is that lets the page in. */
    static String allowed(CORSRule rule, String origin) {
        return rule.allowedOrigins().stream()
                .filter(allowed -> fits(allowed, origin))
                .findFirst()
                .orElse("");
    }

    /** Whether a text is one with at most one wildcard. */
    private static boolean fits(String pattern, String text) {
        int star = pattern.indexOf('*');
        if (star < 0) {
            return pattern.equals(text);
        }
        String head = pattern.substring(0, star);
        String tail = pattern.substring(star + 1);
        return text.length() >= head.length() + tail.length() && text.startsWith(head) && text.endsWith(tail);
    }
}
