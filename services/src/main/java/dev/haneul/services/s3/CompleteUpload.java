package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.CompleteMultipartUploadOutput;
import dev.haneul.api.s3.CompleteMultipartUploadRequest;
import dev.haneul.api.s3.CompletedMultipartUpload;
import dev.haneul.api.s3.CompletedPart;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.s3.S3Tables.Manifest;
import dev.haneul.services.s3.S3Tables.ObjectChecksum;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.PartRecord;
import dev.haneul.storage.BlobRef;
import dev.haneul.storage.Blobs;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * CompleteMultipartUpload: the parts become one object without being copied. Completing once more answers the same, as
 * long as that object stands.
 */
final class CompleteUpload {
    private final S3Context s3;
    private final ObjectIndex index;
    private final Multipart uploads;

    CompleteUpload(S3Context s3, ObjectIndex index, Multipart uploads) {
        this.s3 = s3;
        this.index = index;
        this.uploads = uploads;
    }

    CompleteMultipartUploadOutput complete(CompleteMultipartUploadRequest in, Call call) {
        CompletedMultipartUpload list = in.multipartUpload();
        List<CompletedPart> asked = list == null ? List.of() : list.parts();
        if (asked.isEmpty() || asked.size() > Multipart.MAX_PARTS) {
            throw S3Errors.malformedXml();
        }
        WriteConditions conditions = new WriteConditions(in.ifMatch(), in.ifNoneMatch());
        Declared declared = Declared.checksum(in);
        Completed completed = s3.store().transact(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            ObjectRecord before = completedBefore(tx, bucket, in);
            return new Completed(bucket, before != null ? before : commit(tx, in, asked, declared, conditions, call));
        });
        s3.meter().write(completed.bucket(), 0);
        ObjectRecord object = completed.object();
        CompleteMultipartUploadOutput out = new CompleteMultipartUploadOutput()
                .location(location(in, call))
                .bucket(in.bucket())
                .key(in.key())
                .eTag('"' + object.etag() + '"')
                .versionId(PutObject.told(completed.bucket(), object));
        Encryption.tell(out, object.seal());
        Tellings.tell(s3, out, completed.bucket(), in.key(), object, call);
        ObjectChecksum checksum = object.checksum();
        if (checksum != null) {
            Declared.tell(out, checksum);
        }
        return out;
    }

    private record Completed(Buckets.Bucket bucket, ObjectRecord object) {}

    private static @Nullable ObjectRecord completedBefore(
            WriteTx tx, Buckets.Bucket bucket, CompleteMultipartUploadRequest in) {
        ObjectRecord current = ObjectIndex.find(tx, bucket, in.key());
        return current != null && in.uploadId().equals(current.upload()) ? current : null;
    }

    private ObjectRecord commit(
            WriteTx tx,
            CompleteMultipartUploadRequest in,
            List<CompletedPart> asked,
            Declared declared,
            WriteConditions conditions,
            Call call) {
        Multipart.Upload upload =
                Multipart.require(tx, in.bucket(), in.key(), in.uploadId(), call, in.expectedBucketOwner());
        List<PartRecord> uploaded = Multipart.parts(tx, upload);
        UploadPlan plan = UploadPlan.of(upload, uploaded, asked);
        check(in, declared, plan, upload);
        ObjectRecord object = new ObjectRecord(
                plan.size(),
                plan.etag(),
                s3.now(),
                join(tx, upload, plan.parts()),
                upload.id(),
                upload.record().description(),
                plan.checksum(),
                upload.record().seal(),
                upload.record().lock(),
                null,
                null,
                null);
        List<PartRecord> manifest = plan.parts().stream()
                .map(part ->
                        new PartRecord(part.number(), part.size(), part.etag(), part.modified(), null, part.checksum()))
                .toList();
        tx.put(S3Tables.MANIFESTS, ObjectIndex.manifest(upload.bucket(), upload.id()), new Manifest(manifest));
        Multipart.forget(tx, upload, uploaded);
        Set<PartRecord> used = new HashSet<>(plan.parts());
        for (PartRecord part : uploaded) {
            if (!used.contains(part)) {
                uploads.release(tx, upload, part);
            }
        }
        return index.put(
                tx,
                new ObjectIndex.Target(upload.bucket(), in.key(), conditions, "ObjectCreated:CompleteMultipartUpload"),
                object,
                call);
    }

    private static void check(
            CompleteMultipartUploadRequest in, Declared declared, UploadPlan plan, Multipart.Upload upload) {
        Long size = in.mpuObjectSize();
        if (size != null && size != plan.size()) {
            throw S3Errors.invalidRequest("The provided 'x-amz-mp-object-size' header value " + size
                    + " does not match what was computed: " + plan.size());
        }
        String type = in.checksumType();
        if (type != null && !type.equals(Multipart.typeName(upload.record().composite()))) {
            throw S3Errors.invalidRequest("The upload was created using the "
                    + Multipart.typeName(upload.record().composite())
                    + " checksum mode. The complete request must use the same checksum mode.");
        }
        if (declared.algorithm() == null) {
            return;
        }
        ObjectChecksum computed = plan.checksum();
        if (declared.algorithm() != computed.algorithm()) {
            throw S3Errors.invalidRequest("Checksum Type mismatch occurred, expected checksum Type: "
                    + UploadParts.lower(computed.algorithm()) + ", actual checksum Type: "
                    + UploadParts.lower(declared.algorithm()));
        }
        if (!computed.value().equals(declared.value())) {
            throw Declared.badDigest(computed.algorithm());
        }
    }

    private @Nullable BlobRef join(WriteTx tx, Multipart.Upload upload, List<PartRecord> parts) {
        List<Blobs.Slice> slices = new ArrayList<>(parts.size());
        for (PartRecord part : parts) {
            if (part.blob() != null) {
                slices.add(Blobs.Slice.all(part.blob()));
            }
        }
        return slices.isEmpty() ? null : s3.blobs().join(tx, upload.bucket().account(), slices);
    }

    private static String location(CompleteMultipartUploadRequest in, Call call) {
        String endpoint = call.origin().endpoint();
        String base = endpoint.isEmpty() ? "https://s3." + call.region() + ".amazonaws.com" : endpoint;
        String key = URLEncoder.encode(in.key(), StandardCharsets.UTF_8).replace("+", "%20");
        return base + "/" + in.bucket() + "/" + key;
    }

    /** EntityTooSmall and its kin come from here. */
    static Fault invalidPart(Multipart.Upload upload, int number, String etag) {
        return Fault.client(
                        "InvalidPart",
                        400,
                        "One or more of the specified parts could not be found. The part may not have been uploaded,"
                                + " or the specified entity tag may not match the part's entity tag.")
                .with("UploadId", upload.id())
                .with("PartNumber", Integer.toString(number))
                .with("ETag", etag);
    }
}
