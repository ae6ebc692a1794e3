package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.DashboardInvalidInputError;
import dev.haneul.api.cloudwatch.DashboardNotFoundError;
import dev.haneul.api.cloudwatch.DashboardValidationMessage;
import dev.haneul.api.cloudwatch.InvalidFormatFault;
import dev.haneul.api.cloudwatch.InvalidNextToken;
import dev.haneul.api.cloudwatch.InvalidParameterCombinationException;
import dev.haneul.api.cloudwatch.InvalidParameterValueException;
import dev.haneul.api.cloudwatch.LimitExceededFault;
import dev.haneul.api.cloudwatch.MissingRequiredParameterException;
import dev.haneul.api.cloudwatch.ResourceNotFound;
import dev.haneul.api.cloudwatch.ResourceNotFoundException;
import dev.haneul.api.runtime.Fault;
import java.util.List;

/** The errors of CloudWatch. */
final class CloudWatchFaults {
    private CloudWatchFaults() {}

    static Fault value(String message) {
        return Fault.of(new InvalidParameterValueException(), message);
    }

    static Fault combination(String message) {
        return Fault.of(new InvalidParameterCombinationException(), message);
    }

    static Fault missing(String message) {
        return Fault.of(new MissingRequiredParameterException(), message);
    }

    static Fault validation(String message) {
        return Fault.client("ValidationError", 400, message);
    }

    static Fault format(String message) {
        return Fault.of(new InvalidFormatFault(), message);
    }

    static Fault badToken() {
        return Fault.of(new InvalidNextToken(), "Invalid nextToken");
    }

    static Fault limit(String message) {
        return Fault.of(new LimitExceededFault(), message);
    }

    static Fault noAlarm(String name) {
        return Fault.of(new ResourceNotFound(), "Alarm " + name + " does not exist");
    }

    static Fault noResource() {
        return Fault.of(new ResourceNotFoundException(), "Unknown");
    }

    static Fault noDashboard(String name) {
        return Fault.of(new DashboardNotFoundError(), "Dashboard " + name + " does not exist");
    }

    static Fault dashboard(String message, List<DashboardValidationMessage> details) {
        return Fault.of(new DashboardInvalidInputError().dashboardValidationMessages(details), message);
    }
}
