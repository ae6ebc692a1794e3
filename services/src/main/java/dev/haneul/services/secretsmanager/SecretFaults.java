package dev.haneul.services.secretsmanager;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.secretsmanager.*;

/** The errors of Secrets Manager. */
final class SecretFaults {
    private SecretFaults() {}

    static Fault notFound() {
        return Fault.of(new ResourceNotFoundException(), "Secrets Manager can't find the specified secret.");
    }

    static Fault noValue(String what) {
        return Fault.of(
                new ResourceNotFoundException(), "Secrets Manager can't find the specified secret value for " + what);
    }

    static Fault invalid(String message) {
        return Fault.of(new InvalidParameterException(), message);
    }

    static Fault request(String message) {
        return Fault.of(new InvalidRequestException(), message);
    }

    static Fault deleted() {
        return request("You can't perform this operation on the secret because it was marked for deletion.");
    }

    static Fault exists(String message) {
        return Fault.of(new ResourceExistsException(), message);
    }

    static Fault badToken() {
        return Fault.of(new InvalidNextTokenException(), "The NextToken value is invalid.");
    }
}
