package dev.haneul.services.s3;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.Topic;
import dev.haneul.storage.BlobRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * S3's durable state.
 *
 * <p>Where things live: a bucket's name is claimed once for all accounts; the bucket and its settings stand under its
 * owner's account; objects, uploads and parts under its owner's account and its region, their ids beginning with the
 * bucket's name, so that a bucket is one stretch of the index in S3's own order.
 *
 * <p>{@code s3.object} holds what is current and readable, one row a key, and nothing else: a listing never wades
 * through history. Noncurrent versions and delete markers will stand in a table of their own under
 * {@code bucket/key NUL version}.
 */
final class S3Tables {
    /** Who owns a name. The claim is void where that account has no such bucket (any more). */
    record BucketName(String account) {}

    /**
     * A bucket.
     *
     * @param notifies whether there is anybody to tell of its events
     */
    record BucketRecord(String region, Instant created, boolean notifies) {}

    /** What was configured of a bucket; null or empty is unconfigured, or AWS's default. */
    record Settings(
            Map<String, String> tags,
            @Nullable String policy,
            @Nullable AccessBlock accessBlock,
            List<NotificationRule> notifications) {
        static final Settings NONE = new Settings(Map.of(), null, null, List.of());

        Settings {
            notifications = List.copyOf(notifications);
        }

        Settings withTags(Map<String, String> other) {
            return new Settings(other, policy, accessBlock, notifications);
        }

        Settings withPolicy(@Nullable String other) {
            return new Settings(tags, other, accessBlock, notifications);
        }

        Settings withAccessBlock(AccessBlock other) {
            return new Settings(tags, policy, other, notifications);
        }

        Settings withNotifications(List<NotificationRule> other) {
            return new Settings(tags, policy, accessBlock, other);
        }

        /** The block in force; new buckets have all of it. */
        AccessBlock block() {
            return accessBlock == null ? AccessBlock.ALL : accessBlock;
        }
    }

    /**
     * What is kept from the public.
     *
     * @param removed whether the configuration was deleted, which differs from one that blocks nothing only when asked
     */
    record AccessBlock(
            boolean publicAcls,
            boolean ignorePublicAcls,
            boolean publicPolicy,
            boolean restrictPublicBuckets,
            boolean removed) {
        static final AccessBlock ALL = new AccessBlock(true, true, true, true, false);
        static final AccessBlock REMOVED = new AccessBlock(false, false, false, false, true);
    }

    /**
     * A checksum.
     *
     * @param value base64; of a composite one followed by {@code -} and the number of parts
     */
    record ObjectChecksum(ChecksumAlgorithm algorithm, String value, boolean composite) {}

    /**
     * What a client says of an object besides its bytes.
     *
     * @param headers system metadata by the API's member name, e.g. {@code ContentType}
     * @param metadata user metadata, names in lower case
     */
    record Description(
            Map<String, String> headers, Map<String, String> metadata, Map<String, String> tags, String storageClass) {}

    /**
     * An object.
     *
     * @param etag without quotes
     * @param blob its bytes, null where there are none
     * @param upload the multipart upload it came from, whose {@link Manifest} is kept with it; null where it was put as
     *     a whole
     */
    record ObjectRecord(
            long size,
            String etag,
            Instant modified,
            @Nullable BlobRef blob,
            @Nullable String upload,
            Description description,
            @Nullable ObjectChecksum checksum) {}

    /**
     * A multipart upload that is under way.
     *
     * @param algorithm the checksum the client asked for, null where none: CRC64NVME then
     * @param composite whether the object's checksum will be one of the parts' checksums
     */
    record UploadRecord(
            Instant initiated,
            String initiator,
            Description description,
            @Nullable ChecksumAlgorithm algorithm,
            boolean composite) {}

    /** A part of an upload. {@code blob} is null where it is empty, and where the object has taken it over. */
    record PartRecord(
            int number,
            long size,
            String etag,
            Instant modified,
            @Nullable BlobRef blob,
            @Nullable ObjectChecksum checksum) {}

    /** Where one part of an object ends and the next begins; its bytes are joined to one blob. */
    record Manifest(List<PartRecord> parts) {
        Manifest {
            parts = List.copyOf(parts);
        }
    }

    /**
     * Something happened to an object.
     *
     * @param name e.g. {@code ObjectCreated:Put}
     * @param principal who did it, as IAM's unique id
     */
    record ObjectEvent(
            String name,
            Instant time,
            String bucket,
            String owner,
            String region,
            String key,
            long size,
            String etag,
            String principal,
            String sourceIp,
            String requestId) {}

    static final Table<BucketName> NAMES = Table.of("s3.bucket_name", RecordCodecs.of(BucketName.class));
    static final Table<BucketRecord> BUCKETS = Table.of("s3.bucket", RecordCodecs.of(BucketRecord.class));
    static final Table<Settings> SETTINGS = Table.of("s3.settings", RecordCodecs.of(Settings.class));
    static final Table<ObjectRecord> OBJECTS = Table.of("s3.object", RecordCodecs.of(ObjectRecord.class));
    static final Table<UploadRecord> UPLOADS = Table.of("s3.upload", RecordCodecs.of(UploadRecord.class));
    static final Table<PartRecord> PARTS = Table.of("s3.part", RecordCodecs.of(PartRecord.class));
    static final Table<Manifest> MANIFESTS = Table.of("s3.manifest", RecordCodecs.of(Manifest.class));
    static final Topic<ObjectEvent> EVENTS = new Topic<>("s3.event", RecordCodecs.of(ObjectEvent.class));

    private S3Tables() {}

    static void open(Store store) {
        store.open(List.of(NAMES, BUCKETS, SETTINGS, OBJECTS, UPLOADS, PARTS, MANIFESTS), List.of(EVENTS));
    }

    /** The key of a bucket and of its settings. */
    static Key bucketKey(String account, String bucket) {
        return new Key(account, "", bucket);
    }

    /** The id of an object. */
    static String objectId(String bucket, String key) {
        return bucket + '/' + Keys.position(key);
    }

    /** The id of an upload: those of a key stand together, in order of their ids. */
    static String uploadId(String bucket, String key, String upload) {
        return objectId(bucket, key) + '\0' + upload;
    }

    /** The id of a part. */
    static String partId(String upload, int number) {
        return partPrefix(upload) + String.format("%05d", number);
    }

    static String partPrefix(String upload) {
        return upload + '/';
    }

    /** The end of the ids that begin with the bucket's name and a slash. */
    static String bucketEnd(String bucket) {
        return bucket + (char) ('/' + 1);
    }

    /** What stands under the account, and not in a region. */
    static Scope accountScope(String account) {
        return new Scope(account, "");
    }
}
