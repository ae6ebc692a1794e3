package dev.haneul.services.s3;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.LoggingEnabled;
import dev.haneul.api.s3.PartitionedPrefix;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.api.s3.TargetObjectKeyFormat;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.s3.Configurations.Documents;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Server access logs: a line for each request that reached a bucket with logging, gathered in memory and delivered every
 * few minutes as objects of the target bucket. Best effort, as on AWS: what is not delivered when the region is killed,
 * and what the target refuses, is lost. The target must let {@code logging.s3.amazonaws.com} in by its policy or ACL. See
 * AWS, "Logging requests with server access logging".
 */
final class AccessLogs implements Reconciler<String> {
    static final String HOST = "logging.s3.amazonaws.com";
    private static final String NAME = "s3.access_log";
    private static final String KEY = "deliver";
    private static final Duration EVERY = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MAX_LINES = 50_000;
    private static final int PAGE = 1000;
    private static final System.Logger LOG = System.getLogger(AccessLogs.class.getName());
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd-HH-mm-ss").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("uuuu/MM/dd").withZone(ZoneOffset.UTC);

    private final S3Context s3;
    private final S3Client client;
    private final Map<String, LoggingEnabled> logged = new ConcurrentHashMap<>();
    private final Lock lock = new ReentrantLock();
    private List<Line> lines = new ArrayList<>();
    private Driver.@Nullable Waker<String> waker;

    AccessLogs(S3Context s3, Caller neighbours) {
        this.s3 = s3;
        this.client = new S3Client(neighbours);
    }

    /** A line of a bucket's log. */
    private record Line(String bucket, Instant at, String text) {}

    void join(Driver driver) {
        waker = driver.add(this, 1);
        driver.follow(
                NAME,
                Set.of(Configurations.DOCUMENTS.name()),
                change -> learn(
                        change.key().id(),
                        change.after(Configurations.DOCUMENTS.codec()).orElse(Documents.NONE)));
        Key after = null;
        List<Row<Documents>> page;
        do {
            Key from = after;
            page = s3.store().read(tx -> tx.all(Configurations.DOCUMENTS, from, PAGE));
            for (Row<Documents> row : page) {
                learn(row.key().id(), row.value());
                after = row.key();
            }
        } while (page.size() == PAGE);
    }

    private void learn(String bucket, Documents documents) {
        LoggingEnabled logging = documents.logging();
        if (logging == null) {
            logged.remove(bucket);
        } else {
            logged.put(bucket, logging);
        }
    }

    /**
     * Notes a request. Quick where its bucket has no logging.
     *
     * @param fault what it was refused with, null where it succeeded
     * @param nanos how long it took
     */
    void note(OperationShape operation, Struct in, @Nullable Struct out, Call call, @Nullable Fault fault, long nanos) {
        String bucket = Members.text(in, "Bucket");
        if (bucket == null
                || !logged.containsKey(bucket)
                || call.principal().id().equals(HOST)) {
            return;
        }
        Instant now = s3.clock().instant();
        String owner = s3.store()
                .read(tx -> Buckets.find(tx, bucket).map(Buckets.Bucket::account))
                .map(Owners::canonicalId)
                .orElse("-");
        Line line = new Line(bucket, now, AccessLine.of(owner, operation, in, out, call, fault, now, nanos));
        boolean first;
        lock.lock();
        try {
            first = lines.isEmpty();
            if (lines.size() < MAX_LINES) {
                lines.add(line);
            }
        } finally {
            lock.unlock();
        }
        Driver.Waker<String> joined = waker;
        if (first && joined != null) {
            joined.wake(KEY);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Next reconcile(String key) {
        List<Line> ready;
        lock.lock();
        try {
            if (lines.isEmpty()) {
                return Next.DONE;
            }
            Instant due = lines.getFirst().at.plus(EVERY);
            if (s3.clock().instant().isBefore(due)) {
                return Next.at(due);
            }
            ready = lines;
            lines = new ArrayList<>();
        } finally {
            lock.unlock();
        }
        Map<String, List<Line>> byBucket = new LinkedHashMap<>();
        ready.forEach(line ->
                byBucket.computeIfAbsent(line.bucket, any -> new ArrayList<>()).add(line));
        byBucket.forEach(this::deliver);
        return Next.DONE;
    }

    private void deliver(String name, List<Line> ready) {
        LoggingEnabled logging = logged.get(name);
        Buckets.Bucket bucket = s3.store().read(tx -> Buckets.find(tx, name)).orElse(null);
        if (logging == null || bucket == null) {
            return;
        }
        StringBuilder text = new StringBuilder();
        ready.forEach(line -> text.append(line.text).append('\n'));
        try {
            PutObjectRequest request = new PutObjectRequest()
                    .bucket(logging.targetBucket())
                    .key(key(logging, bucket, ready.getFirst().at))
                    .contentType("text/plain")
                    .body(Body.of(text.toString().getBytes(StandardCharsets.UTF_8)));
            client.putObject(request, own(bucket));
        } catch (Fault refused) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "the access log of " + name + " is lost: " + logging.targetBucket() + " answers " + refused);
        }
    }

    private String key(LoggingEnabled logging, Buckets.Bucket bucket, Instant event) {
        Instant now = s3.clock().instant();
        TargetObjectKeyFormat format = logging.targetObjectKeyFormat();
        PartitionedPrefix partitioned = format == null ? null : format.partitionedPrefix();
        String folder = "";
        if (partitioned != null) {
            Instant day = "EventTime".equals(partitioned.partitionDateSource()) ? event : now;
            folder = bucket.account() + "/" + bucket.region() + "/" + bucket.name() + "/" + DAY.format(day) + "/";
        }
        String unique =
                UUID.randomUUID().toString().replace("-", "").substring(0, 16).toUpperCase(Locale.ROOT);
        return ListObjects.or(logging.targetPrefix()) + folder + STAMP.format(now) + "-" + unique;
    }

    private Call own(Buckets.Bucket bucket) {
        return new Call(
                OnBehalf.of(HOST, bucket.arn(), bucket.account()),
                bucket.account(),
                bucket.region(),
                UUID.randomUUID().toString(),
                s3.clock().instant().plus(PATIENCE),
                Call.Origin.inside(HOST));
    }
}
