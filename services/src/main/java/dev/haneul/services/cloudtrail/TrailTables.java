package dev.haneul.services.cloudtrail;

import dev.haneul.api.cloudtrail.AdvancedEventSelector;
import dev.haneul.api.cloudtrail.EventSelector;
import dev.haneul.api.cloudtrail.InsightSelector;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The durable state of trails. Events themselves are in storage segments. */
final class TrailTables {
    static final Table<TrailRow> TRAILS = Table.of("cloudtrail.trail", RecordCodecs.of(TrailRow.class));
    static final Table<ProgressRow> PROGRESS =
            Table.of("cloudtrail.progress", RecordCodecs.of(ProgressRow.class).withUpgrade(1, TrailTables::byKind));
    static final Table<DigestRow> DIGESTS = Table.of("cloudtrail.digest", RecordCodecs.of(DigestRow.class));
    static final Table<FileRow> FILES = Table.of("cloudtrail.file", RecordCodecs.of(FileRow.class));
    static final Table<LogRow> LOGS = Table.of("cloudtrail.log", RecordCodecs.of(LogRow.class));
    static final Table<SigningRow> KEYS = Table.of("cloudtrail.key", RecordCodecs.of(SigningRow.class));
    static final List<Table<?>> ALL = List.of(TRAILS, PROGRESS, DIGESTS, FILES, LOGS, KEYS);

    private TrailTables() {}

    /** Where a trail delivers to, as its create and update requests say. */
    record Delivers(
            String bucket,
            @Nullable String prefix,
            @Nullable String topicArn,
            @Nullable String logGroupArn,
            @Nullable String logsRoleArn,
            @Nullable String kmsKeyId) {}

    /** A trail, keyed by name in its home region. Selectors are of one kind: basic ones, or advanced ones. */
    record TrailRow(
            String name,
            String homeRegion,
            Delivers to,
            boolean globalEvents,
            boolean multiRegion,
            boolean validated,
            List<EventSelector> selectors,
            List<AdvancedEventSelector> advanced,
            List<InsightSelector> insights,
            Map<String, String> tags,
            boolean logging,
            @Nullable Instant started,
            @Nullable Instant stopped) {
        String arn(String account) {
            return Arn.of("cloudtrail", homeRegion, account, "trail/" + name).toString();
        }

        TrailRow with(Delivers target, boolean global, boolean everywhere, boolean digests) {
            return new TrailRow(
                    name,
                    homeRegion,
                    target,
                    global,
                    everywhere,
                    digests,
                    selectors,
                    advanced,
                    insights,
                    tags,
                    logging,
                    started,
                    stopped);
        }

        TrailRow selecting(List<EventSelector> basic, List<AdvancedEventSelector> fields) {
            return new TrailRow(
                    name,
                    homeRegion,
                    to,
                    globalEvents,
                    multiRegion,
                    validated,
                    basic,
                    fields,
                    insights,
                    tags,
                    logging,
                    started,
                    stopped);
        }

        TrailRow withInsights(List<InsightSelector> changed) {
            return new TrailRow(
                    name,
                    homeRegion,
                    to,
                    globalEvents,
                    multiRegion,
                    validated,
                    selectors,
                    advanced,
                    changed,
                    tags,
                    logging,
                    started,
                    stopped);
        }

        TrailRow withTags(Map<String, String> changed) {
            return new TrailRow(
                    name,
                    homeRegion,
                    to,
                    globalEvents,
                    multiRegion,
                    validated,
                    selectors,
                    advanced,
                    insights,
                    changed,
                    logging,
                    started,
                    stopped);
        }

        TrailRow logging(boolean on, Instant now) {
            return new TrailRow(
                    name,
                    homeRegion,
                    to,
                    globalEvents,
                    multiRegion,
                    validated,
                    selectors,
                    advanced,
                    insights,
                    tags,
                    on,
                    on ? now : started,
                    on ? stopped : now);
        }
    }

    /**
     * What the tries of one kind came to.
     *
     * @param attempted the last try
     * @param done the last that succeeded
     * @param error why the last did not; null where it did
     */
    record Tries(
            @Nullable Instant attempted,
            @Nullable Instant done,
            @Nullable String error) {
        static final Tries NONE = new Tries(null, null, null);

        Tries and(Instant now, boolean succeeded, @Nullable String problem) {
            return new Tries(now, succeeded ? now : done, problem);
        }

        Tries and(Instant now, @Nullable String problem) {
            return and(now, problem == null, problem);
        }
    }

    /**
     * How far a trail has come, and what its tries came to. Keyed like its trail.
     *
     * @param delivered by log: the position up to which its events are delivered
     * @param until by log: where a stopped trail ends; empty while it logs
     * @param files to S3
     * @param notices to the topic
     * @param events to the log group
     * @param digests to S3
     */
    record ProgressRow(
            Map<String, Long> delivered,
            Map<String, Long> until,
            Tries files,
            Tries notices,
            Tries events,
            Tries digests) {
        static final ProgressRow NONE =
                new ProgressRow(Map.of(), Map.of(), Tries.NONE, Tries.NONE, Tries.NONE, Tries.NONE);

        ProgressRow at(Map<String, Long> positions, Map<String, Long> ends) {
            return new ProgressRow(positions, ends, files, notices, events, digests);
        }

        ProgressRow tried(Instant now, boolean wrote, @Nullable String error) {
            return new ProgressRow(delivered, until, files.and(now, wrote, error), notices, events, digests);
        }

        ProgressRow notified(Instant now, @Nullable String error) {
            return new ProgressRow(delivered, until, files, notices.and(now, error), events, digests);
        }

        ProgressRow logged(Instant now, @Nullable String error) {
            return new ProgressRow(delivered, until, files, notices, events.and(now, error), digests);
        }

        ProgressRow digested(Instant now, @Nullable String error) {
            return new ProgressRow(delivered, until, files, notices, events, digests.and(now, error));
        }
    }

    /** Records of the first release told the tries of all kinds side by side. */
    private static Map<String, @Nullable Object> byKind(Map<String, @Nullable Object> old) {
        old.put("files", tries(old, "attempted", "deliveredAt", "deliveryError"));
        old.put("notices", tries(old, "notificationAttempted", "notifiedAt", "notificationError"));
        old.put("events", tries(old, "loggedAt", "loggedAt", "logsError"));
        old.put("digests", tries(old, "digestedAt", "digestedAt", "digestError"));
        return old;
    }

    private static Map<String, @Nullable Object> tries(
            Map<String, @Nullable Object> old, String attempted, String done, String error) {
        Map<String, @Nullable Object> tries = new HashMap<>();
        tries.put("attempted", old.get(attempted));
        tries.put("done", old.get(done));
        tries.put("error", old.get(error));
        return tries;
    }

    /**
     * The end of a trail's chain of digests in one region. Keyed by {@code trail/region}.
     *
     * @param end when the last digest ended, or the chain began
     */
    record DigestRow(
            Instant end,
            @Nullable String bucket,
            @Nullable String object,
            @Nullable String hash,
            @Nullable String signature) {}

    /** A delivered file that no digest names yet. Keyed by {@code trail/region/object}. */
    record FileRow(String bucket, String object, String hash, Instant oldest, Instant newest) {}

    /** That there is a log of events, keyed by account, region and {@code management} or {@code data}. */
    record LogRow(Instant since) {}

    /**
     * A key pair that signs digests, keyed by region and fingerprint.
     *
     * @param publicKey PKCS #1
     * @param sealedPrivate PKCS #8, sealed under the data folder's key
     */
    record SigningRow(byte[] publicKey, String sealedPrivate, Instant from, Instant to) {}

    static Key digestKey(Key trail, String region) {
        return trail.scope().key(trail.id() + "/" + region);
    }

    static Key fileKey(Key trail, String region, String object) {
        return trail.scope().key(trail.id() + "/" + region + "/" + object);
    }

    static final String MANAGEMENT = "management";
    static final String DATA = "data";

    /** The segment log of an account's events in a region. */
    static String log(Scope scope, String kind) {
        return logsOf(scope.account()) + scope.region() + "/" + kind;
    }

    /** What the names of an account's logs begin with; of all accounts' for null. */
    static String logsOf(@Nullable String account) {
        return account == null ? "cloudtrail/" : "cloudtrail/" + account + "/";
    }
}
