package dev.haneul.services.logs;

import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The durable state of groups and streams. */
final class LogsTables {
    static final Table<GroupRow> GROUPS = Table.of("logs.group", RecordCodecs.of(GroupRow.class));
    static final Table<StreamRow> STREAMS = Table.of("logs.stream", RecordCodecs.of(StreamRow.class));
    static final List<Table<?>> ALL = List.of(GROUPS, STREAMS);

    private static final long DAY_MILLIS = 86_400_000L;

    private LogsTables() {}

    /**
     * A log group.
     *
     * @param retentionDays null for events that never expire
     * @param kmsKeyId kept and told; events are not encrypted
     */
    record GroupRow(
            String name,
            long createdMillis,
            @Nullable Integer retentionDays,
            @Nullable String kmsKeyId,
            String logGroupClass,
            boolean deletionProtected,
            Map<String, String> tags) {
        GroupRow withRetention(@Nullable Integer days) {
            return new GroupRow(name, createdMillis, days, kmsKeyId, logGroupClass, deletionProtected, tags);
        }

        GroupRow withTags(Map<String, String> changed) {
            return new GroupRow(
                    name, createdMillis, retentionDays, kmsKeyId, logGroupClass, deletionProtected, changed);
        }

        GroupRow withKey(@Nullable String keyArn) {
            return new GroupRow(name, createdMillis, retentionDays, keyArn, logGroupClass, deletionProtected, tags);
        }

        GroupRow withProtection(boolean on) {
            return new GroupRow(name, createdMillis, retentionDays, kmsKeyId, logGroupClass, on, tags);
        }

        /** Events before this moment have expired. */
        long expiredBeforeMillis(long nowMillis) {
            return retentionDays == null ? Long.MIN_VALUE : nowMillis - retentionDays * DAY_MILLIS;
        }
    }

    /**
     * A log stream.
     *
     * @param log its segment log
     */
    record StreamRow(String group, String name, String log, long createdMillis) {}

    /** The name of a new stream's segment log. */
    static String newLog(Scope scope) {
        return logsOf(scope.account()) + scope.region() + "/" + UUID.randomUUID();
    }

    /** What the names of an account's segment logs begin with; of all accounts' for null. */
    static String logsOf(@Nullable String account) {
        return account == null ? "logs/" : "logs/" + account + "/";
    }

    static Key streamKey(Scope scope, String group, String stream) {
        return scope.key(group + ":" + stream);
    }

    /** Where the ids of a group's streams begin and end: names of groups hold no colon. */
    static String firstStream(String group) {
        return group + ":";
    }

    static String pastStreams(String group) {
        return group + ";";
    }

    static String groupArn(Scope scope, String group) {
        return Arn.of("logs", scope.region(), scope.account(), "log-group:" + group)
                .toString();
    }

    static String streamArn(Scope scope, StreamRow stream) {
        return groupArn(scope, stream.group()) + ":log-stream:" + stream.name();
    }
}
