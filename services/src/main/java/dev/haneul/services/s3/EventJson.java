package dev.haneul.services.s3;

import dev.haneul.services.s3.S3Tables.ObjectEvent;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The message S3 sends of an event. See AWS, "Event message structure", version 2.1. */
final class EventJson {
    private static final JsonFactory JSON = new JsonFactory();
    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private EventJson() {}

    /**
     * Writes a message of one record.
     *
     * @param sequence the event's place in the change feed: what orders the events of a key
     */
    static String of(ObjectEvent event, String configurationId, long sequence) {
        StringWriter out = new StringWriter(1024);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeArrayPropertyStart("Records");
            json.writeStartObject();
            json.writeStringProperty("eventVersion", "2.1");
            json.writeStringProperty("eventSource", "aws:s3");
            json.writeStringProperty("awsRegion", event.region());
            json.writeStringProperty("eventTime", MILLIS.format(event.time()));
            json.writeStringProperty("eventName", event.name());
            json.writeObjectPropertyStart("userIdentity");
            json.writeStringProperty("principalId", "AWS:" + event.principal());
            json.writeEndObject();
            json.writeObjectPropertyStart("requestParameters");
            json.writeStringProperty("sourceIPAddress", event.sourceIp());
            json.writeEndObject();
            json.writeObjectPropertyStart("responseElements");
            json.writeStringProperty("x-amz-request-id", event.requestId());
            json.writeStringProperty("x-amz-id-2", hostId(event.requestId()));
            json.writeEndObject();
            writeS3(json, event, configurationId, sequence);
            if (event.restoredUntil() != null) {
                json.writeObjectPropertyStart("glacierEventData");
                json.writeObjectPropertyStart("restoreEventData");
                json.writeStringProperty("lifecycleRestorationExpiryTime", MILLIS.format(event.restoredUntil()));
                json.writeStringProperty("lifecycleRestoreStorageClass", event.storageClass());
                json.writeEndObject();
                json.writeEndObject();
            }
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        }
        return out.toString();
    }

    private static void writeS3(JsonGenerator json, ObjectEvent event, String configurationId, long sequence) {
        json.writeObjectPropertyStart("s3");
        json.writeStringProperty("s3SchemaVersion", "1.0");
        json.writeStringProperty("configurationId", configurationId);
        json.writeObjectPropertyStart("bucket");
        json.writeStringProperty("name", event.bucket());
        json.writeObjectPropertyStart("ownerIdentity");
        json.writeStringProperty("principalId", customerId(event.owner()));
        json.writeEndObject();
        json.writeStringProperty("arn", "arn:aws:s3:::" + event.bucket());
        json.writeEndObject();
        json.writeObjectPropertyStart("object");
        json.writeStringProperty(
                "key", URLEncoder.encode(event.key(), StandardCharsets.UTF_8).replace("%2F", "/"));
        if (!event.name().startsWith("ObjectRemoved:")) {
            json.writeNumberProperty("size", event.size());
            json.writeStringProperty("eTag", event.etag());
        }
        if (event.version() != null) {
            json.writeStringProperty("versionId", event.version());
        }
        json.writeStringProperty("sequencer", String.format(Locale.ROOT, "%018X", sequence));
        json.writeEndObject();
        json.writeEndObject();
    }

    /** What AWS calls the extended request id. */
    static String hostId(String requestId) {
        return Base64.getEncoder().encodeToString(sha256("host:" + requestId));
    }

    /** An account's retail customer id: an A and thirteen letters or digits. */
    private static String customerId(String account) {
        String digits =
                new BigInteger(1, sha256("customer:" + account)).toString(36).toUpperCase(Locale.ROOT);
        return "A" + digits.substring(0, 13);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The moment as the message tells it; for tests and logs. */
    static String time(Instant instant) {
        return MILLIS.format(instant);
    }
}
