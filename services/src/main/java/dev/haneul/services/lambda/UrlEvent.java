package dev.haneul.services.lambda;

import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.services.lambda.LambdaTables.Url;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request as the event a function gets: payload format 2.0. See "Invoking Lambda function URLs". Paths stay
 * percent-encoded, unlike those of API Gateway's HTTP APIs, whose format this is.
 */
final class UrlEvent {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/uuuu:HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final String DEFAULT = "$default";

    private UrlEvent() {}

    /** The event as JSON. */
    static byte[] of(Exchange request, byte[] body, Url url, Principal signer, String traceId, Instant now) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("version", "2.0");
        event.put("routeKey", DEFAULT);
        event.put("rawPath", request.path());
        event.put("rawQueryString", request.query());
        Map<String, String> headers = headers(request, url, traceId);
        List<String> cookies = cookies(headers.get("cookie"));
        if (!cookies.isEmpty()) {
            event.put("cookies", cookies);
        }
        event.put("headers", headers);
        Map<String, String> query = query(request.query());
        if (!query.isEmpty()) {
            event.put("queryStringParameters", query);
        }
        event.put("requestContext", context(request, url, signer, now));
        boolean text = isText(headers.get("content-type"));
        if (body.length > 0) {
            event.put(
                    "body",
                    text
                            ? new String(body, StandardCharsets.UTF_8)
                            : Base64.getEncoder().encodeToString(body));
        }
        event.put("isBase64Encoded", body.length > 0 && !text);
        return Json.write(event).getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, Object> context(Exchange request, Url url, Principal signer, Instant now) {
        boolean anonymous = signer.type() == Principal.Type.ANONYMOUS;
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("accountId", anonymous ? "anonymous" : signer.account());
        context.put("apiId", url.id());
        if (!anonymous) {
            Map<String, Object> iam = new LinkedHashMap<>();
            iam.put("accessKey", signer.accessKeyId());
            iam.put("accountId", signer.account());
            iam.put("callerId", signer.id());
            iam.put("userArn", signer.arn());
            iam.put("userId", signer.id());
            context.put("authorizer", Map.of("iam", iam));
        }
        context.put("domainName", request.host());
        context.put("domainPrefix", url.id());
        Map<String, Object> http = new LinkedHashMap<>();
        http.put("method", request.method());
        http.put("path", request.path());
        http.put("protocol", "HTTP/1.1");
        http.put("sourceIp", request.remoteAddress());
        http.put("userAgent", Functions.or(request.header("user-agent"), ""));
        context.put("http", http);
        context.put("requestId", request.requestId());
        context.put("routeKey", DEFAULT);
        context.put("stage", DEFAULT);
        context.put("time", TIME.format(now));
        context.put("timeEpoch", now.toEpochMilli());
        return context;
    }

    /** Names in lower case, values of one name joined by commas, and what AWS's front adds. */
    private static Map<String, String> headers(Exchange request, Url url, String traceId) {
        Map<String, String> headers = new LinkedHashMap<>();
        request.headers()
                .forEach((name, values) -> headers.put(name, String.join(name.equals("cookie") ? "; " : ",", values)));
        headers.remove("connection");
        headers.remove("transfer-encoding");
        headers.remove("expect");
        if (url.authType().equals(UrlConfigs.IAM)) {
            headers.remove("authorization");
        }
        String endpoint = request.endpoint();
        int colon = endpoint.lastIndexOf(':');
        String port = colon > 5 ? endpoint.substring(colon + 1) : request.secure() ? "443" : "80";
        String before = headers.get("x-forwarded-for");
        headers.put("x-forwarded-for", (before == null ? "" : before + ", ") + request.remoteAddress());
        headers.put("x-forwarded-proto", request.secure() ? "https" : "http");
        headers.put("x-forwarded-port", port);
        headers.put("x-amzn-trace-id", traceId);
        return headers;
    }

    private static List<String> cookies(@Nullable String header) {
        List<String> cookies = new ArrayList<>();
        if (header != null) {
            for (String cookie : header.split(";")) {
                if (!cookie.isBlank()) {
                    cookies.add(cookie.strip());
                }
            }
        }
        return cookies;
    }

    private static Map<String, String> query(String raw) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String part : raw.split("&")) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                String name = decoded(equals < 0 ? part : part.substring(0, equals));
                String value = equals < 0 ? "" : decoded(part.substring(equals + 1));
                parameters.merge(name, value, (a, b) -> a + "," + b);
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return text;
        }
    }

    /** What is handed on as text; all else as Base64. */
    private static boolean isText(@Nullable String contentType) {
        if (contentType == null) {
            return true;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.startsWith("text/")
                || type.equals("application/json")
                || type.equals("application/javascript")
                || type.equals("application/xml")
                || type.endsWith("+json")
                || type.endsWith("+xml");
    }
}
