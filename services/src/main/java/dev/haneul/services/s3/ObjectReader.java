package dev.haneul.services.s3;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.PartRecord;
import dev.haneul.storage.BlobKey;
import dev.haneul.storage.BlobMissingException;
import dev.haneul.storage.BlobRef;
import dev.haneul.storage.Blobs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds an object and opens its bytes, which then stay readable to the end whatever happens to the object meanwhile.
 *
 * <p>Between finding and opening the object may be replaced and its old bytes removed: then it is looked up again.
 */
final class ObjectReader {
    /** An object would have to be replaced that often within one request. */
    private static final int MAX_TRIES = 20;

    private static final System.Logger LOG = System.getLogger(ObjectReader.class.getName());

    private final S3Context s3;

    ObjectReader(S3Context s3) {
        this.s3 = s3;
    }

    /**
     * Which object.
     *
     * @param anywhere whether its bucket may be of another region than the call, as the source of a copy may
     */
    record Address(
            String bucket,
            String key,
            @Nullable String versionId,
            @Nullable String expectedOwner,
            boolean anywhere) {
        Address(String bucket, String key, @Nullable String versionId, @Nullable String expectedOwner) {
            this(bucket, key, versionId, expectedOwner, false);
        }
    }

    /**
     * An object as it was found.
     *
     * @param parts of a multipart object, else empty
     */
    record Found(Versions.Found version, String key, List<PartRecord> parts) {
        Buckets.Bucket bucket() {
            return version.bucket();
        }

        ObjectRecord record() {
            return version.record();
        }

        /** Its version's id, null in a bucket without versioning. */
        @Nullable
        String told() {
            return bucket().record().rulesOrNone().versioned() ? record().versionName() : null;
        }

        /** Number of parts; 1 for what was put as a whole. */
        int partCount() {
            return parts.isEmpty() ? 1 : parts.size();
        }
    }

    /** An object with its bytes, or the wanted range of them, open. */
    record Opened(Found found, @Nullable ByteRange range, Body body) implements AutoCloseable {
        @Override
        public void close() {
            try {
                body.close();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    /** Refuses to read what is archived and not restored. */
    void checkReadable(ObjectRecord record) {
        String storageClass = record.description().storageClass();
        if (Descriptions.archived(storageClass)
                && !RestoreObject.readable(record.restore(), s3.clock().instant())) {
            throw Descriptions.archivedFault(storageClass);
        }
    }

    Instant now() {
        return s3.clock().instant();
    }

    /** Whether the caller may do something more with an object. */
    boolean allows(Call call, String action, Found found) {
        return s3.allows(call, action, found.bucket().name(), found.key());
    }

    Found find(Address address, Call call) {
        return s3.store().read(tx -> find(tx, address, call));
    }

    static Found find(ReadTx tx, Address address, Call call) {
        Keys.check(address.key());
        Buckets.Bucket bucket = address.anywhere()
                ? Buckets.requireAnywhere(tx, address.bucket(), address.expectedOwner())
                : Buckets.require(tx, address.bucket(), call, address.expectedOwner());
        Versions.Found found = Versions.require(tx, bucket, address.key(), address.versionId());
        String upload = found.record().upload();
        List<PartRecord> parts = upload == null
                ? List.of()
                : tx.get(S3Tables.MANIFESTS, ObjectIndex.manifest(bucket, upload))
                        .map(row -> row.value().parts())
                        .orElse(List.of());
        return new Found(found, address.key(), parts);
    }

    /** An object, and its bytes where they are few and lie beside it. */
    private record Seen(Found found, Blobs.@Nullable Held held) {}

    private Seen see(ReadTx tx, Address address, Call call) {
        Found found = find(tx, address, call);
        BlobRef blob = found.record().blob();
        return new Seen(
                found, blob == null ? null : s3.blobs().hold(tx, found.bucket().account(), blob));
    }

    /**
     * Opens an object.
     *
     * @param given the customer's key that came with the request, null for none
     * @param choose checks the object and says which bytes of it are wanted, null for all; may be asked again
     * @throws Fault what {@code choose} throws, NoSuchBucket, NoSuchKey …; InternalError where bytes are lost or damaged
     */
    Opened open(Address address, @Nullable CustomerKey given, Call call, Function<Found, @Nullable ByteRange> choose) {
        Found before = null;
        for (int attempt = 0; attempt < MAX_TRIES; attempt++) {
            Seen seen = s3.store().read(tx -> see(tx, address, call));
            Found found = seen.found;
            Encryption.check(found.record().seal(), given);
            ByteRange range = choose.apply(found);
            BlobRef blob = found.record().blob();
            if (blob == null) {
                return new Opened(found, range, Body.of(new byte[0]));
            }
            long offset = range == null ? 0 : range.first();
            long length = range == null ? blob.length() : range.length();
            BlobKey key = s3.encryption().key(found.record().seal(), given, call);
            try {
                InputStream bytes = seen.held == null
                        ? s3.blobs().open(blob, offset, length, key)
                        : seen.held.open(offset, length, key);
                return new Opened(found, range, Body.of(bytes, length));
            } catch (BlobMissingException removed) {
                if (before != null && blob.equals(before.record().blob())) {
                    throw lost(address, call, removed);
                }
                before = found;
            } catch (IOException broken) {
                throw lost(address, call, broken);
            }
        }
        throw Fault.server("SlowDown", 503, "Please reduce your request rate.");
    }

    private static Fault lost(Address address, Call call, IOException cause) {
        LOG.log(
                System.Logger.Level.ERROR,
                "cannot read s3://" + address.bucket() + "/" + address.key() + " (request " + call.requestId() + ")",
                cause);
        return Faults.internal(call.requestId());
    }
}
