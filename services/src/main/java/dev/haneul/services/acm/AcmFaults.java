package dev.haneul.services.acm;

import dev.haneul.api.acm.ConflictException;
import dev.haneul.api.acm.InvalidArnException;
import dev.haneul.api.acm.InvalidDomainValidationOptionsException;
import dev.haneul.api.acm.InvalidParameterException;
import dev.haneul.api.acm.InvalidStateException;
import dev.haneul.api.acm.InvalidTagException;
import dev.haneul.api.acm.LimitExceededException;
import dev.haneul.api.acm.RequestInProgressException;
import dev.haneul.api.acm.ResourceInUseException;
import dev.haneul.api.acm.ResourceNotFoundException;
import dev.haneul.api.acm.TooManyTagsException;
import dev.haneul.api.acm.ValidationException;
import dev.haneul.api.runtime.Fault;

/** The errors of ACM. */
final class AcmFaults {
    private AcmFaults() {}

    static Fault invalid(String message) {
        return Fault.of(new ValidationException(), message);
    }

    static Fault parameter(String message) {
        return Fault.of(new InvalidParameterException(), message);
    }

    static Fault badArn(String arn) {
        return Fault.of(new InvalidArnException(), "The Amazon Resource Name (ARN) is not valid: " + arn);
    }

    static Fault notFound(String arn) {
        String account = arn.split(":", 6).length == 6 ? arn.split(":", 6)[4] : "";
        return Fault.of(
                new ResourceNotFoundException(), "Could not find certificate " + arn + " in account " + account + ".");
    }

    static Fault inProgress(String arn) {
        return Fault.of(
                new RequestInProgressException(),
                "Certificate request for " + arn + " is in progress. Try again later.");
    }

    static Fault inUse(String arn) {
        return Fault.of(new ResourceInUseException(), "Certificate " + arn + " is in use.");
    }

    static Fault state(String message) {
        return Fault.of(new InvalidStateException(), message);
    }

    static Fault validationOptions(String message) {
        return Fault.of(new InvalidDomainValidationOptionsException(), message);
    }

    static Fault limit(String message) {
        return Fault.of(new LimitExceededException(), message);
    }

    static Fault conflict(String message) {
        return Fault.of(new ConflictException(), message);
    }

    static Fault tag(String message) {
        return Fault.of(new InvalidTagException(), message);
    }

    static Fault tooManyTags() {
        return Fault.of(new TooManyTagsException(), "A certificate has at most 50 tags.");
    }

    static Fault badToken() {
        return invalid("Invalid NextToken");
    }
}
