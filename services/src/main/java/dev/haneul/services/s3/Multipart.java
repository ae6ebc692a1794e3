package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.AbortMultipartUploadOutput;
import dev.haneul.api.s3.AbortMultipartUploadRequest;
import dev.haneul.api.s3.CreateMultipartUploadOutput;
import dev.haneul.api.s3.CreateMultipartUploadRequest;
import dev.haneul.api.s3.Initiator;
import dev.haneul.api.s3.ListMultipartUploadsOutput;
import dev.haneul.api.s3.ListMultipartUploadsRequest;
import dev.haneul.api.s3.MultipartUpload;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.s3.S3Tables.Description;
import dev.haneul.services.s3.S3Tables.Lock;
import dev.haneul.services.s3.S3Tables.PartRecord;
import dev.haneul.services.s3.S3Tables.Seal;
import dev.haneul.services.s3.S3Tables.UploadRecord;
import dev.haneul.storage.BlobRef;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Multipart uploads from beginning to abort; parts and completion have classes of their own. */
final class Multipart {
    static final int MAX_PARTS = 10_000;
    private static final int RANDOM_BYTES = 16;

    private final S3Context s3;
    private final SecureRandom random = new SecureRandom();

    Multipart(S3Context s3) {
        this.s3 = s3;
    }

    /** An upload that is under way. */
    record Upload(Buckets.Bucket bucket, String key, String id, UploadRecord record) {
        Key recordKey() {
            return bucket.scope().key(S3Tables.uploadId(bucket.name(), key, id));
        }

        Key partKey(int number) {
            return bucket.scope().key(S3Tables.partId(id, number));
        }

        /** The algorithm of the object's checksum. */
        ChecksumAlgorithm effective() {
            ChecksumAlgorithm asked = record.algorithm();
            return asked == null ? ChecksumAlgorithm.CRC64NVME : asked;
        }
    }

    CreateMultipartUploadOutput create(CreateMultipartUploadRequest in, Call call) {
        Keys.check(in.key());
        Description description = Descriptions.of(in, in.metadata());
        ChecksumAlgorithm algorithm = in.checksumAlgorithm() == null ? null : Declared.named(in.checksumAlgorithm());
        boolean composite = composite(algorithm, in.checksumType());
        Buckets.Bucket target = s3.store().read(tx -> Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner()));
        Lock lock = Retention.of(in, target, s3.now());
        Seal seal = s3.encryption().begin(in, target, in.key(), call).seal();
        Description owned = description.withAcl(new Acls(s3).fresh(in, target, call));
        UploadRecord record =
                new UploadRecord(s3.now(), call.principal().arn(), owned, algorithm, composite, seal, lock);
        String id = newId(s3.clock().instant());
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            tx.put(S3Tables.UPLOADS, new Upload(bucket, in.key(), id, record).recordKey(), record);
        });
        s3.meter().write(target, 0);
        CreateMultipartUploadOutput out = new CreateMultipartUploadOutput();
        Encryption.tell(out, seal);
        return out.bucket(in.bucket())
                .key(in.key())
                .uploadId(id)
                .checksumAlgorithm(algorithm == null ? null : algorithm.name())
                .checksumType(algorithm == null ? null : typeName(composite));
    }

    /** Ids grow with time, so that a key's uploads list in the order they were begun. */
    private String newId(Instant now) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return String.format("%012x", now.toEpochMilli()) + HexFormat.of().formatHex(bytes);
    }

    /** Whether the object's checksum will be composite; refuses what an algorithm cannot do. */
    private static boolean composite(@Nullable ChecksumAlgorithm algorithm, @Nullable String type) {
        if (algorithm == null) {
            if (type != null) {
                throw S3Errors.invalidRequest("The x-amz-checksum-type header can only be used with the"
                        + " x-amz-checksum-algorithm header.");
            }
            return false;
        }
        boolean composite = type == null ? algorithm != ChecksumAlgorithm.CRC64NVME : type.equals("COMPOSITE");
        boolean possible = composite ? algorithm != ChecksumAlgorithm.CRC64NVME : algorithm.combinable();
        if (!possible || type != null && !type.equals(typeName(composite))) {
            throw S3Errors.invalidRequest("The " + type + " checksum type cannot be used with the "
                    + algorithm.name().toLowerCase(Locale.ROOT) + " checksum algorithm.");
        }
        return composite;
    }

    static String typeName(boolean composite) {
        return composite ? "COMPOSITE" : "FULL_OBJECT";
    }

    /** The upload, or NoSuchUpload. */
    static Upload require(
            ReadTx tx, String bucketName, String key, String id, Call call, @Nullable String expectedOwner) {
        Buckets.Bucket bucket = Buckets.require(tx, bucketName, call, expectedOwner);
        return tx.get(S3Tables.UPLOADS, bucket.scope().key(S3Tables.uploadId(bucketName, key, id)))
                .map(row -> new Upload(bucket, key, id, row.value()))
                .orElseThrow(() -> S3Errors.noSuchUpload(id));
    }

    /** The parts that were uploaded so far, in order. */
    static List<PartRecord> parts(ReadTx tx, Upload upload) {
        String from = S3Tables.partPrefix(upload.id());
        return tx.range(S3Tables.PARTS, upload.bucket().scope(), from, Utf8Order.after(from), MAX_PARTS).stream()
                .map(Row::value)
                .toList();
    }

    AbortMultipartUploadOutput abort(AbortMultipartUploadRequest in, Call call) {
        s3.store().write(tx -> {
            Upload upload = require(tx, in.bucket(), in.key(), in.uploadId(), call, in.expectedBucketOwner());
            remove(tx, upload);
        });
        return new AbortMultipartUploadOutput();
    }

    /** Removes an upload and its parts. */
    private void remove(WriteTx tx, Upload upload) {
        List<PartRecord> parts = parts(tx, upload);
        forget(tx, upload, parts);
        parts.forEach(part -> release(tx, upload, part));
    }

    /** Gives a part's bytes back. */
    void release(WriteTx tx, Upload upload, PartRecord part) {
        BlobRef blob = part.blob();
        if (blob != null) {
            s3.blobs().release(tx, upload.bucket().account(), blob);
        }
    }

    /** Removes the records of an upload and leaves its bytes. */
    static void forget(WriteTx tx, Upload upload, List<PartRecord> parts) {
        for (PartRecord part : parts) {
            tx.delete(S3Tables.PARTS, upload.partKey(part.number()));
        }
        tx.delete(S3Tables.UPLOADS, upload.recordKey());
    }

    /** Removes the upload of a row. */
    void remove(WriteTx tx, Buckets.Bucket bucket, Row<UploadRecord> row) {
        String position = row.key().id().substring(bucket.name().length() + 1);
        String id = position.substring(position.indexOf('\0') + 1);
        remove(tx, new Upload(bucket, Keys.ofPosition(position), id, row.value()));
    }

    /** Removes every upload of a bucket that is being deleted. */
    void removeAll(WriteTx tx, Buckets.Bucket bucket) {
        List<Row<UploadRecord>> uploads;
        do {
            uploads = tx.range(
                    S3Tables.UPLOADS,
                    bucket.scope(),
                    bucket.name() + '/',
                    S3Tables.bucketEnd(bucket.name()),
                    ListObjects.MAX_KEYS);
            for (Row<UploadRecord> row : uploads) {
                remove(tx, bucket, row);
            }
        } while (!uploads.isEmpty());
    }

    ListMultipartUploadsOutput list(ListMultipartUploadsRequest in, Call call) {
        UnaryOperator<String> encode = ListObjects.encoding(in.encodingType());
        int maxUploads = ListObjects.maxKeys(in.maxUploads(), "max-uploads");
        String prefix = ListObjects.or(in.prefix());
        String delimiter = ListObjects.or(in.delimiter());
        String keyMarker = ListObjects.or(in.keyMarker());
        String uploadMarker = keyMarker.isEmpty() ? "" : ListObjects.or(in.uploadIdMarker());
        // Without an upload marker every upload of the marked key is passed over.
        String after = Keys.position(keyMarker) + (uploadMarker.isEmpty() ? "\1" : '\0' + uploadMarker);
        Listing.Query query = new Listing.Query(prefix, delimiter, keyMarker, after, maxUploads);
        Listing.Of<UploadRecord> listed = s3.store().read(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            return Listing.of(tx, S3Tables.UPLOADS, bucket, query);
        });
        Listing.Page<UploadRecord> page = listed.page();
        ListMultipartUploadsOutput out = new ListMultipartUploadsOutput()
                .bucket(in.bucket())
                .keyMarker(encode.apply(keyMarker))
                .uploadIdMarker(uploadMarker)
                .prefix(encode.apply(prefix))
                .maxUploads(maxUploads)
                .isTruncated(page.truncated())
                .encodingType(in.encodingType())
                .uploads(uploads(page, listed.bucket().account(), encode))
                .commonPrefixes(ListObjects.prefixes(page.commonPrefixes(), encode));
        if (!delimiter.isEmpty()) {
            out.delimiter(encode.apply(delimiter));
        }
        if (page.truncated()) {
            boolean endsWithUpload =
                    !page.rows().isEmpty() && page.rows().getLast().name().equals(page.lastName());
            out.nextKeyMarker(encode.apply(page.lastName()))
                    .nextUploadIdMarker(endsWithUpload ? uploadIdOf(page.rows().getLast()) : "");
        }
        return out;
    }

    private static String uploadIdOf(Listing.Row<UploadRecord> row) {
        return row.position().substring(row.position().indexOf('\0') + 1);
    }

    private static @Nullable List<MultipartUpload> uploads(
            Listing.Page<UploadRecord> page, String account, UnaryOperator<String> encode) {
        List<MultipartUpload> uploads = page.rows().stream()
                .map(row -> {
                    UploadRecord record = row.value();
                    ChecksumAlgorithm algorithm = record.algorithm();
                    return new MultipartUpload()
                            .key(encode.apply(row.name()))
                            .uploadId(uploadIdOf(row))
                            .initiated(record.initiated())
                            .storageClass(record.description().storageClass())
                            .owner(Owners.owner(account))
                            .initiator(new Initiator().id(record.initiator()))
                            .checksumAlgorithm(algorithm == null ? null : algorithm.name())
                            .checksumType(algorithm == null ? null : typeName(record.composite()));
                })
                .toList();
        return uploads.isEmpty() ? null : uploads;
    }
}
