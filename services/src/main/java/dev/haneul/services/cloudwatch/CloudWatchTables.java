package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.CompositeAlarm;
import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The durable state of metrics (their names; their points are in segments), alarms and dashboards. */
final class CloudWatchTables {
    /** By {@link #metricId}. */
    static final Table<MetricRow> METRICS = Table.of("cloudwatch.metric", RecordCodecs.of(MetricRow.class));

    /** By name. */
    static final Table<AlarmRow> ALARMS = Table.of("cloudwatch.alarm", RecordCodecs.of(AlarmRow.class));

    /** By time, see {@link #historyId}. */
    static final Table<HistoryRow> HISTORY = Table.of("cloudwatch.history", RecordCodecs.of(HistoryRow.class));

    /** By name; in no region. */
    static final Table<DashboardRow> DASHBOARDS = Table.of("cloudwatch.dashboard", RecordCodecs.of(DashboardRow.class));

    /** How far an account's points have been sorted to their metrics, by {@code ingest}. */
    static final Table<SortedRow> SORTED = Table.of("cloudwatch.sorted", RecordCodecs.of(SortedRow.class));

    /** Rules that mute alarms, by name. */
    static final Table<MuteRow> MUTES = Table.of("cloudwatch.mute", RecordCodecs.of(MuteRow.class));

    static final List<Table<?>> ALL = List.of(METRICS, ALARMS, HISTORY, DASHBOARDS, SORTED, MUTES);

    private CloudWatchTables() {}

    /**
     * A metric.
     *
     * @param log a UUID that names its segments
     * @param lastMillis when it was last given points; lags by up to ten minutes
     */
    record MetricRow(String namespace, String name, Map<String, String> dimensions, String log, long lastMillis) {
        MetricRow seen(long millis) {
            return new MetricRow(namespace, name, dimensions, log, millis);
        }
    }

    /** Points before this position of the ingest log are with their metrics. */
    record SortedRow(long position) {}

    /**
     * An alarm: exactly one of the two is there.
     *
     * @param breaching whether the suppressed state change waits for its actions, and since when; null for none
     * @param muted the state change whose actions a mute rule holds back; null for none
     */
    record AlarmRow(
            @Nullable MetricAlarm metric,
            @Nullable CompositeAlarm composite,
            Map<String, String> tags,
            @Nullable Suppression breaching,
            @Nullable Suppression muted) {
        AlarmRow(MetricAlarm metric, Map<String, String> tags) {
            this(metric, null, tags, null, null);
        }

        AlarmRow with(MetricAlarm changed) {
            return new AlarmRow(changed, null, tags, breaching, muted);
        }

        AlarmRow with(CompositeAlarm changed) {
            return new AlarmRow(null, changed, tags, breaching, muted);
        }

        AlarmRow with(@Nullable Suppression changed) {
            return new AlarmRow(metric, composite, tags, changed, muted);
        }

        AlarmRow withTags(Map<String, String> changed) {
            return new AlarmRow(metric, composite, changed, breaching, muted);
        }

        AlarmRow muting(@Nullable Suppression change) {
            return new AlarmRow(metric, composite, tags, breaching, change);
        }
    }

    /**
     * Actions of an alarm that are held back.
     *
     * @param since when the alarm entered its state, or its suppressor left ALARM
     * @param previous the state before
     */
    record Suppression(Instant since, String previous) {}

    /**
     * A rule that mutes alarms.
     *
     * @param start when it takes effect; null for at once
     * @param expire when it ends; null for never
     */
    record MuteRow(
            String name,
            @Nullable String description,
            String expression,
            String duration,
            @Nullable String zone,
            List<String> alarms,
            @Nullable Instant start,
            @Nullable Instant expire,
            Instant updated,
            Map<String, String> tags) {
        MuteRow withTags(Map<String, String> changed) {
            return new MuteRow(name, description, expression, duration, zone, alarms, start, expire, updated, changed);
        }
    }

    /** Something that happened to an alarm. */
    record HistoryRow(String alarm, String alarmType, Instant at, String type, String summary, String data) {}

    /** A dashboard. */
    record DashboardRow(String name, String body, Instant lastModified, Map<String, String> tags) {}

    static String metricId(String namespace, String name, SortedMap<String, String> dimensions) {
        StringBuilder id = new StringBuilder(namespace).append('\u0001').append(name);
        dimensions.forEach(
                (key, value) -> id.append('\u0001').append(key).append('\u0002').append(value));
        return id.toString();
    }

    static Key historyKey(Scope scope, Instant at, String unique) {
        return scope.key("%015d/%s".formatted(Math.max(0, at.toEpochMilli()), unique));
    }

    static String muteArn(Scope scope, String name) {
        return Arn.of("cloudwatch", scope.region(), scope.account(), "alarm-mute-rule:" + name)
                .toString();
    }

    static String alarmArn(Scope scope, String name) {
        return Arn.of("cloudwatch", scope.region(), scope.account(), "alarm:" + name)
                .toString();
    }
}
