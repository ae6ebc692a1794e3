package dev.haneul.services.lambda.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class PlatformLinesTest {
    @Test
    void reportOfAWarmStart() {
        assertThat(PlatformLines.report(report(79_670, 80, null, null, null)))
                .isEqualTo("REPORT RequestId: id\tDuration: 79.67 ms\tBilled Duration: 80 ms\tMemory Size: 128 MB\tMax"
                        + " Memory Used: 73 MB\t\n");
    }

    @Test
    void reportOfAColdStart() {
        assertThat(PlatformLines.report(report(1_004, 125, 123_456L, null, null)))
                .isEqualTo("REPORT RequestId: id\tDuration: 1.00 ms\tBilled Duration: 125 ms\tMemory Size: 128 MB\tMax"
                        + " Memory Used: 73 MB\tInit Duration: 123.46 ms\t\n");
    }

    @Test
    void reportOfATimeoutAndOfACrash() {
        assertThat(PlatformLines.report(report(3_000_000, 3000, null, "timeout", null)))
                .endsWith("\tMax Memory Used: 73 MB\tStatus: timeout\n");
        assertThat(PlatformLines.report(report(5, 1, null, "error", "Runtime.ExitError")))
                .contains("Duration: 0.01 ms")
                .endsWith("\tStatus: error\tError Type: Runtime.ExitError\n");
    }

    @Test
    void exitsInTheWordsOfAws() {
        assertThat(PlatformLines.exitReason(1)).isEqualTo("Runtime exited with error: exit status 1");
        assertThat(PlatformLines.exitReason(137)).isEqualTo("Runtime exited with error: signal: killed");
        assertThat(PlatformLines.exitReason(139)).isEqualTo("Runtime exited with error: signal: segmentation fault");
        assertThat(PlatformLines.exitReason(0)).isEqualTo("Runtime exited without providing a reason");
    }

    @Test
    void aTimeoutLineCarriesTimeAndId() {
        assertThat(PlatformLines.timedOut(Instant.parse("2026-11-23T14:03:07.1Z"), "id", 3))
                .isEqualTo("2026-11-23T14:03:07.100Z id Task timed out after 3.00 seconds\n\n");
    }

    private static PlatformLines.Report report(long micros, long billed, Long init, String status, String error) {
        return new PlatformLines.Report("id", micros, billed, 128, 73, init, status, error);
    }
}
