package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.Snapshot;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot.
 *
 * @param told what describe tells, without tags
 * @param kept what its bytes are kept under: copies share them
 * @param image the image it stands on, null where it is no system's
 * @param storedBytes what it was the first to store
 * @param users accounts that may use it; {@code all} for everyone
 */
record SnapshotRow(Snapshot told, String kept, @Nullable String image, long storedBytes, List<String> users) {
    SnapshotRow {
        users = List.copyOf(users);
    }

    String id() {
        return Objects.requireNonNull(told.snapshotId());
    }

    SnapshotRow with(Snapshot next) {
        return new SnapshotRow(next, kept, image, storedBytes, users);
    }

    SnapshotRow users(List<String> next) {
        return new SnapshotRow(told, kept, image, storedBytes, next);
    }
}
