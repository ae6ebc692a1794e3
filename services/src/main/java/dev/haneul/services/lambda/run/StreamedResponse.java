package dev.haneul.services.lambda.run;

import dev.haneul.fabric.HttpVisit;
import dev.haneul.services.lambda.run.RuntimeSession.Problem;
import dev.haneul.services.lambda.run.RuntimeSession.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A response that the runtime sends in chunks, handed on as it comes: no more of it is held here than one buffer. Where
 * the caller wants it whole it is gathered, up to the limit of whole results. An error in the middle stands in trailers.
 * See "Using the Lambda runtime API for custom runtimes" and "Response streaming for Lambda functions".
 */
final class StreamedResponse {
    /** AWS's 200 MB. */
    static final long LARGEST_BYTES = 200L * 1024 * 1024;

    private static final int BUFFER_BYTES = 32 * 1024;
    private static final String ERROR_TYPE = "lambda-runtime-function-error-type";
    private static final String ERROR_BODY = "lambda-runtime-function-error-body";
    private static final System.Logger LOG = System.getLogger(StreamedResponse.class.getName());

    private StreamedResponse() {}

    /** Reads the response to its end and tells the session what became of the invocation. */
    static Verdict read(RuntimeSession session, String requestId, HttpVisit request) throws IOException {
        Invocation invocation = session.answering(requestId);
        if (invocation == null) {
            return Verdict.UNKNOWN_REQUEST;
        }
        ResponseSink sink = invocation.sink();
        Gathered whole = new Gathered();
        long bytes = pass(request, sink == null ? whole : new Lenient(sink));
        Problem problem = problem(request.trailers());
        if (problem != null) {
            return session.fail(requestId, problem);
        }
        if (bytes > (sink == null ? RuntimeApi.LARGEST_RESULT_BYTES : LARGEST_BYTES)) {
            return session.respondTooLarge(requestId, bytes);
        }
        return session.respond(requestId, whole.bytes());
    }

    /** Hands on what is within the limit; gives the length of all. */
    private static long pass(HttpVisit request, ResponseSink sink) throws IOException {
        String type = request.header("Content-Type");
        sink.begin(type == null ? "" : type);
        InputStream body = request.body();
        byte[] buffer = new byte[BUFFER_BYTES];
        long total = 0;
        while (true) {
            int count = body.read(buffer);
            if (count < 0 || total > LARGEST_BYTES) {
                return total;
            }
            int allowed = (int) Math.min(count, LARGEST_BYTES - total);
            if (allowed > 0) {
                sink.write(buffer, 0, allowed);
            }
            total += count;
        }
    }

    private static @Nullable Problem problem(Map<String, List<String>> trailers) {
        List<String> type = trailers.getOrDefault(ERROR_TYPE, List.of());
        List<String> body = trailers.getOrDefault(ERROR_BODY, List.of());
        if (type.isEmpty() && body.isEmpty()) {
            return null;
        }
        byte[] document;
        try {
            document = body.isEmpty() ? new byte[0] : Base64.getDecoder().decode(body.getFirst());
        } catch (IllegalArgumentException malformed) {
            document = new byte[0];
        }
        return new Problem(type.isEmpty() ? "" : type.getFirst(), document);
    }

    /** Keeps what a caller who wants it whole may get. */
    private static final class Gathered implements ResponseSink {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

        @Override
        public void begin(String contentType) {}

        @Override
        public void write(byte[] bytes, int offset, int length) {
            if (kept.size() + length <= RuntimeApi.LARGEST_RESULT_BYTES) {
                kept.write(bytes, offset, length);
            }
        }

        byte[] bytes() {
            return kept.toByteArray();
        }
    }

    /** Goes on without a reader. */
    private static final class Lenient implements ResponseSink {
        private final ResponseSink to;
        private boolean gone;

        Lenient(ResponseSink to) {
            this.to = to;
        }

        @Override
        public void begin(String contentType) {
            attempt(() -> to.begin(contentType));
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            attempt(() -> to.write(bytes, offset, length));
        }

        private void attempt(Step step) {
            if (gone) {
                return;
            }
            try {
                step.run();
            } catch (IOException e) {
                gone = true;
                LOG.log(System.Logger.Level.DEBUG, "nobody reads a function's response any longer", e);
            }
        }

        private interface Step {
            void run() throws IOException;
        }
    }
}
