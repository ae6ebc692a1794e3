package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.GetBucketLifecycleConfigurationOutput;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.s3.Configurations.Documents;
import dev.haneul.services.s3.LifecyclePlan.Step;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.UploadRecord;
import dev.haneul.services.s3.S3Tables.VersionRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Carries out lifecycle rules: every midnight UTC of the region's clock, and once after a start, one page of one bucket a
 * step. What is due is looked up first and looked at again by the commit that does it.
 */
final class Lifecycle implements Reconciler<String> {
    static final String HOST = "lifecycle.s3.amazonaws.com";
    private static final int PAGE = 200;

    private final S3Context s3;
    private final ObjectIndex index;
    private final Multipart uploads;
    /** How far the round of today has come; lost in a crash, and then begun again. */
    private @Nullable Round round;

    Lifecycle(S3Context s3, ObjectIndex index, Multipart uploads) {
        this.s3 = s3;
        this.index = index;
        this.uploads = uploads;
    }

    void join(Driver driver) {
        driver.add(this, 1).wake("day");
    }

    @Override
    public String name() {
        return "s3.lifecycle";
    }

    /** What of a bucket is gone through, in this order. */
    private enum Part {
        OBJECTS,
        VERSIONS,
        UPLOADS
    }

    /**
     * Where a round is.
     *
     * @param bucket key of the last bucket begun, null before the first
     * @param part null where that bucket is done
     * @param from id to go on at
     * @param line the key whose versions the last page ended in
     */
    private record Round(
            Instant now, @Nullable Key bucket, @Nullable Part part, String from, Line line) {}

    /** The versions of one key, newest first. */
    private record Line(String key, int newer, @Nullable Instant superseded) {
        static final Line NONE = new Line("", 0, null);
    }

    @Override
    public Next reconcile(String key) {
        Round now = round == null ? new Round(s3.clock().instant(), null, null, "", Line.NONE) : round;
        Round next = now.part == null ? nextBucket(now) : page(now);
        round = next;
        return next == null
                ? Next.at(s3.clock().instant().truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS))
                : Next.after(Duration.ZERO);
    }

    private @Nullable Round nextBucket(Round now) {
        List<Row<Documents>> rows = s3.store().read(tx -> tx.all(Configurations.DOCUMENTS, now.bucket, 1));
        return rows.isEmpty() ? null : new Round(now.now, rows.getFirst().key(), Part.OBJECTS, "", Line.NONE);
    }

    private Round page(Round now) {
        Key key = Objects.requireNonNull(now.bucket);
        Part part = Objects.requireNonNull(now.part);
        Round done = new Round(now.now, key, null, "", Line.NONE);
        Buckets.Bucket bucket = s3.store()
                .read(tx ->
                        Buckets.find(tx, key.id()).filter(found -> found.key().equals(key)))
                .orElse(null);
        if (bucket == null) {
            return done;
        }
        GetBucketLifecycleConfigurationOutput configuration =
                s3.store().read(tx -> Configurations.of(tx, bucket).lifecycle());
        if (configuration == null) {
            return done;
        }
        LifecyclePlan plan = new LifecyclePlan(configuration);
        String from = now.from.isEmpty() ? bucket.name() + '/' : now.from;
        String next = switch (part) {
            case OBJECTS -> objects(bucket, plan, from, now.now);
            case VERSIONS -> null;
            case UPLOADS -> uploads(bucket, plan, from, now.now);
        };
        if (part == Part.VERSIONS) {
            Round after = versions(bucket, plan, from, now);
            return after == null ? new Round(now.now, key, Part.UPLOADS, "", Line.NONE) : after;
        }
        if (next != null) {
            return new Round(now.now, key, part, next, Line.NONE);
        }
        return part == Part.OBJECTS ? new Round(now.now, key, Part.VERSIONS, "", Line.NONE) : done;
    }

    private <R> List<Row<R>> read(Table<R> table, Buckets.Bucket bucket, String from) {
        return s3.store().read(tx -> tx.range(table, bucket.scope(), from, S3Tables.bucketEnd(bucket.name()), PAGE));
    }

    /** Where the next page begins, null after the last. */
    private static <R> @Nullable String after(List<Row<R>> page) {
        return page.size() < PAGE ? null : page.getLast().key().id() + '\0';
    }

    private static String position(Buckets.Bucket bucket, Row<?> row) {
        return row.key().id().substring(bucket.name().length() + 1);
    }

    private @Nullable String objects(Buckets.Bucket bucket, LifecyclePlan plan, String from, Instant now) {
        List<Row<ObjectRecord>> page = read(S3Tables.OBJECTS, bucket, from);
        List<String> due = page.stream()
                .filter(row -> plan.current(Keys.ofPosition(position(bucket, row)), row.value(), now) != Step.KEEP)
                .map(row -> Keys.ofPosition(position(bucket, row)))
                .toList();
        if (!due.isEmpty()) {
            Call call = own(bucket);
            s3.store().write(tx -> {
                for (String key : due) {
                    ObjectRecord object = ObjectIndex.find(tx, bucket, key);
                    if (object != null) {
                        current(tx, bucket, key, object, plan.current(key, object, now), call);
                    }
                }
            });
        }
        return after(page);
    }

    private void current(WriteTx tx, Buckets.Bucket bucket, String key, ObjectRecord object, Step step, Call call) {
        switch (step) {
            case Step.Keep keep -> {}
            case Step.Expire expire -> index.delete(tx, bucket, key, call);
            case Step.Move move -> move(tx, new Versions.Found(bucket, object, null), key, move, call);
        }
    }

    private void move(WriteTx tx, Versions.Found found, String key, Step.Move move, Call call) {
        ObjectRecord object = found.record();
        index.amend(
                tx,
                found,
                key,
                object.withDescription(object.description().withStorageClass(move.storageClass())),
                "LifecycleTransition",
                call);
    }

    /** A version that is due, with the place it had among its key's. */
    private record Due(String key, Row<VersionRecord> row, Step step) {}

    private @Nullable Round versions(Buckets.Bucket bucket, LifecyclePlan plan, String from, Round now) {
        List<Row<VersionRecord>> page = read(S3Tables.VERSIONS, bucket, from);
        List<Due> due = new ArrayList<>();
        Line line = now.line;
        for (Row<VersionRecord> row : page) {
            String key = Keys.ofPosition(position(bucket, row));
            if (!key.equals(line.key) || line.superseded == null && line.newer == 0) {
                line = begin(bucket, key);
            }
            VersionRecord version = row.value();
            ObjectRecord object = version.object();
            Instant since = line.superseded;
            if (object != null && since != null) {
                Step step = plan.noncurrent(key, object, since, line.newer, now.now);
                if (step != Step.KEEP) {
                    due.add(new Due(key, row, step));
                }
            } else if (object == null && since == null && plan.loneMarkerGoes(key, version.modified(), now.now)) {
                due.add(new Due(key, row, Step.EXPIRE));
            }
            line = new Line(key, since == null ? 0 : line.newer + 1, version.modified());
        }
        if (!due.isEmpty()) {
            Call call = own(bucket);
            s3.store().write(tx -> due.forEach(each -> apply(tx, bucket, each, now.now, call)));
        }
        String next = after(page);
        return next == null ? null : new Round(now.now, now.bucket, Part.VERSIONS, next, line);
    }

    /** The line of a key: its newest noncurrent version was superseded by the current object, if there is one. */
    private Line begin(Buckets.Bucket bucket, String key) {
        ObjectRecord current = s3.store().read(tx -> ObjectIndex.find(tx, bucket, key));
        return new Line(key, 0, current == null ? null : current.modified());
    }

    private void apply(WriteTx tx, Buckets.Bucket bucket, Due due, Instant now, Call call) {
        Row<VersionRecord> row = tx.get(S3Tables.VERSIONS, due.row.key()).orElse(null);
        if (row == null || !row.value().equals(due.row.value())) {
            return;
        }
        ObjectRecord object = row.value().object();
        if (object == null) {
            boolean alone = ObjectIndex.find(tx, bucket, due.key) == null
                    && tx.range(
                                            S3Tables.VERSIONS,
                                            bucket.scope(),
                                            S3Tables.versionId(bucket.name(), due.key, ""),
                                            S3Tables.objectId(bucket.name(), due.key) + '\1',
                                            2)
                                    .size()
                            == 1;
            if (alone) {
                index.remove(tx, new Versions.Located(Versions.name(row), null, row), bucket, due.key, call);
            }
        } else if (due.step instanceof Step.Move move) {
            move(tx, new Versions.Found(bucket, object, row), due.key, move, call);
        } else if (Retention.removable(object, now)) {
            index.remove(tx, new Versions.Located(Versions.name(row), object, row), bucket, due.key, call);
        }
    }

    private @Nullable String uploads(Buckets.Bucket bucket, LifecyclePlan plan, String from, Instant now) {
        List<Row<UploadRecord>> page = read(S3Tables.UPLOADS, bucket, from);
        List<Row<UploadRecord>> due = page.stream()
                .filter(row -> plan.uploadGoes(
                        Keys.ofPosition(position(bucket, row)), row.value().initiated(), now))
                .toList();
        if (!due.isEmpty()) {
            s3.store().write(tx -> due.forEach(row -> uploads.remove(tx, bucket, row)));
        }
        return after(page);
    }

    /** The lifecycle itself, in the bucket's account and region. */
    private Call own(Buckets.Bucket bucket) {
        return new Call(
                Principal.service(HOST),
                bucket.account(),
                bucket.region(),
                UUID.randomUUID().toString(),
                s3.clock().instant().plusSeconds(60),
                Call.Origin.inside(HOST));
    }
}
