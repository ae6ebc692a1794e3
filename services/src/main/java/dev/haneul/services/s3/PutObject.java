package dev.haneul.services.s3;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.AccessControlPolicy;
import dev.haneul.api.s3.PutObjectOutput;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.services.s3.S3Tables.Description;
import dev.haneul.services.s3.S3Tables.Lock;
import dev.haneul.services.s3.S3Tables.ObjectChecksum;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** PutObject: bytes to disk, then the index. Nothing is left of an upload that ends early or does not check out. */
final class PutObject {
    /** The most one request may upload: 5 GiB. */
    static final long MAX_BYTES = 5L << 30;

    private final S3Context s3;
    private final ObjectIndex index;
    private final Acls acls;

    PutObject(S3Context s3, ObjectIndex index) {
        this.s3 = s3;
        this.index = index;
        this.acls = new Acls(s3);
    }

    PutObjectOutput put(PutObjectRequest in, Call call) {
        Body body = in.body() == null ? Body.of(new byte[0]) : in.body();
        Target target = new Target(
                in.bucket(), in.key(), new WriteConditions(in.ifMatch(), in.ifNoneMatch()), in.expectedBucketOwner());
        Description description = Descriptions.of(in, in.metadata());
        Declared declared = Declared.of(in, call);
        checkTagging(description, in.bucket(), in.key(), call);
        Buckets.Bucket bucket = check(target, call);
        if (Retention.asked(in) && declared.algorithm() == null && declared.md5() == null) {
            throw S3Errors.invalidRequest(
                    "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests"
                            + " with Object Lock parameters");
        }
        Lock lock = Retention.of(in, bucket, s3.now());
        Encryption.Sealing sealing = s3.encryption().begin(in, bucket, in.key(), call);
        AccessControlPolicy acl = acls.fresh(in, bucket, call);
        Fresh fresh = new Fresh(event(body), description.withAcl(acl), sealing, lock);
        ObjectRecord record = store(target, fresh, declared, body, call);
        s3.meter().write(bucket, record.size());
        PutObjectOutput out = new PutObjectOutput().eTag('"' + record.etag() + '"');
        out.versionId(told(bucket, record));
        Encryption.tell(out, record.seal());
        Tellings.tell(s3, out, bucket, in.key(), record, call);
        Members.set(out, "SSEKMSEncryptionContext", Members.text(in, "SSEKMSEncryptionContext"));
        ObjectChecksum checksum = record.checksum();
        if (checksum != null) {
            Declared.tell(out, checksum);
        }
        return out;
    }

    private static String event(Body body) {
        return body instanceof FormUpload.FormBody ? "ObjectCreated:Post" : "ObjectCreated:Put";
    }

    /** Where an object is to be put, as the client says it. */
    record Target(
            String bucket,
            String key,
            WriteConditions conditions,
            @Nullable String expectedOwner) {}

    /**
     * What a new object is besides its bytes.
     *
     * @param event what is told of it
     */
    record Fresh(
            String event,
            Description description,
            Encryption.Sealing sealing,
            @Nullable Lock lock) {}

    /** A new version's id as the answer tells it, null in a bucket without versioning. */
    static @Nullable String told(Buckets.Bucket bucket, ObjectRecord record) {
        // A suspended bucket's new objects are called null, and nothing is told of that.
        return bucket.record().rulesOrNone().versioned() ? record.version() : null;
    }

    /** Refuses early what would be refused after the body was read, as far as it can be told; answers the bucket. */
    Buckets.Bucket check(Target target, Call call) {
        Keys.check(target.key());
        return s3.store().read(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, target.bucket(), call, target.expectedOwner());
            if (!target.conditions().equals(WriteConditions.NONE)) {
                target.conditions().check(target.key(), ObjectIndex.find(tx, bucket, target.key()));
            }
            return bucket;
        });
    }

    /** Tags that come with an object need a permission of their own. */
    void checkTagging(Description description, String bucket, String key, Call call) {
        if (!description.tags().isEmpty()) {
            s3.require(call, "s3:PutObjectTagging", bucket, key);
        }
    }

    /** Streams the body to disk, checks it and makes it current. Closes the body. */
    ObjectRecord store(Target target, Fresh fresh, Declared declared, Body body, Call call) {
        Set<ChecksumAlgorithm> digests = declared.checkedBy(body) ? Set.of() : Set.of(declared.effective());
        try (Received received =
                Received.read(s3.blobs(), body, digests, fresh.sealing().key(), MAX_BYTES)) {
            ObjectRecord record = new ObjectRecord(
                    received.size(),
                    received.etag(fresh.sealing().seal()),
                    s3.now(),
                    received.blob(),
                    null,
                    fresh.description(),
                    declared.settle(body, received),
                    fresh.sealing().seal(),
                    fresh.lock(),
                    null,
                    null,
                    null);
            ObjectRecord put = s3.store().transact(tx -> {
                Buckets.Bucket bucket = Buckets.require(tx, target.bucket(), call, target.expectedOwner());
                received.keep(tx, s3.blobs(), bucket.account());
                return index.put(
                        tx,
                        new ObjectIndex.Target(bucket, target.key(), target.conditions(), fresh.event()),
                        record,
                        call);
            });
            received.kept();
            return put;
        }
    }
}
