package dev.haneul.services.iam;

import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Durable state of who used what, and of the reports made of it. */
final class AccessTables {
    static final Table<AccessRow> ACCESSES = Table.of("iam.access", RecordCodecs.of(AccessRow.class));
    static final Table<KeyUseRow> KEY_USES = Table.of("iam.key_use", RecordCodecs.of(KeyUseRow.class));
    static final Table<JobRow> JOBS = Table.of("iam.access_job", RecordCodecs.of(JobRow.class));
    static final Table<ReportRow> REPORTS = Table.of("iam.credential_report", RecordCodecs.of(ReportRow.class));
    static final List<Table<?>> ALL = List.of(ACCESSES, KEY_USES, JOBS, REPORTS);

    private static final int MOST_SERVICES = 1000;

    private AccessTables() {}

    /** Everything an entity called, one record a service. */
    static List<AccessRow> of(ReadTx tx, String account, String arn) {
        return tx.range(ACCESSES, IamTables.scope(account), arn + " ", arn + "!", MOST_SERVICES).stream()
                .map(Row::value)
                .toList();
    }

    /** The latest of it. */
    static Optional<AccessRow> latest(ReadTx tx, String account, String arn) {
        return of(tx, account, arn).stream().max(Comparator.comparing(AccessRow::last));
    }

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

    /**
     * A question for last-accessed details.
     *
     * @param arn of the user, group, role or policy it is about
     * @param by the unique id of who asked, who alone may read the answer
     */
    record JobRow(String id, String arn, boolean actions, Instant created, String by) {}

    /** The credential report: who asked when, and what it says. */
    record ReportRow(Instant generated, String csv) {}
}
