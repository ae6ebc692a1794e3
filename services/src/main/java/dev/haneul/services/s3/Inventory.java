package dev.haneul.services.s3;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.GetBucketLifecycleConfigurationOutput;
import dev.haneul.api.s3.InventoryConfiguration;
import dev.haneul.api.s3.InventoryEncryption;
import dev.haneul.api.s3.InventoryFilter;
import dev.haneul.api.s3.InventoryS3BucketDestination;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.api.s3.SSEKMS;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Table;
import dev.haneul.services.s3.Configurations.NamedDocument;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.VersionRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Inventory reports: at midnight UTC, daily or on Sundays, lists of a bucket's objects as gzipped CSV with a manifest, put
 * into the destination as S3 itself, which its policy must allow. See AWS, "Cataloging and analyzing your data with S3
 * Inventory".
 */
final class Inventory implements Reconciler<String> {
    private static final String HOST = "s3.amazonaws.com";
    private static final int PAGE = 1000;
    private static final int MAX_FILE_BYTES = 32 << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final JsonFactory JSON = new JsonFactory();
    private static final System.Logger LOG = System.getLogger(Inventory.class.getName());
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm'Z'").withZone(ZoneOffset.UTC);

    private final S3Context s3;
    private final S3Client client;
    private boolean begun;

    Inventory(S3Context s3, Caller neighbours) {
        this.s3 = s3;
        this.client = new S3Client(neighbours);
    }

    void join(Driver driver) {
        driver.add(this, 1).wake("day");
    }

    @Override
    public String name() {
        return "s3.inventory";
    }

    @Override
    public Next reconcile(String day) {
        Instant now = s3.clock().instant();
        if (begun) {
            everyConfiguration(now);
        }
        begun = true;
        return Next.at(now.truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS));
    }

    private void everyConfiguration(Instant now) {
        boolean sunday = now.atZone(ZoneOffset.UTC).getDayOfWeek() == DayOfWeek.SUNDAY;
        Key after = null;
        List<Row<NamedDocument>> page;
        do {
            Key from = after;
            page = s3.store().read(tx -> tx.all(Configurations.NAMED, from, PAGE));
            for (Row<NamedDocument> row : page) {
                InventoryConfiguration inventory = row.value().inventory();
                if (inventory != null
                        && Boolean.TRUE.equals(inventory.isEnabled())
                        && (sunday || "Daily".equals(inventory.schedule().frequency()))) {
                    report(row.key(), inventory, now);
                }
                after = row.key();
            }
        } while (page.size() == PAGE);
    }

    /** One file of a report. */
    private record DataFile(String key, int size, String md5) {}

    private void report(Key row, InventoryConfiguration inventory, Instant now) {
        String name = row.id().substring(0, row.id().indexOf('/'));
        Buckets.Bucket bucket = s3.store().read(tx -> Buckets.find(tx, name)).orElse(null);
        if (bucket == null || !bucket.account().equals(row.account())) {
            return;
        }
        InventoryS3BucketDestination to = inventory.destination().s3BucketDestination();
        String prefix = ListObjects.or(to.prefix());
        String base = (prefix.isEmpty() ? "" : prefix + "/") + name + "/" + inventory.id() + "/";
        try {
            List<DataFile> files = new Files(bucket, inventory, base, now).write();
            byte[] manifest = manifest(bucket, inventory, files, now);
            String folder = base + STAMP.format(now) + "/";
            put(bucket, to, folder + "manifest.json", manifest);
            put(bucket, to, folder + "manifest.checksum", md5(manifest).getBytes(StandardCharsets.US_ASCII));
        } catch (Fault refused) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "no inventory " + inventory.id() + " of " + name + ": " + to.bucket() + " answers " + refused);
        }
    }

    private void put(Buckets.Bucket source, InventoryS3BucketDestination to, String key, byte[] content) {
        InventoryEncryption encryption = to.encryption();
        SSEKMS kms = encryption == null ? null : encryption.ssekms();
        PutObjectRequest request = new PutObjectRequest()
                .bucket(ListObjects.or(to.bucket()).substring("arn:aws:s3:::".length()))
                .key(key)
                .body(Body.of(content));
        if (kms != null) {
            request.serverSideEncryption(Encryption.KMS).ssekmsKeyId(kms.keyId());
        }
        client.putObject(
                request,
                new Call(
                        OnBehalf.of(HOST, source.arn(), source.account()),
                        source.account(),
                        source.region(),
                        UUID.randomUUID().toString(),
                        s3.clock().instant().plus(PATIENCE),
                        Call.Origin.inside(HOST)));
    }

    private static String md5(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    private static byte[] manifest(
            Buckets.Bucket bucket, InventoryConfiguration inventory, List<DataFile> files, Instant now) {
        StringWriter out = new StringWriter();
        try (JsonGenerator to = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            to.writeStartObject();
            to.writeStringProperty("sourceBucket", bucket.name());
            to.writeStringProperty(
                    "destinationBucket",
                    ListObjects.or(inventory.destination().s3BucketDestination().bucket()));
            to.writeStringProperty("version", "2016-11-30");
            to.writeStringProperty("creationTimestamp", Long.toString(now.toEpochMilli()));
            to.writeStringProperty("fileFormat", "CSV");
            to.writeStringProperty("fileSchema", String.join(", ", InventoryLine.schema(inventory)));
            to.writeName("files");
            to.writeStartArray();
            for (DataFile file : files) {
                to.writeStartObject();
                to.writeStringProperty("key", file.key);
                to.writeNumberProperty("size", file.size);
                to.writeStringProperty("MD5checksum", file.md5);
                to.writeEndObject();
            }
            to.writeEndArray();
            to.writeEndObject();
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Writes a report's files, a bounded stretch of the bucket each. */
    private final class Files {
        private final Buckets.Bucket bucket;
        private final InventoryConfiguration inventory;
        private final String base;
        private final @Nullable LifecyclePlan plan;
        private final List<DataFile> files = new ArrayList<>();
        private StringBuilder text = new StringBuilder();

        Files(Buckets.Bucket bucket, InventoryConfiguration inventory, String base, Instant now) {
            this.bucket = bucket;
            this.inventory = inventory;
            this.base = base;
            GetBucketLifecycleConfigurationOutput lifecycle =
                    s3.store().read(tx -> Configurations.of(tx, bucket).lifecycle());
            this.plan = lifecycle == null ? null : new LifecyclePlan(lifecycle);
        }

        List<DataFile> write() {
            InventoryFilter filter = inventory.filter();
            String prefix = filter == null ? "" : ListObjects.or(filter.prefix());
            String from = S3Tables.objectId(bucket.name(), prefix);
            String end = prefix.isEmpty() ? S3Tables.bucketEnd(bucket.name()) : Utf8Order.after(from);
            walk(S3Tables.OBJECTS, from, end, row -> add(row, row.value(), true, null));
            if ("All".equals(inventory.includedObjectVersions())) {
                walk(S3Tables.VERSIONS, from, end, row -> add(row, row.value().object(), false, row));
            }
            cut();
            return files;
        }

        private <R> void walk(Table<R> table, String from, @Nullable String end, Consumer<Row<R>> each) {
            String next = from;
            List<Row<R>> page;
            do {
                String start = next;
                page = s3.store().read(tx -> tx.range(table, bucket.scope(), start, end, PAGE));
                page.forEach(each);
                next = page.isEmpty() ? next : page.getLast().key().id() + '\0';
            } while (page.size() == PAGE);
        }

        private void add(
                Row<?> row, @Nullable ObjectRecord object, boolean current, @Nullable Row<VersionRecord> version) {
            String key = Keys.ofPosition(row.key().id().substring(bucket.name().length() + 1));
            boolean latest = current
                    || version != null
                            && s3.store()
                                    .read(tx -> ObjectIndex.find(tx, bucket, key) == null
                                            && Versions.newest(tx, bucket, key)
                                                    .filter(newest ->
                                                            newest.key().equals(row.key()))
                                                    .isPresent());
            InventoryLine.append(text, new InventoryLine.Entry(bucket, key, object, latest, version, plan), inventory);
            if (text.length() > MAX_FILE_BYTES) {
                cut();
            }
        }

        private void cut() {
            if (text.isEmpty() && !files.isEmpty()) {
                return;
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
                zip.write(text.toString().getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            byte[] content = bytes.toByteArray();
            String key = base + "data/" + UUID.randomUUID() + ".csv.gz";
            put(bucket, inventory.destination().s3BucketDestination(), key, content);
            files.add(new DataFile(key, content.length, md5(content)));
            text = new StringBuilder();
        }
    }
}
