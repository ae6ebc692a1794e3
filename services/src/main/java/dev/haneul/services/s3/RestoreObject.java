package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.RestoreObjectOutput;
import dev.haneul.api.s3.RestoreObjectRequest;
import dev.haneul.api.s3.RestoreRequest;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.s3.ObjectReader.Address;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.Restore;
import dev.haneul.services.s3.S3Tables.RestoreRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * RestoreObject: what is archived can be read for some days, after the time its tier takes. That time is the longest AWS
 * documents; the bytes have been here all along. See AWS, "Restoring an archived object" and "Archive retrieval options".
 */
final class RestoreObject implements Reconciler<Key> {
    private static final String STANDARD = "Standard";
    private static final String DEEP_ARCHIVE = "DEEP_ARCHIVE";
    private static final Map<String, Duration> GLACIER_TIERS =
            Map.of("Expedited", Duration.ofMinutes(5), STANDARD, Duration.ofHours(5), "Bulk", Duration.ofHours(12));
    private static final Map<String, Duration> DEEP_TIERS =
            Map.of(STANDARD, Duration.ofHours(12), "Bulk", Duration.ofHours(48));
    private static final int CONCURRENCY = 2;
    private static final int PAGE = 1000;
    private static final String HOST = "s3.amazonaws.com";

    private final S3Context s3;
    private final ObjectIndex index;
    private Driver.@Nullable Waker<Key> waker;

    RestoreObject(S3Context s3, ObjectIndex index) {
        this.s3 = s3;
        this.index = index;
    }

    /** Joins the driver before it starts; wakes what an earlier run began. */
    void join(Driver driver) {
        Driver.Waker<Key> joined = driver.add(this, CONCURRENCY);
        waker = joined;
        Key after = null;
        List<Row<RestoreRecord>> page;
        do {
            Key from = after;
            page = s3.store().read(tx -> tx.all(S3Tables.RESTORES, from, PAGE));
            for (Row<RestoreRecord> row : page) {
                joined.wake(row.key());
                after = row.key();
            }
        } while (page.size() == PAGE);
    }

    RestoreObjectOutput restore(RestoreObjectRequest in, Call call) {
        RestoreRequest asked = in.restoreRequest();
        if (asked == null || asked.days() == null) {
            throw S3Errors.malformedXml();
        }
        if (asked.type() != null || asked.selectParameters() != null || asked.outputLocation() != null) {
            throw S3Errors.notImplemented("RestoreRequest.Type");
        }
        int days = asked.days();
        if (days < 1) {
            throw S3Errors.invalidArgument("Days must be a positive integer", "Days", Integer.toString(days));
        }
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        Instant now = s3.now();
        Key key = s3.store().transact(tx -> begin(tx, address, days, tier(asked), now, call));
        Driver.Waker<Key> joined = waker;
        if (joined != null) {
            joined.wake(key);
        }
        return new RestoreObjectOutput();
    }

    private static String tier(RestoreRequest asked) {
        String tier = asked.tier();
        if (tier == null && asked.glacierJobParameters() != null) {
            tier = asked.glacierJobParameters().tier();
        }
        return tier == null ? STANDARD : tier;
    }

    private Key begin(WriteTx tx, Address address, int days, String tier, Instant now, Call call) {
        ObjectReader.Found found = ObjectReader.find(tx, address, call);
        ObjectRecord record = found.record();
        String storageClass = record.description().storageClass();
        if (!Descriptions.archived(storageClass)) {
            throw Fault.client(
                            "InvalidObjectState", 403, "Restore is not allowed for the object's current storage class")
                    .with("StorageClass", storageClass);
        }
        Duration takes = (storageClass.equals(DEEP_ARCHIVE) ? DEEP_TIERS : GLACIER_TIERS).get(tier);
        if (takes == null) {
            throw S3Errors.invalidArgument(
                    "The specified retrieval tier is not available for the object's storage class", "Tier", tier);
        }
        Restore before = record.restore();
        if (before != null && now.isBefore(before.ready())) {
            throw Fault.client("RestoreAlreadyInProgress", 409, "Object restore is already in progress");
        }
        boolean there = readable(before, now);
        Instant ready = before != null && there ? before.ready() : now.plus(takes);
        Restore restore = new Restore(ready, end(there ? now : ready, days), days);
        ObjectIndex.rewrite(tx, found.version(), address.key(), record.withRestore(restore));
        Key key = found.bucket().version(address.key(), record.versionName());
        tx.put(
                S3Tables.RESTORES,
                key,
                new RestoreRecord(found.bucket().name(), address.key(), record.versionName(), there));
        if (!there) {
            emit(tx, found, "ObjectRestore:Post", record, call);
        }
        return key;
    }

    private void emit(WriteTx tx, ObjectReader.Found found, String event, ObjectRecord record, Call call) {
        index.emit(tx, found.bucket(), found.key(), event, record, found.told(), call);
    }

    /** The midnight after these days. */
    private static Instant end(Instant from, int days) {
        return from.plus(days, ChronoUnit.DAYS).truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS);
    }

    /** Whether a restored copy is there to be read. */
    static boolean readable(@Nullable Restore restore, Instant now) {
        return restore != null && !now.isBefore(restore.ready()) && now.isBefore(restore.until());
    }

    /** What {@code x-amz-restore} says, null for nothing. */
    static @Nullable String header(@Nullable Restore restore, Instant now) {
        if (restore == null || !now.isBefore(restore.until())) {
            return null;
        }
        return now.isBefore(restore.ready())
                ? "ongoing-request=\"true\""
                : "ongoing-request=\"false\", expiry-date=\"" + HttpDates.format(restore.until()) + "\"";
    }

    @Override
    public String name() {
        return "s3.restore";
    }

    @Override
    public Next reconcile(Key key) {
        Instant now = s3.clock().instant();
        return s3.store()
                .transact(tx -> tx.get(S3Tables.RESTORES, key)
                        .map(row -> step(tx, key, row.value(), now))
                        .orElse(Next.DONE));
    }

    private Next step(WriteTx tx, Key key, RestoreRecord task, Instant now) {
        ObjectReader.Found found = find(tx, key, task);
        Restore restore = found == null ? null : found.record().restore();
        if (found == null || restore == null) {
            tx.delete(S3Tables.RESTORES, key);
            return Next.DONE;
        }
        if (now.isBefore(restore.ready())) {
            return Next.at(restore.ready());
        }
        if (now.isBefore(restore.until())) {
            if (!task.told()) {
                emit(tx, found, "ObjectRestore:Completed", found.record(), own(key));
                tx.put(S3Tables.RESTORES, key, new RestoreRecord(task.bucket(), task.key(), task.version(), true));
            }
            return Next.at(restore.until());
        }
        ObjectRecord without = found.record().withRestore(null);
        ObjectIndex.rewrite(tx, found.version(), task.key(), without);
        emit(tx, found, "ObjectRestore:Delete", without, own(key));
        tx.delete(S3Tables.RESTORES, key);
        return Next.DONE;
    }

    private static ObjectReader.@Nullable Found find(WriteTx tx, Key key, RestoreRecord task) {
        return Buckets.find(tx, task.bucket())
                .filter(bucket -> bucket.scope().equals(key.scope()))
                .flatMap(bucket -> Versions.locate(tx, bucket, task.key(), task.version())
                        .filter(located -> located.object() != null)
                        .map(located -> new ObjectReader.Found(
                                new Versions.Found(
                                        bucket, Objects.requireNonNull(located.object()), located.noncurrent()),
                                task.key(),
                                List.of())))
                .orElse(null);
    }

    /** S3 itself, in the bucket's account and region. */
    private Call own(Key key) {
        return new Call(
                Principal.service(HOST),
                key.account(),
                key.region(),
                UUID.randomUUID().toString(),
                s3.clock().instant().plusSeconds(1),
                Call.Origin.inside(HOST));
    }
}
