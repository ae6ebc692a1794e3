package dev.haneul.services.logs;

import dev.haneul.api.logs.InvalidParameterException;
import dev.haneul.api.logs.LimitExceededException;
import dev.haneul.api.logs.ResourceAlreadyExistsException;
import dev.haneul.api.logs.ResourceNotFoundException;
import dev.haneul.api.logs.ValidationException;
import dev.haneul.api.runtime.Fault;

/** The errors of CloudWatch Logs. */
final class LogsFaults {
    private LogsFaults() {}

    static Fault noGroup() {
        return Fault.of(new ResourceNotFoundException(), "The specified log group does not exist.");
    }

    static Fault noStream() {
        return Fault.of(new ResourceNotFoundException(), "The specified log stream does not exist.");
    }

    static Fault noResource() {
        return Fault.of(new ResourceNotFoundException(), "The specified resource does not exist.");
    }

    static Fault groupExists() {
        return Fault.of(new ResourceAlreadyExistsException(), "The specified log group already exists");
    }

    static Fault streamExists() {
        return Fault.of(new ResourceAlreadyExistsException(), "The specified log stream already exists");
    }

    static Fault notFound(String message) {
        return Fault.of(new ResourceNotFoundException(), message);
    }

    static Fault limit(String message) {
        return Fault.of(new LimitExceededException(), message);
    }

    static Fault invalid(String message) {
        return Fault.of(new InvalidParameterException(), message);
    }

    static Fault validation(String message) {
        return Fault.of(new ValidationException(), message);
    }

    static Fault badToken() {
        return invalid("The specified nextToken is invalid.");
    }
}
