package dev.haneul.services.lambda;

import dev.haneul.api.lambda.*;
import dev.haneul.api.runtime.Struct;
import dev.haneul.services.lambda.DurableTables.Run;
import dev.haneul.services.lambda.DurableTables.Start;
import dev.haneul.services.lambda.DurableTables.Step;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Says what happened, as the API's events. Pure. */
record DurableHistory(Instant now) {
    Event started(Start start, String input) {
        return event("ExecutionStarted")
                .id(start.id())
                .name(start.name())
                .executionStartedDetails(new ExecutionStartedDetails()
                        .input(new EventInput().payload(input).truncated(false))
                        .executionTimeout(start.timeoutSeconds()));
    }

    /** An execution's end. */
    Event ended(String status, @Nullable String result, @Nullable ErrorObject error) {
        return switch (status) {
            case "SUCCEEDED" ->
                event("ExecutionSucceeded")
                        .executionSucceededDetails(new ExecutionSucceededDetails().result(result(result)));
            case "TIMED_OUT" ->
                event("ExecutionTimedOut").executionTimedOutDetails(new ExecutionTimedOutDetails().error(error(error)));
            case "STOPPED" ->
                event("ExecutionStopped").executionStoppedDetails(new ExecutionStoppedDetails().error(error(error)));
            default ->
                event("ExecutionFailed").executionFailedDetails(new ExecutionFailedDetails().error(error(error)));
        };
    }

    /** An operation's beginning. */
    Event opened(Step step) {
        Operation one = step.shown();
        return switch (one.type()) {
            case DurableRules.CONTEXT -> of(one, "ContextStarted").contextStartedDetails(new ContextStartedDetails());
            case DurableRules.CALLBACK -> {
                CallbackDetails details = one.callbackDetails();
                Instant timeoutAt = step.timeoutAt();
                yield of(one, "CallbackStarted")
                        .callbackStartedDetails(new CallbackStartedDetails()
                                .callbackId(details == null ? "" : details.callbackId())
                                .heartbeatTimeout(step.heartbeatSeconds() == 0 ? null : step.heartbeatSeconds())
                                .timeout(timeoutAt == null ? null : seconds(one.startTimestamp(), timeoutAt)));
            }
            case DurableRules.CHAINED_INVOKE ->
                of(one, "ChainedInvokeStarted")
                        .chainedInvokeStartedDetails(new ChainedInvokeStartedDetails()
                                .functionName(step.target())
                                .tenantId(step.tenant())
                                .input(new EventInput().payload(step.input()).truncated(false)));
            default -> of(one, "StepStarted").stepStartedDetails(new StepStartedDetails());
        };
    }

    Event waiting(Operation one, int seconds, Instant until) {
        return of(one, "WaitStarted")
                .waitStartedDetails(new WaitStartedDetails().duration(seconds).scheduledEndTimestamp(until));
    }

    Event waited(Operation one) {
        WaitDetails details = one.waitDetails();
        Instant until = details == null ? null : details.scheduledEndTimestamp();
        return of(one, "WaitSucceeded")
                .waitSucceededDetails(new WaitSucceededDetails()
                        .duration(until == null ? null : seconds(one.startTimestamp(), until)));
    }

    Event cancelled(Operation one, @Nullable ErrorObject error) {
        return of(one, "WaitCancelled")
                .waitCancelledDetails(new WaitCancelledDetails().error(error == null ? null : error(error)));
    }

    /** The end of an operation, or of an attempt at a step. @param retry a step's alone */
    Event closed(
            Operation one,
            String status,
            @Nullable String result,
            @Nullable ErrorObject error,
            @Nullable RetryDetails retry) {
        boolean good = status.equals("SUCCEEDED");
        return switch (one.type()) {
            case DurableRules.CONTEXT ->
                good
                        ? of(one, "ContextSucceeded")
                                .contextSucceededDetails(new ContextSucceededDetails().result(result(result)))
                        : of(one, "ContextFailed").contextFailedDetails(new ContextFailedDetails().error(error(error)));
            case DurableRules.CALLBACK ->
                good
                        ? of(one, "CallbackSucceeded")
                                .callbackSucceededDetails(new CallbackSucceededDetails().result(result(result)))
                        : status.equals("TIMED_OUT")
                                ? of(one, "CallbackTimedOut")
                                        .callbackTimedOutDetails(new CallbackTimedOutDetails().error(error(error)))
                                : of(one, "CallbackFailed")
                                        .callbackFailedDetails(new CallbackFailedDetails().error(error(error)));
            case DurableRules.CHAINED_INVOKE -> chained(one, status, result, error);
            default ->
                good
                        ? of(one, "StepSucceeded")
                                .stepSucceededDetails(new StepSucceededDetails()
                                        .result(result(result))
                                        .retryDetails(retry))
                        : of(one, "StepFailed")
                                .stepFailedDetails(new StepFailedDetails()
                                        .error(error(error))
                                        .retryDetails(retry));
        };
    }

    private Event chained(Operation one, String status, @Nullable String result, @Nullable ErrorObject error) {
        return switch (status) {
            case "SUCCEEDED" ->
                of(one, "ChainedInvokeSucceeded")
                        .chainedInvokeSucceededDetails(new ChainedInvokeSucceededDetails().result(result(result)));
            case "TIMED_OUT" ->
                of(one, "ChainedInvokeTimedOut")
                        .chainedInvokeTimedOutDetails(new ChainedInvokeTimedOutDetails().error(error(error)));
            case "STOPPED" ->
                of(one, "ChainedInvokeStopped")
                        .chainedInvokeStoppedDetails(new ChainedInvokeStoppedDetails().error(error(error)));
            default ->
                of(one, "ChainedInvokeFailed")
                        .chainedInvokeFailedDetails(new ChainedInvokeFailedDetails().error(error(error)));
        };
    }

    Event invoked(Run run, @Nullable ErrorObject error) {
        return event("InvocationCompleted")
                .invocationCompletedDetails(new InvocationCompletedDetails()
                        .startTimestamp(run.startedAt())
                        .endTimestamp(now)
                        .requestId(run.requestId())
                        .error(error == null ? null : error(error)));
    }

    /** An event without what was put in and what came out. */
    static Event withoutData(Event event) {
        return (Event) without(event);
    }

    private static Struct without(Struct struct) {
        Struct copy = struct.fresh();
        for (var member : struct.shape().members()) {
            Object value = struct.get(member.index());
            if (member.name().equals("Payload")) {
                continue;
            }
            if (member.name().equals("Truncated")) {
                value = true;
            }
            copy.set(member.index(), value instanceof Struct inner ? without(inner) : value);
        }
        return copy;
    }

    private static int seconds(Instant from, Instant to) {
        return (int) (to.getEpochSecond() - from.getEpochSecond());
    }

    private static EventResult result(@Nullable String payload) {
        return new EventResult().payload(payload).truncated(false);
    }

    private static EventError error(@Nullable ErrorObject error) {
        return new EventError().payload(error).truncated(false);
    }

    private Event of(Operation one, String type) {
        return event(type)
                .id(one.id())
                .name(one.name())
                .parentId(one.parentId())
                .subType(one.subType());
    }

    private Event event(String type) {
        return new Event().eventType(type).eventTimestamp(now);
    }
}
