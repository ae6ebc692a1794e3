package dev.haneul.services.s3;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.usage.Usage;
import dev.haneul.services.s3.S3Tables.BucketRecord;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.VersionRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What S3's bill is made of, counted for the bucket's owner: requests, bytes in and out, and once a day the bytes that are
 * stored, by class. See AWS, "Understanding your AWS billing and usage reports for Amazon S3".
 */
final class S3Meter implements Reconciler<String> {
    private static final String SERVICE = "AmazonS3";
    private static final Duration DAY = Duration.ofDays(1);
    private static final int HOURS = 24;
    private static final int PAGE = 1000;
    private static final Map<String, String> STORED = Map.of(
            Descriptions.STANDARD,
            "TimedStorage-ByteHrs",
            "REDUCED_REDUNDANCY",
            "TimedStorage-RRS-ByteHrs",
            "STANDARD_IA",
            "TimedStorage-SIA-ByteHrs",
            "ONEZONE_IA",
            "TimedStorage-ZIA-ByteHrs",
            "INTELLIGENT_TIERING",
            "TimedStorage-INT-FA-ByteHrs",
            "GLACIER",
            "TimedStorage-GlacierByteHrs",
            "DEEP_ARCHIVE",
            "TimedStorage-GDA-ByteHrs",
            "GLACIER_IR",
            "TimedStorage-GIR-ByteHrs");

    private final Store store;
    private final Usage usage;
    private final List<Stocktaking> stocktakings = new CopyOnWriteArrayList<>();
    private boolean begun;

    /** Hears what a bucket stores, once a day. */
    @FunctionalInterface
    interface Stocktaking {
        /** Bytes by storage class; objects with all their versions and delete markers. */
        void stored(Buckets.Bucket bucket, Map<String, Long> bytes, long objects);
    }

    S3Meter(Store store, Usage usage) {
        this.store = store;
        this.usage = usage;
    }

    /** A PUT, COPY, POST or LIST. */
    void write(Buckets.Bucket bucket, long bytesIn) {
        add(bucket, "Requests-Tier1", 1, "Requests");
        add(bucket, "DataTransfer-In-Bytes", bytesIn, "Bytes");
    }

    /** A GET or any other request. */
    void read(Buckets.Bucket bucket, long bytesOut) {
        add(bucket, "Requests-Tier2", 1, "Requests");
        add(bucket, "DataTransfer-Out-Bytes", bytesOut, "Bytes");
    }

    private void add(Buckets.Bucket bucket, String type, double quantity, String unit) {
        if (quantity > 0) {
            usage.add(new Usage.What(bucket.account(), bucket.region(), SERVICE, type, bucket.name(), unit), quantity);
        }
    }

    void tell(Stocktaking stocktaking) {
        stocktakings.add(stocktaking);
    }

    void join(Driver driver) {
        driver.add(this, 1).wake("day");
    }

    @Override
    public String name() {
        return "s3.meter";
    }

    /** A day's storage is told at its end. */
    @Override
    public Next reconcile(String key) {
        if (begun) {
            everyBucket();
        }
        begun = true;
        return Next.after(DAY);
    }

    private void everyBucket() {
        Key after = null;
        List<Row<BucketRecord>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(S3Tables.BUCKETS, from, PAGE));
            for (Row<BucketRecord> row : page) {
                measure(new Buckets.Bucket(row.key().id(), row.key().account(), row.value()));
                after = row.key();
            }
        } while (page.size() == PAGE);
    }

    private void measure(Buckets.Bucket bucket) {
        Map<String, Long> bytes = new HashMap<>();
        long objects = walk(bucket, bytes, false) + walk(bucket, bytes, true);
        stocktakings.forEach(each -> each.stored(bucket, bytes, objects));
        bytes.forEach((storageClass, stored) -> add(
                bucket, STORED.getOrDefault(storageClass, "TimedStorage-ByteHrs"), (double) stored * HOURS, "ByteHrs"));
    }

    private long walk(Buckets.Bucket bucket, Map<String, Long> bytes, boolean noncurrent) {
        String from = bucket.name() + '/';
        String end = S3Tables.bucketEnd(bucket.name());
        int read = PAGE;
        long all = 0;
        while (read == PAGE) {
            String start = from;
            List<? extends Row<?>> page = noncurrent
                    ? store.<List<Row<VersionRecord>>>read(
                            tx -> tx.range(S3Tables.VERSIONS, bucket.scope(), start, end, PAGE))
                    : store.<List<Row<ObjectRecord>>>read(
                            tx -> tx.range(S3Tables.OBJECTS, bucket.scope(), start, end, PAGE));
            for (Row<?> row : page) {
                ObjectRecord object = object(row.value());
                if (object != null) {
                    bytes.merge(object.description().storageClass(), object.size(), Long::sum);
                }
                from = row.key().id() + '\0';
            }
            read = page.size();
            all += read;
        }
        return all;
    }

    private static @Nullable ObjectRecord object(Object record) {
        return record instanceof VersionRecord version ? version.object() : (ObjectRecord) record;
    }
}
