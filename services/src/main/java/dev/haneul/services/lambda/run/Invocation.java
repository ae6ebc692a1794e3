package dev.haneul.services.lambda.run;

import org.jspecify.annotations.Nullable;

/**
 * One event on its way to a function.
 *
 * @param requestId as told to the function and written in its log
 * @param payload the event, JSON
 * @param deadlineEpochMillis when the function is stopped, in real time
 * @param functionArn as the caller named the function, with its qualifier where there was one
 * @param clientContext JSON from the caller, null where none
 * @param traceId X-Ray's trace header
 * @param sink takes a streamed response; null where the response is wanted whole
 */
public record Invocation(
        String requestId,
        byte[] payload,
        long deadlineEpochMillis,
        String functionArn,
        @Nullable String clientContext,
        String traceId,
        @Nullable ResponseSink sink) {
    /** One whose response is wanted whole. */
    public Invocation(
            String requestId,
            byte[] payload,
            long deadlineEpochMillis,
            String functionArn,
            @Nullable String clientContext,
            String traceId) {
        this(requestId, payload, deadlineEpochMillis, functionArn, clientContext, traceId, null);
    }
}
