package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.s3.S3Tables.ObjectEvent;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.storage.BlobRef;
import dev.haneul.storage.Blobs;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The one place where an object becomes current or ceases to be: index entry, bytes and event in one commit. */
final class ObjectIndex {
    private final Blobs blobs;
    private final Clock clock;

    ObjectIndex(Blobs blobs, Clock clock) {
        this.blobs = blobs;
        this.clock = clock;
    }

    /** What stands under a key, null for nothing. */
    static @Nullable ObjectRecord find(ReadTx tx, Buckets.Bucket bucket, String key) {
        return tx.get(S3Tables.OBJECTS, bucket.object(key)).map(Row::value).orElse(null);
    }

    /**
     * What stands under a key.
     *
     * @param versionId as the request names it; null or {@code null} in a bucket that was never versioned
     * @throws Fault NoSuchKey, or InvalidArgument for a version id that cannot be
     */
    static ObjectRecord require(ReadTx tx, Buckets.Bucket bucket, String key, @Nullable String versionId) {
        checkVersion(versionId);
        ObjectRecord record = find(tx, bucket, key);
        if (record == null) {
            throw S3Errors.noSuchKey(key);
        }
        return record;
    }

    /** Refuses version ids: without versioning there is only the one called null. */
    static void checkVersion(@Nullable String versionId) {
        if (versionId != null && !versionId.equals("null")) {
            throw S3Errors.invalidArgument("Invalid version id specified", "versionId", versionId);
        }
    }

    /** Where it is written, under which conditions, and what is told of it. */
    record Target(Buckets.Bucket bucket, String key, WriteConditions conditions, String event) {}

    /**
     * Makes an object current, whose bytes this transaction keeps already. What stood there gives its bytes back.
     *
     * @throws Fault PreconditionFailed, NoSuchKey
     */
    void put(WriteTx tx, Target target, ObjectRecord record, Call call) {
        ObjectRecord before = find(tx, target.bucket(), target.key());
        target.conditions().check(target.key(), before);
        tx.put(S3Tables.OBJECTS, target.bucket().object(target.key()), record);
        if (before != null) {
            discard(tx, target.bucket(), before, record.upload());
        }
        emit(tx, target, record, call);
    }

    /** Changes what is said of an object; its bytes stay. */
    void amend(WriteTx tx, Buckets.Bucket bucket, String key, ObjectRecord record, String event, Call call) {
        tx.put(S3Tables.OBJECTS, bucket.object(key), record);
        emit(tx, new Target(bucket, key, WriteConditions.NONE, event), record, call);
    }

    /** Removes an object, if there is one. */
    void delete(WriteTx tx, Buckets.Bucket bucket, String key, Call call) {
        ObjectRecord before = find(tx, bucket, key);
        if (before != null) {
            tx.delete(S3Tables.OBJECTS, bucket.object(key));
            discard(tx, bucket, before, null);
            emit(tx, new Target(bucket, key, WriteConditions.NONE, "ObjectRemoved:Delete"), before, call);
        }
    }

    private void discard(WriteTx tx, Buckets.Bucket bucket, ObjectRecord before, @Nullable String keptUpload) {
        BlobRef blob = before.blob();
        if (blob != null) {
            blobs.release(tx, bucket.account(), blob);
        }
        String upload = before.upload();
        if (upload != null && !Objects.equals(upload, keptUpload)) {
            tx.delete(S3Tables.MANIFESTS, manifest(bucket, upload));
        }
    }

    static Key manifest(Buckets.Bucket bucket, String upload) {
        return bucket.scope().key(upload);
    }

    private void emit(WriteTx tx, Target target, ObjectRecord record, Call call) {
        Buckets.Bucket bucket = target.bucket();
        if (!bucket.record().notifies()) {
            return;
        }
        ObjectEvent event = new ObjectEvent(
                target.event(),
                clock.instant(),
                bucket.name(),
                bucket.account(),
                bucket.region(),
                target.key(),
                record.size(),
                record.etag(),
                call.principal().id(),
                call.origin().sourceIp(),
                call.requestId());
        tx.emit(S3Tables.EVENTS, bucket.object(target.key()), event);
    }
}
