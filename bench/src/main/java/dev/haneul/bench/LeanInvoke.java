package dev.haneul.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Invoke calls over one kept-alive connection, signed beforehand: without an SDK's own milliseconds on top. */
final class LeanInvoke implements AutoCloseable {
    private static final Pattern FIGURE = Pattern.compile("\\t(Init )?Duration: ([\\d.]+) ms");
    private static final String TAIL = "x-amz-log-result";

    private final LeanCall call;

    LeanInvoke(URI endpoint) throws IOException {
        call = new LeanCall(endpoint);
    }

    /**
     * A call, ready to be sent for the next few minutes.
     *
     * @param tail whether the end of the log is wanted
     */
    static byte[] prepare(URI endpoint, String function, boolean tail) {
        URI where = endpoint.resolve("/2015-03-31/functions/" + function + "/invocations");
        Map<String, String> headers = tail
                ? Map.of("Content-Type", "application/json", "X-Amz-Log-Type", "Tail")
                : Map.of("Content-Type", "application/json");
        return LeanCall.sign(where, "test", "test", "lambda", headers, "{}");
    }

    /** Sends it and waits for the answer; gives the log's end, empty where it was not wanted. */
    String call(byte[] prepared) throws IOException {
        LeanCall.Answer answer = call.call(prepared);
        if (answer.status() != 200 || !answer.header("x-amz-function-error").isEmpty()) {
            throw new IOException(answer.status() + " " + new String(answer.body(), StandardCharsets.UTF_8));
        }
        return new String(Base64.getDecoder().decode(answer.header(TAIL)), StandardCharsets.UTF_8);
    }

    /** The nanoseconds that a REPORT line tells: of the handler, or of the start before it; -1 where it tells none. */
    static long nanos(String log, boolean init) {
        Matcher found = FIGURE.matcher(log);
        while (found.find()) {
            if (init == (found.group(1) != null)) {
                return Math.round(Double.parseDouble(found.group(2)) * 1e6);
            }
        }
        return -1;
    }

    @Override
    public void close() throws IOException {
        call.close();
    }
}
