package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.HeadObjectOutput;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.services.s3.ObjectReader.Address;
import dev.haneul.services.s3.ObjectReader.Found;
import dev.haneul.services.s3.S3Tables.Lock;
import dev.haneul.services.s3.S3Tables.ObjectChecksum;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.PartRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** GetObject and HeadObject: conditions, ranges, parts, overrides. */
final class GetObject {
    private static final List<String> OVERRIDES =
            List.of("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType");

    private final S3Context s3;
    private final ObjectReader reader;

    GetObject(S3Context s3, ObjectReader reader) {
        this.s3 = s3;
        this.reader = reader;
    }

    GetObjectOutput get(GetObjectRequest in, Call call) {
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        Conditions conditions =
                new Conditions(in.ifMatch(), in.ifNoneMatch(), in.ifModifiedSince(), in.ifUnmodifiedSince());
        ObjectReader.Opened opened = reader.open(address, CustomerKey.of(in), call, found -> {
            conditions.checkRead(found.record().etag(), found.record().modified());
            reader.checkReadable(found.record());
            return slice(found, in.range(), in.partNumber());
        });
        s3.meter().read(opened.found().bucket(), opened.body().length());
        GetObjectOutput out = new GetObjectOutput().body(opened.body());
        describe(out, opened.found(), opened.range(), in.partNumber(), in.checksumMode());
        tellProtection(out, opened.found(), call);
        override(out, in, in.responseExpires());
        return out;
    }

    HeadObjectOutput head(HeadObjectRequest in, Call call) {
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        Conditions conditions =
                new Conditions(in.ifMatch(), in.ifNoneMatch(), in.ifModifiedSince(), in.ifUnmodifiedSince());
        Found found = reader.find(address, call);
        Encryption.check(found.record().seal(), CustomerKey.of(in));
        conditions.checkRead(found.record().etag(), found.record().modified());
        ByteRange range = slice(found, in.range(), in.partNumber());
        s3.meter().read(found.bucket(), 0);
        HeadObjectOutput out = new HeadObjectOutput();
        describe(out, found, range, in.partNumber(), in.checksumMode());
        tellProtection(out, found, call);
        override(out, in, in.responseExpires());
        return out;
    }

    /** The bytes asked for, null for all. */
    private static @Nullable ByteRange slice(Found found, @Nullable String range, @Nullable Integer partNumber) {
        if (partNumber == null) {
            return ByteRange.parse(range, found.record().size());
        }
        if (range != null) {
            throw S3Errors.invalidRequest("Cannot specify both Range header and partNumber query parameter");
        }
        if (partNumber < 1 || partNumber > Multipart.MAX_PARTS) {
            throw S3Errors.invalidArgument(
                    "Part number must be an integer between 1 and 10000, inclusive",
                    "partNumber",
                    partNumber.toString());
        }
        if (partNumber > found.partCount()) {
            throw Fault.client("InvalidPartNumber", 416, "The requested partnumber is not satisfiable")
                    .with("PartNumberRequested", partNumber.toString())
                    .with("ActualPartCount", Integer.toString(found.partCount()));
        }
        long first = 0;
        for (PartRecord part : found.parts().subList(0, found.parts().isEmpty() ? 0 : partNumber - 1)) {
            first += part.size();
        }
        long length = found.parts().isEmpty()
                ? found.record().size()
                : found.parts().get(partNumber - 1).size();
        return found.record().size() == 0 ? null : new ByteRange(first, length);
    }

    private static void describe(
            Struct out,
            Found found,
            @Nullable ByteRange range,
            @Nullable Integer partNumber,
            @Nullable String checksumMode) {
        ObjectRecord record = found.record();
        Members.set(out, "AcceptRanges", "bytes");
        Members.set(out, "LastModified", record.modified());
        Members.set(out, "ContentLength", range == null ? record.size() : range.length());
        Members.set(out, "ETag", '"' + record.etag() + '"');
        record.description().headers().forEach((name, value) -> Members.set(out, name, value));
        Map<String, String> metadata = record.description().metadata();
        if (!metadata.isEmpty()) {
            Members.set(out, "Metadata", metadata);
        }
        String storageClass = record.description().storageClass();
        if (!storageClass.equals(Descriptions.STANDARD)) {
            Members.set(out, "StorageClass", storageClass);
        }
        int tags = record.description().tags().size();
        if (tags > 0) {
            Members.set(out, "TagCount", tags);
        }
        if (range != null && range.length() > 0) {
            Members.set(out, "ContentRange", range.contentRange(record.size()));
        }
        if (partNumber != null && !found.parts().isEmpty()) {
            Members.set(out, "PartsCount", found.partCount());
        }
        if ("ENABLED".equals(checksumMode)) {
            tellChecksum(out, found, range, partNumber);
        }
    }

    /** The object's where all of it is asked for; a part's own where the object's is made up of those of the parts. */
    private static void tellChecksum(Struct out, Found found, @Nullable ByteRange range, @Nullable Integer partNumber) {
        ObjectChecksum checksum = found.record().checksum();
        if (checksum == null) {
            return;
        }
        if (partNumber != null && checksum.composite() && !found.parts().isEmpty()) {
            ObjectChecksum ofPart = found.parts().get(partNumber - 1).checksum();
            if (ofPart != null) {
                Declared.tell(out, new ObjectChecksum(ofPart.algorithm(), ofPart.value(), true));
            }
        } else if (range == null || range.length() == found.record().size()) {
            Declared.tell(out, checksum);
        }
    }

    /** Version, encryption, lock and restore. Of locks only those learn who may ask for them. */
    private void tellProtection(Struct out, Found found, Call call) {
        ObjectRecord record = found.record();
        Members.set(out, "VersionId", found.told());
        if (found.version().noncurrent() == null) {
            Tellings.tell(s3, out, found.bucket(), found.key(), record, call);
        } else {
            Members.set(out, "ReplicationStatus", record.replication());
        }
        Encryption.tell(out, record.seal());
        Members.set(out, "Restore", RestoreObject.header(record.restore(), reader.now()));
        Lock lock = record.lock();
        if (lock == null) {
            return;
        }
        if (lock.mode() != null && reader.allows(call, "s3:GetObjectRetention", found)) {
            Members.set(out, "ObjectLockMode", lock.mode());
            Members.set(out, "ObjectLockRetainUntilDate", lock.until());
        }
        if (lock.hold() != null && reader.allows(call, "s3:GetObjectLegalHold", found)) {
            Members.set(out, "ObjectLockLegalHoldStatus", lock.held() ? "ON" : "OFF");
        }
    }

    private static void override(Struct out, Struct in, @Nullable Instant expires) {
        for (String name : OVERRIDES) {
            String value = Members.text(in, "Response" + name);
            if (value != null) {
                Members.set(out, name, value);
            }
        }
        if (expires != null) {
            Members.set(out, "Expires", HttpDates.format(expires));
        }
    }
}
