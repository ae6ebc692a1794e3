package dev.haneul.services.logs;

import dev.haneul.api.logs.DescribeFieldIndexesResponse;
import dev.haneul.api.logs.DescribeIndexPoliciesResponse;
import dev.haneul.api.logs.FieldIndex;
import dev.haneul.api.logs.GetLogGroupFieldsRequest;
import dev.haneul.api.logs.GetLogGroupFieldsResponse;
import dev.haneul.api.logs.IndexPolicy;
import dev.haneul.api.logs.LogGroupField;
import dev.haneul.api.logs.PutIndexPolicyRequest;
import dev.haneul.api.logs.PutIndexPolicyResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.services.logs.ProtectionTables.IndexPolicyRow;
import dev.haneul.storage.Segments;
import dev.haneul.storage.Segments.Chunk;
import dev.haneul.storage.Segments.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Index policies of log groups, and which fields groups' events have. Queries here read every event with an index or
 * without: an index is told of, and makes nothing faster.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatchLogs-Field-Indexing.html">Create
 *     field indexes</a>
 */
final class FieldIndexes {
    private static final int MOST_FIELDS = 20;
    private static final int MOST_EVENTS = 10_000;
    private static final int CHUNK = 1000;
    private static final int CHUNK_BYTES = 1 << 20;
    /** Without a time it is the last 15 minutes; with one, 8 minutes to each side. */
    private static final Duration RECENT = Duration.ofMinutes(15);

    private static final Duration AROUND = Duration.ofMinutes(8);
    private static final String INDEX = "FIELD_INDEX";
    private static final String FACET = "FACET";
    /** Every event has these. */
    private static final List<String> ALWAYS =
            List.of("@ingestionTime", "@log", "@logStream", "@message", "@timestamp");

    private final LogsContext logs;

    FieldIndexes(LogsContext logs) {
        this.logs = logs;
    }

    PutIndexPolicyResponse put(PutIndexPolicyRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String group = LogsContext.groupOf(in.logGroupIdentifier(), call);
        IndexPolicyRow row = new IndexPolicyRow(in.policyDocument(), fields(in.policyDocument()), logs.nowMillis());
        logs.store().write(tx -> {
            LogsContext.group(tx, scope, group);
            tx.put(ProtectionTables.INDEX_POLICIES, scope.key(group), row);
        });
        return new PutIndexPolicyResponse().indexPolicy(view(scope, group, row));
    }

    void delete(String identifier, Call call) {
        Scope scope = LogsContext.scope(call);
        String group = LogsContext.groupOf(identifier, call);
        logs.store().write(tx -> {
            LogsContext.group(tx, scope, group);
            if (tx.get(ProtectionTables.INDEX_POLICIES, scope.key(group)).isEmpty()) {
                throw LogsFaults.notFound("The specified index policy does not exist.");
            }
            tx.delete(ProtectionTables.INDEX_POLICIES, scope.key(group));
        });
    }

    DescribeIndexPoliciesResponse describe(List<String> identifiers, Call call) {
        Scope scope = LogsContext.scope(call);
        List<IndexPolicy> found = new ArrayList<>();
        for (String identifier : identifiers) {
            String group = LogsContext.groupOf(identifier, call);
            policy(scope, group).ifPresent(row -> found.add(view(scope, group, row)));
        }
        return new DescribeIndexPoliciesResponse().indexPolicies(found);
    }

    private Optional<IndexPolicyRow> policy(Scope scope, String group) {
        return logs.store()
                .read(tx -> {
                    LogsContext.group(tx, scope, group);
                    return tx.get(ProtectionTables.INDEX_POLICIES, scope.key(group));
                })
                .map(Row::value);
    }

    private static IndexPolicy view(Scope scope, String group, IndexPolicyRow row) {
        return new IndexPolicy()
                .logGroupIdentifier(LogsTables.groupArn(scope, group))
                .policyDocument(row.document())
                .lastUpdateTime(row.sinceMillis())
                .source("LOG_GROUP");
    }

    /** The indexed fields, and how: {@code {"Fields": [...]}}, or {@code {"FieldsV2": {name: {"type": …}}}}. */
    private static Map<String, String> fields(String document) {
        Map<String, @Nullable Object> root =
                Json.object(document).orElseThrow(() -> LogsFaults.invalid("The policy document is not valid JSON."));
        Map<String, String> found = new LinkedHashMap<>();
        if (root.get("Fields") instanceof List<?> list) {
            list.forEach(each -> found.put(name(each), INDEX));
        }
        if (root.get("FieldsV2") instanceof Map<?, ?> tree) {
            tree.forEach((name, how) -> {
                Object type = how instanceof Map<?, ?> options ? options.get("type") : null;
                if (type != null && !type.equals(INDEX) && !type.equals(FACET)) {
                    throw LogsFaults.invalid("The index type " + type + " is not one of FIELD_INDEX, FACET.");
                }
                found.put(name(name), type == null ? INDEX : type.toString());
            });
        }
        if (found.isEmpty() || found.size() > MOST_FIELDS) {
            throw LogsFaults.invalid("The policy document must have Fields, from 1 to " + MOST_FIELDS + " of them.");
        }
        return found;
    }

    private static String name(@Nullable Object given) {
        if (given instanceof String name && !name.isBlank() && name.length() <= 100) {
            return name;
        }
        throw LogsFaults.invalid("A field's name must be a text of 1 to 100 characters.");
    }

    /** The indexes of groups, and when their first and last events were that have the field. */
    DescribeFieldIndexesResponse indexes(List<String> identifiers, Call call) {
        Scope scope = LogsContext.scope(call);
        List<FieldIndex> all = new ArrayList<>();
        for (String identifier : identifiers) {
            String group = LogsContext.groupOf(identifier, call);
            policy(scope, group).ifPresent(row -> all.addAll(indexes(scope, group, row)));
        }
        return new DescribeFieldIndexesResponse().fieldIndexes(all);
    }

    private List<FieldIndex> indexes(Scope scope, String group, IndexPolicyRow row) {
        Map<String, FieldIndex> found = new LinkedHashMap<>();
        row.fields()
                .forEach((name, type) -> found.put(
                        name,
                        new FieldIndex()
                                .logGroupIdentifier(LogsTables.groupArn(scope, group))
                                .fieldIndexName(name)
                                .type(type)
                                .lastScanTime(logs.nowMillis())));
        // Events that came before the policy are not indexed.
        scan(scope, group, row.sinceMillis(), Long.MAX_VALUE, event -> {
            for (String name : names(event)) {
                FieldIndex index = found.get(name);
                if (index != null && event.ingestedMillis() >= row.sinceMillis()) {
                    long at = event.timestampMillis();
                    Long first = index.firstEventTime();
                    Long last = index.lastEventTime();
                    index.firstEventTime(first == null ? at : Math.min(first, at));
                    index.lastEventTime(last == null ? at : Math.max(last, at));
                }
            }
        });
        return List.copyOf(found.values());
    }

    /** Which fields a group's events had at a time, and in how many of a hundred they are. */
    GetLogGroupFieldsResponse fields(GetLogGroupFieldsRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String group = LogsContext.groupName(in.logGroupName(), in.logGroupIdentifier(), call);
        logs.store().read(tx -> LogsContext.group(tx, scope, group));
        long now = logs.nowMillis();
        Long asked = in.time();
        // As with queries, a time is in seconds; one that can only be milliseconds is taken as such.
        long time = asked == null ? now : asked > 100_000_000_000L ? asked : asked * 1000;
        long from = asked == null ? now - RECENT.toMillis() : time - AROUND.toMillis();
        long to = asked == null ? now + 1 : time + AROUND.toMillis();
        Map<String, Integer> seen = new TreeMap<>();
        int[] events = {0};
        scan(scope, group, from, to, event -> {
            events[0]++;
            names(event).forEach(name -> seen.merge(name, 1, Integer::sum));
        });
        return new GetLogGroupFieldsResponse()
                .logGroupFields(seen.entrySet().stream()
                        .map(each -> new LogGroupField().name(each.getKey()).percent(100 * each.getValue() / events[0]))
                        .toList());
    }

    private static Set<String> names(LogEvent event) {
        Set<String> names = new LinkedHashSet<>(ALWAYS);
        names.addAll(JsonFields.of(event.message()).keySet());
        return names;
    }

    /** Shows events to somebody, at most so many. */
    private void scan(Scope scope, String group, long from, long to, Consumer<LogEvent> eye) {
        int left = MOST_EVENTS;
        List<StreamRow> streams = logs.store().read(tx -> LogsContext.streams(tx, scope, group, ""));
        try {
            for (StreamRow stream : streams) {
                long at = 0;
                boolean end = false;
                while (!end && left > 0) {
                    Chunk chunk = logs.segments()
                            .forward(stream.log(), at, new Segments.Want(from, to, Math.min(CHUNK, left), CHUNK_BYTES));
                    for (Entry entry : chunk.entries()) {
                        eye.accept(LogEvent.of(entry));
                    }
                    left -= chunk.entries().size();
                    at = chunk.next();
                    end = chunk.end();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
