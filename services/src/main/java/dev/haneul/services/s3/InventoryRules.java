package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.InventoryConfiguration;
import dev.haneul.api.s3.InventoryS3BucketDestination;
import java.util.Set;

/** What S3 takes for an inventory. Reports are written as CSV; the columnar formats are not built. */
final class InventoryRules {
    private static final Set<String> FREQUENCIES = Set.of("Daily", "Weekly");
    private static final Set<String> VERSIONS = Set.of("All", "Current");

    private static final Set<String> FIELDS = Set.of(
            "Size",
            "LastModifiedDate",
            "StorageClass",
            "ETag",
            "IsMultipartUploaded",
            "ReplicationStatus",
            "EncryptionStatus",
            "ObjectLockRetainUntilDate",
            "ObjectLockMode",
            "ObjectLockLegalHoldStatus",
            "IntelligentTieringAccessTier",
            "BucketKeyStatus",
            "ChecksumAlgorithm",
            "ObjectOwner",
            "LifecycleExpirationDate");

    private InventoryRules() {}

    static void check(InventoryConfiguration given) {
        if (given.destination() == null
                || given.destination().s3BucketDestination() == null
                || given.schedule() == null) {
            throw S3Errors.malformedXml();
        }
        InventoryS3BucketDestination destination = given.destination().s3BucketDestination();
        String format = ListObjects.or(destination.format());
        if (format.equals("ORC") || format.equals("Parquet")) {
            throw S3Errors.notImplemented("InventoryConfiguration.Destination.S3BucketDestination.Format");
        }
        if (!format.equals("CSV")
                || !FREQUENCIES.contains(ListObjects.or(given.schedule().frequency()))
                || !VERSIONS.contains(ListObjects.or(given.includedObjectVersions()))) {
            throw S3Errors.malformedXml();
        }
        for (String field : given.optionalFields()) {
            if (field.equals("ObjectAccessControlList")) {
                throw S3Errors.notImplemented("InventoryConfiguration.OptionalFields.ObjectAccessControlList");
            }
            if (!FIELDS.contains(field)) {
                throw S3Errors.malformedXml();
            }
        }
        String bucket = ListObjects.or(destination.bucket());
        if (!bucket.startsWith("arn:aws:s3:::")) {
            throw Fault.client("InvalidS3DestinationBucket", 400, "Invalid bucket ARN.");
        }
    }
}
