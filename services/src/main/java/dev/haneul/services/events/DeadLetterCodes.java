package dev.haneul.services.events;

import dev.haneul.delivery.Outcome;
import java.util.Set;

/** What targets answer, in the codes a dead letter's {@code ERROR_CODE} has. See "Using dead-letter queues". Pure. */
final class DeadLetterCodes {
    private static final Set<String> GONE = Set.of(
            "AWS.SimpleQueueService.NonExistentQueue",
            "QueueDoesNotExist",
            "NotFound",
            "NotFoundException",
            "StateMachineDoesNotExist",
            "ClusterNotFoundException");

    private DeadLetterCodes() {}

    /** The same outcome under EventBridge's own code. */
    static Outcome named(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done done -> done;
            case Outcome.Again again ->
                new Outcome.Again(code(again.code(), again.message()), again.message(), again.counted());
            case Outcome.Never never -> new Outcome.Never(code(never.code(), never.message()), never.message());
        };
    }

    private static String code(String code, String message) {
        if (code.matches("[A-Z]+(_[A-Z]+)*")) {
            return code;
        }
        if (message.contains("sts:AssumeRole")) {
            return "FAILED_TO_ASSUME_ROLE";
        }
        if (code.contains("AccessDenied") || code.startsWith("NotAuthorized") || code.equals("AuthorizationError")) {
            return "NO_PERMISSIONS";
        }
        if (code.startsWith("ResourceNotFound") || code.contains("NoSuch") || GONE.contains(code)) {
            return "NO_RESOURCE";
        }
        if (code.contains("Throttl") || code.startsWith("TooManyRequests") || Outcome.PASSING.contains(code)) {
            return "THROTTLING";
        }
        if (code.startsWith("LimitExceeded")) {
            return "RESOURCE_LIMIT_EXCEEDED";
        }
        if (code.startsWith("Invalid") || code.startsWith("Validation") || code.startsWith("MissingParameter")) {
            return "INVALID_PARAMETER";
        }
        return code.startsWith("Internal") || code.startsWith("ServiceUnavailable")
                ? "INTERNAL_ERROR"
                : "ERROR_FROM_TARGET";
    }
}
