package dev.haneul.services.events;

import dev.haneul.api.events.IllegalStatusException;
import dev.haneul.api.events.InvalidEventPatternException;
import dev.haneul.api.events.LimitExceededException;
import dev.haneul.api.events.ManagedRuleException;
import dev.haneul.api.events.ResourceAlreadyExistsException;
import dev.haneul.api.events.ResourceNotFoundException;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;

/** The errors of EventBridge. */
final class EventsFaults {
    private EventsFaults() {}

    static Fault validation(String message) {
        return Faults.validation(message);
    }

    /** A parameter that does not fit, in AWS's words. */
    static Fault parameter(String name, String reason) {
        return validation("Parameter " + name + " is not valid." + (reason.isEmpty() ? "" : " Reason: " + reason));
    }

    static Fault notFound(String message) {
        return Fault.of(new ResourceNotFoundException(), message);
    }

    static Fault noBus(String name) {
        return notFound("Event bus " + name + " does not exist.");
    }

    static Fault noRule(String rule, String bus) {
        return notFound("Rule " + rule + " does not exist on EventBus " + bus + ".");
    }

    static Fault exists(String message) {
        return Fault.of(new ResourceAlreadyExistsException(), message);
    }

    static Fault limit() {
        return limit("The requested resource exceeds the maximum number allowed.");
    }

    static Fault limit(String message) {
        return Fault.of(new LimitExceededException(), message);
    }

    static Fault pattern(String reason) {
        return Fault.of(new InvalidEventPatternException(), "Event pattern is not valid. Reason: " + reason);
    }

    static Fault managed(String rule) {
        return Fault.of(
                new ManagedRuleException(),
                "Rule " + rule + " is managed by an AWS service and can only be changed by it, or by force.");
    }

    static Fault status(String message) {
        return Fault.of(new IllegalStatusException(), message);
    }

    static Fault badToken() {
        return validation("Value for parameter NextToken is invalid.");
    }
}
