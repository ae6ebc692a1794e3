package dev.haneul.services.lambda;

import dev.haneul.api.lambda.CallbackDetails;
import dev.haneul.api.lambda.CallbackOptions;
import dev.haneul.api.lambda.ChainedInvokeDetails;
import dev.haneul.api.lambda.ContextDetails;
import dev.haneul.api.lambda.ErrorObject;
import dev.haneul.api.lambda.Operation;
import dev.haneul.api.lambda.OperationUpdate;
import dev.haneul.api.lambda.RetryDetails;
import dev.haneul.api.lambda.StepDetails;
import dev.haneul.api.lambda.WaitDetails;
import dev.haneul.services.lambda.DurableTables.Step;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What updates of a checkpoint, and the passing of time, do to an execution's operations. */
final class DurableUpdates {
    private static final String STARTED = "STARTED";

    private DurableUpdates() {}

    /** Checks and applies one update. */
    static void apply(DurableLedger ledger, OperationUpdate update) {
        if (!update.type().equals(DurableRules.EXECUTION)) {
            DurableRules.history(ledger.events());
        }
        Step before = update.type().equals(DurableRules.EXECUTION)
                ? null
                : ledger.step(update.id()).orElse(null);
        DurableRules.one(update, before == null ? null : before.shown());
        Operation at = before == null ? opened(ledger, update) : DurableLedger.copy(before.shown());
        switch (update.type()) {
            case DurableRules.EXECUTION ->
                ledger.end(
                        update.action().equals("SUCCEED") ? "SUCCEEDED" : "FAILED", update.payload(), update.error());
            case DurableRules.CONTEXT -> context(ledger, update, before, at);
            case DurableRules.STEP -> step(ledger, update, before, at);
            case DurableRules.WAIT -> waiting(ledger, update, before, at);
            case DurableRules.CALLBACK -> callback(ledger, update, at);
            default -> chained(ledger, update, at);
        }
    }

    private static Operation opened(DurableLedger ledger, OperationUpdate update) {
        return new Operation()
                .id(update.id())
                .parentId(update.parentId())
                .name(update.name())
                .type(update.type())
                .subType(update.subType())
                .status(STARTED)
                .startTimestamp(ledger.now);
    }

    private static Step step(@Nullable Step before, Operation now) {
        return before == null ? Step.of(now) : before.with(now);
    }

    private static int size(OperationUpdate update) {
        return DurableRules.bytes(update.payload()) + DurableRules.bytes(update.error());
    }

    private static void context(DurableLedger ledger, OperationUpdate update, @Nullable Step before, Operation at) {
        ContextDetails was = at.contextDetails();
        Boolean children = update.contextOptions() == null
                ? was == null ? null : was.replayChildren()
                : update.contextOptions().replayChildren();
        if (before == null) {
            ledger.record(ledger.history().opened(Step.of(at)));
        }
        if (update.action().equals("START")) {
            at.contextDetails(new ContextDetails().replayChildren(children));
        } else {
            String status = update.action().equals("SUCCEED") ? "SUCCEEDED" : "FAILED";
            at.status(status)
                    .endTimestamp(ledger.now)
                    .contextDetails(new ContextDetails()
                            .replayChildren(children)
                            .result(update.payload())
                            .error(update.error()));
            ledger.record(ledger.history().closed(at, status, update.payload(), update.error(), null));
        }
        ledger.put(step(before, at), size(update));
    }

    private static void step(DurableLedger ledger, OperationUpdate update, @Nullable Step before, Operation at) {
        StepDetails was = at.stepDetails();
        int attempts = was == null || was.attempt() == null ? 0 : was.attempt();
        if (before == null || update.action().equals("START")) {
            ledger.record(ledger.history().opened(step(before, at)));
        }
        if (update.action().equals("START")) {
            StepDetails details = new StepDetails().attempt(attempts);
            if (was != null) {
                details.result(was.result()).error(was.error()); // the state a polling step goes on from
            }
            at.status(STARTED).stepDetails(details);
            ledger.put(step(before, at), size(update));
            return;
        }
        RetryDetails retry = new RetryDetails().currentAttempt(attempts + 1);
        StepDetails details =
                new StepDetails().attempt(attempts + 1).result(update.payload()).error(update.error());
        String status = update.action().equals("SUCCEED") ? "SUCCEEDED" : "FAILED";
        if (update.action().equals("RETRY")) {
            int delay = update.stepOptions() == null
                    ? 1
                    : Functions.or(update.stepOptions().nextAttemptDelaySeconds(), 1);
            Instant due = ledger.now.plusSeconds(delay);
            at.status("PENDING").stepDetails(details.nextAttemptTimestamp(due));
            ledger.timer(at.id(), due);
            retry.nextAttemptDelaySeconds(delay);
            status = update.error() == null ? "SUCCEEDED" : "FAILED";
        } else {
            at.status(status).endTimestamp(ledger.now).stepDetails(details);
        }
        ledger.record(ledger.history().closed(at, status, update.payload(), update.error(), retry));
        ledger.put(step(before, at), size(update));
    }

    private static void waiting(DurableLedger ledger, OperationUpdate update, @Nullable Step before, Operation at) {
        if (update.action().equals("CANCEL")) {
            at.status("CANCELLED").endTimestamp(ledger.now);
            ledger.timer(at.id(), null);
            ledger.record(ledger.history().cancelled(at, update.error()));
        } else {
            int seconds = update.waitOptions() == null
                    ? 1
                    : Functions.or(update.waitOptions().waitSeconds(), 1);
            Instant until = ledger.now.plusSeconds(seconds);
            at.waitDetails(new WaitDetails().scheduledEndTimestamp(until));
            ledger.timer(at.id(), until);
            ledger.record(ledger.history().waiting(at, seconds, until));
        }
        ledger.put(step(before, at), size(update));
    }

    private static void callback(DurableLedger ledger, OperationUpdate update, Operation at) {
        CallbackOptions options = update.callbackOptions();
        int timeout = options == null ? 0 : Functions.or(options.timeoutSeconds(), 0);
        int heartbeat = options == null ? 0 : Functions.or(options.heartbeatTimeoutSeconds(), 0);
        at.callbackDetails(new CallbackDetails().callbackId(callbackId(ledger, at.id())));
        Step step = new Step(at, 0, heartbeat, timeout == 0 ? null : ledger.now.plusSeconds(timeout), null, null, null);
        ledger.record(ledger.history().opened(step));
        ledger.put(step, size(update));
        ledger.timer(at.id(), callbackDue(step, ledger.now));
    }

    /** When a callback is given up, if nothing more is heard; null for never. */
    static @Nullable Instant callbackDue(Step step, Instant heard) {
        Instant beat = step.heartbeatSeconds() == 0 ? null : heard.plusSeconds(step.heartbeatSeconds());
        Instant end = step.timeoutAt();
        return beat == null || end != null && end.isBefore(beat) ? end : beat;
    }

    private static String callbackId(DurableLedger ledger, String operation) {
        String plain = ledger.key.id() + " " + operation + " " + UUID.randomUUID();
        return Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
    }

    private static void chained(DurableLedger ledger, OperationUpdate update, Operation at) {
        var options = update.chainedInvokeOptions();
        at.chainedInvokeDetails(new ChainedInvokeDetails());
        Step step = new Step(
                at,
                0,
                0,
                null,
                options == null ? "" : options.functionName(),
                options == null ? null : options.tenantId(),
                update.payload());
        ledger.record(ledger.history().opened(step));
        ledger.put(step, size(update));
        ledger.chain(at.id(), true);
    }

    /** The moment an operation waited for has come. */
    static void due(DurableLedger ledger, String id) {
        Step step = ledger.step(id).orElse(null);
        ledger.timer(id, null);
        if (step == null) {
            return;
        }
        Operation at = DurableLedger.copy(step.shown());
        switch (at.type()) {
            case DurableRules.WAIT -> {
                ledger.record(ledger.history().waited(at));
                ledger.put(step.with(at.status("SUCCEEDED").endTimestamp(ledger.now)), 0);
                ledger.tell(id);
            }
            case DurableRules.STEP -> {
                ledger.put(step.with(at.status("READY")), 0);
                ledger.tell(id);
            }
            case DurableRules.CALLBACK -> {
                Instant end = step.timeoutAt();
                boolean whole = end != null && !end.isAfter(ledger.now);
                ErrorObject error = new ErrorObject()
                        .errorType(whole ? "Callback.Timeout" : "Callback.Heartbeat")
                        .errorMessage(whole ? "Callback timed out" : "Callback heartbeat timed out");
                ledger.callbackEnded(step, "TIMED_OUT", null, error);
            }
            default -> {}
        }
    }
}
