package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.MetricsAndOperator;
import dev.haneul.api.s3.MetricsConfiguration;
import dev.haneul.api.s3.MetricsFilter;
import dev.haneul.api.s3.Tag;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.s3.Configurations.NamedDocument;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * AWS/S3's metrics: each request of the buckets that have a metrics configuration, and once a day what every bucket stores.
 * Requests that permissions refuse are not seen here, and the time a download takes after its first byte is not either.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html">Metrics and dimensions</a>
 */
final class S3Metrics {
    private static final String NAMESPACE = "AWS/S3";
    private static final String MARK = "/METRICS/";
    private static final int PAGE = 1000;
    private static final double NANOS_A_MILLI = 1e6;
    private static final String COUNT = "Count";
    private static final String BYTES = "Bytes";
    private static final String MILLISECONDS = "Milliseconds";
    private static final Set<String> LISTS =
            Set.of("ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads", "ListParts");
    private static final Map<String, String> KINDS = Map.of(
            "GET", "GetRequests",
            "HEAD", "HeadRequests",
            "PUT", "PutRequests",
            "POST", "PostRequests",
            "DELETE", "DeleteRequests");
    private static final Map<String, String> STORAGE_TYPES = Map.of(
            Descriptions.STANDARD,
            "StandardStorage",
            "REDUCED_REDUNDANCY",
            "ReducedRedundancyStorage",
            "STANDARD_IA",
            "StandardIAStorage",
            "ONEZONE_IA",
            "OneZoneIAStorage",
            "INTELLIGENT_TIERING",
            "IntelligentTieringFAStorage",
            "GLACIER",
            "GlacierStorage",
            "DEEP_ARCHIVE",
            "DeepArchiveStorage",
            "GLACIER_IR",
            "GlacierInstantRetrievalStorage");

    private final S3Context s3;
    /** By bucket and id of the configuration. */
    private final Map<String, Map<String, Watch>> watched = new ConcurrentHashMap<>();

    private volatile Metrics metrics = Metrics.NONE;

    S3Metrics(S3Context s3) {
        this.s3 = s3;
    }

    /** What one metrics configuration asks for. */
    private record Watch(Scope scope, boolean all, String prefix, Map<String, String> tags) {
        static Watch of(Scope scope, MetricsConfiguration configuration) {
            MetricsFilter filter = configuration.filter();
            if (filter == null) {
                return new Watch(scope, true, "", Map.of());
            }
            MetricsAndOperator and = filter.and();
            Tag tag = filter.tag();
            String prefix = and == null ? filter.prefix() : and.prefix();
            Map<String, String> tags = new HashMap<>();
            (and == null ? tag == null ? List.<Tag>of() : List.of(tag) : and.tags())
                    .forEach(each -> tags.put(each.key(), each.value()));
            return new Watch(scope, false, ListObjects.or(prefix), Map.copyOf(tags));
        }
    }

    /** From now on measurements are told; before the driver starts. */
    void join(Driver driver, Metrics told) {
        metrics = told;
        driver.follow(
                "s3.metrics",
                Set.of(Configurations.NAMED.name()),
                change -> learn(
                        change.key(), change.after(Configurations.NAMED.codec()).orElse(null)));
        Key after = null;
        List<Row<NamedDocument>> page;
        do {
            Key from = after;
            page = s3.store().read(tx -> tx.all(Configurations.NAMED, from, PAGE));
            for (Row<NamedDocument> row : page) {
                learn(row.key(), row.value());
                after = row.key();
            }
        } while (page.size() == PAGE);
    }

    private void learn(Key key, @Nullable NamedDocument document) {
        int mark = key.id().indexOf(MARK);
        if (mark < 0) {
            return;
        }
        String bucket = key.id().substring(0, mark);
        String id = key.id().substring(mark + MARK.length());
        MetricsConfiguration configuration = document == null ? null : document.metrics();
        Scope scope = s3.store()
                .read(tx -> Buckets.find(tx, bucket).map(Buckets.Bucket::scope))
                .orElse(null);
        watched.compute(bucket, (name, before) -> {
            Map<String, Watch> now = new HashMap<>(before == null ? Map.of() : before);
            if (configuration == null || scope == null) {
                now.remove(id);
            } else {
                now.put(id, Watch.of(scope, configuration));
            }
            return now.isEmpty() ? null : Map.copyOf(now);
        });
    }

    /** Tells of a request. Quick where its bucket is not watched. */
    void request(OperationShape operation, Struct in, @Nullable Struct out, @Nullable Fault fault, long nanos) {
        String bucket = Members.text(in, "Bucket");
        Map<String, Watch> watches = bucket == null ? null : watched.get(bucket);
        if (bucket == null || watches == null) {
            return;
        }
        String key = Members.text(in, "Key");
        watches.forEach((id, watch) -> {
            if (watch.all || (key != null && key.startsWith(watch.prefix) && carries(watch, bucket, key))) {
                Told told = new Told(watch.scope, Map.of("BucketName", bucket, "FilterId", id));
                tell(told, operation, key, in, out, fault, nanos / NANOS_A_MILLI);
            }
        });
    }

    private boolean carries(Watch watch, String bucket, String key) {
        if (watch.tags.isEmpty()) {
            return true;
        }
        ObjectRecord object = s3.store()
                .read(tx -> Buckets.find(tx, bucket)
                        .flatMap(found -> tx.get(S3Tables.OBJECTS, found.object(key)))
                        .map(Row::value)
                        .orElse(null));
        return object != null && object.description().tags().entrySet().containsAll(watch.tags.entrySet());
    }

    private record Told(Scope scope, Map<String, String> dimensions) {}

    private void tell(
            Told told,
            OperationShape operation,
            @Nullable String key,
            Struct in,
            @Nullable Struct out,
            @Nullable Fault fault,
            double millis) {
        add(told, "AllRequests", COUNT, 1);
        String kind = kind(operation, key != null);
        if (kind != null) {
            add(told, kind, COUNT, 1);
        }
        int status = fault == null ? operation.status() : fault.status();
        add(told, "4xxErrors", COUNT, status >= 400 && status < 500 ? 1 : 0);
        add(told, "5xxErrors", COUNT, status >= 500 ? 1 : 0);
        Struct body = operation.name().equals("GetObject") ? out : null;
        if (body != null && Members.get(body, "ContentLength") instanceof Long bytes) {
            add(told, "BytesDownloaded", BYTES, bytes);
        }
        boolean upload =
                operation.name().equals("PutObject") || operation.name().equals("UploadPart");
        if (upload && fault == null && Members.get(in, "ContentLength") instanceof Long bytes) {
            add(told, "BytesUploaded", BYTES, bytes);
        }
        add(told, "FirstByteLatency", MILLISECONDS, millis);
        add(told, "TotalRequestLatency", MILLISECONDS, millis);
    }

    /** Which of the counts by kind a request adds to, null for none: configurations of a bucket are no object's. */
    private static @Nullable String kind(OperationShape operation, boolean onObject) {
        if (LISTS.contains(operation.name())) {
            return "ListRequests";
        }
        if (operation.name().equals("DeleteObjects")) {
            return "DeleteRequests";
        }
        return onObject ? KINDS.get(operation.method()) : null;
    }

    private void add(Told told, String name, String unit, double value) {
        metrics.add(
                new Metrics.What(told.scope, NAMESPACE, name, told.dimensions, unit),
                s3.clock().instant(),
                value);
    }

    /**
     * Tells of what a bucket stores; once a day, for the day's beginning.
     *
     * @param bytes by storage class
     * @param objects all versions and delete markers
     */
    void storage(Buckets.Bucket bucket, Map<String, Long> bytes, long objects) {
        Instant day = s3.clock().instant().truncatedTo(ChronoUnit.DAYS);
        bytes.forEach((storageClass, stored) -> {
            String type = Objects.requireNonNullElse(STORAGE_TYPES.get(storageClass), "StandardStorage");
            Map<String, String> dimensions = Map.of("BucketName", bucket.name(), "StorageType", type);
            metrics.add(new Metrics.What(bucket.scope(), NAMESPACE, "BucketSizeBytes", dimensions, BYTES), day, stored);
        });
        Map<String, String> dimensions = Map.of("BucketName", bucket.name(), "StorageType", "AllStorageTypes");
        if (objects > 0) {
            metrics.add(
                    new Metrics.What(bucket.scope(), NAMESPACE, "NumberOfObjects", dimensions, COUNT), day, objects);
        }
    }
}
