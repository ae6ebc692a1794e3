package dev.haneul.services.cloudtrail.record;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.Struct;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One event: where it belongs, what it is found by, and its JSON.
 *
 * @param region where the event is kept; us-east-1 for services that are global
 * @param stored the line of facts and the JSON, as it goes to disk
 */
public record EventRecord(String account, String region, boolean management, long timeMillis, byte[] stored) {
    private static final String GLOBAL_REGION = "us-east-1";
    private static final JsonFactory JSON = new JsonFactory();
    private static final Set<String> DENIALS = Set.of(
            "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized");

    /** What came of a call: an answer or a fault. */
    public record Outcome(@Nullable Struct output, @Nullable Fault fault) {}

    /** The event of a call. */
    public static EventRecord of(OperationShape operation, Struct input, Outcome outcome, Call call, Instant now) {
        String dataType = OperationKinds.dataType(operation);
        String region = operation.service().facts().global() ? GLOBAL_REGION : call.region();
        Principal who = call.principal();
        EventFacts facts = new EventFacts(
                uuid(),
                operation.name(),
                OperationKinds.source(operation),
                OperationKinds.readOnly(operation),
                dataType == null,
                UserIdentity.userName(who),
                who.accessKeyId(),
                who.arn(),
                Named.of(operation, input, call, dataType));
        byte[] json = json(operation, input, outcome, call, now, region, facts);
        return new EventRecord(call.account(), region, dataType == null, now.toEpochMilli(), facts.with(json));
    }

    private static byte[] json(
            OperationShape operation,
            Struct input,
            Outcome outcome,
            Call call,
            Instant now,
            String region,
            EventFacts facts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        Call.Origin origin = call.origin();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("eventVersion", "1.11");
            UserIdentity.write(json, call);
            json.writeStringProperty(
                    "eventTime", now.truncatedTo(ChronoUnit.SECONDS).toString());
            json.writeStringProperty("eventSource", facts.eventSource());
            json.writeStringProperty("eventName", facts.eventName());
            json.writeStringProperty("awsRegion", region);
            json.writeStringProperty("sourceIPAddress", origin.sourceIp());
            json.writeStringProperty("userAgent", origin.userAgent());
            parameters(json, operation, input, outcome, facts);
            json.writeStringProperty("requestID", call.requestId());
            json.writeStringProperty("eventID", facts.eventId());
            json.writeBooleanProperty("readOnly", facts.readOnly());
            resources(json, facts.resources(), call);
            json.writeStringProperty("eventType", "AwsApiCall");
            json.writeBooleanProperty("managementEvent", facts.management());
            json.writeStringProperty("recipientAccountId", call.account());
            json.writeStringProperty("eventCategory", facts.management() ? "Management" : "Data");
            if (origin.secure() && !origin.endpoint().isEmpty()) {
                json.writeObjectPropertyStart("tlsDetails");
                json.writeStringProperty(
                        "clientProvidedHostHeader", origin.endpoint().replaceFirst("^https?://", ""));
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static void parameters(
            JsonGenerator json, OperationShape operation, Struct input, Outcome outcome, EventFacts facts) {
        Fault fault = outcome.fault();
        String service = operation.service().id();
        if (fault != null) {
            json.writeStringProperty("errorCode", errorCode(operation, fault));
            json.writeStringProperty("errorMessage", fault.message());
        }
        boolean denied = fault != null && DENIALS.contains(fault.code());
        json.writeName("requestParameters");
        raw(json, denied ? null : Redacted.json(service, input));
        json.writeName("responseElements");
        Struct output = facts.readOnly() && !service.equals("sts") ? null : outcome.output();
        raw(json, output == null ? null : Redacted.json(service, output));
    }

    /** Denials have one code in events; EC2's errors say whose fault they are. */
    private static String errorCode(OperationShape operation, Fault fault) {
        if (operation.service().facts().protocols().getFirst() == Protocol.EC2_QUERY) {
            return (fault.sender() ? "Client." : "Server.") + fault.code();
        }
        return fault.code().equals("AccessDeniedException") ? "AccessDenied" : fault.code();
    }

    private static void raw(JsonGenerator json, byte @Nullable [] value) {
        if (value == null) {
            json.writeNull();
        } else {
            json.writeRawValue(new String(value, StandardCharsets.UTF_8));
        }
    }

    private static void resources(JsonGenerator json, List<Named> named, Call call) {
        List<Named> known =
                named.stream().filter(each -> each.name().startsWith("arn:")).toList();
        if (known.isEmpty()) {
            return;
        }
        json.writeArrayPropertyStart("resources");
        for (Named each : known) {
            json.writeStartObject();
            json.writeStringProperty("accountId", call.account());
            json.writeStringProperty("type", each.type());
            json.writeStringProperty("ARN", each.name());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Not a secret: quick randomness will do. */
    private static String uuid() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new UUID(random.nextLong() & ~0xf000L | 0x4000L, random.nextLong() & ~(0xc0L << 56) | 0x80L << 56)
                .toString();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EventRecord that && Arrays.equals(stored, that.stored);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(stored);
    }
}
