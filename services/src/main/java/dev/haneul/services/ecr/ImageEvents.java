package dev.haneul.services.ecr;

import dev.haneul.delivery.Json;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecr.EcrTables.ImageRow;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What EventBridge hears. See AWS, "Amazon ECR events and EventBridge". */
final class ImageEvents {
    /** An image was pushed or deleted. */
    void action(WriteTx tx, Key repository, String action, ImageRow image, String tag, Instant now) {
        Map<String, @Nullable Object> detail = new LinkedHashMap<>();
        detail.put("result", "SUCCESS");
        detail.put("repository-name", repository.id());
        detail.put("image-digest", image.digest());
        detail.put("action-type", action);
        if (!tag.isEmpty()) {
            detail.put("image-tag", tag);
        }
        detail.put("manifest-media-type", image.mediaType());
        if (image.artifactType() != null) {
            detail.put("artifact-media-type", image.artifactType());
        }
        emit(tx, repository, "ECR Image Action", detail, now);
    }

    /** A scan has ended. */
    void scanned(WriteTx tx, Key repository, ImageRow image, List<String> tags, String status, Instant now) {
        Map<String, @Nullable Object> detail = new LinkedHashMap<>();
        detail.put("scan-status", status);
        detail.put("repository-name", repository.id());
        detail.put("finding-severity-counts", Map.of());
        detail.put("image-digest", image.digest());
        detail.put("image-tags", tags);
        emit(tx, repository, "ECR Image Scan", detail, now);
    }

    /** An image has been copied, or could not be. */
    void replicated(WriteTx tx, Key repository, ImageRow image, String tag, String result, Key source, Instant now) {
        Map<String, @Nullable Object> detail = new LinkedHashMap<>();
        detail.put("result", result);
        detail.put("repository-name", repository.id());
        detail.put("image-digest", image.digest());
        detail.put("source-account", source.account());
        detail.put("action-type", "REPLICATE");
        detail.put("source-region", source.region());
        if (!tag.isEmpty()) {
            detail.put("image-tag", tag);
        }
        emit(tx, repository, "ECR Replication Action", detail, now);
    }

    private static void emit(
            WriteTx tx, Key repository, String type, Map<String, @Nullable Object> detail, Instant now) {
        ServiceEvent.of(
                        "aws.ecr",
                        type,
                        now,
                        List.of(EcrTables.arn(repository.scope(), repository.id())),
                        Json.write(detail))
                .emit(tx, repository.scope());
    }
}
