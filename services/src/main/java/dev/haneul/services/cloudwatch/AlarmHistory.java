package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.AlarmHistoryItem;
import dev.haneul.api.cloudwatch.DescribeAlarmHistoryInput;
import dev.haneul.api.cloudwatch.DescribeAlarmHistoryOutput;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.cloudwatch.CloudWatchTables.HistoryRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What happened to alarms, kept for 30 days. */
final class AlarmHistory {
    static final String STATE = "StateUpdate";
    static final String CONFIGURATION = "ConfigurationUpdate";
    static final String ACTION = "Action";

    private static final Duration KEPT = Duration.ofDays(30);
    private static final int PAGE = 100;
    private static final int CHUNK = 1000;
    private static final int MOST = 50_000;

    private final Store store;
    private final Pager pager;

    AlarmHistory(Store store, Pager pager) {
        this.store = store;
        this.pager = pager;
    }

    static void add(WriteTx tx, Scope scope, HistoryRow row) {
        Key key = CloudWatchTables.historyKey(scope, row.at(), UUID.randomUUID().toString());
        tx.put(CloudWatchTables.HISTORY, key, row);
    }

    /** Removes what is too old; called once a day. */
    static void prune(Store store, Instant now) {
        Instant before = now.minus(KEPT);
        Key after = null;
        List<Row<HistoryRow>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(CloudWatchTables.HISTORY, from, CHUNK));
            List<Key> old = page.stream()
                    .filter(row -> row.value().at().isBefore(before))
                    .map(Row::key)
                    .toList();
            if (!old.isEmpty()) {
                store.write(tx -> old.forEach(key -> tx.delete(CloudWatchTables.HISTORY, key)));
            }
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == CHUNK);
    }

    DescribeAlarmHistoryOutput describe(DescribeAlarmHistoryInput in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        List<Row<HistoryRow>> rows = new ArrayList<>();
        String from = in.startDate() == null
                ? ""
                : "%015d".formatted(Math.max(0, in.startDate().toEpochMilli()));
        String to = in.endDate() == null
                ? null
                : "%015d".formatted(Math.max(0, in.endDate().toEpochMilli() + 1));
        while (rows.size() < MOST) {
            String first = from;
            List<Row<HistoryRow>> page = store.read(tx -> tx.range(CloudWatchTables.HISTORY, scope, first, to, CHUNK));
            page.stream().filter(row -> matches(row.value(), in)).forEach(rows::add);
            if (page.size() < CHUNK) {
                break;
            }
            from = page.getLast().key().id() + "\u0000";
        }
        boolean ascending = "TimestampAscending".equals(in.scanBy());
        String question = "history " + scope + in.alarmName() + in.alarmTypes() + in.historyItemType() + in.startDate()
                + in.endDate() + ascending;
        int limit = in.maxRecords() == null ? PAGE : in.maxRecords();
        Page<Row<HistoryRow>> page = pager.list(
                rows, row -> ascending ? row.key().id() : reversed(row.key().id()), question, in.nextToken(), limit);
        return new DescribeAlarmHistoryOutput()
                .alarmHistoryItems(
                        page.items().stream().map(row -> view(row.value())).toList())
                .nextToken(page.next());
    }

    /** An id whose order is the other way round. */
    private static String reversed(String id) {
        long millis = Long.parseLong(id.substring(0, 15));
        return "%015d".formatted(999_999_999_999_999L - millis) + id.substring(15);
    }

    private static boolean matches(HistoryRow row, DescribeAlarmHistoryInput in) {
        boolean kind = in.alarmTypes().isEmpty()
                ? row.alarmType().equals(AlarmView.METRIC)
                : in.alarmTypes().contains(row.alarmType());
        return (in.alarmName() == null || in.alarmName().equals(row.alarm()))
                && (kind || in.alarmName() != null && in.alarmTypes().isEmpty())
                && (in.historyItemType() == null || in.historyItemType().equals(row.type()));
    }

    private static AlarmHistoryItem view(HistoryRow row) {
        return new AlarmHistoryItem()
                .alarmName(row.alarm())
                .alarmType(row.alarmType())
                .timestamp(row.at())
                .historyItemType(row.type())
                .historySummary(row.summary())
                .historyData(row.data());
    }
}
