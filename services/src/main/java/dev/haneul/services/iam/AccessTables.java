package dev.haneul.services.iam;

import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Durable state of who used what, and of the reports made of it. */
final class AccessTables {
    static final Table<AccessRow> ACCESSES = Table.of("iam.access", RecordCodecs.of(AccessRow.class));
    static final Table<KeyUseRow> KEY_USES = Table.of("iam.key_use", RecordCodecs.of(KeyUseRow.class));
    static final Table<JobRow> JOBS = Table.of("iam.access_job", RecordCodecs.of(JobRow.class));
    static final Table<ReportRow> REPORTS = Table.of("iam.credential_report", RecordCodecs.of(ReportRow.class));
    static final List<Table<?>> ALL = List.of(ACCESSES, KEY_USES, JOBS, REPORTS);

    private AccessTables() {}

    /** The id of an entity's record of one service; those of one entity stand together. */
    static String id(String arn, String service) {
        return arn + " " + service;
    }

    /**
     * When an entity last called a service, allowed or not.
     *
     * @param arn of a user or role
     * @param actions when it last called each operation, in seconds since the epoch
     */
    record AccessRow(String arn, String service, Instant last, String region, Map<String, Long> actions) {}

    /** When an access key was last used, and for what. */
    record KeyUseRow(String id, Instant last, String service, String region) {}

    /** A question for last-accessed details. */
    record JobRow(String id, String arn, boolean actions, Instant created) {}

    /** The credential report: who asked when, and what it says. */
    record ReportRow(Instant generated, String csv) {}
}
