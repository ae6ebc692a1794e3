package dev.haneul.services.events;

import dev.haneul.api.events.PutEventsRequest;
import dev.haneul.api.events.PutEventsRequestEntry;
import dev.haneul.api.events.PutEventsResponse;
import dev.haneul.api.events.PutEventsResultEntry;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.runtime.Principal;
import dev.haneul.delivery.Forwarded;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.Arn;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** PutEvents: each entry is taken or refused by itself; what was taken will be delivered, whatever happens then. */
final class PutEvents {
    /** "Serverless services now support payloads up to 1 MB" (2026): the whole request may have as much. */
    private static final int MOST_BYTES = 1_048_576;

    private static final int MOST_ENTRIES = 10;

    private final EventsContext events;
    private final Intake intake;

    PutEvents(EventsContext events, Intake intake) {
        this.events = events;
        this.intake = intake;
    }

    PutEventsResponse put(PutEventsRequest in, Call call) {
        if (in.endpointId() != null) {
            throw Faults.notImplemented("events", "PutEvents to a global endpoint");
        }
        if (in.entries().isEmpty() || in.entries().size() > MOST_ENTRIES) {
            throw EventsFaults.validation(
                    "1 validation error detected: Value at 'entries' failed to satisfy constraint:"
                            + " Member must have length between 1 and " + MOST_ENTRIES);
        }
        long bytes = 0;
        for (PutEventsRequestEntry entry : in.entries()) {
            bytes += size(entry);
        }
        if (bytes > MOST_BYTES) {
            throw EventsFaults.validation("Total size of the entries in the request is over the limit.");
        }
        List<PutEventsResultEntry> results = new ArrayList<>();
        List<Intake.Arrival> arrivals = new ArrayList<>();
        int failed = 0;
        for (PutEventsRequestEntry entry : in.entries()) {
            PutEventsResultEntry refused = problem(entry, call);
            if (refused != null) {
                failed++;
                results.add(refused);
            } else {
                Event event = event(entry, call);
                arrivals.add(new Intake.Arrival(EventsContext.bus(entry.eventBusName(), call), event));
                results.add(new PutEventsResultEntry().eventId(event.id()));
            }
        }
        intake.take(arrivals);
        return new PutEventsResponse().entries(results).failedEntryCount(failed);
    }

    /** As "Calculating event entry size" counts it. */
    private static long size(PutEventsRequestEntry entry) {
        long size = entry.time() == null ? 0 : 14;
        size += bytes(entry.source()) + bytes(entry.detailType()) + bytes(entry.detail());
        for (String resource : entry.resources()) {
            size += bytes(resource);
        }
        return size;
    }

    private static long bytes(@Nullable String text) {
        return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static @Nullable PutEventsResultEntry problem(PutEventsRequestEntry entry, Call call) {
        String source = entry.source();
        if (source == null || source.isEmpty()) {
            return missing("Source");
        }
        if (entry.detailType() == null || entry.detailType().isEmpty()) {
            return missing("DetailType");
        }
        String detail = entry.detail();
        if (detail == null || detail.isEmpty()) {
            return missing("Detail");
        }
        if (Json.object(detail).isEmpty()) {
            return refused("MalformedDetail", "Detail is malformed.");
        }
        if (source.startsWith("aws.") && !fromBus(call)) {
            return refused("NotAuthorizedForSourceException", "Not authorized for the source.");
        }
        return null;
    }

    /** Rules forward what services of AWS told to other buses; nobody else speaks for them. */
    private static boolean fromBus(Call call) {
        return call.origin().sourceIp().equals(EventRouter.HOST);
    }

    private static PutEventsResultEntry missing(String name) {
        return refused(
                "InvalidArgument", "Parameter " + name + " is not valid. Reason: " + name + " is a required argument.");
    }

    private static PutEventsResultEntry refused(String code, String message) {
        return new PutEventsResultEntry().errorCode(code).errorMessage(message);
    }

    private Event event(PutEventsRequestEntry entry, Call call) {
        Forwarded forwarded = Forwarded.of(call, EventRouter.HOST).orElse(null);
        if (forwarded != null) {
            return event(entry, forwarded.id(), forwarded.account(), forwarded.region())
                    .after(forwarded);
        }
        Principal from = call.principal();
        String account = from.account().isEmpty()
                ? from.attributes().getOrDefault("aws:SourceAccount", call.account())
                : from.account();
        String region = Arn.parse(from.attributes().getOrDefault("aws:SourceArn", ""))
                .map(Arn::region)
                .orElse(call.region());
        return event(entry, UUID.randomUUID().toString(), account, region);
    }

    private Event event(PutEventsRequestEntry entry, String id, String account, String region) {
        Instant now = events.now();
        Instant time = entry.time();
        return Event.of(
                id,
                text(entry.source()),
                text(entry.detailType()),
                account,
                region,
                time == null ? now : time,
                entry.resources(),
                Json.object(text(entry.detail())).orElse(Map.of()),
                now);
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
