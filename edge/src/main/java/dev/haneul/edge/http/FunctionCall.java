package dev.haneul.edge.http;

import dev.haneul.edge.table.TargetGroup;
import dev.haneul.kernel.store.json.JsonTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as a function sees it, and its answer. Pure.
 *
 * @see <a href="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html">Lambda
 *     functions as targets</a>
 */
final class FunctionCall {
    /** Of a request's body and of an answer. */
    static final int MOST_BYTES = 1024 * 1024;

    private FunctionCall() {}

    static byte[] event(TargetGroup group, RequestHead head, byte[] body) {
        Map<String, @Nullable Object> event = new LinkedHashMap<>();
        event.put("requestContext", Map.of("elb", Map.of("targetGroupArn", group.id())));
        event.put("httpMethod", head.method());
        event.put("path", head.path());
        Map<String, List<String>> query = query(head.query());
        Map<String, List<String>> headers = new LinkedHashMap<>();
        if (!head.authority().isEmpty()) {
            headers.put("host", new ArrayList<>(List.of(head.authority())));
        }
        for (int i = 0; i < head.headers().size(); i++) {
            String name = head.headers().name(i).toLowerCase(Locale.ROOT);
            if (!name.equals("host")) {
                headers.computeIfAbsent(name, key -> new ArrayList<>())
                        .add(head.headers().value(i));
            }
        }
        if (group.multiValueHeaders()) {
            event.put("multiValueQueryStringParameters", query);
            event.put("multiValueHeaders", headers);
        } else {
            event.put("queryStringParameters", last(query));
            event.put("headers", last(headers));
        }
        boolean text = textual(head.headers());
        event.put(
                "body",
                text
                        ? new String(body, StandardCharsets.UTF_8)
                        : Base64.getEncoder().encodeToString(body));
        event.put("isBase64Encoded", !text && body.length > 0);
        return JsonTrees.write(event);
    }

    private static Map<String, String> last(Map<String, List<String>> all) {
        Map<String, String> single = new LinkedHashMap<>();
        all.forEach((name, values) -> single.put(name, values.getLast()));
        return single;
    }

    /** Names and values as they came, still encoded. */
    private static Map<String, List<String>> query(String query) {
        Map<String, List<String>> found = new LinkedHashMap<>();
        if (query.isEmpty()) {
            return found;
        }
        for (String part : query.split("&", -1)) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            String value = equals < 0 ? "" : part.substring(equals + 1);
            found.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
        }
        return found;
    }

    private static boolean textual(Headers headers) {
        if (headers.has("content-encoding")) {
            return false;
        }
        String type = headers.get("content-type");
        if (type == null) {
            return true;
        }
        String lower = type.toLowerCase(Locale.ROOT);
        return lower.startsWith("text/")
                || lower.startsWith("application/json")
                || lower.startsWith("application/javascript")
                || lower.startsWith("application/xml");
    }

    /**
     * What a function answered.
     *
     * @throws IOException where that is no answer
     */
    static Answer answer(byte[] json) throws IOException {
        if (json.length > MOST_BYTES) {
            throw new IOException("the function's answer is too long");
        }
        Map<String, @Nullable Object> tree;
        try {
            tree = JsonTrees.readObject(json);
        } catch (RuntimeException e) {
            throw new IOException("the function's answer is no JSON object", e);
        }
        int status = tree.get("statusCode") instanceof Number number ? number.intValue() : 0;
        if (status < 100 || status > 999) {
            throw new IOException("the function's answer has no statusCode");
        }
        String description = tree.get("statusDescription") instanceof String text ? text : "";
        String reason = description.startsWith(status + " ")
                ? description.substring(description.indexOf(' ') + 1)
                : Pages.reason(status);
        Headers headers = new Headers();
        each(tree.get("headers"), headers);
        each(tree.get("multiValueHeaders"), headers);
        headers.remove("content-length");
        headers.remove("transfer-encoding");
        headers.remove("connection");
        String body = tree.get("body") instanceof String text ? text : "";
        byte[] bytes;
        try {
            bytes = Boolean.TRUE.equals(tree.get("isBase64Encoded"))
                    ? Base64.getDecoder().decode(body)
                    : body.getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IOException("the function's body is no base64", e);
        }
        return new Answer(status, clean(reason), headers, Content.of(bytes), null);
    }

    private static void each(@Nullable Object members, Headers into) throws IOException {
        if (!(members instanceof Map<?, ?> map)) {
            return;
        }
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            List<?> values =
                    entry.getValue() instanceof List<?> list ? list : List.of(String.valueOf(entry.getValue()));
            for (Object value : values) {
                String name = String.valueOf(entry.getKey());
                if (name.isEmpty() || !Forwarded.ordinary(name.replace('_', '-'))) {
                    throw new IOException("the function's answer has a header that is none");
                }
                into.add(name, clean(String.valueOf(value)));
            }
        }
    }

    private static String clean(String value) {
        return value.replace("\r", "").replace("\n", "");
    }
}
