package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.DeleteMarkerEntry;
import dev.haneul.api.s3.ListObjectVersionsOutput;
import dev.haneul.api.s3.ListObjectVersionsRequest;
import dev.haneul.api.s3.ObjectVersion;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Table;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.VersionRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * ListObjectVersions: keys in order, the versions of each newest first.
 *
 * <p>Current objects and the others are two tables that are read side by side; a current object stands in the common
 * order where its version would, so that a marker is a place whatever has become of its version meanwhile.
 */
final class ListVersions {
    private final S3Context s3;

    ListVersions(S3Context s3) {
        this.s3 = s3;
    }

    /**
     * An entry of the listing.
     *
     * @param object null for a delete marker
     */
    private record Entry(String version, @Nullable ObjectRecord object, boolean current, Instant modified) {}

    ListObjectVersionsOutput list(ListObjectVersionsRequest in, Call call) {
        UnaryOperator<String> encode = ListObjects.encoding(in.encodingType());
        int maxKeys = ListObjects.maxKeys(in.maxKeys(), "max-keys");
        String prefix = ListObjects.or(in.prefix());
        String delimiter = ListObjects.or(in.delimiter());
        String marker = ListObjects.or(in.keyMarker());
        String versionMarker = ListObjects.or(in.versionIdMarker());
        checkMarkers(marker, in.versionIdMarker());
        Listing.Of<Entry> listed = s3.store().read(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            String after = after(tx, bucket, marker, versionMarker);
            Listing.Query query = new Listing.Query(prefix, delimiter, marker, after, maxKeys);
            return new Listing.Of<>(bucket, Listing.scan(source(tx, bucket), query));
        });
        s3.meter().write(listed.bucket(), 0);
        Listing.Page<Entry> page = listed.page();
        ListObjectVersionsOutput out = new ListObjectVersionsOutput()
                .name(in.bucket())
                .prefix(encode.apply(prefix))
                .keyMarker(encode.apply(marker))
                .versionIdMarker(versionMarker)
                .maxKeys(maxKeys)
                .isTruncated(page.truncated())
                .encodingType(in.encodingType())
                .commonPrefixes(ListObjects.prefixes(page.commonPrefixes(), encode));
        fill(out, listed, encode, versionMarker.isEmpty() ? "" : marker);
        if (!delimiter.isEmpty()) {
            out.delimiter(encode.apply(delimiter));
        }
        if (page.truncated()) {
            out.nextKeyMarker(encode.apply(page.lastName()));
            boolean endsWithVersion =
                    !page.rows().isEmpty() && page.rows().getLast().name().equals(page.lastName());
            if (endsWithVersion) {
                out.nextVersionIdMarker(page.rows().getLast().value().version());
            }
        }
        return out;
    }

    private static void checkMarkers(String keyMarker, @Nullable String versionMarker) {
        if (versionMarker == null) {
            return;
        }
        if (keyMarker.isEmpty()) {
            throw S3Errors.invalidArgument(
                    "A version-id marker cannot be specified without a key marker.",
                    "version-id-marker",
                    versionMarker);
        }
        boolean possible = versionMarker.isEmpty()
                || versionMarker.equals(S3Tables.NULL_VERSION)
                || VersionIds.wellFormed(versionMarker);
        if (!possible) {
            throw S3Errors.invalidArgument("Invalid version id specified", "version-id-marker", versionMarker);
        }
    }

    /** The position to go on after. */
    private static String after(ReadTx tx, Buckets.Bucket bucket, String keyMarker, String versionMarker) {
        String position = Keys.position(keyMarker);
        if (versionMarker.isEmpty()) {
            // Every version of the marked key is passed over.
            return position + '\1';
        }
        if (!versionMarker.equals(S3Tables.NULL_VERSION)) {
            return position + '\0' + versionMarker;
        }
        ObjectRecord current = ObjectIndex.find(tx, bucket, keyMarker);
        if (current != null && current.version() == null) {
            return position + '\0';
        }
        // Where the version called null has gone meanwhile, the key's versions are listed once more.
        return ObjectIndex.findNull(tx, bucket, keyMarker)
                .map(row -> row.key().id().substring(bucket.name().length() + 1))
                .orElse(position);
    }

    private static Listing.Source<Entry> source(ReadTx tx, Buckets.Bucket bucket) {
        return (from, to, limit) -> {
            List<Listing.Row<Entry>> current = current(tx, bucket, from, to, limit);
            List<Listing.Row<Entry>> others = others(tx, bucket, from, to, limit);
            List<Listing.Row<Entry>> merged = new ArrayList<>(Math.min(limit, current.size() + others.size()));
            int i = 0;
            int j = 0;
            while (merged.size() < limit && (i < current.size() || j < others.size())) {
                boolean first = j == others.size()
                        || i < current.size()
                                && Utf8Order.compare(
                                                current.get(i).position(),
                                                others.get(j).position())
                                        < 0;
                merged.add(first ? current.get(i++) : others.get(j++));
            }
            return merged;
        };
    }

    /** Current objects, each in its version's place; the one called null is the newest of its key. */
    private static List<Listing.Row<Entry>> current(
            ReadTx tx, Buckets.Bucket bucket, String from, @Nullable String to, int limit) {
        int inKey = from.indexOf('\0');
        String start = inKey < 0 ? from : from.substring(0, inKey);
        List<Listing.Row<Entry>> found = new ArrayList<>();
        // One more, for the first may lie before the place to begin at.
        for (Row<ObjectRecord> row : rows(tx, S3Tables.OBJECTS, bucket, start, to, limit + 1)) {
            String position = row.key().id().substring(bucket.name().length() + 1);
            ObjectRecord object = row.value();
            String place = position + '\0' + (object.version() == null ? "" : object.version());
            if (Utf8Order.compare(place, from) >= 0) {
                Entry entry = new Entry(object.versionName(), object, true, object.modified());
                found.add(new Listing.Row<>(Keys.ofPosition(position), place, entry));
            }
        }
        return found.size() > limit ? found.subList(0, limit) : found;
    }

    private static List<Listing.Row<Entry>> others(
            ReadTx tx, Buckets.Bucket bucket, String from, @Nullable String to, int limit) {
        List<Listing.Row<Entry>> found = new ArrayList<>();
        for (Row<VersionRecord> row : rows(tx, S3Tables.VERSIONS, bucket, from, to, limit)) {
            String place = row.key().id().substring(bucket.name().length() + 1);
            VersionRecord version = row.value();
            Entry entry = new Entry(Versions.name(row), version.object(), false, version.modified());
            found.add(new Listing.Row<>(Keys.ofPosition(place), place, entry));
        }
        return found;
    }

    private static <R> List<Row<R>> rows(
            ReadTx tx, Table<R> table, Buckets.Bucket bucket, String from, @Nullable String to, int limit) {
        String base = bucket.name() + '/';
        String end = to == null ? S3Tables.bucketEnd(bucket.name()) : base + to;
        return tx.range(table, bucket.scope(), base + from, end, limit);
    }

    /**
     * Writes the entries.
     *
     * @param resumed the key whose newer versions an earlier page has told, empty for none
     */
    private static void fill(
            ListObjectVersionsOutput out, Listing.Of<Entry> listed, UnaryOperator<String> encode, String resumed) {
        List<ObjectVersion> versions = new ArrayList<>();
        List<DeleteMarkerEntry> markers = new ArrayList<>();
        String account = listed.bucket().account();
        String before = resumed;
        for (Listing.Row<Entry> row : listed.page().rows()) {
            Entry entry = row.value();
            boolean latest =
                    entry.current() || entry.object() == null && !row.name().equals(before);
            before = row.name();
            if (entry.object() == null) {
                markers.add(new DeleteMarkerEntry()
                        .key(encode.apply(row.name()))
                        .versionId(entry.version())
                        .isLatest(latest)
                        .lastModified(entry.modified())
                        .owner(Owners.owner(account)));
            } else {
                versions.add(version(encode.apply(row.name()), entry.version(), entry.object())
                        .isLatest(latest)
                        .owner(Owners.owner(account)));
            }
        }
        out.versions(versions.isEmpty() ? null : versions).deleteMarkers(markers.isEmpty() ? null : markers);
    }

    private static ObjectVersion version(String key, String versionId, ObjectRecord object) {
        ObjectVersion version = new ObjectVersion()
                .key(key)
                .versionId(versionId)
                .lastModified(object.modified())
                .eTag('"' + object.etag() + '"')
                .size(object.size())
                .storageClass(object.description().storageClass());
        if (object.checksum() != null) {
            version.checksumAlgorithm(List.of(object.checksum().algorithm().name()))
                    .checksumType(Multipart.typeName(object.checksum().composite()));
        }
        return version;
    }
}
