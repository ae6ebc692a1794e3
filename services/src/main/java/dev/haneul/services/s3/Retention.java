package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Struct;
import dev.haneul.services.s3.S3Tables.Lock;
import dev.haneul.services.s3.S3Tables.LockRule;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What object lock allows. Pure. See AWS, "Locking objects with Object Lock". */
final class Retention {
    static final String GOVERNANCE = "GOVERNANCE";
    static final String COMPLIANCE = "COMPLIANCE";
    private static final Set<String> MODES = Set.of(GOVERNANCE, COMPLIANCE);

    private Retention() {}

    /** Whether a request says anything of locks. */
    static boolean asked(Struct in) {
        return Members.get(in, "ObjectLockMode") != null
                || Members.get(in, "ObjectLockRetainUntilDate") != null
                || Members.get(in, "ObjectLockLegalHoldStatus") != null;
    }

    /**
     * The lock of a new object: as the request says, else the bucket's default; null for none.
     *
     * @throws Fault InvalidRequest, InvalidArgument
     */
    static @Nullable Lock of(Struct in, Buckets.Bucket bucket, Instant now) {
        LockRule rule = bucket.record().rulesOrNone().lock();
        String mode = Members.text(in, "ObjectLockMode");
        Instant until = Members.get(in, "ObjectLockRetainUntilDate") instanceof Instant instant ? instant : null;
        String holdStatus = Members.text(in, "ObjectLockLegalHoldStatus");
        if (rule == null) {
            if (asked(in)) {
                throw noConfiguration();
            }
            return null;
        }
        Boolean hold = holdStatus == null ? null : hold(holdStatus);
        if ((mode == null) != (until == null)) {
            throw S3Errors.invalidArgument(
                    "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
                    mode == null ? "x-amz-object-lock-mode" : "x-amz-object-lock-retain-until-date",
                    "null");
        }
        if (mode != null && until != null) {
            return new Lock(checkMode(mode), checkUntil(until, now), hold);
        }
        if (rule.mode() != null) {
            return new Lock(rule.mode(), end(rule, now), hold);
        }
        return hold == null ? null : new Lock(null, null, hold);
    }

    private static Instant end(LockRule rule, Instant now) {
        return now.atZone(ZoneOffset.UTC)
                .plusDays(rule.days())
                .plusYears(rule.years())
                .toInstant();
    }

    static Fault noConfiguration() {
        return S3Errors.invalidRequest("Bucket is missing Object Lock Configuration");
    }

    static String checkMode(String mode) {
        if (!MODES.contains(mode)) {
            throw S3Errors.invalidArgument("Unknown wormMode directive.", "x-amz-object-lock-mode", mode);
        }
        return mode;
    }

    static Instant checkUntil(Instant until, Instant now) {
        if (!until.isAfter(now)) {
            throw S3Errors.invalidArgument(
                    "The retain until date must be in the future!",
                    "x-amz-object-lock-retain-until-date",
                    until.toString());
        }
        return until;
    }

    static boolean hold(String status) {
        return switch (status) {
            case "ON" -> true;
            case "OFF" -> false;
            default ->
                throw S3Errors.invalidArgument(
                        "Legal Hold must be either of 'ON' or 'OFF'", "x-amz-object-lock-legal-hold", status);
        };
    }

    /**
     * Refuses to remove what is locked.
     *
     * @param bypass whether the caller asks to pass over governance, and may
     */
    static void checkRemoval(@Nullable ObjectRecord object, boolean bypass, Instant now) {
        Lock lock = object == null ? null : object.lock();
        if (lock != null && (lock.held() || retained(lock, now) && !(bypass && GOVERNANCE.equals(lock.mode())))) {
            throw isLocked();
        }
    }

    /** Refuses to shorten or take away a retention that is in force. */
    static void checkChange(
            @Nullable Lock before, @Nullable String mode, @Nullable Instant until, boolean bypass, Instant now) {
        if (before == null || !retained(before, now)) {
            return;
        }
        Instant ends = before.until();
        boolean strict = COMPLIANCE.equals(before.mode());
        boolean weakens = mode == null
                || until == null
                || ends != null && until.isBefore(ends)
                || strict && !mode.equals(COMPLIANCE);
        if (weakens && (strict || !bypass)) {
            throw isLocked();
        }
    }

    /** Whether nothing keeps a version from removal. */
    static boolean removable(ObjectRecord object, Instant now) {
        Lock lock = object.lock();
        return lock == null || !lock.held() && !retained(lock, now);
    }

    private static boolean retained(Lock lock, Instant now) {
        Instant until = lock.until();
        return lock.mode() != null && until != null && until.isAfter(now);
    }

    private static Fault isLocked() {
        return Fault.client("AccessDenied", 403, "Access Denied because object protected by object lock.");
    }
}
