package dev.haneul.services.logs;

import dev.haneul.api.logs.DescribeQueriesRequest;
import dev.haneul.api.logs.DescribeQueriesResponse;
import dev.haneul.api.logs.GetLogRecordRequest;
import dev.haneul.api.logs.GetLogRecordResponse;
import dev.haneul.api.logs.GetQueryResultsResponse;
import dev.haneul.api.logs.ListLogGroupsForQueryRequest;
import dev.haneul.api.logs.ListLogGroupsForQueryResponse;
import dev.haneul.api.logs.MalformedQueryException;
import dev.haneul.api.logs.QueryInfo;
import dev.haneul.api.logs.QueryStatistics;
import dev.haneul.api.logs.ResultField;
import dev.haneul.api.logs.StartQueryRequest;
import dev.haneul.api.logs.StartQueryResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.services.logs.insights.BadQueryException;
import dev.haneul.services.logs.insights.InsightsQuery;
import dev.haneul.services.logs.insights.InsightsRow;
import dev.haneul.storage.SegmentDamagedException;
import dev.haneul.storage.Segments;
import dev.haneul.storage.Segments.Chunk;
import dev.haneul.storage.Segments.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Insights queries: run one after the other on the driver, a few at once, over the events of the asked time. Queries and
 * results live in memory, the last few hundred of them: a restart forgets them.
 */
final class Queries implements Reconciler<String> {
    private static final int KEPT = 300;
    private static final int RUNNING = 30;
    private static final int AT_ONCE = 2;
    private static final int GROUPS = 50;
    private static final int LIMIT = 10_000;
    private static final int PAGE = 1000;
    private static final int CHUNK = 1000;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final long PATIENCE_NANOS = 15 * 60 * 1_000_000_000L;

    private final LogsContext logs;
    private final Pager pager;
    private final Map<String, Query> queries = new LinkedHashMap<>();
    private final DataProtection protection;
    private Driver.@Nullable Waker<String> waker;

    /** A query and how far it is. */
    private static final class Query {
        final String id = UUID.randomUUID().toString();
        final Scope scope;
        final StartQueryRequest asked;
        final List<String> groups;
        final InsightsQuery query;
        final long createdMillis;
        volatile String status = "Scheduled";
        volatile boolean stopped;
        volatile List<List<ResultField>> results = List.of();
        volatile long scanned;
        volatile long bytes;
        volatile long matched;

        Query(Scope scope, StartQueryRequest asked, List<String> groups, InsightsQuery query, long createdMillis) {
            this.scope = scope;
            this.asked = asked;
            this.groups = groups;
            this.query = query;
            this.createdMillis = createdMillis;
        }

        boolean going() {
            return status.equals("Scheduled") || status.equals("Running");
        }
    }

    Queries(LogsContext logs, Pager pager, DataProtection protection) {
        this.logs = logs;
        this.protection = protection;
        this.pager = pager;
    }

    void join(Driver driver) {
        waker = driver.add(this, AT_ONCE);
    }

    StartQueryResponse start(StartQueryRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        if (in.queryLanguage() != null && !in.queryLanguage().equals("CWLI")) {
            throw LogsFaults.invalid("Queries in " + in.queryLanguage() + " are not implemented by Haneul yet.");
        }
        List<String> groups = groups(in, call);
        if (in.endTime() < in.startTime()) {
            throw LogsFaults.invalid("End time should not be before start time.");
        }
        InsightsQuery query;
        try {
            query = InsightsQuery.parse(in.queryString());
        } catch (BadQueryException e) {
            throw Fault.of(new MalformedQueryException(), e.message());
        }
        logs.store().read(tx -> {
            groups.forEach(group -> LogsContext.group(tx, scope, group));
            return true;
        });
        Query made = new Query(scope, in, groups, query, logs.nowMillis());
        synchronized (queries) {
            if (queries.values().stream().filter(Query::going).count() >= RUNNING) {
                throw LogsFaults.limit("LimitExceeded: at most " + RUNNING + " queries run at once.");
            }
            queries.put(made.id, made);
            for (Query old : List.copyOf(queries.values())) {
                if (queries.size() > KEPT && !old.going()) {
                    queries.remove(old.id);
                }
            }
        }
        Driver.Waker<String> joined = waker;
        if (joined != null) {
            joined.wake(made.id);
        }
        return new StartQueryResponse().queryId(made.id);
    }

    private static List<String> groups(StartQueryRequest in, Call call) {
        int kinds = (in.logGroupName() == null ? 0 : 1)
                + (in.logGroupNames().isEmpty() ? 0 : 1)
                + (in.logGroupIdentifiers().isEmpty() ? 0 : 1);
        if (kinds != 1) {
            throw LogsFaults.invalid(
                    "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given.");
        }
        TreeSet<String> groups = new TreeSet<>(in.logGroupNames());
        if (in.logGroupName() != null) {
            groups.add(in.logGroupName());
        }
        in.logGroupIdentifiers().forEach(each -> groups.add(LogsContext.groupOf(each, call)));
        if (groups.size() > GROUPS) {
            throw LogsFaults.invalid("At most " + GROUPS + " log groups can be queried at once.");
        }
        return List.copyOf(groups);
    }

    /** The groups of a query, as it was asked for them. */
    ListLogGroupsForQueryResponse groups(ListLogGroupsForQueryRequest in, Call call) {
        Query query = find(in.queryId(), call);
        List<String> named = query.asked.logGroupIdentifiers().isEmpty()
                ? query.groups
                : query.asked.logGroupIdentifiers().stream().sorted().toList();
        Page<String> page = pager.list(
                named,
                each -> each,
                "query groups " + query.id,
                in.nextToken(),
                in.maxResults() == null ? PAGE : in.maxResults());
        return new ListLogGroupsForQueryResponse()
                .logGroupIdentifiers(page.items())
                .nextToken(page.next());
    }

    private Query find(String id, Call call) {
        synchronized (queries) {
            Query query = queries.get(id);
            if (query == null || !query.scope.equals(LogsContext.scope(call))) {
                throw LogsFaults.notFound("The specified query does not exist.");
            }
            return query;
        }
    }

    boolean stop(String id, Call call) {
        Query query = find(id, call);
        if (!query.going()) {
            throw LogsFaults.invalid("Query is not running, cannot be stopped. Status: " + query.status);
        }
        query.stopped = true;
        query.status = "Cancelled";
        return true;
    }

    GetQueryResultsResponse results(String id, Call call) {
        Query query = find(id, call);
        String status = query.status;
        return new GetQueryResultsResponse()
                .queryLanguage("CWLI")
                .status(status)
                .results(query.results)
                .statistics(new QueryStatistics()
                        .recordsMatched((double) query.matched)
                        .recordsScanned((double) query.scanned)
                        .bytesScanned((double) query.bytes)
                        .estimatedRecordsSkipped(0.0)
                        .estimatedBytesSkipped(0.0)
                        .logGroupsScanned((double) query.groups.size()));
    }

    DescribeQueriesResponse describe(DescribeQueriesRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        List<Query> found;
        synchronized (queries) {
            found = queries.values().stream()
                    .filter(each -> each.scope.equals(scope)
                            && (in.logGroupName() == null || each.groups.contains(in.logGroupName()))
                            && (in.status() == null || in.status().equals(each.status)))
                    .toList();
        }
        int limit = in.maxResults() == null ? PAGE : Math.min(in.maxResults(), PAGE);
        Page<Query> page = pager.list(
                found,
                each -> "%019d%s".formatted(Long.MAX_VALUE - each.createdMillis, each.id),
                "queries " + scope + in.logGroupName() + in.status(),
                in.nextToken(),
                limit);
        return new DescribeQueriesResponse()
                .queries(page.items().stream()
                        .map(each -> new QueryInfo()
                                .queryLanguage("CWLI")
                                .queryId(each.id)
                                .queryString(each.asked.queryString())
                                .status(each.status)
                                .createTime(each.createdMillis)
                                .logGroupName(each.groups.getFirst()))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    public String name() {
        return "logs.query";
    }

    @Override
    public Next reconcile(String id) {
        Query query;
        synchronized (queries) {
            query = queries.get(id);
        }
        if (query != null && query.status.equals("Scheduled")) {
            query.status = "Running";
            try {
                run(query);
            } catch (IOException | RuntimeException e) {
                query.status = "Failed";
                System.getLogger(Queries.class.getName()).log(System.Logger.Level.WARNING, "a query failed", e);
            }
        }
        return Next.DONE;
    }

    private void run(Query query) throws IOException {
        Integer asked = query.asked.limit();
        InsightsQuery.Run run = query.query.start(asked == null ? LIMIT : Math.min(asked, LIMIT));
        long until = System.nanoTime() + PATIENCE_NANOS;
        for (String group : query.groups) {
            long expired;
            List<StreamRow> streams;
            try {
                expired = logs.store()
                        .read(tx -> LogsContext.group(tx, query.scope, group).expiredBeforeMillis(logs.nowMillis()));
                streams = logs.store().read(tx -> LogsContext.streams(tx, query.scope, group, ""));
            } catch (Fault gone) {
                continue;
            }
            for (StreamRow stream : streams) {
                scan(query, run, stream, expired, until);
                if (query.stopped || System.nanoTime() > until) {
                    break;
                }
            }
        }
        query.matched = run.matched();
        query.results = run.results().stream()
                .map(row -> row.stream()
                        .map(each -> new ResultField().field(each.name()).value(each.text()))
                        .toList())
                .toList();
        if (!query.stopped) {
            query.status = System.nanoTime() > until ? "Timeout" : "Complete";
        }
    }

    private void scan(Query query, InsightsQuery.Run run, StreamRow stream, long expired, long until)
            throws IOException {
        long from = Math.max(expired, millis(query.asked.startTime()));
        long to = millis(query.asked.endTime()) + 1000;
        long at = 0;
        boolean end = from >= to;
        Function<LogEvent, String> veil = protection.veil(query.scope, stream.group());
        while (!end && !query.stopped && System.nanoTime() < until) {
            Chunk chunk = logs.segments().forward(stream.log(), at, new Segments.Want(from, to, CHUNK, CHUNK_BYTES));
            for (Entry entry : chunk.entries()) {
                LogEvent event = LogEvent.of(entry);
                event = event.saying(veil.apply(event));
                query.scanned++;
                query.bytes += event.message().length();
                run.add(row(query.scope, stream, event));
            }
            query.matched = run.matched();
            at = chunk.next();
            end = chunk.end();
        }
    }

    /** Times are in seconds; what can only be milliseconds is taken as such, as AWS does. */
    private static long millis(long time) {
        return time > 100_000_000_000L ? time : time * 1000;
    }

    private InsightsRow row(Scope scope, StreamRow stream, LogEvent event) {
        String pointer = stream.group() + ":" + stream.name() + ":" + event.position();
        return new InsightsRow(JsonFields::of)
                .set("@timestamp", new InsightsRow.Moment(event.timestampMillis()))
                .set("@ingestionTime", new InsightsRow.Moment(event.ingestedMillis()))
                .set("@message", event.message())
                .set("@logStream", stream.name())
                .set("@log", scope.account() + ":" + stream.group())
                .set("@ptr", Base64.getEncoder().encodeToString(pointer.getBytes(StandardCharsets.UTF_8)));
    }

    /** The event a pointer leads to; it is looked for in the caller's account and region only. */
    GetLogRecordResponse record(GetLogRecordRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String[] parts;
        long position;
        try {
            parts = new String(Base64.getDecoder().decode(in.logRecordPointer()), StandardCharsets.UTF_8)
                    .split(":", -1);
            position = Long.parseLong(parts[parts.length - 1]);
        } catch (IllegalArgumentException _) {
            throw LogsFaults.invalid("logRecordPointer is invalid.");
        }
        if (parts.length < 3) {
            throw LogsFaults.invalid("logRecordPointer is invalid.");
        }
        List<String> middle = new ArrayList<>(List.of(parts).subList(1, parts.length - 1));
        StreamRow stream = logs.store().read(tx -> LogsContext.stream(tx, scope, parts[0], String.join(":", middle)));
        LogEvent event;
        try {
            event = logs.segments()
                    .get(stream.log(), position)
                    .map(LogEvent::of)
                    .orElseThrow(() -> LogsFaults.notFound("The specified log record does not exist."));
        } catch (SegmentDamagedException _) {
            throw LogsFaults.invalid("logRecordPointer is invalid."); // no entry begins there
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        event = event.saying(
                protection.veil(scope, stream.group(), in.unmask(), call).apply(event));
        Map<String, String> record = new LinkedHashMap<>(JsonFields.of(event.message()));
        record.put("@timestamp", Long.toString(event.timestampMillis()));
        record.put("@ingestionTime", Long.toString(event.ingestedMillis()));
        record.put("@message", event.message());
        record.put("@logStream", stream.name());
        record.put("@log", scope.account() + ":" + stream.group());
        record.put("@ptr", Objects.requireNonNull(in.logRecordPointer()));
        return new GetLogRecordResponse().logRecord(record);
    }
}
