package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.CORSConfiguration;
import dev.haneul.api.s3.CORSRule;
import dev.haneul.kernel.plane.CrossOrigin;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.store.Store;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** CORS of buckets: what browsers are told. See AWS, "Using cross-origin resource sharing (CORS)". */
final class BucketOrigins implements CrossOrigin {
    private static final String VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
    private static final int MAX_ASKED_CHARS = 8192;

    private final Store store;

    BucketOrigins(Store store) {
        this.store = store;
    }

    @Override
    public Map<String, String> preflight(Exchange exchange) {
        String origin = exchange.header("origin");
        if (origin == null) {
            throw badRequest("Insufficient information. Origin request header needed.");
        }
        String method = exchange.header("access-control-request-method");
        if (method == null || !CorsRules.knows(method)) {
            throw badRequest("Invalid Access-Control-Request-Method: " + method);
        }
        String asked = ListObjects.or(exchange.header("access-control-request-headers"));
        List<String> headers = asked.isBlank() || asked.length() > MAX_ASKED_CHARS
                ? List.of()
                : Arrays.stream(asked.split(",", -1)).map(String::strip).toList();
        CORSConfiguration configuration = configuration(exchange);
        if (configuration == null) {
            throw forbidden("CORSResponse: CORS is not enabled for this bucket.", method, exchange);
        }
        CORSRule rule = (asked.length() > MAX_ASKED_CHARS
                        ? Optional.<CORSRule>empty()
                        : CorsRules.match(configuration, origin, method, headers))
                .orElseThrow(() -> forbidden(
                        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of"
                                + " Origin, request method / Access-Control-Request-Method or"
                                + " Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
                        method,
                        exchange));
        Map<String, String> answer = allow(rule, origin);
        if (!headers.isEmpty()) {
            answer.put(
                    "Access-Control-Allow-Headers", String.join(", ", headers).toLowerCase(Locale.ROOT));
        }
        Integer age = rule.maxAgeSeconds();
        if (age != null) {
            answer.put("Access-Control-Max-Age", age.toString());
        }
        return answer;
    }

    private static Fault badRequest(String message) {
        return Fault.client("BadRequest", 400, message);
    }

    private static Fault forbidden(String message, String method, Exchange exchange) {
        return Fault.client("AccessForbidden", 403, message)
                .with("Method", method)
                .with("ResourceType", key(exchange).isEmpty() ? "BUCKET" : "OBJECT");
    }

    @Override
    public Map<String, String> headers(Exchange exchange) {
        String origin = exchange.header("origin");
        CORSConfiguration configuration =
                origin == null || exchange.method().equals("OPTIONS") ? null : configuration(exchange);
        if (origin == null || configuration == null) {
            return Map.of();
        }
        return CorsRules.match(configuration, origin, exchange.method(), List.of())
                .map(rule -> allow(rule, origin))
                .orElse(Map.of());
    }

    private static Map<String, String> allow(CORSRule rule, String origin) {
        Map<String, String> answer = new LinkedHashMap<>();
        boolean any = CorsRules.allowed(rule, origin).equals("*");
        answer.put("Access-Control-Allow-Origin", any ? "*" : origin);
        answer.put("Access-Control-Allow-Methods", String.join(", ", rule.allowedMethods()));
        if (!rule.exposeHeaders().isEmpty()) {
            answer.put("Access-Control-Expose-Headers", String.join(", ", rule.exposeHeaders()));
        }
        if (!any) {
            answer.put("Access-Control-Allow-Credentials", "true");
        }
        answer.put("Vary", VARY);
        return answer;
    }

    private @Nullable CORSConfiguration configuration(Exchange exchange) {
        String bucket = bucket(exchange);
        return store.read(tx -> Buckets.find(tx, bucket)
                .map(found -> Configurations.of(tx, found).cors())
                .orElse(null));
    }

    /** The bucket a request addresses, by host or by path; empty for none. */
    static String bucket(Exchange exchange) {
        String hosted = hosted(exchange);
        return hosted == null ? segments(exchange)[0] : hosted;
    }

    private static String key(Exchange exchange) {
        if (hosted(exchange) != null) {
            return exchange.path().length() > 1 ? exchange.path() : "";
        }
        String[] segments = segments(exchange);
        return segments.length < 2 ? "" : segments[1];
    }

    private static @Nullable String hosted(Exchange exchange) {
        for (String mark : List.of(".s3.", ".s3-")) {
            int at = exchange.host().indexOf(mark);
            if (at > 0) {
                return exchange.host().substring(0, at);
            }
        }
        return null;
    }

    private static String[] segments(Exchange exchange) {
        String path = exchange.path();
        return (path.startsWith("/") ? path.substring(1) : path).split("/", 2);
    }
}
