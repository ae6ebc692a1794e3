package dev.haneul.services.logs;

import dev.haneul.api.logs.AccountPolicy;
import dev.haneul.api.logs.ExportTask;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The durable state of what protects log events and of what carries them away. */
final class ProtectionTables {
    /** Data protection policies, by log group. */
    static final Table<ProtectionRow> GROUP_POLICIES =
            Table.of("logs.data_protection", RecordCodecs.of(ProtectionRow.class));

    /** Account policies, by type and name. */
    static final Table<AccountPolicyRow> ACCOUNT_POLICIES =
            Table.of("logs.account_policy", RecordCodecs.of(AccountPolicyRow.class));

    /** Index policies, by log group. */
    static final Table<IndexPolicyRow> INDEX_POLICIES =
            Table.of("logs.index_policy", RecordCodecs.of(IndexPolicyRow.class));

    /** Export tasks, by id; found while they are open too. */
    static final Table<ExportRow> EXPORTS = Table.of(
            "logs.export",
            RecordCodecs.of(ExportRow.class),
            new Table.Index<>("open", row -> row.open() ? List.of("yes") : List.of()));

    static final List<Table<?>> ALL = List.of(GROUP_POLICIES, ACCOUNT_POLICIES, INDEX_POLICIES, EXPORTS);

    private ProtectionTables() {}

    /** @param identifiers the kinds of data it hides */
    record ProtectionRow(String document, List<String> identifiers, long sinceMillis) {}

    /** @param identifiers the kinds of data it hides; empty for policies of other types */
    record AccountPolicyRow(AccountPolicy policy, List<String> identifiers, long sinceMillis) {}

    /** @param fields that are indexed, and as what */
    record IndexPolicyRow(String document, Map<String, String> fields, long sinceMillis) {}

    /**
     * An export task.
     *
     * @param streams what is exported: the begin of the streams' names
     */
    record ExportRow(ExportTask task, @Nullable String streams) {
        boolean open() {
            String code =
                    task.status() == null ? "" : String.valueOf(task.status().code());
            return code.equals("PENDING") || code.equals("RUNNING");
        }
    }

    static String accountPolicyId(String type, String name) {
        return type + ":" + name;
    }
}
