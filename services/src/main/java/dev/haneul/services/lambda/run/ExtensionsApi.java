package dev.haneul.services.lambda.run;

import dev.haneul.delivery.Json;
import dev.haneul.fabric.HttpVisit;
import dev.haneul.services.lambda.run.Extensions.Verdict;
import dev.haneul.services.lambda.run.RuntimeApi.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Extensions API, version 2020-01-01, the Telemetry and Logs APIs, and the words of {@link ExtensionPrograms}, for one
 * environment.
 */
final class ExtensionsApi {
    private static final String ROOT = "/2020-01-01/extension/";
    private static final String TELEMETRY = "/2022-07-01/telemetry";
    private static final String LOGS = "/2020-08-15/logs";
    private static final String OWN = "/haneul/";
    private static final Pattern ENDED = Pattern.compile("extension/(\\d{1,2})/(\\d{1,3})");
    private static final Pattern RUNTIME_ENDED = Pattern.compile("runtime/(\\d{1,3})");
    private static final Pattern IDENTIFIER = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final int LARGEST_REQUEST_BYTES = 1024 * 1024;
    private static final Map<String, List<String>> JSON = Map.of("Content-Type", List.of("application/json"));

    private final RuntimeSession session;
    private final Extensions extensions;

    ExtensionsApi(RuntimeSession session) {
        this.session = session;
        this.extensions = session.extensions();
    }

    /** Whether a path is one of its own. */
    static boolean serves(String path) {
        return path.startsWith(ROOT) || path.equals(TELEMETRY) || path.equals(LOGS) || path.startsWith(OWN);
    }

    /** Null where the environment ends: there is nothing left to say. */
    @Nullable
    Reply answer(HttpVisit request) throws IOException, InterruptedException {
        String path = request.path();
        String method = request.method();
        if (path.startsWith(OWN)) {
            return own(path.substring(OWN.length()));
        }
        if (path.equals(ROOT + "register")) {
            return method.equals("POST") ? register(request) : notAllowed();
        }
        String id = request.header("Lambda-Extension-Identifier");
        if (id == null || id.isEmpty()) {
            return error(403, "Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header");
        }
        if (!IDENTIFIER.matcher(id).matches()) {
            return error(403, "Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier");
        }
        return switch (path) {
            case ROOT + "event/next" -> method.equals("GET") ? told(extensions.next(id)) : notAllowed();
            case ROOT + "init/error" -> method.equals("POST") ? fail(request, id, "Init") : notAllowed();
            case ROOT + "exit/error" -> method.equals("POST") ? fail(request, id, "Exit") : notAllowed();
            case TELEMETRY, LOGS -> method.equals("PUT") ? subscribe(request, id) : notAllowed();
            default -> error(404, "ResourceNotFound", "no such resource");
        };
    }

    private Reply own(String words) throws InterruptedException {
        Matcher ended = ENDED.matcher(words);
        Matcher runtime = RUNTIME_ENDED.matcher(words);
        if (ended.matches()) {
            extensions.exited(Integer.parseInt(ended.group(1)), Integer.parseInt(ended.group(2)));
        } else if (runtime.matches()) {
            session.exited(Integer.parseInt(runtime.group(1)));
        } else if (words.equals("registered")) {
            extensions.awaitRegistered();
        } else {
            return error(404, "ResourceNotFound", "no such resource");
        }
        return json(200, "{}");
    }

    private Reply register(HttpVisit request) throws IOException {
        String name = request.header("Lambda-Extension-Name");
        if (name == null || name.isEmpty()) {
            return error(403, "Extension.InvalidExtensionName", "Empty extension name");
        }
        Optional<Map<String, @Nullable Object>> body = body(request);
        Object wanted = body.isEmpty() ? null : body.get().getOrDefault("events", List.of());
        if (!(wanted instanceof List<?> list)) {
            return error(403, "InvalidRequestFormat", "events must be a list");
        }
        List<String> events = new ArrayList<>();
        list.forEach(event -> events.add(String.valueOf(event)));
        return switch (extensions.register(name, events)) {
            case Verdict.Registered(String id) -> {
                RuntimeSession.Host host = session.host();
                Map<String, @Nullable Object> answer = new LinkedHashMap<>();
                answer.put("functionName", host.functionName());
                answer.put("functionVersion", host.version());
                answer.put("handler", host.handler());
                String features = request.header("Lambda-Extension-Accept-Feature");
                if (features != null && List.of(features.split("\\s*,\\s*")).contains("accountId")) {
                    answer.put("accountId", host.account());
                }
                Map<String, List<String>> headers = new LinkedHashMap<>(JSON);
                headers.put("Lambda-Extension-Identifier", List.of(id));
                yield new Reply(200, headers, Json.write(answer).getBytes(StandardCharsets.UTF_8));
            }
            case Verdict.Refused(String type, String message) -> error(403, type, message);
            default -> error(500, "InternalServerError", "not registered");
        };
    }

    private @Nullable Reply fail(HttpVisit request, String id, String phase) throws IOException {
        String type = request.header("Lambda-Extension-Function-Error-Type");
        if (type == null || type.isEmpty()) {
            return error(403, "Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found");
        }
        if (body(request).isEmpty()) {
            return error(400, "InvalidErrorShape", "the error is not a JSON object, or too large");
        }
        return told(extensions.fail(id, phase, type));
    }

    private Reply subscribe(HttpVisit request, String id) throws IOException {
        String name = extensions.name(id);
        if (name == null) {
            Verdict.Refused refused = Extensions.unknown(id);
            return error(403, refused.type(), refused.message());
        }
        byte[] bytes = request.body().readNBytes(LARGEST_REQUEST_BYTES);
        boolean logs = request.path().equals(LOGS);
        Telemetry telemetry = session.telemetry();
        if (!telemetry.open()) {
            String kind = logs ? "Logs" : "Telemetry";
            return error(403, kind + ".SubscriptionClosed", kind + " API subscription is closed already");
        }
        try {
            Subscription wanted = Subscription.parse(new String(bytes, StandardCharsets.UTF_8), logs);
            telemetry.subscribe(name, wanted, session::connect);
            extensions.subscribed(id, new ExtensionNotes.Asked(logs, new String(bytes, StandardCharsets.UTF_8)));
        } catch (Subscription.InvalidException e) {
            return error(400, "ValidationError", String.valueOf(e.getMessage()));
        }
        return new Reply(200, JSON, "\"OK\"".getBytes(StandardCharsets.UTF_8));
    }

    /** An empty body is an empty object. */
    private static Optional<Map<String, @Nullable Object>> body(HttpVisit request) throws IOException {
        byte[] bytes = request.body().readNBytes(LARGEST_REQUEST_BYTES + 1);
        if (bytes.length > LARGEST_REQUEST_BYTES) {
            return Optional.empty();
        }
        return bytes.length == 0 ? Optional.of(Map.of()) : Json.object(new String(bytes, StandardCharsets.UTF_8));
    }

    private static @Nullable Reply told(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Event(String id, String json) -> {
                Map<String, List<String>> headers = new LinkedHashMap<>(JSON);
                headers.put("Lambda-Extension-Event-Identifier", List.of(id));
                yield new Reply(200, headers, json.getBytes(StandardCharsets.UTF_8));
            }
            case Verdict.Refused(String type, String message) -> error(403, type, message);
            case Verdict.Taken _, Verdict.Registered _ -> json(202, "{\"status\":\"OK\"}\n");
            case Verdict.Over _ -> null;
        };
    }

    private static Reply notAllowed() {
        return error(405, "MethodNotAllowed", "method not allowed");
    }

    private static Reply error(int status, String type, String message) {
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("errorMessage", message);
        body.put("errorType", type);
        return json(status, Json.write(body));
    }

    private static Reply json(int status, String body) {
        return new Reply(status, JSON, body.getBytes(StandardCharsets.UTF_8));
    }
}
