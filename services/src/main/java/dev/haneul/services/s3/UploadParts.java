package dev.haneul.services.s3;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.CopyPartResult;
import dev.haneul.api.s3.Initiator;
import dev.haneul.api.s3.ListPartsOutput;
import dev.haneul.api.s3.ListPartsRequest;
import dev.haneul.api.s3.Part;
import dev.haneul.api.s3.UploadPartCopyOutput;
import dev.haneul.api.s3.UploadPartCopyRequest;
import dev.haneul.api.s3.UploadPartOutput;
import dev.haneul.api.s3.UploadPartRequest;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.s3.ObjectReader.Address;
import dev.haneul.services.s3.S3Tables.ObjectChecksum;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.PartRecord;
import dev.haneul.services.s3.S3Tables.Seal;
import dev.haneul.storage.BlobKey;
import dev.haneul.storage.BlobRef;
import dev.haneul.storage.Blobs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** UploadPart, UploadPartCopy and ListParts. A part uploaded again replaces the one before. */
final class UploadParts {
    private final S3Context s3;
    private final Multipart uploads;
    private final ObjectReader reader;

    UploadParts(S3Context s3, Multipart uploads, ObjectReader reader) {
        this.s3 = s3;
        this.uploads = uploads;
        this.reader = reader;
    }

    UploadPartOutput upload(UploadPartRequest in, Call call) {
        int number = checkNumber(in.partNumber());
        Declared declared = Declared.of(in, call);
        Multipart.Upload upload = s3.store()
                .read(tx ->
                        Multipart.require(tx, in.bucket(), in.key(), in.uploadId(), call, in.expectedBucketOwner()));
        checkAlgorithm(upload, declared.algorithm());
        BlobKey key = key(upload, in, call);
        Body body = in.body() == null ? Body.of(new byte[0]) : in.body();
        Set<ChecksumAlgorithm> digests = EnumSet.of(upload.effective());
        if (declared.algorithm() != null) {
            digests.add(declared.algorithm());
        }
        if (declared.checkedBy(body)) {
            digests.remove(declared.algorithm());
        }
        try (Received received = Received.read(s3.blobs(), body, digests, key, PutObject.MAX_BYTES)) {
            ObjectChecksum said = declared.settle(body, received, upload.effective());
            ObjectChecksum kept = said.algorithm() == upload.effective()
                    ? said
                    : new ObjectChecksum(upload.effective(), received.checksum(upload.effective()), false);
            PartRecord part = new PartRecord(
                    number, received.size(), received.etag(upload.record().seal()), s3.now(), received.blob(), kept);
            s3.store().write(tx -> {
                received.keep(tx, s3.blobs(), upload.bucket().account());
                replace(tx, upload, part, call);
            });
            received.kept();
            s3.meter().write(upload.bucket(), part.size());
            UploadPartOutput out = new UploadPartOutput().eTag('"' + part.etag() + '"');
            Declared.tell(out, said);
            Encryption.tell(out, upload.record().seal());
            return out;
        }
    }

    /** What the upload's parts are encrypted under; a customer's key comes with each of them. */
    private @Nullable BlobKey key(Multipart.Upload upload, Struct in, Call call) {
        Seal seal = upload.record().seal();
        CustomerKey given = CustomerKey.of(in);
        String md5 = seal == null ? null : seal.customerMd5();
        if (md5 == null && given != null) {
            throw S3Errors.invalidRequest("The multipart upload initiate did not request encryption with a customer"
                    + " provided key. Subsequent part requests must not include one.");
        }
        if (md5 != null && given == null) {
            throw S3Errors.invalidRequest("The multipart upload initiate requested encryption. Subsequent part requests"
                    + " must include the appropriate encryption parameters.");
        }
        if (md5 != null && given != null && !md5.equals(given.md5())) {
            throw S3Errors.invalidRequest("The provided encryption parameters did not match the ones used originally.");
        }
        return s3.encryption().key(seal, given, call);
    }

    /** A composite checksum needs one of its algorithm from every part. */
    private static void checkAlgorithm(Multipart.Upload upload, @Nullable ChecksumAlgorithm declared) {
        ChecksumAlgorithm asked = upload.record().algorithm();
        if (asked == null
                || asked == declared
                || declared == null && !upload.record().composite()) {
            return;
        }
        throw S3Errors.invalidRequest("Checksum Type mismatch occurred, expected checksum Type: " + lower(asked)
                + ", actual checksum Type: " + lower(declared));
    }

    static String lower(@Nullable ChecksumAlgorithm algorithm) {
        return algorithm == null ? "null" : algorithm.name().toLowerCase(Locale.ROOT);
    }

    UploadPartCopyOutput copy(UploadPartCopyRequest in, Call call) {
        int number = checkNumber(in.partNumber());
        CopySource source = CopySource.parse(in.copySource());
        Multipart.Upload upload = s3.store()
                .read(tx ->
                        Multipart.require(tx, in.bucket(), in.key(), in.uploadId(), call, in.expectedBucketOwner()));
        Address address = source.address(in.expectedSourceBucketOwner());
        s3.require(call, source.permission(), source.bucket(), source.key());
        BlobKey key = key(upload, in, call);
        try (ObjectReader.Opened opened =
                reader.open(address, CustomerKey.ofSource(in), call, found -> slice(found.record(), in))) {
            Seal seal = upload.record().seal();
            PartRecord part = Encryption.sharable(opened.found().record().seal(), seal)
                    ? shared(upload, number, opened, address, call)
                    : rewritten(upload, number, opened, key, call);
            CopyPartResult result =
                    new CopyPartResult().eTag('"' + part.etag() + '"').lastModified(part.modified());
            if (upload.record().algorithm() != null && part.checksum() != null) {
                Declared.tell(result, part.checksum());
            }
            s3.meter().write(upload.bucket(), 0);
            UploadPartCopyOutput out = new UploadPartCopyOutput()
                    .copyPartResult(result)
                    .copySourceVersionId(opened.found().told());
            Encryption.tell(out, seal);
            return out;
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** A part with the source's own bytes, which are read once for their digests. */
    private PartRecord shared(
            Multipart.Upload upload, int number, ObjectReader.Opened opened, Address address, Call call)
            throws IOException {
        ChecksumAlgorithm algorithm = upload.effective();
        DigestPass pass = DigestPass.over(opened.body().stream(), EnumSet.of(ChecksumAlgorithm.MD5, algorithm));
        ObjectChecksum checksum = new ObjectChecksum(algorithm, pass.checksum(algorithm), false);
        ByteRange range = opened.range();
        long size = range == null ? opened.found().record().size() : range.length();
        PartRecord described = new PartRecord(number, size, pass.etag(), s3.now(), null, checksum);
        return share(upload, described, opened, address, call);
    }

    /** A part with the source's bytes under the upload's own key. */
    private PartRecord rewritten(
            Multipart.Upload upload, int number, ObjectReader.Opened opened, @Nullable BlobKey key, Call call) {
        ChecksumAlgorithm algorithm = upload.effective();
        try (Received received =
                Received.read(s3.blobs(), opened.body(), Set.of(algorithm), key, PutObject.MAX_BYTES)) {
            PartRecord part = new PartRecord(
                    number,
                    received.size(),
                    received.etag(upload.record().seal()),
                    s3.now(),
                    received.blob(),
                    new ObjectChecksum(algorithm, received.checksum(algorithm), false));
            s3.store().write(tx -> {
                received.keep(tx, s3.blobs(), upload.bucket().account());
                replace(tx, upload, part, call);
            });
            received.kept();
            return part;
        }
    }

    /** Records a part that is some of another object's bytes, as long as that object still has them. */
    private PartRecord share(
            Multipart.Upload upload, PartRecord described, ObjectReader.Opened opened, Address address, Call call) {
        BlobRef blob = opened.found().record().blob();
        ByteRange range = opened.range();
        String account = upload.bucket().account();
        return s3.store().transact(tx -> {
            if (!Objects.equals(ObjectReader.find(tx, address, call).record().blob(), blob)) {
                throw S3Errors.conflict();
            }
            BlobRef shared = blob;
            if (shared != null) {
                s3.blobs().keep(tx, account, shared);
                if (range != null && range.length() < shared.length()) {
                    Blobs.Slice slice = new Blobs.Slice(shared, range.first(), range.length());
                    shared = s3.blobs().join(tx, account, List.of(slice));
                }
            }
            PartRecord part = new PartRecord(
                    described.number(),
                    described.size(),
                    described.etag(),
                    described.modified(),
                    shared,
                    described.checksum());
            replace(tx, upload, part, call);
            return part;
        });
    }

    /** Records a part whose bytes are kept; one of the same number before it gives its own back. */
    private void replace(WriteTx tx, Multipart.Upload upload, PartRecord part, Call call) {
        // The upload may have been completed or aborted while the bytes came.
        Multipart.Upload still = Multipart.require(tx, upload.bucket().name(), upload.key(), upload.id(), call, null);
        tx.get(S3Tables.PARTS, still.partKey(part.number()))
                .ifPresent(before -> uploads.release(tx, still, before.value()));
        tx.put(S3Tables.PARTS, still.partKey(part.number()), part);
    }

    private @Nullable ByteRange slice(ObjectRecord record, UploadPartCopyRequest in) {
        new Conditions(
                        in.copySourceIfMatch(),
                        in.copySourceIfNoneMatch(),
                        in.copySourceIfModifiedSince(),
                        in.copySourceIfUnmodifiedSince())
                .checkCopySource(record.etag(), record.modified());
        reader.checkReadable(record);
        String range = in.copySourceRange();
        return range == null ? null : ByteRange.parseCopySource(range, record.size());
    }

    private static int checkNumber(@Nullable Integer number) {
        if (number == null || number < 1 || number > Multipart.MAX_PARTS) {
            throw S3Errors.invalidArgument(
                    "Part number must be an integer between 1 and 10000, inclusive",
                    "partNumber",
                    String.valueOf(number));
        }
        return number;
    }

    ListPartsOutput list(ListPartsRequest in, Call call) {
        int maxParts = ListObjects.maxKeys(in.maxParts(), "max-parts");
        int marker = marker(in.partNumberMarker());
        return s3.store().read(tx -> {
            Multipart.Upload upload =
                    Multipart.require(tx, in.bucket(), in.key(), in.uploadId(), call, in.expectedBucketOwner());
            List<PartRecord> after = Multipart.parts(tx, upload).stream()
                    .filter(part -> part.number() > marker)
                    .toList();
            List<PartRecord> page = after.subList(0, Math.min(maxParts, after.size()));
            boolean truncated = page.size() < after.size();
            ChecksumAlgorithm algorithm = upload.record().algorithm();
            int next = page.isEmpty() ? 0 : page.getLast().number();
            return new ListPartsOutput()
                    .bucket(in.bucket())
                    .key(in.key())
                    .uploadId(in.uploadId())
                    .partNumberMarker(marker)
                    .nextPartNumberMarker(next)
                    .maxParts(maxParts)
                    .isTruncated(truncated)
                    .parts(parts(page, algorithm != null))
                    .owner(Owners.owner(upload.bucket().account()))
                    .initiator(new Initiator().id(upload.record().initiator()))
                    .storageClass(upload.record().description().storageClass())
                    .checksumAlgorithm(algorithm == null ? null : algorithm.name())
                    .checksumType(
                            algorithm == null
                                    ? null
                                    : Multipart.typeName(upload.record().composite()));
        });
    }

    /** The part number to go on from; 0 for the beginning. */
    static int marker(@Nullable Integer asked) {
        if (asked != null && asked < 0) {
            throw S3Errors.invalidArgument(
                    "Argument part-number-marker must be an integer between 0 and 2147483647",
                    "part-number-marker",
                    asked.toString());
        }
        return asked == null ? 0 : asked;
    }

    private static @Nullable List<Part> parts(List<PartRecord> page, boolean checksums) {
        List<Part> parts = new ArrayList<>();
        for (PartRecord record : page) {
            Part part = new Part()
                    .partNumber(record.number())
                    .eTag('"' + record.etag() + '"')
                    .size(record.size())
                    .lastModified(record.modified());
            if (checksums && record.checksum() != null) {
                Declared.tell(part, record.checksum());
            }
            parts.add(part);
        }
        return parts.isEmpty() ? null : parts;
    }
}
