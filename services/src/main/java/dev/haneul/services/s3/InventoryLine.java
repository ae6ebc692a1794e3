package dev.haneul.services.s3;

import dev.haneul.api.s3.AccessControlPolicy;
import dev.haneul.api.s3.InventoryConfiguration;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.Seal;
import dev.haneul.services.s3.S3Tables.VersionRecord;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** One line of an inventory report, and the names of its columns. */
final class InventoryLine {
    private InventoryLine() {}

    /**
     * What a line is about.
     *
     * @param object null for a delete marker
     * @param version its row where it is not the current object
     * @param plan the bucket's lifecycle, null for none
     */
    record Entry(
            Buckets.Bucket bucket,
            String key,
            @Nullable ObjectRecord object,
            boolean latest,
            @Nullable Row<VersionRecord> version,
            @Nullable LifecyclePlan plan) {}

    static List<String> schema(InventoryConfiguration inventory) {
        List<String> columns = new ArrayList<>(List.of("Bucket", "Key"));
        if ("All".equals(inventory.includedObjectVersions())) {
            columns.addAll(List.of("VersionId", "IsLatest", "IsDeleteMarker"));
        }
        columns.addAll(inventory.optionalFields());
        return columns;
    }

    static void append(StringBuilder to, Entry entry, InventoryConfiguration inventory) {
        StringJoiner line = new StringJoiner(",");
        for (String column : schema(inventory)) {
            line.add('"' + value(column, entry).replace("\"", "\"\"") + '"');
        }
        to.append(line).append('\n');
    }

    private static String value(String column, Entry entry) {
        ObjectRecord object = entry.object;
        return switch (column) {
            case "Bucket" -> entry.bucket.name();
            case "Key" ->
                URLEncoder.encode(entry.key, StandardCharsets.UTF_8)
                        .replace("+", "%20")
                        .replace("%2F", "/");
            case "VersionId" -> version(entry);
            case "IsLatest" -> Boolean.toString(entry.latest);
            case "IsDeleteMarker" -> Boolean.toString(object == null);
            case "LastModifiedDate" ->
                entry.version == null || object != null
                        ? object == null ? "" : object.modified().toString()
                        : entry.version.value().modified().toString();
            default -> object == null ? "" : ofObject(column, entry, object);
        };
    }

    private static String version(Entry entry) {
        if (!entry.bucket.record().rulesOrNone().versioned()) {
            return "";
        }
        if (entry.version != null) {
            return Versions.name(entry.version);
        }
        return entry.object == null ? "" : entry.object.versionName();
    }

    private static String ofObject(String column, Entry entry, ObjectRecord object) {
        S3Tables.Lock lock = object.lock();
        return switch (column) {
            case "Size" -> Long.toString(object.size());
            case "StorageClass" -> object.description().storageClass();
            case "ETag" -> object.etag();
            case "IsMultipartUploaded" -> Boolean.toString(object.upload() != null);
            case "ReplicationStatus" -> ListObjects.or(object.replication());
            case "EncryptionStatus" -> encryption(object.seal());
            case "BucketKeyStatus" -> object.seal() != null && object.seal().bucketKey() ? "ENABLED" : "DISABLED";
            case "ObjectLockRetainUntilDate" ->
                lock == null || lock.until() == null ? "" : lock.until().toString();
            case "ObjectLockMode" -> lock == null ? "" : ListObjects.or(lock.mode());
            case "ObjectLockLegalHoldStatus" -> lock != null && lock.held() ? "ON" : "OFF";
            case "ChecksumAlgorithm" ->
                object.checksum() == null ? "" : object.checksum().algorithm().name();
            case "ObjectOwner" -> owner(entry.bucket, object);
            case "LifecycleExpirationDate" ->
                entry.plan == null || entry.version != null
                        ? ""
                        : entry.plan
                                .expiry(entry.key, object)
                                .map(expiry -> expiry.at().toString())
                                .orElse("");
            default -> "";
        };
    }

    private static String encryption(@Nullable Seal seal) {
        if (seal == null) {
            return "NOT-SSE";
        }
        return seal.customerMd5() != null
                ? "SSE-C"
                : switch (seal.algorithm()) {
                    case Encryption.KMS -> "SSE-KMS";
                    case Encryption.DSSE -> "DSSE-KMS";
                    default -> "SSE-S3";
                };
    }

    private static String owner(Buckets.Bucket bucket, ObjectRecord object) {
        AccessControlPolicy acl = object.description().acl();
        return Owners.canonicalId(acl == null ? bucket.account() : Acls.owner(acl, bucket));
    }
}
