package dev.haneul.services.lambda.run;

import dev.haneul.fabric.HttpVisit;
import dev.haneul.services.lambda.run.RuntimeSession.Problem;
import dev.haneul.services.lambda.run.RuntimeSession.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The Lambda Runtime API, version 2018-06-01, for one environment: what official runtime clients and custom runtimes
 * speak. Status codes and error documents are AWS's; see "Using the Lambda runtime API for custom runtimes".
 */
final class RuntimeApi {
    /** A synchronous result: 6 MiB and a little for its wrapping, as AWS counts it. */
    static final int LARGEST_RESULT_BYTES = 6 * 1024 * 1024 + 100;

    /** Error documents are cut by AWS; ours are refused past this. */
    private static final int LARGEST_PROBLEM_BYTES = 1024 * 1024;

    private static final int UNKNOWN_BYTES = 8 * 1024;

    private static final Map<String, List<String>> JSON = Map.of("Content-Type", List.of("application/json"));
    private static final Map<String, List<String>> TEXT = Map.of("Content-Type", List.of("text/plain"));
    private static final String ROOT = "/2018-06-01/runtime/";
    private final RuntimeSession session;
    private final ExtensionsApi extensions;

    RuntimeApi(RuntimeSession session) {
        this.session = session;
        this.extensions = new ExtensionsApi(session);
    }

    /** The answer to a request. */
    record Reply(int status, Map<String, List<String>> headers, byte[] body) {}

    /** Serves one request of the runtime; a poll waits here for work. */
    void serve(HttpVisit visit) throws IOException {
        Reply reply;
        try {
            reply = answer(visit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (reply == null) {
            throw new IOException("the environment was closed");
        }
        visit.answer(reply.status, reply.headers, reply.body);
    }

    /** Null where the session was closed while the runtime waited: there is nothing left to say. */
    private @Nullable Reply answer(HttpVisit request) throws IOException, InterruptedException {
        String path = request.path();
        if (path.equals("/2018-06-01/ping")) {
            return new Reply(200, TEXT, "pong".getBytes(StandardCharsets.US_ASCII));
        }
        if (ExtensionsApi.serves(path)) {
            return extensions.answer(request);
        }
        if (!path.startsWith(ROOT)) {
            return noSuchResource(request);
        }
        String rest = path.substring(ROOT.length());
        boolean get = request.method().equals("GET");
        if (rest.equals("invocation/next")) {
            return get ? next() : methodNotAllowed(request);
        }
        if (get) {
            return methodNotAllowed(request);
        }
        if (rest.equals("init/error")) {
            Problem problem = problem(request);
            return problem == null
                    ? error(400, "InvalidErrorShape", "error too large")
                    : told(session.failInit(problem));
        }
        String[] parts = rest.split("/", -1);
        if (parts.length == 3 && parts[0].equals("invocation")) {
            return switch (parts[2]) {
                case "response" -> response(parts[1], request);
                case "error" -> {
                    Problem problem = problem(request);
                    yield problem == null
                            ? error(413, "RequestEntityTooLarge", "error too large")
                            : told(session.fail(parts[1], problem));
                }
                default -> noSuchResource(request);
            };
        }
        return noSuchResource(request);
    }

    private @Nullable Reply next() throws InterruptedException {
        Invocation work = session.next();
        if (work == null) {
            return session.alive() ? error(403, "InvalidStateTransition", "an invocation is not answered yet") : null;
        }
        Map<String, List<String>> headers = new LinkedHashMap<>(JSON);
        headers.put("Lambda-Runtime-Aws-Request-Id", List.of(work.requestId()));
        headers.put("Lambda-Runtime-Deadline-Ms", List.of(Long.toString(work.deadlineEpochMillis())));
        headers.put("Lambda-Runtime-Invoked-Function-Arn", List.of(work.functionArn()));
        headers.put("Lambda-Runtime-Trace-Id", List.of(work.traceId()));
        String tenant = session.host().tenant();
        if (tenant != null) {
            headers.put("Lambda-Runtime-Aws-Tenant-Id", List.of(tenant));
        }
        if (work.clientContext() != null) {
            headers.put("Lambda-Runtime-Client-Context", List.of(work.clientContext()));
        }
        return new Reply(200, headers, work.payload());
    }

    private Reply response(String requestId, HttpVisit request) throws IOException {
        if ("streaming".equalsIgnoreCase(request.header("Lambda-Runtime-Function-Response-Mode"))) {
            return told(StreamedResponse.read(session, requestId, request));
        }
        byte[] body = read(request, LARGEST_RESULT_BYTES);
        if (body == null) {
            long size = LARGEST_RESULT_BYTES + 1L + drain(request.body());
            Verdict verdict = session.respondTooLarge(requestId, size);
            return verdict == Verdict.ACCEPTED
                    ? error(
                            413,
                            "RequestEntityTooLarge",
                            "Exceeded maximum allowed payload size (" + LARGEST_RESULT_BYTES + " bytes).")
                    : told(verdict);
        }
        return told(session.respond(requestId, body));
    }

    private static @Nullable Problem problem(HttpVisit request) throws IOException {
        byte[] body = read(request, LARGEST_PROBLEM_BYTES);
        if (body == null) {
            return null;
        }
        String type = request.header("Lambda-Runtime-Function-Error-Type");
        return new Problem(type == null ? "" : type, body);
    }

    private static Reply told(Verdict verdict) {
        return switch (verdict) {
            case ACCEPTED -> json(202, "{\"status\":\"OK\"}\n");
            case WRONG_STATE -> error(403, "InvalidStateTransition", "State transition is not allowed");
            case UNKNOWN_REQUEST -> error(400, "InvalidRequestID", "Invalid request ID");
        };
    }

    /** Its body is read first: a runtime that is still writing when the connection closes does not hear the answer. */
    private static Reply methodNotAllowed(HttpVisit request) throws IOException {
        drain(request.body());
        return error(405, "MethodNotAllowed", "method not allowed");
    }

    private static Reply noSuchResource(HttpVisit request) throws IOException {
        drain(request.body());
        return error(404, "ResourceNotFound", "no such resource");
    }

    private static Reply error(int status, String type, String message) {
        return json(status, "{\"errorMessage\":\"" + message + "\",\"errorType\":\"" + type + "\"}");
    }

    private static Reply json(int status, String body) {
        return new Reply(status, JSON, body.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads a body; null where it is larger than this. One that says how long it is takes no more memory than that. */
    private static byte @Nullable [] read(HttpVisit request, int limit) throws IOException {
        InputStream body = request.body();
        byte[] bytes = new byte[Math.min(announced(request), limit) + 1];
        int total = 0;
        while (true) {
            int count = body.read(bytes, total, bytes.length - total);
            if (count < 0) {
                return Arrays.copyOf(bytes, total);
            }
            total += count;
            if (total > limit) {
                return null;
            }
            if (total == bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.min(2 * total, limit) + 1);
            }
        }
    }

    /** How long a body says it is; a guess where it does not. */
    private static int announced(HttpVisit request) {
        String length = request.header("Content-Length");
        try {
            return length == null ? UNKNOWN_BYTES : Math.clamp(Long.parseLong(length), 0, LARGEST_RESULT_BYTES);
        } catch (NumberFormatException e) {
            return UNKNOWN_BYTES;
        }
    }

    /** Reads on to the end of a body that is too large, bounded, so that the runtime can hear our answer. */
    private static long drain(InputStream body) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long total = 0;
        while (total < 1L << 30) {
            int count = body.read(buffer);
            if (count < 0) {
                break;
            }
            total += count;
        }
        return total;
    }
}
