package dev.haneul.services.sns;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sns.InvalidParameterException;
import dev.haneul.api.sns.NotFoundException;
import dev.haneul.api.sns.ResourceNotFoundException;

/** The errors of SNS. */
final class SnsFaults {
    private SnsFaults() {}

    static Fault invalid(String what) {
        return Fault.of(new InvalidParameterException(), "Invalid parameter: " + what);
    }

    static Fault noTopic() {
        return Fault.of(new NotFoundException(), "Topic does not exist");
    }

    static Fault noSubscription() {
        return Fault.of(new NotFoundException(), "Subscription does not exist");
    }

    static Fault noResource() {
        return Fault.of(new ResourceNotFoundException(), "Resource does not exist");
    }
}
