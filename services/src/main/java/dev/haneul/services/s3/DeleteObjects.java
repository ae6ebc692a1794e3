package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.Delete;
import dev.haneul.api.s3.DeleteObjectOutput;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.DeleteObjectsOutput;
import dev.haneul.api.s3.DeleteObjectsRequest;
import dev.haneul.api.s3.DeletedObject;
import dev.haneul.api.s3.ObjectIdentifier;
import dev.haneul.api.s3.S3Error;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.s3.ObjectIndex.Deleted;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * DeleteObject and DeleteObjects. Deleting what is not there succeeds. In a bucket with versioning a key is covered with
 * a delete marker, and only a version that is named goes. See AWS, "Deleting object versions".
 */
final class DeleteObjects {
    private static final int MAX_OBJECTS = 1000;

    private final S3Context s3;
    private final ObjectIndex index;

    DeleteObjects(S3Context s3, ObjectIndex index) {
        this.s3 = s3;
        this.index = index;
    }

    /**
     * What is to be deleted.
     *
     * @param version null for the key as such
     * @param ifMatch entity tag it must have, null for any
     * @param bypass whether a retention in governance mode is passed over
     */
    private record Wish(
            String key, @Nullable String version, @Nullable String ifMatch, boolean bypass) {}

    DeleteObjectOutput one(DeleteObjectRequest in, Call call) {
        checkDirectoryOnly(in.ifMatchLastModifiedTime() != null, "x-amz-if-match-last-modified-time");
        checkDirectoryOnly(in.ifMatchSize() != null, "x-amz-if-match-size");
        Wish wish =
                new Wish(in.key(), in.versionId(), in.ifMatch(), Boolean.TRUE.equals(in.bypassGovernanceRetention()));
        if (wish.version() != null) {
            checkMfa(in.bucket(), in.mfa(), call, in.expectedBucketOwner());
        }
        Deleted deleted = s3.store().transact(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            return delete(tx, bucket, wish, call);
        });
        return new DeleteObjectOutput()
                .versionId(deleted.version())
                .deleteMarker(deleted.marker() ? Boolean.TRUE : null);
    }

    DeleteObjectsOutput many(DeleteObjectsRequest in, Call call) {
        Delete delete = in.delete();
        List<ObjectIdentifier> objects = delete.objects();
        if (objects.isEmpty() || objects.size() > MAX_OBJECTS) {
            throw S3Errors.malformedXml();
        }
        if (in.mfa() != null || objects.stream().anyMatch(object -> object.versionId() != null)) {
            checkMfa(in.bucket(), in.mfa(), call, in.expectedBucketOwner());
        }
        boolean quiet = Boolean.TRUE.equals(delete.quiet());
        boolean bypass = Boolean.TRUE.equals(in.bypassGovernanceRetention());
        Map<ObjectIdentifier, Fault> forbidden = forbidden(in.bucket(), objects, bypass, call);
        return s3.store().transact(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            List<DeletedObject> deleted = new ArrayList<>();
            List<S3Error> errors = new ArrayList<>();
            for (ObjectIdentifier object : objects) {
                try {
                    Fault refused = forbidden.get(object);
                    if (refused != null) {
                        throw refused;
                    }
                    Deleted done = tryDelete(tx, bucket, object, bypass, call);
                    if (!quiet) {
                        deleted.add(told(object, done));
                    }
                } catch (Fault refused) {
                    errors.add(new S3Error()
                            .key(object.key())
                            .versionId(object.versionId())
                            .code(refused.code())
                            .message(refused.message()));
                }
            }
            DeleteObjectsOutput out = new DeleteObjectsOutput();
            return out.deleted(deleted.isEmpty() ? null : deleted).errors(errors.isEmpty() ? null : errors);
        });
    }

    /** For all of a request: where the code is wrong, nothing of it is done. */
    private void checkMfa(String name, @Nullable String given, Call call, @Nullable String expectedOwner) {
        Buckets.Bucket bucket = s3.store().read(tx -> Buckets.require(tx, name, call, expectedOwner));
        s3.mfa().check(bucket, given, call);
    }

    private static DeletedObject told(ObjectIdentifier object, Deleted done) {
        DeletedObject told = new DeletedObject().key(object.key()).versionId(object.versionId());
        return done.marker() ? told.deleteMarker(true).deleteMarkerVersionId(done.version()) : told;
    }

    /** Each key answers for itself. Asked beforehand, for a transaction must not call others. */
    private Map<ObjectIdentifier, Fault> forbidden(
            String bucket, List<ObjectIdentifier> objects, boolean bypass, Call call) {
        Map<ObjectIdentifier, Fault> forbidden = new IdentityHashMap<>();
        for (ObjectIdentifier object : objects) {
            try {
                String action = object.versionId() == null ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
                s3.require(call, action, bucket, object.key());
                if (bypass) {
                    s3.require(call, "s3:BypassGovernanceRetention", bucket, object.key());
                }
            } catch (Fault denied) {
                forbidden.put(object, denied);
            }
        }
        return forbidden;
    }

    private Deleted tryDelete(WriteTx tx, Buckets.Bucket bucket, ObjectIdentifier object, boolean bypass, Call call) {
        checkDirectoryOnly(object.lastModifiedTime() != null, "LastModifiedTime");
        checkDirectoryOnly(object.size() != null, "Size");
        return delete(tx, bucket, new Wish(object.key(), object.versionId(), object.eTag(), bypass), call);
    }

    /** Refuses before it changes anything, so that a refusal leaves the transaction as it was. */
    private Deleted delete(WriteTx tx, Buckets.Bucket bucket, Wish wish, Call call) {
        Keys.check(wish.key());
        String version = wish.version();
        if (version == null) {
            checkMatch(wish, ObjectIndex.find(tx, bucket, wish.key()));
            return index.delete(tx, bucket, wish.key(), call);
        }
        Optional<Versions.Located> located = Versions.locate(tx, bucket, wish.key(), version);
        checkMatch(wish, located.map(Versions.Located::object).orElse(null));
        if (located.isEmpty()) {
            return new Deleted(version, false);
        }
        Retention.checkRemoval(located.get().object(), wish.bypass(), s3.clock().instant());
        return index.remove(tx, located.get(), bucket, wish.key(), call);
    }

    private static void checkMatch(Wish wish, @Nullable ObjectRecord found) {
        String ifMatch = wish.ifMatch();
        if (ifMatch != null && (found == null || !Conditions.matches(ifMatch, found.etag()))) {
            throw Conditions.preconditionFailed("If-Match");
        }
    }

    /** Conditions that only directory buckets know. */
    private static void checkDirectoryOnly(boolean present, String header) {
        if (present) {
            throw S3Errors.notImplemented(header);
        }
    }
}
