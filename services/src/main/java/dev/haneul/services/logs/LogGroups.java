package dev.haneul.services.logs;

import dev.haneul.api.logs.CreateLogGroupRequest;
import dev.haneul.api.logs.CreateLogGroupResponse;
import dev.haneul.api.logs.DeleteLogGroupRequest;
import dev.haneul.api.logs.DeleteLogGroupResponse;
import dev.haneul.api.logs.DescribeLogGroupsRequest;
import dev.haneul.api.logs.DescribeLogGroupsResponse;
import dev.haneul.api.logs.ListLogGroupsRequest;
import dev.haneul.api.logs.ListLogGroupsResponse;
import dev.haneul.api.logs.LogGroup;
import dev.haneul.api.logs.LogGroupClass;
import dev.haneul.api.logs.LogGroupSummary;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.LogsTables.GroupRow;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Groups: made, told, tagged, given a retention, removed. */
final class LogGroups {
    /** What PutRetentionPolicy takes. */
    static final Set<Integer> RETENTION_DAYS = Set.of(
            1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653);

    private static final int PAGE = 50;
    private static final int TAGS = 50;
    private static final int CHUNK = 500;
    private static final int LIST_PAGE = 1000;

    private final LogsContext logs;

    LogGroups(LogsContext logs) {
        this.logs = logs;
    }

    CreateLogGroupResponse create(CreateLogGroupRequest in, Call call) {
        if (in.tags().size() > TAGS) {
            throw LogsFaults.invalid("A log group can have at most " + TAGS + " tags");
        }
        String logGroupClass = in.logGroupClass();
        GroupRow row = new GroupRow(
                in.logGroupName(),
                logs.nowMillis(),
                null,
                in.kmsKeyId(),
                logGroupClass == null ? LogGroupClass.STANDARD : logGroupClass,
                Boolean.TRUE.equals(in.deletionProtectionEnabled()),
                new LinkedHashMap<>(in.tags()));
        Scope scope = LogsContext.scope(call);
        logs.store().write(tx -> {
            if (tx.get(LogsTables.GROUPS, scope.key(row.name())).isPresent()) {
                throw LogsFaults.groupExists();
            }
            tx.put(LogsTables.GROUPS, scope.key(row.name()), row);
        });
        return new CreateLogGroupResponse();
    }

    DeleteLogGroupResponse delete(DeleteLogGroupRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String name = in.logGroupName();
        logs.store().write(tx -> {
            if (LogsContext.group(tx, scope, name).deletionProtected()) {
                throw LogsFaults.validation("The log group " + name + " has deletion protection enabled.");
            }
            for (StreamRow stream : LogsContext.streams(tx, scope, name, "")) {
                tx.delete(LogsTables.STREAMS, LogsTables.streamKey(scope, name, stream.name()));
            }
            MetricFilters.of(tx, scope, name)
                    .forEach(each -> tx.delete(
                            FilterTables.METRIC_FILTERS,
                            FilterTables.key(scope, name, Objects.requireNonNull(each.filterName()))));
            Subscriptions.of(tx, scope, name)
                    .forEach(each -> tx.delete(
                            FilterTables.SUBSCRIPTIONS,
                            FilterTables.key(scope, name, Objects.requireNonNull(each.filterName()))));
            tx.delete(ProtectionTables.GROUP_POLICIES, scope.key(name));
            tx.delete(ProtectionTables.INDEX_POLICIES, scope.key(name));
            tx.delete(LogsTables.GROUPS, scope.key(name));
        });
        return new DeleteLogGroupResponse();
    }

    DescribeLogGroupsResponse describe(DescribeLogGroupsRequest in, Call call) {
        String prefix = in.logGroupNamePrefix() == null ? "" : in.logGroupNamePrefix();
        String part = in.logGroupNamePattern() == null ? "" : in.logGroupNamePattern();
        if (!prefix.isEmpty() && !part.isEmpty()) {
            throw LogsFaults.invalid(
                    "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
        }
        Scope scope = LogsContext.scope(call);
        int limit = in.limit() == null ? PAGE : Math.min(in.limit(), PAGE);
        String context = "logs groups " + scope + prefix + "|" + part;
        String from = in.nextToken() == null
                ? prefix
                : logs.tokens().open(context, in.nextToken()).orElseThrow(LogsFaults::badToken) + "\u0000";
        Set<String> wanted = new TreeSet<>();
        in.logGroupIdentifiers().forEach(each -> wanted.add(LogsContext.groupOf(each, call)));
        return logs.store().read(tx -> {
            List<GroupRow> found = new ArrayList<>();
            boolean more = collect(
                    tx,
                    scope,
                    from,
                    limit,
                    found,
                    row -> row.name().startsWith(prefix),
                    row -> row.name().toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT))
                            && (wanted.isEmpty() || wanted.contains(row.name()))
                            && (in.logGroupClass() == null
                                    || row.logGroupClass().equals(in.logGroupClass())));
            return new DescribeLogGroupsResponse()
                    .logGroups(found.stream()
                            .map(row -> view(row, scope, storedBytes(tx, scope, row.name()))
                                    .metricFilterCount(MetricFilters.of(tx, scope, row.name())
                                            .size()))
                            .toList())
                    .nextToken(
                            more ? logs.tokens().seal(context, found.getLast().name()) : null);
        });
    }

    /** Gathers up to {@code limit} rows; answers whether there are more. Stops where {@code within} ends. */
    private static boolean collect(
            ReadTx tx,
            Scope scope,
            String start,
            int limit,
            List<GroupRow> found,
            Predicate<GroupRow> within,
            Predicate<GroupRow> wanted) {
        String from = start;
        while (true) {
            List<Row<GroupRow>> rows = tx.range(LogsTables.GROUPS, scope, from, null, CHUNK);
            for (Row<GroupRow> row : rows) {
                if (!within.test(row.value())) {
                    return false;
                }
                if (wanted.test(row.value())) {
                    if (found.size() == limit) {
                        return true;
                    }
                    found.add(row.value());
                }
            }
            if (rows.size() < CHUNK) {
                return false;
            }
            from = rows.getLast().key().id() + "\u0000";
        }
    }

    private long storedBytes(ReadTx tx, Scope scope, String group) {
        long bytes = 0;
        for (StreamRow stream : LogsContext.streams(tx, scope, group, "")) {
            try {
                bytes += logs.segments()
                        .extent(stream.log())
                        .map(Segments.Extent::bytes)
                        .orElse(0L);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return bytes;
    }

    private static LogGroup view(GroupRow row, Scope scope, long storedBytes) {
        String arn = LogsTables.groupArn(scope, row.name());
        return new LogGroup()
                .logGroupName(row.name())
                .creationTime(row.createdMillis())
                .retentionInDays(row.retentionDays())
                .arn(arn + ":*")
                .logGroupArn(arn)
                .storedBytes(storedBytes)
                .kmsKeyId(row.kmsKeyId())
                .logGroupClass(row.logGroupClass())
                .deletionProtectionEnabled(row.deletionProtected());
    }

    /** A page of groups by a pattern, as the newer operation tells them. */
    ListLogGroupsResponse list(ListLogGroupsRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        int limit = in.limit() == null ? PAGE : Math.min(in.limit(), LIST_PAGE);
        List<String> parts = in.logGroupNamePattern() == null
                ? List.of("")
                : List.of(in.logGroupNamePattern().split("\\|"));
        String context = "list groups " + scope + in.logGroupNamePattern() + in.logGroupClass();
        String token = in.nextToken();
        String from = token == null ? "" : logs.tokens().open(context, token).orElseThrow(LogsFaults::badToken) + "\0";
        List<LogGroupSummary> found = new ArrayList<>();
        while (true) {
            String after = from;
            List<Row<GroupRow>> rows = logs.store().read(tx -> tx.range(LogsTables.GROUPS, scope, after, null, CHUNK));
            for (Row<GroupRow> row : rows) {
                String name = row.value().name();
                boolean named = parts.stream()
                        .anyMatch(part ->
                                part.startsWith("^") ? name.startsWith(part.substring(1)) : name.contains(part));
                if (named
                        && (in.logGroupClass() == null
                                || in.logGroupClass().equals(row.value().logGroupClass()))) {
                    if (found.size() == limit) {
                        String last = String.valueOf(found.getLast().logGroupName());
                        return new ListLogGroupsResponse()
                                .logGroups(found)
                                .nextToken(logs.tokens().seal(context, last));
                    }
                    found.add(new LogGroupSummary()
                            .logGroupName(name)
                            .logGroupArn(LogsTables.groupArn(scope, name))
                            .logGroupClass(row.value().logGroupClass()));
                }
            }
            if (rows.size() < CHUNK) {
                return new ListLogGroupsResponse().logGroups(found);
            }
            from = rows.getLast().key().id() + "\0";
        }
    }

    /** Names or forgets (null) the key of a group; events are not encrypted. */
    void key(@Nullable String name, @Nullable String resource, @Nullable String keyArn, Call call) {
        Scope scope = LogsContext.scope(call);
        String group = LogsContext.groupName(name, resource, call);
        logs.store()
                .write(tx -> tx.put(
                        LogsTables.GROUPS,
                        scope.key(group),
                        LogsContext.group(tx, scope, group).withKey(keyArn)));
    }

    /** Sets or removes (null) a group's retention. */
    void retain(String group, @Nullable Integer days, Call call) {
        if (days != null && !RETENTION_DAYS.contains(days)) {
            throw LogsFaults.invalid("1 validation error detected: Value '" + days
                    + "' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: "
                    + new TreeSet<>(RETENTION_DAYS));
        }
        change(group, call, row -> row.withRetention(days));
    }

    void protect(String identifier, boolean on, Call call) {
        change(LogsContext.groupOf(identifier, call), call, row -> row.withProtection(on));
    }

    void tag(String group, Map<String, String> tags, Call call) {
        change(group, call, row -> {
            Map<String, String> all = new LinkedHashMap<>(row.tags());
            all.putAll(tags);
            if (all.size() > TAGS) {
                throw LogsFaults.invalid("A log group can have at most " + TAGS + " tags");
            }
            return row.withTags(all);
        });
    }

    void untag(String group, List<String> keys, Call call) {
        change(group, call, row -> {
            Map<String, String> left = new LinkedHashMap<>(row.tags());
            left.keySet().removeAll(Set.copyOf(keys));
            return row.withTags(left);
        });
    }

    Map<String, String> tags(String group, Call call) {
        Scope scope = LogsContext.scope(call);
        return logs.store().read(tx -> LogsContext.group(tx, scope, group).tags());
    }

    /** The group a resource ARN names; only groups can be tagged yet. */
    static String tagged(String arn, Call call) {
        String prefix = LogsTables.groupArn(LogsContext.scope(call), "");
        if (!arn.startsWith(prefix)) {
            throw LogsFaults.noResource();
        }
        return LogsContext.groupOf(arn, call);
    }

    private void change(String group, Call call, UnaryOperator<GroupRow> change) {
        Scope scope = LogsContext.scope(call);
        logs.store()
                .write(tx ->
                        tx.put(LogsTables.GROUPS, scope.key(group), change.apply(LogsContext.group(tx, scope, group))));
    }
}
