package dev.haneul.delivery;

import dev.haneul.api.runtime.Fault;
import java.util.Locale;
import java.util.Set;

/** What came of handing something over. */
public sealed interface Outcome {
    /** HTTP's "too many requests". */
    int TOO_MANY = 429;

    /** Codes of throttling and of passing trouble that come with a status of 400. */
    Set<String> PASSING = Set.of(
            "RequestLimitExceeded",
            "ProvisionedThroughputExceededException",
            "KMSThrottlingException",
            "SlowDown",
            "RequestTimeout",
            "RequestTimeoutException",
            "EC2ThrottledException");

    /**
     * The target took it.
     *
     * @param answer what it answered; empty where nothing
     */
    record Done(String answer) implements Outcome {}

    /**
     * The target did not take it this time.
     *
     * @param counted whether it was asked at all, so that this uses up a retry; not where its own rate limit holds it up
     */
    record Again(String code, String message, boolean counted) implements Outcome {
        public Again(String code, String message) {
            this(code, message, true);
        }
    }

    /** The target will never take it: it is gone, forbids it, or cannot read it. */
    record Never(String code, String message) implements Outcome {}

    /** What a target's fault means: throttling and trouble of its own pass, the rest stays. */
    static Outcome of(Fault fault) {
        boolean passes = fault.status() == TOO_MANY || fault.status() >= 500 && fault.status() != 501;
        return of(fault.code(), fault.message(), passes);
    }

    /** What an error code without a status of its own means, e.g. in a batch's entry. */
    static Outcome ofCode(String code, String message) {
        return of(code, message, code.startsWith("Internal") || code.startsWith("ServiceUnavailable"));
    }

    private static Outcome of(String code, String message, boolean passes) {
        boolean throttled = code.toLowerCase(Locale.ROOT).contains("throttl")
                || code.startsWith("TooManyRequests")
                || PASSING.contains(code);
        return passes || throttled ? new Again(code, message) : new Never(code, message);
    }
}
