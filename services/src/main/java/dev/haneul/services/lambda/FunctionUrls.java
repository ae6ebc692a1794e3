package dev.haneul.services.lambda;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.plane.Signers;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.LambdaTables.Url;
import dev.haneul.services.lambda.run.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Function URLs as they are called: {@code <id>.lambda-url.<region>.localhost}, or AWS's own names in the Host header.
 * The caller needs {@code lambda:InvokeFunctionUrl} and {@code lambda:InvokeFunction}; without authentication he is
 * anonymous and only the function's policy can give them. See "Invoking Lambda function URLs" and "Control access to
 * Lambda function URLs".
 */
final class FunctionUrls implements DataPlane {
    private static final Pattern HOST =
            Pattern.compile("([a-z0-9]{32})\\.lambda-url\\.([a-z]{2}(?:-[a-z]+)+-\\d)\\.(?:localhost|on\\.aws)");
    private static final int LARGEST_BODY_BYTES = 6 * 1024 * 1024;
    private static final int LARGEST_PRELUDE_BYTES = 64 * 1024;
    private static final int DELIMITER_BYTES = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(16);
    private static final String HTTP_RESPONSE = "application/vnd.awslambda.http-integration-response";

    private final UrlConfigs urls;
    private final Clock clock;
    private final Invoke invoke;
    private final Concurrency concurrency;
    private final Permissions permissions;
    private final Signers signers;

    FunctionUrls(
            UrlConfigs urls,
            Clock clock,
            Invoke invoke,
            Concurrency concurrency,
            Permissions permissions,
            Signers signers) {
        this.concurrency = concurrency;
        this.urls = urls;
        this.clock = clock;
        this.invoke = invoke;
        this.permissions = permissions;
        this.signers = signers;
    }

    @Override
    public boolean claims(Exchange exchange) {
        String host = exchange.host();
        return host.contains(".lambda-url.") && HOST.matcher(host).matches();
    }

    /** One request and what it leads to. */
    private record Visit(
            Exchange exchange,
            FunctionRef ref,
            Url url,
            @Nullable UrlCors cors,
            Told told) {}

    /** What was answered. */
    private static final class Told {
        private final long startedNanos = System.nanoTime();
        private int status = 500;

        long micros() {
            return (System.nanoTime() - startedNanos) / 1000;
        }
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        Matcher host = HOST.matcher(exchange.host());
        Optional<Row<Url>> found = host.matches() ? urls.byId(host.group(1)) : Optional.empty();
        if (found.isEmpty() || !found.get().key().region().equals(host.group(2))) {
            refuse(exchange, null, Fault.client("AccessDeniedException", 403, "Forbidden"));
            return;
        }
        Url url = found.get().value();
        FunctionRef ref = new FunctionRef(
                found.get().key().account(),
                found.get().key().region(),
                url.function(),
                url.qualifier().isEmpty() ? null : url.qualifier());
        Visit visit = new Visit(exchange, ref, url, UrlCors.of(url.cors()), new Told());
        try {
            serve(visit);
        } catch (Fault fault) {
            refuse(exchange, visit, fault);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the region is stopping", e);
        } finally {
            LambdaMetrics measuring = concurrency.metrics();
            if (measuring != null) {
                measuring.visited(ref, visit.told.status, visit.told.micros());
            }
        }
    }

    private void serve(Visit visit) throws IOException, InterruptedException {
        Exchange exchange = visit.exchange;
        UrlCors cors = visit.cors;
        if (cors != null && UrlCors.asks(exchange)) {
            visit.told.status = 200;
            exchange.respond(200, cors.preflight(exchange), 0).close();
            return;
        }
        byte[] body = exchange.body().readNBytes(LARGEST_BODY_BYTES + 1);
        if (body.length > LARGEST_BODY_BYTES) {
            throw Problems.tooLarge(
                    "Request must be smaller than " + LARGEST_BODY_BYTES + " bytes for the InvokeFunction operation");
        }
        Principal signer = admit(visit, body);
        Found found = invoke.find(visit.ref);
        byte[] event = UrlEvent.of(exchange, body, visit.url, signer, Invoke.newTraceId(), clock.instant());
        if (visit.url.invokeMode().equals(UrlConfigs.STREAM)) {
            stream(visit, found, event);
        } else {
            Invoke.Work work = Invoke.Work.of(exchange.requestId(), event, null);
            buffered(visit, invoke.run(visit.ref, found, work));
        }
    }

    /** Who calls, once it is sure that he may. */
    private Principal admit(Visit visit, byte[] body) {
        Exchange exchange = visit.exchange;
        boolean open = visit.url.authType().equals(UrlConfigs.NONE);
        Principal signer = open ? Principal.ANONYMOUS : signers.signer(exchange, "lambda", visit.ref.region(), body);
        if (!open && signer.type() == Principal.Type.ANONYMOUS) {
            throw Fault.client("AccessDeniedException", 403, "Forbidden");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.headers().forEach((name, values) -> headers.put(name, String.join(",", values)));
        Call call = new Call(
                signer,
                open ? visit.ref.account() : signer.account(),
                visit.ref.region(),
                exchange.requestId(),
                clock.instant().plus(PATIENCE),
                new Call.Origin(
                        exchange.remoteAddress(),
                        headers.getOrDefault("user-agent", ""),
                        exchange.secure(),
                        exchange.endpoint(),
                        headers));
        String arn = visit.ref.qualifiedArn();
        try {
            permissions.require(
                    call, "lambda:InvokeFunctionUrl", arn, Map.of("lambda:FunctionUrlAuthType", visit.url.authType()));
            permissions.require(call, "lambda:InvokeFunction", arn, Map.of("lambda:InvokedViaFunctionUrl", "true"));
        } catch (Fault denied) {
            throw Fault.client("AccessDeniedException", 403, "Forbidden");
        }
        return signer;
    }

    private static void buffered(Visit visit, Outcome outcome) throws IOException {
        Optional<UrlAnswer> answer = outcome.failed() ? Optional.empty() : UrlAnswer.of(outcome.payload());
        if (answer.isEmpty()) {
            badGateway(visit);
            return;
        }
        byte[] body = answer.get().body();
        try (OutputStream out = open(visit, answer.get(), body.length)) {
            write(visit, out, body, 0, body.length);
        }
    }

    private void stream(Visit visit, Found found, byte[] event) throws IOException, InterruptedException {
        String id = visit.exchange.requestId();
        try (ResponsePipe pipe = new ResponsePipe()) {
            Invoke.Work work = new Invoke.Work(id, event, null, false, pipe, null, null);
            pipe.start(id, () -> invoke.run(visit.ref, found, work));
            String type = pipe.contentType();
            if (type == null) {
                whole(visit, pipe.outcome());
                return;
            }
            byte[] first = new byte[0];
            UrlAnswer answer = new UrlAnswer(
                    200, Map.of("content-type", List.of(type.isEmpty() ? "application/octet-stream" : type)), first);
            if (type.startsWith(HTTP_RESPONSE)) {
                byte[] head = prelude(pipe);
                int end = delimiter(head);
                Optional<UrlAnswer> told =
                        end < 0 ? Optional.empty() : UrlAnswer.ofPrelude(java.util.Arrays.copyOf(head, end));
                if (told.isEmpty()) {
                    badGateway(visit);
                    return;
                }
                answer = told.get();
                first = java.util.Arrays.copyOfRange(head, end + DELIMITER_BYTES, head.length);
            }
            pass(visit, pipe, answer, first);
        }
    }

    private static void pass(Visit visit, ResponsePipe pipe, UrlAnswer answer, byte[] first)
            throws IOException, InterruptedException {
        OutputStream out = open(visit, answer, -1);
        write(visit, out, first, 0, first.length);
        for (byte[] chunk = pipe.next(); chunk != null; chunk = pipe.next()) {
            write(visit, out, chunk, 0, chunk.length);
            out.flush();
        }
        if (pipe.outcome().failed()) {
            throw new IOException("the function failed in the middle of its response"); // which cuts it short
        }
        out.close();
    }

    /** A response that its runtime did not stream, or an error before it began. */
    private static void whole(Visit visit, Outcome outcome) throws IOException {
        if (outcome.failed()) {
            badGateway(visit);
            return;
        }
        byte[] body = outcome.payload();
        UrlAnswer answer = new UrlAnswer(200, Map.of("content-type", List.of("application/json")), body);
        try (OutputStream out = open(visit, answer, body.length)) {
            write(visit, out, body, 0, body.length);
        }
    }

    /** What came until the end of the prelude, and perhaps more. */
    private static byte[] prelude(ResponsePipe pipe) throws InterruptedException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (head.size() <= LARGEST_PRELUDE_BYTES && delimiter(head.toByteArray()) < 0) {
            byte[] chunk = pipe.next();
            if (chunk == null) {
                break;
            }
            head.writeBytes(chunk);
        }
        return head.toByteArray();
    }

    /** Where the eight NULs begin; -1 where they do not. */
    private static int delimiter(byte[] head) {
        int run = 0;
        for (int i = 0; i < head.length; i++) {
            run = head[i] == 0 ? run + 1 : 0;
            if (run == DELIMITER_BYTES) {
                return i + 1 - DELIMITER_BYTES;
            }
        }
        return -1;
    }

    private static OutputStream open(Visit visit, UrlAnswer answer, long length) throws IOException {
        UrlCors cors = visit.cors;
        visit.told.status = answer.status();
        Map<String, List<String>> headers =
                new LinkedHashMap<>(cors == null ? answer.headers() : cors.apply(visit.exchange, answer.headers()));
        headers.put("x-amzn-requestid", List.of(visit.exchange.requestId()));
        return visit.exchange.respond(answer.status(), headers, length);
    }

    private static void write(Visit visit, OutputStream out, byte[] bytes, int from, int length) throws IOException {
        if (length > 0 && !visit.exchange.method().equals("HEAD")) {
            out.write(bytes, from, length);
        }
    }

    private static void badGateway(Visit visit) throws IOException {
        byte[] text = "Internal Server Error".getBytes(StandardCharsets.US_ASCII);
        UrlAnswer answer = new UrlAnswer(502, Map.of("content-type", List.of("application/json")), text);
        try (OutputStream out = open(visit, answer, text.length)) {
            write(visit, out, text, 0, text.length);
        }
    }

    /** The service's own errors, in its JSON. */
    private static void refuse(Exchange exchange, @Nullable Visit visit, Fault fault) throws IOException {
        if (visit != null) {
            visit.told.status = fault.status();
        }
        Map<String, Object> document = new LinkedHashMap<>();
        if (fault.detail() instanceof dev.haneul.api.lambda.TooManyRequestsException throttle) {
            document.put("Reason", Functions.or(throttle.reason(), ""));
            document.put("Type", "User");
            document.put("message", fault.message());
        } else {
            document.put("Message", fault.message());
        }
        byte[] text = Json.write(document).getBytes(StandardCharsets.UTF_8);
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("content-type", List.of("application/json"));
        headers.put("x-amzn-errortype", List.of(fault.code()));
        headers.put("x-amzn-requestid", List.of(exchange.requestId()));
        UrlCors cors = visit == null ? null : visit.cors;
        try (OutputStream out =
                exchange.respond(fault.status(), cors == null ? headers : cors.apply(exchange, headers), text.length)) {
            if (!exchange.method().equals("HEAD")) {
                out.write(text);
            }
        }
    }
}
