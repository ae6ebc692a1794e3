package dev.haneul.services.sns;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sns.InvalidParameterException;
import dev.haneul.api.sns.KMSAccessDeniedException;
import dev.haneul.api.sns.KMSDisabledException;
import dev.haneul.api.sns.KMSInvalidStateException;
import dev.haneul.api.sns.KMSNotFoundException;
import dev.haneul.api.sns.KMSThrottlingException;
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

    /** What KMS answers, as SNS passes it on. */
    static Fault ofKms(Fault kms) {
        return switch (kms.code()) {
            case "AccessDeniedException", "AccessDenied" -> Fault.of(new KMSAccessDeniedException(), kms.message());
            case "DisabledException" -> Fault.of(new KMSDisabledException(), kms.message());
            case "NotFoundException" -> Fault.of(new KMSNotFoundException(), kms.message());
            case "KMSInvalidStateException", "InvalidKeyUsageException" ->
                Fault.of(new KMSInvalidStateException(), kms.message());
            case "LimitExceededException", "ThrottlingException" ->
                Fault.of(new KMSThrottlingException(), kms.message());
            default -> kms;
        };
    }
}
