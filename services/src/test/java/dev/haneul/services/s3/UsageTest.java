package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.api.s3.ListObjectsV2Request;
import dev.haneul.api.s3.MetricsConfiguration;
import dev.haneul.api.s3.MetricsFilter;
import dev.haneul.api.s3.PutBucketMetricsConfigurationRequest;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.kernel.metrics.MetricBuffer;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.usage.UsageFact;
import dev.haneul.kernel.usage.UsageMeter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageTest {
    @TempDir
    Path path;

    private S3Fixture s3;

    @BeforeEach
    void open() {
        s3 = S3Fixture.withBucket(path);
    }

    @AfterEach
    void close() {
        s3.close();
    }

    private Map<String, Double> used() {
        return s3.store.read(tx -> tx.all(UsageMeter.FACTS, null, 1000).stream()
                .map(Row::value)
                .collect(Collectors.groupingBy(UsageFact::usageType, Collectors.summingDouble(UsageFact::quantity))));
    }

    /** Sums by name, StorageType or FilterId. */
    private Map<String, Double> measured() {
        Map<String, Double> sums = new TreeMap<>();
        for (MetricBuffer.Gathered each : s3.measured.drain()) {
            Map<String, String> dimensions = each.what().dimensions();
            String name = each.what().name() + "/" + dimensions.getOrDefault("StorageType", dimensions.get("FilterId"));
            each.values().forEach((value, times) -> sums.merge(name, value * times, Double::sum));
        }
        return sums;
    }

    @Test
    void storageIsMeasuredByTheDayAndRequestsWhereTheBucketAsksForIt() {
        s3.start();
        s3.put("before", "x");
        s3.s3.putBucketMetricsConfiguration(
                new PutBucketMetricsConfigurationRequest()
                        .bucket(S3Fixture.BUCKET)
                        .id("all")
                        .metricsConfiguration(new MetricsConfiguration().id("all")),
                s3.call());
        s3.s3.putBucketMetricsConfiguration(
                new PutBucketMetricsConfigurationRequest()
                        .bucket(S3Fixture.BUCKET)
                        .id("logs")
                        .metricsConfiguration(
                                new MetricsConfiguration().id("logs").filter(new MetricsFilter().prefix("logs/"))),
                s3.call());
        s3.clock.advance(Duration.ofSeconds(1));
        measured();
        invoke(
                "PutObject",
                new PutObjectRequest().bucket(S3Fixture.BUCKET).key("logs/1").body(Body.of(new byte[7])));
        invoke("HeadObject", new HeadObjectRequest().bucket(S3Fixture.BUCKET).key("logs/1"));
        invoke("HeadObject", new HeadObjectRequest().bucket(S3Fixture.BUCKET).key("none"));
        invoke("ListObjectsV2", new ListObjectsV2Request().bucket(S3Fixture.BUCKET));
        assertThat(measured())
                .containsEntry("AllRequests/all", 4.0)
                .containsEntry("AllRequests/logs", 2.0)
                .containsEntry("HeadRequests/all", 2.0)
                .containsEntry("ListRequests/all", 1.0)
                .containsEntry("PutRequests/logs", 1.0)
                .containsEntry("4xxErrors/all", 1.0)
                .containsEntry("4xxErrors/logs", 0.0)
                .containsKey("FirstByteLatency/logs")
                .doesNotContainKey("ListRequests/logs");
        s3.clock.advance(Duration.ofHours(25));
        assertThat(measured())
                .containsEntry("BucketSizeBytes/StandardStorage", 8.0)
                .containsEntry("NumberOfObjects/AllStorageTypes", 2.0);
    }

    private void invoke(String operation, Struct in) {
        OperationShape shape = s3.s3.service().operation(operation);
        try {
            s3.s3.invoke(shape, in, s3.call());
        } catch (Fault told) {
            assertThat(told.code()).isEqualTo("NoSuchKey");
        }
    }

    @Test
    void requestsAndBytesAreCountedByTheHourAndStorageByTheDay() {
        s3.start();
        s3.put("a", new byte[1000], r -> r);
        s3.put("b", new byte[500], r -> r.storageClass("STANDARD_IA"));
        bytes(s3.get("a", r -> r.range("bytes=0-99")));
        s3.clock.advance(Duration.ofMinutes(2));
        assertThat(used())
                .containsEntry("Requests-Tier1", 2.0)
                .containsEntry("DataTransfer-In-Bytes", 1500.0)
                .containsEntry("Requests-Tier2", 1.0)
                .containsEntry("DataTransfer-Out-Bytes", 100.0);
        s3.clock.advance(Duration.ofHours(25));
        assertThat(used())
                .containsEntry("TimedStorage-ByteHrs", 24_000.0)
                .containsEntry("TimedStorage-SIA-ByteHrs", 12_000.0);
        s3.clock.advance(Duration.ofDays(70));
        assertThat(used()).doesNotContainKey("Requests-Tier2");
    }
}
