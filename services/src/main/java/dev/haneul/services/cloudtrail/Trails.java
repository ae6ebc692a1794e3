package dev.haneul.services.cloudtrail;

import dev.haneul.api.cloudtrail.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudtrail.TrailTables.Delivers;
import dev.haneul.services.cloudtrail.TrailTables.DigestRow;
import dev.haneul.services.cloudtrail.TrailTables.ProgressRow;
import dev.haneul.services.cloudtrail.TrailTables.TrailRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Trails: made, changed, told, started, stopped, tagged, removed. */
final class Trails {
    private static final int MOST_TRAILS = 5;
    private static final int MOST_TAGS = 50;
    private static final int PAGE = 1000;

    private final Store store;
    private final Clock clock;
    private final Deliveries neighbours;
    private final Positions positions;
    private final Consumer<Key> wake;

    /** @param wake is told of each trail that changed */
    Trails(Store store, Clock clock, Deliveries neighbours, Positions positions, Consumer<Key> wake) {
        this.store = store;
        this.clock = clock;
        this.neighbours = neighbours;
        this.positions = positions;
        this.wake = wake;
    }

    /** A trail and whose it is. */
    record Found(Key key, TrailRow row) {
        String arn() {
            return row.arn(key.account());
        }
    }

    CreateTrailResponse create(CreateTrailRequest in, Call call) {
        TrailNames.check(in.name());
        if (Boolean.TRUE.equals(in.isOrganizationTrail())) {
            throw Fault.of(new OrganizationsNotInUseException(), "Your account is not a member of an organization.");
        }
        Key key = new Key(call.account(), call.region(), in.name());
        boolean everywhere = Boolean.TRUE.equals(in.isMultiRegionTrail());
        boolean global = in.includeGlobalServiceEvents() == null || in.includeGlobalServiceEvents();
        if (everywhere && !global) {
            throw TrailFaults.badCombination("Multi-Region trail must include global service events.");
        }
        Delivers to = new Delivers(
                in.s3BucketName(),
                in.s3KeyPrefix(),
                TrailNames.topicArn(in.snsTopicName(), call),
                in.cloudWatchLogsLogGroupArn(),
                in.cloudWatchLogsRoleArn(),
                in.kmsKeyId());
        TrailRow row = new TrailRow(
                in.name(),
                call.region(),
                to,
                global,
                everywhere,
                Boolean.TRUE.equals(in.enableLogFileValidation()),
                List.of(Selection.everything()),
                List.of(),
                List.of(),
                tags(Map.of(), in.tagsList()),
                false,
                null,
                null);
        store.read(tx -> refuseSecond(tx, key));
        neighbours.check(key, row);
        store.write(tx -> {
            refuseSecond(tx, key);
            tx.put(TrailTables.TRAILS, key, row);
            tx.put(TrailTables.PROGRESS, key, ProgressRow.NONE);
        });
        wake.accept(key);
        return new CreateTrailResponse()
                .name(row.name())
                .s3BucketName(to.bucket())
                .s3KeyPrefix(to.prefix())
                .snsTopicName(to.topicArn() == null ? null : in.snsTopicName())
                .snsTopicARN(to.topicArn())
                .includeGlobalServiceEvents(global)
                .isMultiRegionTrail(everywhere)
                .trailARN(row.arn(key.account()))
                .logFileValidationEnabled(row.validated())
                .cloudWatchLogsLogGroupArn(to.logGroupArn())
                .cloudWatchLogsRoleArn(to.logsRoleArn())
                .kmsKeyId(to.kmsKeyId())
                .isOrganizationTrail(false);
    }

    private Boolean refuseSecond(ReadTx tx, Key key) {
        if (tx.get(TrailTables.TRAILS, key).isPresent()) {
            String arn = Arn.of("cloudtrail", key.region(), key.account(), "trail/" + key.id())
                    .toString();
            throw TrailFaults.exists(arn, key.account());
        }
        if (visible(tx, key.account(), key.region(), true).size() >= MOST_TRAILS) {
            throw Fault.of(
                    new MaximumNumberOfTrailsExceededException(),
                    "User: " + key.account() + " already has " + MOST_TRAILS + " trails in " + key.region() + ".");
        }
        return true;
    }

    UpdateTrailResponse update(UpdateTrailRequest in, Call call) {
        Found before = own(in.name(), call);
        Delivers old = before.row().to();
        Delivers to = new Delivers(
                in.s3BucketName() == null ? old.bucket() : in.s3BucketName(),
                changed(in.s3KeyPrefix(), old.prefix()),
                in.snsTopicName() == null ? old.topicArn() : TrailNames.topicArn(in.snsTopicName(), call),
                changed(in.cloudWatchLogsLogGroupArn(), old.logGroupArn()),
                changed(in.cloudWatchLogsRoleArn(), old.logsRoleArn()),
                changed(in.kmsKeyId(), old.kmsKeyId()));
        UnaryOperator<TrailRow> change = row -> row.with(
                to,
                in.includeGlobalServiceEvents() == null ? row.globalEvents() : in.includeGlobalServiceEvents(),
                in.isMultiRegionTrail() == null ? row.multiRegion() : in.isMultiRegionTrail(),
                in.enableLogFileValidation() == null ? row.validated() : in.enableLogFileValidation());
        TrailRow after = change.apply(before.row());
        if (after.multiRegion() && !after.globalEvents()) {
            throw TrailFaults.badCombination("Multi-Region trail must include global service events.");
        }
        neighbours.check(before.key(), after);
        Map<String, Long> ends = positions.ends(before.key(), after);
        store.write(tx -> {
            Found now = require(tx, before.key());
            tx.put(TrailTables.TRAILS, now.key(), change.apply(now.row()));
            ProgressRow progress = progress(tx, now.key());
            // Logs it did not deliver before are delivered from here on.
            Map<String, Long> delivered = new LinkedHashMap<>(ends);
            delivered.putAll(progress.delivered());
            tx.put(TrailTables.PROGRESS, now.key(), progress.at(delivered, progress.until()));
            if (after.validated() != now.row().validated()) {
                beginChains(tx, now.key(), ends);
            }
        });
        wake.accept(before.key());
        return new UpdateTrailResponse()
                .name(after.name())
                .s3BucketName(to.bucket())
                .s3KeyPrefix(to.prefix())
                .snsTopicName(to.topicArn())
                .snsTopicARN(to.topicArn())
                .includeGlobalServiceEvents(after.globalEvents())
                .isMultiRegionTrail(after.multiRegion())
                .trailARN(before.arn())
                .logFileValidationEnabled(after.validated())
                .cloudWatchLogsLogGroupArn(to.logGroupArn())
                .cloudWatchLogsRoleArn(to.logsRoleArn())
                .kmsKeyId(to.kmsKeyId())
                .isOrganizationTrail(false);
    }

    private static @Nullable String changed(@Nullable String asked, @Nullable String before) {
        return asked == null ? before : asked.isEmpty() ? null : asked;
    }

    void delete(String name, Call call) {
        Key key = own(name, call).key();
        store.write(tx -> {
            require(tx, key);
            tx.delete(TrailTables.TRAILS, key);
            tx.delete(TrailTables.PROGRESS, key);
            forget(tx, key);
        });
        wake.accept(key);
    }

    /** Removes a trail's chains of digests and the files none of them names yet. */
    private static void forget(WriteTx tx, Key trail) {
        String from = trail.id() + "/";
        String to = trail.id() + "0";
        for (Row<DigestRow> row : tx.range(TrailTables.DIGESTS, trail.scope(), from, to, PAGE)) {
            tx.delete(TrailTables.DIGESTS, row.key());
        }
        for (Row<TrailTables.FileRow> row : tx.range(TrailTables.FILES, trail.scope(), from, to, 10_000)) {
            tx.delete(TrailTables.FILES, row.key());
        }
    }

    void log(String name, boolean on, Call call) {
        Found found = own(name, call);
        Map<String, Long> ends = positions.ends(found.key(), found.row());
        store.write(tx -> {
            Found now = require(tx, found.key());
            if (now.row().logging() == on) {
                return;
            }
            ProgressRow progress = progress(tx, now.key());
            tx.put(TrailTables.TRAILS, now.key(), now.row().logging(on, clock.instant()));
            tx.put(
                    TrailTables.PROGRESS,
                    now.key(),
                    on ? progress.at(ends, Map.of()) : progress.at(progress.delivered(), ends));
            if (on) {
                beginChains(tx, now.key(), ends);
            }
        });
        wake.accept(found.key());
    }

    private void beginChains(WriteTx tx, Key trail, Map<String, Long> logs) {
        forget(tx, trail);
        for (String log : logs.keySet()) {
            Key key = TrailTables.digestKey(trail, log.substring(0, log.indexOf('/')));
            if (tx.get(TrailTables.DIGESTS, key).isEmpty()) {
                tx.put(TrailTables.DIGESTS, key, new DigestRow(clock.instant(), null, null, null, null));
            }
        }
    }

    void select(String name, List<EventSelector> basic, List<AdvancedEventSelector> advanced, Call call) {
        Selection.check(basic, advanced);
        change(name, call, row -> row.selecting(basic, advanced));
    }

    void insights(String name, List<InsightSelector> insights, Call call) {
        change(name, call, row -> row.withInsights(insights));
    }

    void tag(String arn, List<Tag> tags, Call call) {
        change(arn, call, row -> row.withTags(tags(row.tags(), tags)));
    }

    void untag(String arn, List<Tag> tags, Call call) {
        change(arn, call, row -> {
            Map<String, String> left = new LinkedHashMap<>(row.tags());
            tags.forEach(tag -> left.remove(tag.key()));
            return row.withTags(left);
        });
    }

    private static Map<String, String> tags(Map<String, String> before, List<Tag> more) {
        Map<String, String> all = new LinkedHashMap<>(before);
        for (Tag tag : more) {
            if (tag.key().startsWith("aws:")) {
                throw TrailFaults.badTag("Tag keys cannot begin with aws:");
            }
            all.put(tag.key(), tag.value() == null ? "" : tag.value());
        }
        if (all.size() > MOST_TAGS) {
            throw Fault.of(
                    new TagsLimitExceededException(), "The number of tags per trail has exceeded " + MOST_TAGS + ".");
        }
        return all;
    }

    private void change(String name, Call call, UnaryOperator<TrailRow> change) {
        Key key = own(name, call).key();
        store.write(tx -> {
            TrailRow row = require(tx, key).row();
            tx.put(TrailTables.TRAILS, key, change.apply(row));
        });
        wake.accept(key);
    }

    /** The trail of this name or ARN, from its home region only. */
    private Found own(String name, Call call) {
        Found found = find(name, call);
        if (!found.key().region().equals(call.region())) {
            throw TrailFaults.badHome(found.key().region());
        }
        return found;
    }

    /** The trail of this name (of this region, or one that reaches it) or ARN. */
    Found find(String name, Call call) {
        Key key = TrailNames.key(name, call);
        return store.read(tx -> {
            for (Found each : visible(tx, call.account(), call.region(), true)) {
                if (each.key().equals(key)
                        || !name.startsWith("arn:") && each.row().name().equals(name)) {
                    return each;
                }
            }
            return require(tx, key);
        });
    }

    private static Found require(ReadTx tx, Key key) {
        return tx.get(TrailTables.TRAILS, key)
                .map(row -> new Found(key, row.value()))
                .orElseThrow(() -> TrailFaults.noTrail(
                        Arn.of("cloudtrail", key.region(), key.account(), "trail/" + key.id())
                                .toString(),
                        key.account()));
    }

    ProgressRow progress(Key key) {
        return store.read(tx -> progress(tx, key));
    }

    private static ProgressRow progress(ReadTx tx, Key key) {
        return tx.get(TrailTables.PROGRESS, key).map(Row::value).orElse(ProgressRow.NONE);
    }

    /** Trails of a region, and with {@code shadows} those of other regions that reach it. */
    List<Found> visible(String account, String region, boolean shadows) {
        return store.read(tx -> visible(tx, account, region, shadows));
    }

    private static List<Found> visible(ReadTx tx, String account, String region, boolean shadows) {
        return everywhere(tx, account).stream()
                .filter(each -> each.key().region().equals(region)
                        || shadows && each.row().multiRegion())
                .toList();
    }

    /** Every trail of an account. */
    List<Found> everywhere(String account) {
        return store.read(tx -> everywhere(tx, account));
    }

    private static List<Found> everywhere(ReadTx tx, String account) {
        List<Found> found = new ArrayList<>();
        for (String region : Positions.regions()) {
            tx.range(TrailTables.TRAILS, new Scope(account, region), "", null, PAGE)
                    .forEach(row -> found.add(new Found(row.key(), row.value())));
        }
        return found;
    }

    /** Every trail of the region's folder. */
    List<Found> all() {
        List<Found> found = new ArrayList<>();
        Key after = null;
        while (true) {
            Key from = after;
            List<Row<TrailRow>> rows = store.read(tx -> tx.all(TrailTables.TRAILS, from, PAGE));
            rows.forEach(row -> found.add(new Found(row.key(), row.value())));
            if (rows.size() < PAGE) {
                return found;
            }
            after = rows.getLast().key();
        }
    }
}
