package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.usage.UsageFact;
import dev.haneul.kernel.usage.UsageMeter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
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
