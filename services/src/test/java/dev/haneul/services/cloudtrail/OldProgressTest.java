package dev.haneul.services.cloudtrail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.cloudtrail.TrailTables.ProgressRow;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A trail's progress as an older release wrote it. */
class OldProgressTest {
    @Test
    void triesOfAllKindsAreFoundByTheirKind() {
        ProgressRow row = TrailTables.PROGRESS.codec().decode(1, """
                {"delivered":{"l":7},"until":{},"attempted":"2026-01-01T00:00:02Z","deliveredAt":"2026-01-01T00:00:01Z",
                 "deliveryError":"NoSuchBucket","notifiedAt":"2026-01-01T00:00:03Z","loggedAt":"2026-01-01T00:00:04Z",
                 "digestError":"AccessDenied"}
                """.getBytes(StandardCharsets.UTF_8));
        assertThat(row.delivered()).containsEntry("l", 7L);
        assertThat(row.files().attempted()).isEqualTo(Instant.parse("2026-01-01T00:00:02Z"));
        assertThat(row.files().done()).isEqualTo(Instant.parse("2026-01-01T00:00:01Z"));
        assertThat(row.files().error()).isEqualTo("NoSuchBucket");
        assertThat(row.notices().done()).isEqualTo(Instant.parse("2026-01-01T00:00:03Z"));
        assertThat(row.events().done()).isEqualTo(Instant.parse("2026-01-01T00:00:04Z"));
        assertThat(row.digests().done()).isNull();
        assertThat(row.digests().error()).isEqualTo("AccessDenied");
        assertThat(TrailTables.PROGRESS
                        .codec()
                        .decode(2, TrailTables.PROGRESS.codec().encode(row)))
                .isEqualTo(row);
    }
}
