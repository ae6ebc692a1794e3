package dev.haneul.services.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.s3.BucketLoggingStatus;
import dev.haneul.api.s3.CreateBucketRequest;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.InventoryConfiguration;
import dev.haneul.api.s3.InventoryDestination;
import dev.haneul.api.s3.InventoryS3BucketDestination;
import dev.haneul.api.s3.InventorySchedule;
import dev.haneul.api.s3.ListObjectsV2Request;
import dev.haneul.api.s3.LoggingEnabled;
import dev.haneul.api.s3.PutBucketInventoryConfigurationRequest;
import dev.haneul.api.s3.PutBucketLoggingRequest;
import dev.haneul.api.s3.S3Client;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What S3 writes into buckets by itself: access logs and inventories. */
class ReportsTest {
    private static final String REPORTS = "reports";

    @TempDir
    Path folder;

    private S3Fixture fixture;

    @BeforeEach
    void open() {
        fixture = S3Fixture.withBucket(folder);
        fixture.start();
        fixture.s3.createBucket(new CreateBucketRequest().bucket(REPORTS), fixture.call());
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private List<String> keys() {
        return fixture.s3.listObjectsV2(new ListObjectsV2Request().bucket(REPORTS), fixture.call()).contents().stream()
                .map(object -> object.key())
                .toList();
    }

    private byte[] read(String key) {
        GetObjectOutput out =
                fixture.s3.getObject(new GetObjectRequest().bucket(REPORTS).key(key), fixture.call());
        return S3Fixture.bytes(out);
    }

    @Test
    void deliversAccessLogs() {
        LoggingEnabled logging = new LoggingEnabled().targetBucket(REPORTS).targetPrefix("log/");
        fixture.s3.putBucketLogging(
                new PutBucketLoggingRequest()
                        .bucket(S3Fixture.BUCKET)
                        .bucketLoggingStatus(new BucketLoggingStatus().loggingEnabled(logging)),
                fixture.call());
        fixture.clock.advance(Duration.ofSeconds(1));
        S3Client client = new S3Client((operation, input, call) -> fixture.s3.invoke(operation, input, call));
        fixture.put("a b", "content");
        try (Body body = client.getObject(
                        new GetObjectRequest().bucket(S3Fixture.BUCKET).key("a b"), fixture.call())
                .body()) {
            assertThat(body.length()).isEqualTo(7);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThat(S3Fixture.fault(() -> client.getObject(
                                new GetObjectRequest().bucket(S3Fixture.BUCKET).key("none"), fixture.call()))
                        .code())
                .isEqualTo("NoSuchKey");

        fixture.clock.advance(Duration.ofMinutes(6));

        assertThat(keys()).singleElement().asString().matches("log/2026-01-02-\\d\\d-\\d\\d-\\d\\d-[0-9A-F]{16}");
        String log = new String(read(keys().getFirst()), StandardCharsets.UTF_8);
        assertThat(log.lines()).hasSize(2);
        assertThat(log)
                .contains(" photos [02/Jan/2026:03:04:06 +0000] 127.0.0.1 arn:aws:iam::000000000000:root ")
                .contains(" REST.GET.OBJECT a%20b \"GET /photos/a%20b HTTP/1.1\" 200 - 7 7 ")
                .contains(" REST.GET.OBJECT none \"GET /photos/none HTTP/1.1\" 404 NoSuchKey ");
    }

    @Test
    void writesInventories() throws Exception {
        InventoryS3BucketDestination to = new InventoryS3BucketDestination()
                .bucket("arn:aws:s3:::" + REPORTS)
                .format("CSV")
                .prefix("lists");
        fixture.s3.putBucketInventoryConfiguration(
                new PutBucketInventoryConfigurationRequest()
                        .bucket(S3Fixture.BUCKET)
                        .id("daily")
                        .inventoryConfiguration(new InventoryConfiguration()
                                .id("daily")
                                .isEnabled(true)
                                .includedObjectVersions("Current")
                                .optionalFields(List.of("Size", "StorageClass"))
                                .schedule(new InventorySchedule().frequency("Daily"))
                                .destination(new InventoryDestination().s3BucketDestination(to))),
                fixture.call());
        fixture.put("a b", "content");

        fixture.clock.advance(Duration.ofDays(1));

        assertThat(keys()).contains("lists/photos/daily/2026-01-03T00-00Z/manifest.checksum");
        String manifest =
                new String(read("lists/photos/daily/2026-01-03T00-00Z/manifest.json"), StandardCharsets.UTF_8);
        assertThat(manifest).contains("\"fileSchema\":\"Bucket, Key, Size, StorageClass\"");
        String data = keys().stream()
                .filter(key -> key.endsWith(".csv.gz"))
                .findFirst()
                .orElseThrow();
        assertThat(manifest).contains(data);
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(read(data)))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("\"photos\",\"a%20b\",\"7\",\"STANDARD\"\n");
        }
    }
}
