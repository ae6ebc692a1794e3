package dev.haneul.services.s3;

import dev.haneul.delivery.Json;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.services.s3.S3Tables.ObjectEvent;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** What EventBridge is told of an event. See AWS, "EventBridge event message structure". */
final class BusEvents {
    /** What the API calls each way an object comes into being. */
    private static final Map<String, String> REASONS = Map.of(
            "ObjectCreated:Put", "PutObject",
            "ObjectCreated:Post", "POST Object",
            "ObjectCreated:Copy", "CopyObject",
            "ObjectCreated:CompleteMultipartUpload", "CompleteMultipartUpload",
            "ObjectRemoved:Delete", "DeleteObject",
            "ObjectRemoved:DeleteMarkerCreated", "DeleteObject",
            "LifecycleExpiration:Delete", "Lifecycle Expiration",
            "LifecycleExpiration:DeleteMarkerCreated", "Lifecycle Expiration");

    private static final Map<String, String> TYPES = Map.of(
            "ObjectCreated", "Object Created",
            "ObjectRemoved", "Object Deleted",
            "LifecycleExpiration", "Object Deleted",
            "LifecycleTransition", "Object Storage Class Changed",
            "IntelligentTiering", "Object Access Tier Changed",
            "ObjectAcl", "Object ACL Updated");

    /** Events that are told by more than their kind. */
    private static final Map<String, String> SPECIAL = Map.of(
            "ObjectTagging:Put", "Object Tags Added",
            "ObjectTagging:Delete", "Object Tags Deleted",
            "ObjectRestore:Post", "Object Restore Initiated",
            "ObjectRestore:Completed", "Object Restore Completed",
            "ObjectRestore:Delete", "Object Restore Expired");

    private BusEvents() {}

    /** @param sequence the event's place in the change feed: what orders the events of a key */
    static ServiceEvent of(ObjectEvent event, long sequence) {
        String kind = event.name().split(":", 2)[0];
        boolean deleted = "Object Deleted".equals(TYPES.get(kind));
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("key", event.key());
        if (!deleted) {
            object.put("size", event.size());
            object.put("etag", event.etag());
        }
        if (event.version() != null) {
            object.put("version-id", event.version());
        }
        object.put("sequencer", String.format(Locale.ROOT, "%018X", sequence));
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("version", "0");
        detail.put("bucket", Map.of("name", event.bucket()));
        detail.put("object", object);
        detail.put("request-id", event.requestId());
        detail.put("requester", event.owner());
        if (!event.sourceIp().isEmpty()) {
            detail.put("source-ip-address", event.sourceIp());
        }
        String reason = REASONS.get(event.name());
        if (reason != null) {
            detail.put("reason", reason);
        }
        if (event.restoredUntil() != null) {
            detail.put("restore-expiry-time", event.restoredUntil().toString());
            detail.put("source-storage-class", event.storageClass());
        }
        if (deleted) {
            detail.put(
                    "deletion-type",
                    event.name().endsWith("DeleteMarkerCreated") ? "Delete Marker Created" : "Permanently Deleted");
        }
        String type = SPECIAL.getOrDefault(event.name(), TYPES.getOrDefault(kind, kind));
        // The same event told twice has the same id.
        UUID id = UUID.nameUUIDFromBytes(("s3 " + sequence + " " + event.requestId()).getBytes(StandardCharsets.UTF_8));
        return new ServiceEvent(
                id.toString(),
                "aws.s3",
                type,
                event.time(),
                List.of("arn:aws:s3:::" + event.bucket()),
                Json.write(detail));
    }
}
