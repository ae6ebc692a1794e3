package dev.haneul.services.acm;

import dev.haneul.services.acm.AcmTables.CertificateRow;
import dev.haneul.services.acm.AcmTables.Material;
import java.time.Duration;
import java.time.Instant;

/** What comes next for a certificate. Pure. */
final class CertificatePlan {
    static final Duration PATIENCE = Duration.ofHours(72);
    static final Duration RENEW_BEFORE = Duration.ofDays(45);

    private CertificatePlan() {}

    /** A move. */
    enum Step {
        NONE,
        /** Names are proven: issue it. */
        ISSUE,
        /** Nobody has proven the names in time. */
        TIME_OUT,
        /** It ends soon and the names are proven still. */
        RENEW,
        /** It ends soon, and the names cannot be proven any more. */
        RENEWAL_STUCK,
        /** It has ended. */
        EXPIRE,
        /** It ends soon: say so, once a day. */
        WARN
    }

    /**
     * The next move.
     *
     * @param proven whether every name is proven now
     * @param inUse whether somebody presents it, or its key was given out: others are not renewed
     * @param daysBefore how early the account wants to hear of ends
     */
    static Step of(CertificateRow row, boolean proven, boolean inUse, int daysBefore, Instant now) {
        if (row.status().equals(AcmTables.PENDING)) {
            if (proven) {
                return Step.ISSUE;
            }
            return row.asked().at().plus(PATIENCE).isAfter(now) ? Step.NONE : Step.TIME_OUT;
        }
        Material material = row.material();
        if (!row.status().equals(AcmTables.ISSUED) || material == null) {
            return Step.NONE;
        }
        if (!material.notAfter().isAfter(now)) {
            return Step.EXPIRE;
        }
        boolean renewable = row.type().equals(AcmTables.AMAZON) && inUse;
        if (renewable && !material.notAfter().minus(RENEW_BEFORE).isAfter(now)) {
            if (proven) {
                return Step.RENEW;
            }
            if (row.renewal() == null || !row.renewal().status().equals(AcmTables.PENDING)) {
                return Step.RENEWAL_STUCK;
            }
        }
        boolean near = !material.notAfter().minus(Duration.ofDays(daysBefore)).isAfter(now);
        boolean told =
                row.warned() != null && row.warned().plus(Duration.ofDays(1)).isAfter(now);
        return near && !told ? Step.WARN : Step.NONE;
    }
}
