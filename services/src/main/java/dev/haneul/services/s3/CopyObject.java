package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.AccessControlPolicy;
import dev.haneul.api.s3.CopyObjectOutput;
import dev.haneul.api.s3.CopyObjectRequest;
import dev.haneul.api.s3.CopyObjectResult;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.services.s3.ObjectReader.Address;
import dev.haneul.services.s3.ObjectReader.Found;
import dev.haneul.services.s3.S3Tables.Description;
import dev.haneul.services.s3.S3Tables.Lock;
import dev.haneul.services.s3.S3Tables.ObjectChecksum;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** CopyObject: the copy shares the source's bytes; what is said of them is as the directives want it. */
final class CopyObject {
    private final S3Context s3;
    private final ObjectIndex index;
    private final ObjectReader reader;
    private final PutObject puts;
    private final Acls acls;

    CopyObject(S3Context s3, ObjectIndex index, ObjectReader reader, PutObject puts) {
        this.s3 = s3;
        this.index = index;
        this.reader = reader;
        this.puts = puts;
        this.acls = new Acls(s3);
    }

    CopyObjectOutput copy(CopyObjectRequest in, Call call) {
        CopySource source = CopySource.parse(in.copySource());
        Description requested = Descriptions.of(in, in.metadata());
        boolean replaceMetadata = directive(in.metadataDirective(), "x-amz-metadata-directive");
        boolean replaceTags = directive(in.taggingDirective(), "x-amz-tagging-directive");
        ChecksumAlgorithm algorithm = in.checksumAlgorithm() == null ? null : Declared.named(in.checksumAlgorithm());
        PutObject.Target target = new PutObject.Target(
                in.bucket(), in.key(), new WriteConditions(in.ifMatch(), in.ifNoneMatch()), in.expectedBucketOwner());
        boolean changes = replaceMetadata
                || replaceTags
                || algorithm != null
                || in.storageClass() != null
                || in.websiteRedirectLocation() != null
                || in.serverSideEncryption() != null
                || in.sseCustomerAlgorithm() != null
                || source.versionId() != null;
        if (source.bucket().equals(in.bucket()) && source.key().equals(in.key()) && !changes) {
            throw S3Errors.invalidRequest("This copy request is illegal because it is trying to copy an object to"
                    + " itself without changing the object's metadata, storage class, website redirect location or"
                    + " encryption attributes.");
        }
        s3.require(call, source.permission(), source.bucket(), source.key());
        Buckets.Bucket bucket = puts.check(target, call);
        Lock lock = Retention.of(in, bucket, s3.now());
        Encryption.Sealing sealing = s3.encryption().begin(in, bucket, in.key(), call);
        AccessControlPolicy acl = acls.fresh(in, bucket, call);
        Address address = source.address(in.expectedSourceBucketOwner());
        try (ObjectReader.Opened opened =
                reader.open(address, CustomerKey.ofSource(in), call, found -> check(found, in))) {
            Description description =
                    merge(requested, opened.found().record().description(), replaceMetadata, replaceTags);
            puts.checkTagging(description, in.bucket(), in.key(), call);
            PutObject.Fresh fresh = new PutObject.Fresh("ObjectCreated:Copy", description.withAcl(acl), sealing, lock);
            boolean shares = Encryption.sharable(opened.found().record().seal(), sealing.seal());
            ObjectRecord copy = shares
                    ? share(describe(opened, fresh, algorithm), address, target, call)
                    : rewrite(opened, fresh, algorithm, target, call);
            CopyObjectResult result =
                    new CopyObjectResult().eTag('"' + copy.etag() + '"').lastModified(copy.modified());
            ObjectChecksum checksum = copy.checksum();
            if (checksum != null) {
                Declared.tell(result, checksum);
            }
            s3.meter().write(bucket, 0);
            CopyObjectOutput out = new CopyObjectOutput()
                    .copyObjectResult(result)
                    .versionId(PutObject.told(bucket, copy))
                    .copySourceVersionId(opened.found().told());
            Encryption.tell(out, copy.seal());
            Tellings.tell(s3, out, bucket, in.key(), copy, call);
            return out;
        }
    }

    private @Nullable ByteRange check(Found found, CopyObjectRequest in) {
        ObjectRecord record = found.record();
        new Conditions(
                        in.copySourceIfMatch(),
                        in.copySourceIfNoneMatch(),
                        in.copySourceIfModifiedSince(),
                        in.copySourceIfUnmodifiedSince())
                .checkCopySource(record.etag(), record.modified());
        reader.checkReadable(record);
        if (record.size() > PutObject.MAX_BYTES) {
            throw S3Errors.invalidRequest(
                    "The specified copy source is larger than the maximum allowable size for a copy source: "
                            + PutObject.MAX_BYTES);
        }
        return null;
    }

    private static boolean directive(@Nullable String value, String header) {
        if (value == null || value.equals("COPY")) {
            return false;
        }
        if (!value.equals("REPLACE")) {
            throw S3Errors.invalidArgument("Unknown " + header + ".", header, value);
        }
        return true;
    }

    /** The storage class and a redirect are the request's in any case; the rest goes by the directives. */
    private static Description merge(
            Description requested, Description source, boolean replaceMetadata, boolean replaceTags) {
        Map<String, String> headers = new LinkedHashMap<>(replaceMetadata ? requested.headers() : source.headers());
        headers.remove("WebsiteRedirectLocation");
        String redirect = requested.headers().get("WebsiteRedirectLocation");
        if (redirect != null) {
            headers.put("WebsiteRedirectLocation", redirect);
        }
        return new Description(
                headers,
                replaceMetadata ? requested.metadata() : source.metadata(),
                replaceTags ? requested.tags() : source.tags(),
                requested.storageClass(),
                null);
    }

    /**
     * The copy's record. Its entity tag is the MD5 of all its bytes, so what was uploaded in parts is read once; so is
     * what shall have another checksum than it has.
     */
    private ObjectRecord describe(
            ObjectReader.Opened opened, PutObject.Fresh fresh, @Nullable ChecksumAlgorithm asked) {
        ObjectRecord source = opened.found().record();
        ObjectChecksum checksum = source.checksum();
        String etag = source.etag();
        ChecksumAlgorithm kept = checksum == null ? ChecksumAlgorithm.CRC64NVME : checksum.algorithm();
        ChecksumAlgorithm algorithm = asked == null ? kept : asked;
        boolean known = checksum != null && checksum.algorithm() == algorithm && !checksum.composite();
        if (source.upload() != null || !known) {
            try {
                DigestPass pass = DigestPass.over(opened.body().stream(), Set.of(ChecksumAlgorithm.MD5, algorithm));
                etag = pass.etag();
                checksum = new ObjectChecksum(algorithm, pass.checksum(algorithm), false);
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
        return new ObjectRecord(
                source.size(),
                etag,
                s3.now(),
                source.blob(),
                null,
                fresh.description(),
                checksum,
                fresh.sealing().seal(),
                fresh.lock(),
                null,
                null,
                null);
    }

    /** A copy under another key than its source's: the bytes are written anew. */
    private ObjectRecord rewrite(
            ObjectReader.Opened opened,
            PutObject.Fresh fresh,
            @Nullable ChecksumAlgorithm asked,
            PutObject.Target target,
            Call call) {
        ObjectChecksum before = opened.found().record().checksum();
        ChecksumAlgorithm kept = before == null ? ChecksumAlgorithm.CRC64NVME : before.algorithm();
        Declared declared = new Declared(asked == null ? kept : asked, null, null);
        return puts.store(target, fresh, declared, opened.body(), call);
    }

    /** A copy with its source's bytes. */
    private ObjectRecord share(ObjectRecord copy, Address address, PutObject.Target target, Call call) {
        return s3.store().transact(tx -> {
            // The bytes can be shared as long as the source still has them.
            if (!Objects.equals(ObjectReader.find(tx, address, call).record().blob(), copy.blob())) {
                throw S3Errors.conflict();
            }
            Buckets.Bucket bucket = Buckets.require(tx, target.bucket(), call, target.expectedOwner());
            if (copy.blob() != null) {
                s3.blobs().keep(tx, bucket.account(), copy.blob());
            }
            return index.put(
                    tx,
                    new ObjectIndex.Target(bucket, target.key(), target.conditions(), "ObjectCreated:Copy"),
                    copy,
                    call);
        });
    }
}
