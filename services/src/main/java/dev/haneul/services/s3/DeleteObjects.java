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
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** DeleteObject and DeleteObjects. Deleting what is not there succeeds. */
final class DeleteObjects {
    private static final int MAX_OBJECTS = 1000;

    private final S3Context s3;
    private final ObjectIndex index;

    DeleteObjects(S3Context s3, ObjectIndex index) {
        this.s3 = s3;
        this.index = index;
    }

    DeleteObjectOutput one(DeleteObjectRequest in, Call call) {
        checkDirectoryOnly(in.ifMatchLastModifiedTime() != null, "x-amz-if-match-last-modified-time");
        checkDirectoryOnly(in.ifMatchSize() != null, "x-amz-if-match-size");
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            delete(tx, bucket, in.key(), in.versionId(), in.ifMatch(), call);
        });
        return new DeleteObjectOutput();
    }

    DeleteObjectsOutput many(DeleteObjectsRequest in, Call call) {
        Delete delete = in.delete();
        List<ObjectIdentifier> objects = delete.objects();
        if (objects.isEmpty() || objects.size() > MAX_OBJECTS) {
            throw S3Errors.malformedXml();
        }
        boolean quiet = Boolean.TRUE.equals(delete.quiet());
        Map<ObjectIdentifier, Fault> forbidden = forbidden(in.bucket(), objects, call);
        return s3.store().transact(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            List<DeletedObject> deleted = new ArrayList<>();
            List<S3Error> errors = new ArrayList<>();
            for (ObjectIdentifier object : objects) {
                Fault refused = forbidden.get(object);
                if (refused == null) {
                    refused = tryDelete(tx, bucket, object, call);
                }
                if (refused != null) {
                    errors.add(new S3Error()
                            .key(object.key())
                            .versionId(object.versionId())
                            .code(refused.code())
                            .message(refused.message()));
                } else if (!quiet) {
                    deleted.add(new DeletedObject().key(object.key()).versionId(object.versionId()));
                }
            }
            DeleteObjectsOutput out = new DeleteObjectsOutput();
            return out.deleted(deleted.isEmpty() ? null : deleted).errors(errors.isEmpty() ? null : errors);
        });
    }

    /** Each key answers for itself. Asked beforehand, for a transaction must not call others. */
    private Map<ObjectIdentifier, Fault> forbidden(String bucket, List<ObjectIdentifier> objects, Call call) {
        Map<ObjectIdentifier, Fault> forbidden = new IdentityHashMap<>();
        for (ObjectIdentifier object : objects) {
            try {
                s3.require(call, "s3:DeleteObject", bucket, object.key());
            } catch (Fault denied) {
                forbidden.put(object, denied);
            }
        }
        return forbidden;
    }

    private @Nullable Fault tryDelete(WriteTx tx, Buckets.Bucket bucket, ObjectIdentifier object, Call call) {
        try {
            checkDirectoryOnly(object.lastModifiedTime() != null, "LastModifiedTime");
            checkDirectoryOnly(object.size() != null, "Size");
            delete(tx, bucket, object.key(), object.versionId(), object.eTag(), call);
            return null;
        } catch (Fault refused) {
            return refused;
        }
    }

    /** Refuses before it changes anything, so that a refusal leaves the transaction as it was. */
    private void delete(
            WriteTx tx,
            Buckets.Bucket bucket,
            String key,
            @Nullable String versionId,
            @Nullable String ifMatch,
            Call call) {
        Keys.check(key);
        ObjectIndex.checkVersion(versionId);
        if (ifMatch != null) {
            ObjectRecord current = ObjectIndex.find(tx, bucket, key);
            if (current == null || !Conditions.matches(ifMatch, current.etag())) {
                throw Conditions.preconditionFailed("If-Match");
            }
        }
        index.delete(tx, bucket, key, call);
    }

    /** Conditions that only directory buckets know. */
    private static void checkDirectoryOnly(boolean present, String header) {
        if (present) {
            throw S3Errors.notImplemented(header);
        }
    }
}
