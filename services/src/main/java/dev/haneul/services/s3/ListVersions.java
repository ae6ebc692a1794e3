package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.ListObjectVersionsOutput;
import dev.haneul.api.s3.ListObjectVersionsRequest;
import dev.haneul.api.s3.ObjectVersion;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.util.List;
import java.util.function.UnaryOperator;

/** ListObjectVersions of buckets without versioning: each object is its own latest version, called null. */
final class ListVersions {
    private static final String NULL_VERSION = "null";
    private final Store store;

    ListVersions(Store store) {
        this.store = store;
    }

    ListObjectVersionsOutput list(ListObjectVersionsRequest in, Call call) {
        UnaryOperator<String> encode = ListObjects.encoding(in.encodingType());
        int maxKeys = ListObjects.maxKeys(in.maxKeys(), "max-keys");
        String prefix = ListObjects.or(in.prefix());
        String delimiter = ListObjects.or(in.delimiter());
        String marker = ListObjects.or(in.keyMarker());
        if (in.versionIdMarker() != null && marker.isEmpty()) {
            throw S3Errors.invalidArgument(
                    "A version-id marker cannot be specified without a key marker.",
                    "version-id-marker",
                    in.versionIdMarker());
        }
        Listing.Query query = Listing.Query.keys(prefix, delimiter, marker, maxKeys);
        Listing.Of<ObjectRecord> listed = store.read(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            return Listing.of(tx, S3Tables.OBJECTS, bucket, query);
        });
        Listing.Page<ObjectRecord> page = listed.page();
        List<ObjectVersion> versions = page.rows().stream()
                .map(row -> version(row, encode, listed.bucket().account()))
                .toList();
        ListObjectVersionsOutput out = new ListObjectVersionsOutput()
                .name(in.bucket())
                .prefix(encode.apply(prefix))
                .keyMarker(encode.apply(marker))
                .versionIdMarker(ListObjects.or(in.versionIdMarker()))
                .maxKeys(maxKeys)
                .isTruncated(page.truncated())
                .encodingType(in.encodingType())
                .versions(versions.isEmpty() ? null : versions)
                .commonPrefixes(ListObjects.prefixes(page.commonPrefixes(), encode));
        if (!delimiter.isEmpty()) {
            out.delimiter(encode.apply(delimiter));
        }
        if (page.truncated()) {
            out.nextKeyMarker(encode.apply(page.lastName())).nextVersionIdMarker(NULL_VERSION);
        }
        return out;
    }

    private static ObjectVersion version(Listing.Row<ObjectRecord> row, UnaryOperator<String> encode, String account) {
        ObjectRecord object = row.value();
        ObjectVersion version = new ObjectVersion()
                .key(encode.apply(row.name()))
                .versionId(NULL_VERSION)
                .isLatest(true)
                .lastModified(object.modified())
                .eTag('"' + object.etag() + '"')
                .size(object.size())
                .storageClass(object.description().storageClass())
                .owner(Owners.owner(account));
        if (object.checksum() != null) {
            version.checksumAlgorithm(List.of(object.checksum().algorithm().name()))
                    .checksumType(Multipart.typeName(object.checksum().composite()));
        }
        return version;
    }
}
