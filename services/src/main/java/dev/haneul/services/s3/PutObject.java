package dev.haneul.services.s3;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.PutObjectOutput;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.services.s3.S3Tables.Description;
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

    PutObject(S3Context s3, ObjectIndex index) {
        this.s3 = s3;
        this.index = index;
    }

    PutObjectOutput put(PutObjectRequest in, Call call) {
        Body body = in.body() == null ? Body.of(new byte[0]) : in.body();
        Target target = new Target(
                in.bucket(), in.key(), new WriteConditions(in.ifMatch(), in.ifNoneMatch()), in.expectedBucketOwner());
        Description description = Descriptions.of(in, in.metadata());
        Declared declared = Declared.of(in, call);
        checkTagging(description, in.bucket(), in.key(), call);
        check(target, call);
        ObjectRecord record = store(target, event(body), description, declared, body, call);
        PutObjectOutput out = new PutObjectOutput().eTag('"' + record.etag() + '"');
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

    /** Refuses early what would be refused after the body was read, as far as it can be told. */
    void check(Target target, Call call) {
        Keys.check(target.key());
        s3.store().read(tx -> {
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
    ObjectRecord store(Target target, String event, Description description, Declared declared, Body body, Call call) {
        Set<ChecksumAlgorithm> digests = declared.checkedBy(body) ? Set.of() : Set.of(declared.effective());
        try (Received received = Received.read(s3.blobs(), body, digests, MAX_BYTES)) {
            ObjectRecord record = new ObjectRecord(
                    received.size(),
                    received.etag(),
                    s3.now(),
                    received.blob(),
                    null,
                    description,
                    declared.settle(body, received));
            s3.store().write(tx -> {
                Buckets.Bucket bucket = Buckets.require(tx, target.bucket(), call, target.expectedOwner());
                received.keep(tx, s3.blobs(), bucket.account());
                index.put(tx, new ObjectIndex.Target(bucket, target.key(), target.conditions(), event), record, call);
            });
            return record;
        }
    }
}
