package dev.haneul.services.ssm;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.ssm.*;

/** The errors of Parameter Store. */
final class SsmFaults {
    private SsmFaults() {}

    static Fault notFound() {
        return Fault.of(new ParameterNotFound(), "");
    }

    static Fault noVersion(String name, String selector) {
        return Fault.of(
                new ParameterVersionNotFound(),
                "Systems Manager could not find version " + selector + " of " + name + ". Verify the version and try"
                        + " again.");
    }

    static Fault exists() {
        return Fault.of(
                new ParameterAlreadyExists(),
                "The parameter already exists. To overwrite this value, set the overwrite option in the request to"
                        + " true.");
    }

    static Fault validation(String message) {
        return Faults.validation(message);
    }

    static Fault badToken() {
        return Fault.of(new InvalidNextToken(), "The specified token is not valid.");
    }

    static Fault badFilter(String key) {
        return Fault.of(new InvalidFilterKey(), "The following filter key is not valid: " + key + ".");
    }

    static Fault badOption(String option, String key) {
        return Fault.of(
                new InvalidFilterOption(),
                "The following filter option is not valid: " + option + ". Filter key: " + key + ".");
    }
}
