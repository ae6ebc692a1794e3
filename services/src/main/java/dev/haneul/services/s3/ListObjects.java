package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.CommonPrefix;
import dev.haneul.api.s3.ListObjectsOutput;
import dev.haneul.api.s3.ListObjectsRequest;
import dev.haneul.api.s3.ListObjectsV2Output;
import dev.haneul.api.s3.ListObjectsV2Request;
import dev.haneul.api.s3.Owner;
import dev.haneul.api.s3.S3Object;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** ListObjects and ListObjectsV2. */
final class ListObjects {
    static final int MAX_KEYS = 1000;

    private final S3Context s3;

    ListObjects(S3Context s3) {
        this.s3 = s3;
    }

    ListObjectsOutput v1(ListObjectsRequest in, Call call) {
        UnaryOperator<String> encode = encoding(in.encodingType());
        int maxKeys = maxKeys(in.maxKeys(), "max-keys");
        String prefix = or(in.prefix());
        String delimiter = or(in.delimiter());
        Listing.Query query = Listing.Query.keys(prefix, delimiter, or(in.marker()), maxKeys);
        Listing.Of<ObjectRecord> listed = list(in.bucket(), query, call, in.expectedBucketOwner());
        Listing.Page<ObjectRecord> page = listed.page();
        ListObjectsOutput out = new ListObjectsOutput()
                .name(in.bucket())
                .prefix(encode.apply(prefix))
                .marker(encode.apply(or(in.marker())))
                .maxKeys(maxKeys)
                .isTruncated(page.truncated())
                .encodingType(in.encodingType())
                .contents(contents(listed, true, encode))
                .commonPrefixes(prefixes(page.commonPrefixes(), encode));
        if (!delimiter.isEmpty()) {
            out.delimiter(encode.apply(delimiter));
            if (page.truncated()) {
                out.nextMarker(encode.apply(page.lastName()));
            }
        }
        return out;
    }

    ListObjectsV2Output v2(ListObjectsV2Request in, Call call) {
        UnaryOperator<String> encode = encoding(in.encodingType());
        int maxKeys = maxKeys(in.maxKeys(), "max-keys");
        String prefix = or(in.prefix());
        String delimiter = or(in.delimiter());
        String token = in.continuationToken();
        String after = token == null ? or(in.startAfter()) : untoken(token);
        Listing.Query query = Listing.Query.keys(prefix, delimiter, after, maxKeys);
        Listing.Of<ObjectRecord> listed = list(in.bucket(), query, call, in.expectedBucketOwner());
        Listing.Page<ObjectRecord> page = listed.page();
        ListObjectsV2Output out = new ListObjectsV2Output()
                .name(in.bucket())
                .prefix(encode.apply(prefix))
                .maxKeys(maxKeys)
                .keyCount(page.rows().size() + page.commonPrefixes().size())
                .isTruncated(page.truncated())
                .encodingType(in.encodingType())
                .continuationToken(token)
                .contents(contents(listed, Boolean.TRUE.equals(in.fetchOwner()), encode))
                .commonPrefixes(prefixes(page.commonPrefixes(), encode));
        if (!delimiter.isEmpty()) {
            out.delimiter(encode.apply(delimiter));
        }
        if (in.startAfter() != null) {
            out.startAfter(encode.apply(in.startAfter()));
        }
        if (page.truncated()) {
            out.nextContinuationToken(token(page.lastName()));
        }
        return out;
    }

    private Listing.Of<ObjectRecord> list(String name, Listing.Query query, Call call, @Nullable String expectedOwner) {
        Listing.Of<ObjectRecord> listed = s3.store().read(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, name, call, expectedOwner);
            return Listing.of(tx, S3Tables.OBJECTS, bucket, query);
        });
        s3.meter().write(listed.bucket(), 0);
        return listed;
    }

    private static @Nullable List<S3Object> contents(
            Listing.Of<ObjectRecord> listed, boolean owner, UnaryOperator<String> encode) {
        List<S3Object> contents = new ArrayList<>(listed.page().rows().size());
        Owner bucketOwner = owner ? Owners.owner(listed.bucket().account()) : null;
        for (Listing.Row<ObjectRecord> row : listed.page().rows()) {
            ObjectRecord object = row.value();
            S3Object item = new S3Object()
                    .key(encode.apply(row.name()))
                    .lastModified(object.modified())
                    .eTag('"' + object.etag() + '"')
                    .size(object.size())
                    .storageClass(object.description().storageClass())
                    .owner(bucketOwner);
            if (object.checksum() != null) {
                item.checksumAlgorithm(List.of(object.checksum().algorithm().name()))
                        .checksumType(object.checksum().composite() ? "COMPOSITE" : "FULL_OBJECT");
            }
            contents.add(item);
        }
        return contents.isEmpty() ? null : contents;
    }

    static @Nullable List<CommonPrefix> prefixes(List<String> prefixes, UnaryOperator<String> encode) {
        return prefixes.isEmpty()
                ? null
                : prefixes.stream()
                        .map(prefix -> new CommonPrefix().prefix(encode.apply(prefix)))
                        .toList();
    }

    /** At most 1000, whatever is asked for; 1000 where nothing is. */
    static int maxKeys(@Nullable Integer asked, String name) {
        if (asked == null) {
            return MAX_KEYS;
        }
        if (asked < 0) {
            throw S3Errors.invalidArgument(
                    "Argument " + name + " must be an integer between 0 and 2147483647", name, asked.toString());
        }
        return Math.min(asked, MAX_KEYS);
    }

    /** How names are written: as they are, or URL-encoded where the client fears what XML cannot hold. */
    static UnaryOperator<String> encoding(@Nullable String type) {
        if (type == null) {
            return UnaryOperator.identity();
        }
        if (!type.equals("url")) {
            throw S3Errors.invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", type);
        }
        return name -> URLEncoder.encode(name, StandardCharsets.UTF_8).replace("%2F", "/");
    }

    static String or(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** Opaque to clients; the leading digit leaves room for other kinds. */
    static String token(String lastName) {
        byte[] bytes = ("1" + lastName).getBytes(StandardCharsets.UTF_8);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String untoken(String token) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            if (text.startsWith("1")) {
                return text.substring(1);
            }
        } catch (IllegalArgumentException malformed) {
            // Falls through to the same refusal.
        }
        throw S3Errors.invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
    }
}
