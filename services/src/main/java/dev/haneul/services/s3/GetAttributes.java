package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.Checksum;
import dev.haneul.api.s3.GetObjectAttributesOutput;
import dev.haneul.api.s3.GetObjectAttributesParts;
import dev.haneul.api.s3.GetObjectAttributesRequest;
import dev.haneul.api.s3.ObjectPart;
import dev.haneul.services.s3.ObjectReader.Address;
import dev.haneul.services.s3.ObjectReader.Found;
import dev.haneul.services.s3.S3Tables.ObjectChecksum;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.PartRecord;
import java.util.List;
import java.util.Set;

/** GetObjectAttributes. */
final class GetAttributes {
    private static final Set<String> KNOWN = Set.of("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize");
    private final ObjectReader reader;

    GetAttributes(ObjectReader reader) {
        this.reader = reader;
    }

    GetObjectAttributesOutput get(GetObjectAttributesRequest in, Call call) {
        List<String> wanted = in.objectAttributes();
        if (wanted.isEmpty() || !KNOWN.containsAll(wanted)) {
            throw S3Errors.invalidArgument(
                    "Invalid attribute name specified.", "x-amz-object-attributes", String.join(",", wanted));
        }
        Found found = reader.find(new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner()), call);
        ObjectRecord record = found.record();
        Encryption.check(record.seal(), CustomerKey.of(in));
        GetObjectAttributesOutput out =
                new GetObjectAttributesOutput().lastModified(record.modified()).versionId(found.told());
        ObjectChecksum checksum = record.checksum();
        if (wanted.contains("ETag")) {
            out.eTag(record.etag());
        }
        if (wanted.contains("Checksum") && checksum != null) {
            Checksum told = new Checksum();
            Declared.tell(told, checksum);
            out.checksum(told);
        }
        if (wanted.contains("ObjectParts") && !found.parts().isEmpty()) {
            out.objectParts(parts(in, found));
        }
        if (wanted.contains("StorageClass")) {
            out.storageClass(record.description().storageClass());
        }
        if (wanted.contains("ObjectSize")) {
            out.objectSize(record.size());
        }
        return out;
    }

    /** The parts themselves are listed only where their checksums make up the object's. */
    private static GetObjectAttributesParts parts(GetObjectAttributesRequest in, Found found) {
        GetObjectAttributesParts out = new GetObjectAttributesParts().totalPartsCount(found.partCount());
        ObjectChecksum checksum = found.record().checksum();
        if (checksum == null || !checksum.composite()) {
            return out;
        }
        int maxParts = ListObjects.maxKeys(in.maxParts(), "max-parts");
        int marker = UploadParts.marker(in.partNumberMarker());
        List<PartRecord> after =
                found.parts().stream().filter(part -> part.number() > marker).toList();
        List<PartRecord> page = after.subList(0, Math.min(maxParts, after.size()));
        List<ObjectPart> parts = page.stream()
                .map(record -> {
                    ObjectPart part =
                            new ObjectPart().partNumber(record.number()).size(record.size());
                    if (record.checksum() != null) {
                        Declared.tell(part, record.checksum());
                    }
                    return part;
                })
                .toList();
        return out.partNumberMarker(marker)
                .nextPartNumberMarker(page.isEmpty() ? 0 : page.getLast().number())
                .maxParts(maxParts)
                .isTruncated(page.size() < after.size())
                .parts(parts.isEmpty() ? null : parts);
    }
}
