package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.VersionRecord;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds versions of objects. See AWS, "Retrieving object versions" and "Working with delete markers". */
final class Versions {
    private Versions() {}

    /**
     * A version of a key, readable or a delete marker.
     *
     * @param version its id as the API has it
     * @param object null for a delete marker
     * @param noncurrent its row where it is not the current object
     */
    record Located(
            String version,
            @Nullable ObjectRecord object,
            @Nullable Row<VersionRecord> noncurrent) {}

    /**
     * A version that can be read.
     *
     * @param noncurrent its row where it is not the current object
     */
    record Found(
            Buckets.Bucket bucket,
            ObjectRecord record,
            @Nullable Row<VersionRecord> noncurrent) {}

    /**
     * A version to be read.
     *
     * @param versionId as the request names it, null for the latest
     * @throws Fault NoSuchKey, NoSuchVersion, InvalidArgument; MethodNotAllowed for a delete marker that is named
     */
    static Found require(ReadTx tx, Buckets.Bucket bucket, String key, @Nullable String versionId) {
        if (versionId == null) {
            ObjectRecord current = ObjectIndex.find(tx, bucket, key);
            if (current == null) {
                throw missing(tx, bucket, key);
            }
            return new Found(bucket, current, null);
        }
        Located located = locate(tx, bucket, key, versionId).orElseThrow(() -> noSuchVersion(key, versionId));
        ObjectRecord object = located.object();
        if (object == null) {
            throw isMarker(located);
        }
        return new Found(bucket, object, located.noncurrent());
    }

    /**
     * A version by its id, marker or not.
     *
     * @throws Fault InvalidArgument for what cannot be an id
     */
    static Optional<Located> locate(ReadTx tx, Buckets.Bucket bucket, String key, String versionId) {
        boolean isNull = versionId.equals(S3Tables.NULL_VERSION);
        if (!isNull && !VersionIds.wellFormed(versionId)) {
            throw S3Errors.invalidArgument("Invalid version id specified", "versionId", versionId);
        }
        ObjectRecord current = ObjectIndex.find(tx, bucket, key);
        if (current != null && current.versionName().equals(versionId)) {
            return Optional.of(new Located(versionId, current, null));
        }
        if (!bucket.record().rulesOrNone().versioned()) {
            return Optional.empty();
        }
        Optional<Row<VersionRecord>> row = isNull
                ? ObjectIndex.findNull(tx, bucket, key)
                : tx.get(S3Tables.VERSIONS, bucket.version(key, versionId))
                        .filter(found -> found.value().nullOf().isEmpty());
        return row.map(found -> new Located(versionId, found.value().object(), found));
    }

    /** The newest of a key's versions that are not current. */
    static Optional<Row<VersionRecord>> newest(ReadTx tx, Buckets.Bucket bucket, String key) {
        String from = S3Tables.versionId(bucket.name(), key, "");
        String to = S3Tables.objectId(bucket.name(), key) + '\1';
        return tx.range(S3Tables.VERSIONS, bucket.scope(), from, to, 1).stream().findFirst();
    }

    /** The id of a row's version as the API has it. */
    static String name(Row<VersionRecord> row) {
        if (!row.value().nullOf().isEmpty()) {
            return S3Tables.NULL_VERSION;
        }
        String id = row.key().id();
        return id.substring(id.lastIndexOf('\0') + 1);
    }

    /** Nothing to read under a key; says so where that is because of a delete marker. */
    private static Fault missing(ReadTx tx, Buckets.Bucket bucket, String key) {
        Fault missing = S3Errors.noSuchKey(key);
        if (bucket.record().rulesOrNone().versioned()) {
            newest(tx, bucket, key)
                    .ifPresent(marker ->
                            missing.header("x-amz-delete-marker", "true").header("x-amz-version-id", name(marker)));
        }
        return missing;
    }

    private static Fault noSuchVersion(String key, String versionId) {
        return Fault.client("NoSuchVersion", 404, "The specified version does not exist.")
                .with("Key", key)
                .with("VersionId", versionId);
    }

    private static Fault isMarker(Located marker) {
        Row<VersionRecord> row = marker.noncurrent();
        Instant modified = row == null ? Instant.EPOCH : row.value().modified();
        return Fault.client("MethodNotAllowed", 405, "The specified method is not allowed against this resource.")
                .with("ResourceType", "DeleteMarker")
                .header("Allow", "DELETE")
                .header("Last-Modified", HttpDates.format(modified))
                .header("x-amz-delete-marker", "true")
                .header("x-amz-version-id", marker.version());
    }
}
