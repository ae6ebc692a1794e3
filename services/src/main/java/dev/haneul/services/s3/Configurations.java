package dev.haneul.services.s3;

import dev.haneul.api.s3.AccessControlPolicy;
import dev.haneul.api.s3.AnalyticsConfiguration;
import dev.haneul.api.s3.CORSConfiguration;
import dev.haneul.api.s3.GetBucketLifecycleConfigurationOutput;
import dev.haneul.api.s3.IntelligentTieringConfiguration;
import dev.haneul.api.s3.InventoryConfiguration;
import dev.haneul.api.s3.LoggingEnabled;
import dev.haneul.api.s3.MetricsConfiguration;
import dev.haneul.api.s3.ReplicationConfiguration;
import dev.haneul.api.s3.WebsiteConfiguration;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Durable state, continued: the configurations of buckets, each kept as the document that was put. They stand beside the
 * bucket under its owner's account, those with an id under {@code bucket/kind/id}.
 */
final class Configurations {
    /**
     * The documents that were put on a bucket, each as it is given back; null is unconfigured, or AWS's default.
     *
     * @param lifecycle rules and smallest object, as their Get answers
     * @param ownership who owns objects that others write; {@link #NO_OWNERSHIP} where the controls were deleted
     * @param acl the bucket's own, null for the owner's full control
     */
    record Documents(
            @Nullable CORSConfiguration cors,
            @Nullable GetBucketLifecycleConfigurationOutput lifecycle,
            @Nullable WebsiteConfiguration website,
            @Nullable ReplicationConfiguration replication,
            @Nullable LoggingEnabled logging,
            @Nullable String payer,
            @Nullable String accelerate,
            @Nullable String ownership,
            @Nullable AccessControlPolicy acl) {
        static final String NO_OWNERSHIP = "none";
        static final Documents NONE = new Documents(null, null, null, null, null, null, null, null, null);

        Documents withCors(@Nullable CORSConfiguration other) {
            return new Documents(other, lifecycle, website, replication, logging, payer, accelerate, ownership, acl);
        }

        Documents withLifecycle(@Nullable GetBucketLifecycleConfigurationOutput other) {
            return new Documents(cors, other, website, replication, logging, payer, accelerate, ownership, acl);
        }

        Documents withWebsite(@Nullable WebsiteConfiguration other) {
            return new Documents(cors, lifecycle, other, replication, logging, payer, accelerate, ownership, acl);
        }

        Documents withReplication(@Nullable ReplicationConfiguration other) {
            return new Documents(cors, lifecycle, website, other, logging, payer, accelerate, ownership, acl);
        }

        Documents withLogging(@Nullable LoggingEnabled other) {
            return new Documents(cors, lifecycle, website, replication, other, payer, accelerate, ownership, acl);
        }

        Documents withPayer(String other) {
            return new Documents(cors, lifecycle, website, replication, logging, other, accelerate, ownership, acl);
        }

        Documents withAccelerate(String other) {
            return new Documents(cors, lifecycle, website, replication, logging, payer, other, ownership, acl);
        }

        Documents withOwnership(String other) {
            return new Documents(cors, lifecycle, website, replication, logging, payer, accelerate, other, acl);
        }

        Documents withAcl(@Nullable AccessControlPolicy other) {
            return new Documents(cors, lifecycle, website, replication, logging, payer, accelerate, ownership, other);
        }
    }

    /** One of a bucket's configurations that have an id: exactly one of these is there. */
    record NamedDocument(
            @Nullable InventoryConfiguration inventory,
            @Nullable AnalyticsConfiguration analytics,
            @Nullable MetricsConfiguration metrics,
            @Nullable IntelligentTieringConfiguration tiering) {}

    /**
     * A version that is to be copied.
     *
     * @param target name of the bucket it goes to
     * @param storageClass of the replica, empty for the source's
     * @param replicaKey KMS key of the replica, null where the source is not under one
     */
    record ReplicationTask(
            String bucket,
            String key,
            String version,
            String target,
            String storageClass,
            @Nullable String replicaKey) {}

    static final Table<ReplicationTask> REPLICATION_TASKS =
            Table.of("s3.replication_task", RecordCodecs.of(ReplicationTask.class));
    static final Table<Documents> DOCUMENTS =
            Table.of("s3.documents", RecordCodecs.of(Documents.class)).inMemory();
    static final Table<NamedDocument> NAMED = Table.of("s3.named_document", RecordCodecs.of(NamedDocument.class));

    private Configurations() {}

    static Documents of(ReadTx tx, Buckets.Bucket bucket) {
        return tx.get(DOCUMENTS, bucket.key()).map(Row::value).orElse(Documents.NONE);
    }

    static void change(WriteTx tx, Buckets.Bucket bucket, UnaryOperator<Documents> change) {
        tx.put(DOCUMENTS, bucket.key(), change.apply(of(tx, bucket)));
    }

    /** Forgets everything that was configured of a bucket. */
    static void removeAll(WriteTx tx, Buckets.Bucket bucket) {
        tx.delete(DOCUMENTS, bucket.key());
        String from = bucket.name() + '/';
        List<Row<NamedDocument>> rows;
        do {
            rows = tx.range(
                    NAMED, S3Tables.accountScope(bucket.account()), from, S3Tables.bucketEnd(bucket.name()), 1000);
            rows.forEach(row -> tx.delete(NAMED, row.key()));
        } while (!rows.isEmpty());
    }
}
