package dev.haneul.services.events;

import dev.haneul.api.events.DeadLetterConfig;
import dev.haneul.api.events.LogConfig;
import dev.haneul.api.events.Target;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** EventBridge's durable state. The default bus has no record until something of it is changed. */
final class EventsTables {
    static final String DEFAULT_BUS = "default";

    /** A bus; {@code policy} is its resource policy as JSON. */
    record BusRow(
            String name,
            @Nullable String description,
            @Nullable String kmsKey,
            @Nullable DeadLetterConfig deadLetters,
            @Nullable LogConfig logConfig,
            @Nullable String policy,
            Map<String, String> tags,
            Instant created,
            Instant modified) {
        BusRow withPolicy(@Nullable String other, Instant now) {
            return new BusRow(name, description, kmsKey, deadLetters, logConfig, other, tags, created, now);
        }

        BusRow withTags(Map<String, String> other) {
            return new BusRow(name, description, kmsKey, deadLetters, logConfig, policy, other, created, modified);
        }
    }

    /** A rule and its targets. */
    record RuleRow(
            String bus,
            String name,
            @Nullable String description,
            @Nullable String pattern,
            @Nullable String schedule,
            String state,
            @Nullable String role,
            @Nullable String managedBy,
            String createdBy,
            Instant created,
            Map<String, String> tags,
            List<Target> targets) {
        RuleRow {
            targets = List.copyOf(targets);
        }

        boolean enabled() {
            return !state.equals("DISABLED");
        }

        RuleRow withState(String other) {
            return new RuleRow(
                    bus,
                    name,
                    description,
                    pattern,
                    schedule,
                    other,
                    role,
                    managedBy,
                    createdBy,
                    created,
                    tags,
                    targets);
        }

        RuleRow withTags(Map<String, String> other) {
            return new RuleRow(
                    bus,
                    name,
                    description,
                    pattern,
                    schedule,
                    state,
                    role,
                    managedBy,
                    createdBy,
                    created,
                    other,
                    targets);
        }

        RuleRow withTargets(List<Target> other) {
            return new RuleRow(
                    bus, name, description, pattern, schedule, state, role, managedBy, createdBy, created, tags, other);
        }
    }

    /** When a scheduled rule is due. */
    record FireRow(String expression, Instant anchor, Instant due) {}

    /**
     * An archive.
     *
     * @param log the segment log that holds its events
     */
    record ArchiveRow(
            String name,
            String busArn,
            @Nullable String description,
            @Nullable String pattern,
            int retentionDays,
            @Nullable String kmsKey,
            String log,
            Instant created,
            long events,
            long bytes) {}

    /**
     * A replay.
     *
     * @param position how far it has come in the archive's log
     * @param last the time of the event replayed last
     */
    record ReplayRow(
            String name,
            String archiveArn,
            @Nullable String description,
            String busArn,
            List<String> rules,
            Instant from,
            Instant to,
            String state,
            @Nullable String reason,
            Instant started,
            @Nullable Instant ended,
            @Nullable Instant last,
            long position) {
        ReplayRow {
            rules = List.copyOf(rules);
        }
    }

    /**
     * A connection.
     *
     * @param secretArn Secrets Manager's secret that holds its auth parameters as JSON
     */
    record ConnectionRow(
            String name,
            String id,
            @Nullable String description,
            String type,
            String state,
            String secretArn,
            Instant created,
            Instant modified,
            @Nullable Instant authorized) {}

    /** An API destination. */
    record DestinationRow(
            String name,
            String id,
            @Nullable String description,
            String connectionArn,
            String endpoint,
            String method,
            int perSecond,
            Instant created,
            Instant modified) {}

    static final Table<BusRow> BUSES = Table.of("events.bus", RecordCodecs.of(BusRow.class));
    /** Rules stand under {@code bus|name}. */
    static final Table<RuleRow> RULES = Table.of(
            "events.rule",
            RecordCodecs.of(RuleRow.class),
            new Table.Index<>(
                    "target",
                    row -> row.targets().stream().map(Target::arn).distinct().toList()));

    static final Table<FireRow> FIRES = Table.of("events.fire", RecordCodecs.of(FireRow.class));
    static final Table<ArchiveRow> ARCHIVES = Table.of(
            "events.archive",
            RecordCodecs.of(ArchiveRow.class),
            new Table.Index<>("bus", row -> List.of(row.busArn())));
    static final Table<ReplayRow> REPLAYS = Table.of("events.replay", RecordCodecs.of(ReplayRow.class));
    static final Table<ConnectionRow> CONNECTIONS = Table.of("events.connection", RecordCodecs.of(ConnectionRow.class));
    static final Table<DestinationRow> DESTINATIONS = Table.of(
            "events.destination",
            RecordCodecs.of(DestinationRow.class),
            new Table.Index<>("connection", row -> List.of(row.connectionArn())));

    static final List<Table<?>> ALL = List.of(BUSES, RULES, FIRES, ARCHIVES, REPLAYS, CONNECTIONS, DESTINATIONS);

    private EventsTables() {}

    static Key ruleKey(Scope scope, String bus, String rule) {
        return scope.key(bus + "|" + rule);
    }

    static String busArn(Scope scope, String bus) {
        return arn(scope, "event-bus/" + bus);
    }

    /** Rules of the default bus leave its name out. */
    static String ruleArn(Scope scope, String bus, String rule) {
        return arn(scope, "rule/" + (bus.equals(DEFAULT_BUS) ? "" : bus + "/") + rule);
    }

    static String arn(Scope scope, String resource) {
        return Arn.of("events", scope.region(), scope.account(), resource).toString();
    }
}
