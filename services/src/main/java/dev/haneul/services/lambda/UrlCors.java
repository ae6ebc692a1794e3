package dev.haneul.services.lambda;

import dev.haneul.api.lambda.Cors;
import dev.haneul.kernel.plane.Exchange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cross-origin sharing of a function URL. Pure. See "Cross-origin resource sharing (CORS)" of function URLs. */
final class UrlCors {
    private static final String ALL = "*";
    private final Cors rules;

    private UrlCors(Cors rules) {
        this.rules = rules;
    }

    /** Null where the URL leaves it to its function. */
    static @Nullable UrlCors of(@Nullable Cors rules) {
        return rules == null || rules.allowOrigins().isEmpty() ? null : new UrlCors(rules);
    }

    /** Whether a browser only asks. */
    static boolean asks(Exchange request) {
        return request.method().equals("OPTIONS")
                && request.header("origin") != null
                && request.header("access-control-request-method") != null;
    }

    /** The answer to a browser that asks: it is ours, the function does not hear of it. */
    Map<String, List<String>> preflight(Exchange request) {
        Map<String, List<String>> headers = new LinkedHashMap<>(shared(request));
        if (headers.isEmpty() || !methodAllowed(request.header("access-control-request-method"))) {
            return Map.of();
        }
        put(headers, "access-control-allow-methods", String.join(",", rules.allowMethods()));
        put(headers, "access-control-allow-headers", String.join(",", rules.allowHeaders()));
        Integer age = rules.maxAge();
        put(headers, "access-control-max-age", age == null || age == 0 ? "" : age.toString());
        return headers;
    }

    /** Puts its headers in place of those the function gave. */
    Map<String, List<String>> apply(Exchange request, Map<String, List<String>> given) {
        Map<String, List<String>> headers = new LinkedHashMap<>(given);
        headers.keySet().removeIf(name -> name.startsWith("access-control-"));
        Map<String, List<String>> ours = shared(request);
        headers.putAll(ours);
        if (!ours.isEmpty()) {
            put(headers, "access-control-expose-headers", String.join(",", rules.exposeHeaders()));
        }
        return headers;
    }

    private Map<String, List<String>> shared(Exchange request) {
        String origin = request.header("origin");
        if (origin == null || !originAllowed(origin)) {
            return Map.of();
        }
        Map<String, List<String>> headers = new LinkedHashMap<>();
        boolean all = rules.allowOrigins().contains(ALL);
        put(headers, "access-control-allow-origin", all ? ALL : origin);
        if (!all) {
            put(headers, "vary", "Origin");
        }
        if (Boolean.TRUE.equals(rules.allowCredentials())) {
            put(headers, "access-control-allow-credentials", "true");
        }
        return headers;
    }

    private boolean originAllowed(String origin) {
        return rules.allowOrigins().stream().anyMatch(rule -> rule.equals(ALL) || rule.equalsIgnoreCase(origin));
    }

    private boolean methodAllowed(@Nullable String method) {
        return method != null
                && (rules.allowMethods().contains(ALL)
                        || rules.allowMethods().contains(method.toUpperCase(Locale.ROOT)));
    }

    private static void put(Map<String, List<String>> headers, String name, String value) {
        if (!value.isEmpty()) {
            headers.put(name, List.of(value));
        }
    }
}
