package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.s3.S3Tables.DataRules;
import dev.haneul.services.s3.S3Tables.ObjectEvent;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.VersionRecord;
import dev.haneul.storage.BlobRef;
import dev.haneul.storage.Blobs;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one place where an object becomes current or ceases to be: index entry, versions, bytes and event in one commit.
 * See AWS, "How S3 Versioning works".
 */
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

    /** Where it is written, under which conditions, and what is told of it. */
    record Target(Buckets.Bucket bucket, String key, WriteConditions conditions, String event) {}

    /**
     * Makes an object current, whose bytes this transaction keeps already. What stood there becomes a noncurrent version,
     * or gives its bytes back where the bucket keeps none.
     *
     * @return the record as it is kept: with its version
     * @throws Fault PreconditionFailed, NoSuchKey
     */
    ObjectRecord put(WriteTx tx, Target target, ObjectRecord given, Call call) {
        Buckets.Bucket bucket = target.bucket();
        ObjectRecord before = find(tx, bucket, target.key());
        target.conditions().check(target.key(), before);
        String version = supersede(tx, bucket, target.key(), before, given.upload());
        boolean replicates = version != null && Replication.plan(tx, bucket, target.key(), version, given);
        ObjectRecord record = given.withVersion(version).withReplication(replicates ? Replication.PENDING : null);
        tx.put(S3Tables.OBJECTS, bucket.object(target.key()), record);
        emit(tx, target, record, call);
        return record;
    }

    /**
     * Adds a version that was made elsewhere, under the id it has there, to the place that its age gives it. What is there
     * already stays as it is.
     *
     * @param object null for a delete marker
     */
    void replicate(
            WriteTx tx,
            Buckets.Bucket bucket,
            String key,
            String version,
            @Nullable ObjectRecord object,
            Instant modified,
            Call call) {
        if (Versions.locate(tx, bucket, key, version).isPresent()) {
            return;
        }
        if (object != null && object.blob() != null) {
            blobs.keep(tx, bucket.account(), object.blob());
        }
        ObjectRecord current = find(tx, bucket, key);
        String latest = current != null
                ? current.version()
                : Versions.newest(tx, bucket, key).map(Versions::name).orElse(null);
        // Ids grow smaller with time.
        boolean newest = latest == null || version.compareTo(latest) < 0;
        if (newest && current != null) {
            retire(tx, bucket, key, current);
            tx.delete(S3Tables.OBJECTS, bucket.object(key));
        }
        if (newest && object != null) {
            tx.put(S3Tables.OBJECTS, bucket.object(key), object);
        } else {
            tx.put(S3Tables.VERSIONS, bucket.version(key, version), new VersionRecord("", object, modified));
        }
        if (object == null) {
            emitRemoval(tx, bucket, key, "ObjectRemoved:DeleteMarkerCreated", version, call);
        } else {
            emit(tx, bucket, key, "ObjectCreated:Put", object, version, call);
        }
    }

    /** Makes way for a new current version; answers the id it is to have, null for the version called null. */
    private @Nullable String supersede(
            WriteTx tx, Buckets.Bucket bucket, String key, @Nullable ObjectRecord before, @Nullable String keptUpload) {
        DataRules rules = bucket.record().rulesOrNone();
        boolean replaces = before != null && before.version() == null && !rules.keepsVersions();
        if (before != null && replaces) {
            discard(tx, bucket, before, keptUpload);
        } else if (before != null) {
            retire(tx, bucket, key, before);
        }
        if (rules.keepsVersions()) {
            return VersionIds.next(tx.revision());
        }
        if (rules.versioned() && !replaces) {
            findNull(tx, bucket, key).ifPresent(row -> {
                tx.delete(S3Tables.VERSIONS, row.key());
                if (row.value().object() != null) {
                    discard(tx, bucket, row.value().object(), keptUpload);
                }
            });
        }
        return null;
    }

    /** The current version joins those that are not. */
    private static void retire(WriteTx tx, Buckets.Bucket bucket, String key, ObjectRecord before) {
        String version = before.version();
        String place = version == null ? VersionIds.next(tx.revision()) : version;
        String nullOf = version == null ? S3Tables.objectId(bucket.name(), key) : "";
        tx.put(S3Tables.VERSIONS, bucket.version(key, place), new VersionRecord(nullOf, before, before.modified()));
    }

    /** A key's version called null, where it is not current. */
    static Optional<Row<VersionRecord>> findNull(ReadTx tx, Buckets.Bucket bucket, String key) {
        String id = S3Tables.objectId(bucket.name(), key);
        return tx.find(S3Tables.VERSIONS, bucket.scope(), S3Tables.NULL_INDEX, id, "", 1).stream()
                .findFirst();
    }

    /** Changes what is said of an object; its bytes stay. */
    void amend(WriteTx tx, Versions.Found found, String key, ObjectRecord record, String event, Call call) {
        rewrite(tx, found, key, record);
        emit(tx, new Target(found.bucket(), key, WriteConditions.NONE, event), record, call);
    }

    /** Like {@link #amend}, of what no event tells. */
    static void rewrite(WriteTx tx, Versions.Found found, String key, ObjectRecord record) {
        Row<VersionRecord> noncurrent = found.noncurrent();
        if (noncurrent == null) {
            tx.put(S3Tables.OBJECTS, found.bucket().object(key), record);
        } else {
            VersionRecord before = noncurrent.value();
            tx.put(S3Tables.VERSIONS, noncurrent.key(), new VersionRecord(before.nullOf(), record, before.modified()));
        }
    }

    /**
     * What a deletion came to.
     *
     * @param version the id of the version that went or of the marker that was made, null without versioning
     * @param marker whether that is a delete marker
     */
    record Deleted(@Nullable String version, boolean marker) {
        static final Deleted NOTHING = new Deleted(null, false);
    }

    /** Deletes without naming a version: removes the object, or covers it with a delete marker. */
    Deleted delete(WriteTx tx, Buckets.Bucket bucket, String key, Call call) {
        ObjectRecord before = find(tx, bucket, key);
        if (!bucket.record().rulesOrNone().versioned()) {
            if (before != null) {
                tx.delete(S3Tables.OBJECTS, bucket.object(key));
                discard(tx, bucket, before, null);
                emit(tx, new Target(bucket, key, WriteConditions.NONE, removal(call) + "Delete"), before, call);
            }
            return Deleted.NOTHING;
        }
        String version = supersede(tx, bucket, key, before, null);
        tx.delete(S3Tables.OBJECTS, bucket.object(key));
        String place = version == null ? VersionIds.next(tx.revision()) : version;
        String nullOf = version == null ? S3Tables.objectId(bucket.name(), key) : "";
        VersionRecord marker = new VersionRecord(nullOf, null, clock.instant().truncatedTo(ChronoUnit.SECONDS));
        tx.put(S3Tables.VERSIONS, bucket.version(key, place), marker);
        if (version != null && !call.principal().id().equals(Lifecycle.HOST)) {
            Replication.planMarker(tx, bucket, key, version);
        }
        String told = version == null ? S3Tables.NULL_VERSION : version;
        emitRemoval(tx, bucket, key, removal(call) + "DeleteMarkerCreated", told, call);
        return new Deleted(told, true);
    }

    /**
     * Removes a version for good. Where it was the latest, the one before it is current again.
     *
     * @param found the version as {@link Versions#locate} found it
     */
    Deleted remove(WriteTx tx, Versions.Located found, Buckets.Bucket bucket, String key, Call call) {
        Row<VersionRecord> noncurrent = found.noncurrent();
        ObjectRecord object = found.object();
        if (noncurrent == null) {
            tx.delete(S3Tables.OBJECTS, bucket.object(key));
        } else {
            tx.delete(S3Tables.VERSIONS, noncurrent.key());
        }
        if (object != null) {
            discard(tx, bucket, object, null);
        }
        if (find(tx, bucket, key) == null) {
            promote(tx, bucket, key);
        }
        emitRemoval(tx, bucket, key, removal(call) + "Delete", found.version(), call);
        return new Deleted(found.version(), object == null);
    }

    /** Makes the newest version current, unless that is a delete marker. */
    private static void promote(WriteTx tx, Buckets.Bucket bucket, String key) {
        Versions.newest(tx, bucket, key).ifPresent(row -> {
            ObjectRecord object = row.value().object();
            if (object != null) {
                tx.delete(S3Tables.VERSIONS, row.key());
                tx.put(S3Tables.OBJECTS, bucket.object(key), object);
            }
        });
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
        boolean versioned = bucket.record().rulesOrNone().versioned();
        emit(tx, bucket, target.key(), target.event(), record, versioned ? record.versionName() : null, call);
    }

    /** Tells of what happened to an object, as a fact in the feed. */
    void emit(
            WriteTx tx,
            Buckets.Bucket bucket,
            String key,
            String event,
            ObjectRecord record,
            @Nullable String version,
            Call call) {
        if (!bucket.record().notifies()) {
            return;
        }
        S3Tables.Restore restore = event.equals("ObjectRestore:Completed") ? record.restore() : null;
        tx.emit(
                S3Tables.EVENTS,
                bucket.object(key),
                new ObjectEvent(
                        event,
                        clock.instant(),
                        bucket.name(),
                        bucket.account(),
                        bucket.region(),
                        key,
                        record.size(),
                        record.etag(),
                        call.principal().id(),
                        call.origin().sourceIp(),
                        call.requestId(),
                        version,
                        restore == null ? null : restore.until(),
                        record.description().storageClass()));
    }

    /** Removals are told by who removed: a client or the bucket's lifecycle. */
    private static String removal(Call call) {
        return call.principal().id().equals(Lifecycle.HOST) ? "LifecycleExpiration:" : "ObjectRemoved:";
    }

    private void emitRemoval(WriteTx tx, Buckets.Bucket bucket, String key, String event, String version, Call call) {
        if (bucket.record().notifies()) {
            tx.emit(
                    S3Tables.EVENTS,
                    bucket.object(key),
                    new ObjectEvent(
                            event,
                            clock.instant(),
                            bucket.name(),
                            bucket.account(),
                            bucket.region(),
                            key,
                            0,
                            "",
                            call.principal().id(),
                            call.origin().sourceIp(),
                            call.requestId(),
                            version,
                            null,
                            ""));
        }
    }
}
