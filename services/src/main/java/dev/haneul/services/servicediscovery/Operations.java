package dev.haneul.services.servicediscovery;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.servicediscovery.*;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.servicediscovery.CloudMapTables.OperationRow;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was asked for and takes its time, or not: told about until newer ones have taken its place. */
final class Operations {
    private static final int MOST = 5000;
    private static final int RADIX = 36;
    private static final int TIME_CHARS = 9;
    private static final int FIRST_CHARS = 32;
    private static final int LAST_CHARS = 8;

    private final Clock clock;
    private final Ids ids;

    Operations(Clock clock, Ids ids) {
        this.clock = clock;
        this.ids = ids;
    }

    /** Notes an operation that is still to be done. */
    String pending(WriteTx tx, Scope scope, String type, String targetType, String target) {
        return note(tx, scope, type, OperationStatus.PENDING, Map.of(targetType, target));
    }

    /** Notes an operation that is done by the time it is told. */
    String done(WriteTx tx, Scope scope, String type, Map<String, String> targets) {
        return note(tx, scope, type, OperationStatus.SUCCESS, targets);
    }

    private String note(WriteTx tx, Scope scope, String type, String status, Map<String, String> targets) {
        Instant now = clock.instant();
        // Begins with the time, so that the oldest stands first.
        String time = Long.toString(now.toEpochMilli(), RADIX).toLowerCase(Locale.ROOT);
        String id = "0".repeat(TIME_CHARS - time.length()) + time + ids.lower(FIRST_CHARS - TIME_CHARS) + "-"
                + ids.lower(LAST_CHARS);
        List<Row<OperationRow>> kept = tx.range(CloudMapTables.OPERATIONS, scope, "", null, MOST);
        if (kept.size() == MOST) {
            tx.delete(CloudMapTables.OPERATIONS, kept.getFirst().key());
        }
        tx.put(
                CloudMapTables.OPERATIONS,
                scope.key(id),
                new OperationRow(id, type, status, null, null, targets, now, now));
        return id;
    }

    /** Ends an operation; with an error, in failure. */
    void end(WriteTx tx, Scope scope, String id, @Nullable String code, @Nullable String message) {
        tx.get(CloudMapTables.OPERATIONS, scope.key(id))
                .ifPresent(row -> tx.put(
                        CloudMapTables.OPERATIONS,
                        row.key(),
                        row.value()
                                .ended(
                                        code == null ? OperationStatus.SUCCESS : OperationStatus.FAIL,
                                        code,
                                        message,
                                        clock.instant())));
    }

    static Operation get(ReadTx tx, Scope scope, String id) {
        OperationRow row = tx.get(CloudMapTables.OPERATIONS, scope.key(id))
                .map(Row::value)
                .orElseThrow(() -> Fault.of(new OperationNotFound(), "Operation not found: " + id));
        return new Operation()
                .id(id)
                .ownerAccount(scope.account())
                .type(row.type())
                .status(row.status())
                .errorCode(row.errorCode())
                .errorMessage(row.errorMessage())
                .createDate(row.created())
                .updateDate(row.updated())
                .targets(row.targets());
    }

    /** Whether an operation is one that the filters ask for. */
    static boolean wanted(OperationRow row, List<OperationFilter> filters) {
        return filters.stream().allMatch(filter -> {
            List<String> values = filter.values();
            return switch (filter.name()) {
                case OperationFilterName.NAMESPACE_ID ->
                    values.contains(row.targets().get(OperationTargetType.NAMESPACE));
                case OperationFilterName.SERVICE_ID ->
                    values.contains(row.targets().get(OperationTargetType.SERVICE));
                case OperationFilterName.STATUS -> values.contains(row.status());
                case OperationFilterName.TYPE -> values.contains(row.type());
                default -> within(row.updated(), values);
            };
        });
    }

    /** Between two moments, in seconds since 1970. */
    private static boolean within(Instant updated, List<String> span) {
        try {
            double at = updated.toEpochMilli() / 1e3;
            return span.size() == 2
                    && at >= Double.parseDouble(span.getFirst())
                    && at <= Double.parseDouble(span.getLast());
        } catch (NumberFormatException e) {
            throw CloudMapFaults.invalid("UPDATE_DATE is between two moments, in seconds since 1970.");
        }
    }
}
