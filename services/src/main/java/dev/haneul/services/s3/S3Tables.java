package dev.haneul.services.s3;

import dev.haneul.api.s3.AccessControlPolicy;
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
 * through history. Noncurrent versions and delete markers stand in {@code s3.version} under
 * {@code bucket/key NUL place}, newest first; a version's id is its place, the version called null gets one when it
 * joins them.
 */
final class S3Tables {
    /** Who owns a name. The claim is void where that account has no such bucket (any more). */
    record BucketName(String account) {}

    /**
     * A bucket.
     *
     * @param notifies whether there is anybody to tell of its events
     * @param rules what every write of an object goes by, null where nothing was ever configured
     */
    record BucketRecord(
            String region,
            Instant created,
            boolean notifies,
            @Nullable DataRules rules) {
        BucketRecord withNotifies(boolean other) {
            return new BucketRecord(region, created, other, rules);
        }

        BucketRecord withRules(DataRules other) {
            return new BucketRecord(region, created, notifies, other);
        }

        DataRules rulesOrNone() {
            return rules == null ? DataRules.NONE : rules;
        }
    }

    /**
     * What every write of an object goes by.
     *
     * @param versioning {@code Enabled} or {@code Suspended}, null where it was never turned on
     * @param lock object lock, null where the bucket has none
     * @param encryption what objects are encrypted with where the request does not say, null for AWS's default
     */
    record DataRules(
            @Nullable String versioning,
            @Nullable LockRule lock,
            @Nullable EncryptionRule encryption,
            @Nullable String mfaDelete) {
        static final DataRules NONE = new DataRules(null, null, null, null);

        DataRules withVersioning(String other, @Nullable String mfa) {
            return new DataRules(other, lock, encryption, mfa);
        }

        DataRules withLock(LockRule other) {
            return new DataRules(versioning, other, encryption, mfaDelete);
        }

        DataRules withEncryption(@Nullable EncryptionRule other) {
            return new DataRules(versioning, lock, other, mfaDelete);
        }

        boolean needsMfa() {
            return MfaDelete.ENABLED.equals(mfaDelete);
        }

        boolean versioned() {
            return versioning != null;
        }

        boolean keepsVersions() {
            return "Enabled".equals(versioning);
        }
    }

    /**
     * Object lock of a bucket.
     *
     * @param mode of the default retention, null where new objects get none
     * @param days for how long, 0 where {@code years} says it
     */
    record LockRule(@Nullable String mode, int days, int years) {}

    /**
     * Default encryption of a bucket.
     *
     * @param algorithm {@code AES256}, {@code aws:kms} or {@code aws:kms:dsse}
     * @param key the KMS key as it was put, null for the AWS managed one
     * @param blocked kinds of encryption that are refused
     */
    record EncryptionRule(String algorithm, @Nullable String key, boolean bucketKey, List<String> blocked) {}

    /**
     * How an object is encrypted.
     *
     * @param algorithm {@code AES256}, {@code aws:kms}, {@code aws:kms:dsse}, or {@link #CUSTOMER}
     * @param key ARN of the KMS key, null for others
     * @param wrapped the data key as KMS encrypted it, empty for others
     * @param context with which KMS did
     * @param given the part of the context that the client gave
     * @param customerMd5 base64 MD5 of the customer's key, null for others
     */
    record Seal(
            String algorithm,
            @Nullable String key,
            byte[] wrapped,
            Map<String, String> context,
            Map<String, String> given,
            boolean bucketKey,
            @Nullable String customerMd5) {
        static final String S3 = "AES256";
        static final String CUSTOMER = "customer";
        /** With S3's own key. */
        static final Seal OWN = new Seal(S3, null, new byte[0], Map.of(), Map.of(), false, null);

        /** Whether its bytes are under the one key that all such objects share. */
        boolean own() {
            return algorithm.equals(S3);
        }

        boolean kms() {
            return key != null;
        }
    }

    /**
     * What protects an object's version from removal.
     *
     * @param mode {@code GOVERNANCE} or {@code COMPLIANCE}, null where there is no retention
     * @param until the end of the retention, null where there is none
     * @param hold null where nothing was ever said of a legal hold
     */
    record Lock(
            @Nullable String mode,
            @Nullable Instant until,
            @Nullable Boolean hold) {
        boolean held() {
            return Boolean.TRUE.equals(hold);
        }
    }

    /**
     * A copy of an archived object that can be read for a while.
     *
     * @param ready from when on
     * @param until how long
     */
    record Restore(Instant ready, Instant until, int days) {}

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
     * @param acl its access control list, null where it is the bucket owner's alone
     */
    record Description(
            Map<String, String> headers,
            Map<String, String> metadata,
            Map<String, String> tags,
            String storageClass,
            @Nullable AccessControlPolicy acl) {
        Description withTags(Map<String, String> other) {
            return new Description(headers, metadata, other, storageClass, acl);
        }

        Description withStorageClass(String other) {
            return new Description(headers, metadata, tags, other, acl);
        }

        Description withAcl(@Nullable AccessControlPolicy other) {
            return new Description(headers, metadata, tags, storageClass, other);
        }
    }

    /**
     * An object.
     *
     * @param etag without quotes
     * @param blob its bytes, null where there are none
     * @param upload the multipart upload it came from, whose {@link Manifest} is kept with it; null where it was put as
     *     a whole
     * @param seal how the bytes are encrypted, null where they are not: objects of an older release
     * @param version its id, null for the version called null
     * @param replication how far its replication is, as {@code x-amz-replication-status} tells it; null for none
     */
    record ObjectRecord(
            long size,
            String etag,
            Instant modified,
            @Nullable BlobRef blob,
            @Nullable String upload,
            Description description,
            @Nullable ObjectChecksum checksum,
            @Nullable Seal seal,
            @Nullable Lock lock,
            @Nullable Restore restore,
            @Nullable String version,
            @Nullable String replication) {
        ObjectRecord withDescription(Description other) {
            return new ObjectRecord(
                    size, etag, modified, blob, upload, other, checksum, seal, lock, restore, version, replication);
        }

        ObjectRecord withLock(@Nullable Lock other) {
            return new ObjectRecord(
                    size,
                    etag,
                    modified,
                    blob,
                    upload,
                    description,
                    checksum,
                    seal,
                    other,
                    restore,
                    version,
                    replication);
        }

        ObjectRecord withRestore(@Nullable Restore other) {
            return new ObjectRecord(
                    size, etag, modified, blob, upload, description, checksum, seal, lock, other, version, replication);
        }

        ObjectRecord withVersion(@Nullable String other) {
            return new ObjectRecord(
                    size, etag, modified, blob, upload, description, checksum, seal, lock, restore, other, replication);
        }

        ObjectRecord withReplication(@Nullable String other) {
            return new ObjectRecord(
                    size, etag, modified, blob, upload, description, checksum, seal, lock, restore, version, other);
        }

        /** The version's id as the API has it. */
        String versionName() {
            return version == null ? NULL_VERSION : version;
        }
    }

    /**
     * A version that is not current, or a delete marker.
     *
     * @param nullOf the object's id where this is its version called null, else empty
     * @param object null for a delete marker
     * @param modified when the marker was made; of an object its own time
     */
    record VersionRecord(String nullOf, @Nullable ObjectRecord object, Instant modified) {}

    /**
     * An archived object whose restore the clock has to follow.
     *
     * @param told whether its end was told of
     */
    record RestoreRecord(String bucket, String key, String version, boolean told) {}

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
            boolean composite,
            @Nullable Seal seal,
            @Nullable Lock lock) {}

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
     * @param version the version's id, null in a bucket without versioning
     * @param restoredUntil where a restore is done: how long it lasts
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
            String requestId,
            @Nullable String version,
            @Nullable Instant restoredUntil,
            String storageClass) {}

    static final Table<BucketName> NAMES =
            Table.of("s3.bucket_name", RecordCodecs.of(BucketName.class)).inMemory();
    static final Table<BucketRecord> BUCKETS =
            Table.of("s3.bucket", RecordCodecs.of(BucketRecord.class)).inMemory();
    static final Table<Settings> SETTINGS =
            Table.of("s3.settings", RecordCodecs.of(Settings.class)).inMemory();
    /** So many objects that were asked for last need not be read of the store. */
    private static final int REMEMBERED_OBJECTS = 1024;

    static final Table<ObjectRecord> OBJECTS =
            Table.of("s3.object", RecordCodecs.of(ObjectRecord.class)).inMemory(REMEMBERED_OBJECTS);
    static final String NULL_VERSION = "null";
    /** Finds a key's version called null among those that are not current. */
    static final String NULL_INDEX = "null";

    static final Table<VersionRecord> VERSIONS = Table.of(
            "s3.version",
            RecordCodecs.of(VersionRecord.class),
            new Table.Index<>(
                    NULL_INDEX, version -> version.nullOf().isEmpty() ? List.of() : List.of(version.nullOf())));
    static final Table<RestoreRecord> RESTORES = Table.of("s3.restore", RecordCodecs.of(RestoreRecord.class));
    static final Table<UploadRecord> UPLOADS = Table.of("s3.upload", RecordCodecs.of(UploadRecord.class));
    static final Table<PartRecord> PARTS = Table.of("s3.part", RecordCodecs.of(PartRecord.class));
    static final Table<Manifest> MANIFESTS = Table.of("s3.manifest", RecordCodecs.of(Manifest.class));
    static final Topic<ObjectEvent> EVENTS = new Topic<>("s3.event", RecordCodecs.of(ObjectEvent.class));

    private S3Tables() {}

    static void open(Store store) {
        store.open(
                List.of(
                        NAMES,
                        BUCKETS,
                        SETTINGS,
                        OBJECTS,
                        VERSIONS,
                        RESTORES,
                        UPLOADS,
                        PARTS,
                        MANIFESTS,
                        Configurations.DOCUMENTS,
                        Configurations.REPLICATION_TASKS,
                        Configurations.NAMED),
                List.of(EVENTS));
    }

    /** The key of a bucket and of its settings. */
    static Key bucketKey(String account, String bucket) {
        return new Key(account, "", bucket);
    }

    /** The id of an object. */
    static String objectId(String bucket, String key) {
        return bucket + '/' + Keys.position(key);
    }

    /** The id of what is not current; {@code place} orders the versions of a key, newest first. */
    static String versionId(String bucket, String key, String place) {
        return objectId(bucket, key) + '\0' + place;
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
