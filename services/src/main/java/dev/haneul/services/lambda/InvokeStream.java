package dev.haneul.services.lambda;

import dev.haneul.api.lambda.InvokeResponseStreamUpdate;
import dev.haneul.api.lambda.InvokeWithResponseStreamCompleteEvent;
import dev.haneul.api.lambda.InvokeWithResponseStreamRequest;
import dev.haneul.api.lambda.InvokeWithResponseStreamResponse;
import dev.haneul.api.lambda.InvokeWithResponseStreamResponseEvent;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Struct;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.run.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * {@code lambda:InvokeWithResponseStream}: the response as the function makes it, chunk by chunk, then how it ended. A
 * response that the runtime gives whole comes in chunks too. See "Response streaming for Lambda functions".
 */
final class InvokeStream {
    private static final int CHUNK_BYTES = 64 * 1024;

    private final Invoke invoke;

    InvokeStream(Invoke invoke) {
        this.invoke = invoke;
    }

    InvokeWithResponseStreamResponse invoke(InvokeWithResponseStreamRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        String type = Functions.or(in.invocationType(), Invoke.REQUEST_RESPONSE);
        byte[] payload = Invoke.payload(in.payload(), type);
        String context = Invoke.clientContext(in.clientContext());
        Found found = invoke.find(ref);
        Tenants.check(found.configuration(), in.tenantId());
        InvokeWithResponseStreamResponse out = new InvokeWithResponseStreamResponse().executedVersion(found.version());
        if (type.equals(Invoke.DRY_RUN)) {
            return out.statusCode(204).eventStream(new Empty());
        }
        boolean tail = "Tail".equals(in.logType());
        ResponsePipe pipe = new ResponsePipe();
        try {
            String trace = Loops.trace(call);
            Invoke.Work work = new Invoke.Work(call.requestId(), payload, context, tail, pipe, trace, in.tenantId());
            pipe.start(call.requestId(), () -> invoke.run(ref, found, work));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problems.service("The region is stopping.");
        }
        String contentType = pipe.contentType();
        return out.statusCode(200)
                .responseStreamContentType(
                        contentType == null || contentType.isEmpty() ? "application/octet-stream" : contentType)
                .eventStream(new Events(pipe, tail));
    }

    /** The response of one invocation. */
    private static final class Events implements EventStream {
        private final ResponsePipe pipe;
        private final boolean tail;
        private final Deque<Struct> rest = new ArrayDeque<>();
        private boolean complete;

        Events(ResponsePipe pipe, boolean tail) {
            this.pipe = pipe;
            this.tail = tail;
        }

        @Override
        public @Nullable Struct next() throws InterruptedException {
            if (!complete) {
                byte[] chunk = pipe.next();
                if (chunk != null) {
                    return chunk(chunk, 0, chunk.length);
                }
                complete = true;
                end(pipe.outcome());
            }
            return rest.poll();
        }

        private void end(Outcome outcome) {
            byte[] whole = outcome.payload();
            InvokeWithResponseStreamCompleteEvent last = new InvokeWithResponseStreamCompleteEvent();
            if (outcome.failed()) {
                last.errorCode("Unhandled").errorDetails(new String(whole, StandardCharsets.UTF_8));
            } else {
                for (int from = 0; from < whole.length; from += CHUNK_BYTES) {
                    rest.add(chunk(whole, from, Math.min(CHUNK_BYTES, whole.length - from)));
                }
            }
            if (tail) {
                last.logResult(Base64.getEncoder().encodeToString(outcome.tail()));
            }
            rest.add(new InvokeWithResponseStreamResponseEvent().invokeComplete(last));
        }

        private static Struct chunk(byte[] bytes, int from, int length) {
            byte[] part = from == 0 && length == bytes.length
                    ? bytes
                    : java.util.Arrays.copyOfRange(bytes, from, from + length);
            return new InvokeWithResponseStreamResponseEvent()
                    .payloadChunk(new InvokeResponseStreamUpdate().payload(part));
        }

        @Override
        public void close() {
            pipe.close();
        }
    }

    /** What a dry run streams. */
    private static final class Empty implements EventStream {
        @Override
        public @Nullable Struct next() {
            return null;
        }

        @Override
        public void close() {}
    }
}
