package dev.haneul.services.cloudtrail;

import dev.haneul.api.cloudtrail.Event;
import dev.haneul.api.cloudtrail.InvalidEventCategoryException;
import dev.haneul.api.cloudtrail.InvalidLookupAttributesException;
import dev.haneul.api.cloudtrail.InvalidMaxResultsException;
import dev.haneul.api.cloudtrail.InvalidTimeRangeException;
import dev.haneul.api.cloudtrail.LookupAttribute;
import dev.haneul.api.cloudtrail.LookupEventsRequest;
import dev.haneul.api.cloudtrail.LookupEventsResponse;
import dev.haneul.api.cloudtrail.Resource;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudtrail.record.EventFacts;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Management events of the last ninety days, newest first; two calls a second for each account and region. */
final class LookupEvents {
    static final Duration KEPT = Duration.ofDays(90);

    private static final int PAGE = 50;
    private static final int PER_SECOND = 2;
    private static final int CHUNK = 500;
    private static final int CHUNK_BYTES = 4 << 20;
    /** One call looks through so many chunks; a page may be short, with more to come. */
    private static final int MOST_CHUNKS = 20;

    private static final int MOST_RATES = 10_000;

    private final Recorder recorder;
    private final Segments segments;
    private final Clock clock;
    private final Tokens tokens;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Scope, Rate> rates = new LinkedHashMap<>(16, 0.75f, true);

    LookupEvents(Recorder recorder, Segments segments, Clock clock, Tokens tokens) {
        this.recorder = recorder;
        this.segments = segments;
        this.clock = clock;
        this.tokens = tokens;
    }

    /** What is left of the allowance at a moment. */
    private record Rate(double left, long atMillis) {}

    LookupEventsResponse lookup(LookupEventsRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        int max = in.maxResults() == null ? PAGE : in.maxResults();
        if (max < 1 || max > PAGE) {
            throw Fault.of(
                    new InvalidMaxResultsException(),
                    "A max results value of " + max + " is invalid. Specify" + " max results between 1 and " + PAGE
                            + ".");
        }
        Instant now = clock.instant();
        Instant start = in.startTime() == null ? now.minus(KEPT) : in.startTime();
        Instant end = in.endTime() == null ? now : in.endTime();
        if (start.isAfter(end)) {
            throw Fault.of(
                    new InvalidTimeRangeException(), "Invalid time range: the start time is after the end time.");
        }
        if (in.eventCategory() != null && !in.eventCategory().equals("insight")) {
            throw Fault.of(new InvalidEventCategoryException(), "Invalid event category: " + in.eventCategory());
        }
        checkAttributes(in.lookupAttributes());
        String context = "cloudtrail lookup " + scope + in.lookupAttributes() + in.startTime() + in.endTime();
        long before = in.nextToken() == null
                ? Long.MAX_VALUE
                : Long.parseLong(tokens.open(context, in.nextToken()).orElseThrow(TrailFaults::badToken));
        throttle(scope, now);
        if (in.eventCategory() != null) {
            return new LookupEventsResponse().events(List.of());
        }
        recorder.flush();
        long from = Math.max(start.toEpochMilli(), now.minus(KEPT).toEpochMilli());
        // Clients name moments by the second; the events of the last second belong to it.
        long to = end.truncatedTo(ChronoUnit.SECONDS).toEpochMilli() + 1000;
        return page(in, scope, new Segments.Want(from, to, CHUNK, CHUNK_BYTES), max, before, context);
    }

    private LookupEventsResponse page(
            LookupEventsRequest in, Scope scope, Segments.Want want, int max, long start, String context) {
        List<Event> found = new ArrayList<>();
        long before = start;
        try {
            for (int i = 0; i < MOST_CHUNKS; i++) {
                Segments.Chunk chunk = segments.backward(TrailTables.log(scope, TrailTables.MANAGEMENT), before, want);
                for (Segments.Entry entry : chunk.entries()) {
                    EventFacts facts = EventFacts.of(entry.body());
                    if (!in.lookupAttributes().stream().allMatch(each -> matches(each, facts))) {
                        continue;
                    }
                    found.add(view(facts, entry));
                    if (found.size() == max) {
                        return answer(found, tokens.seal(context, Long.toString(entry.position())));
                    }
                }
                if (chunk.end()) {
                    return answer(found, null);
                }
                before = chunk.next();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return answer(found, tokens.seal(context, Long.toString(before)));
    }

    private static LookupEventsResponse answer(List<Event> events, @Nullable String token) {
        return new LookupEventsResponse().events(events).nextToken(token);
    }

    private static Event view(EventFacts facts, Segments.Entry entry) {
        return new Event()
                .eventId(facts.eventId())
                .eventName(facts.eventName())
                .readOnly(Boolean.toString(facts.readOnly()))
                .accessKeyId(facts.accessKeyId().isEmpty() ? null : facts.accessKeyId())
                .eventTime(Instant.ofEpochMilli(entry.timestampMillis()).truncatedTo(ChronoUnit.SECONDS))
                .eventSource(facts.eventSource())
                .username(facts.userName().isEmpty() ? null : facts.userName())
                .resources(facts.resources().stream()
                        .map(each -> new Resource().resourceType(each.type()).resourceName(each.name()))
                        .toList())
                .cloudTrailEvent(EventFacts.json(entry.body()));
    }

    private static void checkAttributes(List<LookupAttribute> attributes) {
        if (attributes.size() > 1) {
            throw Fault.of(
                    new InvalidLookupAttributesException(), "You can specify only one lookup attribute at a time.");
        }
    }

    private static boolean matches(LookupAttribute attribute, EventFacts event) {
        String value = attribute.attributeValue();
        return switch (attribute.attributeKey()) {
            case "EventId" -> event.eventId().equals(value);
            case "EventName" -> event.eventName().equals(value);
            case "ReadOnly" -> Boolean.toString(event.readOnly()).equals(value);
            case "Username" -> event.userName().equals(value);
            case "ResourceType" ->
                event.resources().stream().anyMatch(each -> each.type().equals(value));
            case "ResourceName" ->
                event.resources().stream().anyMatch(each -> each.name().equals(value));
            case "EventSource" -> event.eventSource().equals(value);
            case "AccessKeyId" -> event.accessKeyId().equals(value);
            default ->
                throw Fault.of(
                        new InvalidLookupAttributesException(),
                        "Invalid lookup attribute: " + attribute.attributeKey());
        };
    }

    private void throttle(Scope scope, Instant now) {
        lock.lock();
        try {
            Rate rate = rates.getOrDefault(scope, new Rate(PER_SECOND, now.toEpochMilli()));
            double refilled = (now.toEpochMilli() - rate.atMillis()) / 1000.0 * PER_SECOND;
            double left = Math.min(PER_SECOND, rate.left() + Math.max(0, refilled));
            if (left < 1) {
                throw Fault.client("ThrottlingException", 400, "Rate exceeded");
            }
            rates.put(scope, new Rate(left - 1, now.toEpochMilli()));
            if (rates.size() > MOST_RATES) {
                rates.remove(rates.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }
}
