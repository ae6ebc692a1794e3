package dev.haneul.services.logs;

import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.PutLogEventsRequest;
import dev.haneul.api.logs.PutLogEventsResponse;
import dev.haneul.api.logs.RejectedLogEventsInfo;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.LogsTables.GroupRow;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PutLogEvents: a batch is checked as a whole, and what is of its time is on disk before the answer. */
final class PutEvents {
    private static final int BATCH_BYTES = 1_048_576;
    private static final int BATCH_EVENTS = 10_000;
    private static final int EVENT_OVERHEAD = 26;
    private static final long DAY_MILLIS = 86_400_000L;
    private static final long FUTURE_MILLIS = 2 * 3_600_000L;
    private static final long PAST_MILLIS = 14 * DAY_MILLIS;

    private final LogsContext logs;
    private final Intake intake;

    PutEvents(LogsContext logs, Intake intake) {
        this.logs = logs;
        this.intake = intake;
    }

    private record Target(GroupRow group, StreamRow stream) {}

    PutLogEventsResponse put(PutLogEventsRequest in, Call call) {
        List<InputLogEvent> events = in.logEvents();
        List<byte[]> messages = check(events);
        Scope scope = LogsContext.scope(call);
        Target target = logs.store()
                .read(tx -> new Target(
                        LogsContext.group(tx, scope, in.logGroupName()),
                        LogsContext.stream(tx, scope, in.logGroupName(), in.logStreamName())));
        long now = logs.nowMillis();
        long expired = target.group().expiredBeforeMillis(now);
        long tooOld = now - PAST_MILLIS;
        List<Segments.Item> items = new ArrayList<>(events.size());
        List<InputLogEvent> taken = new ArrayList<>(events.size());
        long bytes = 0;
        Rejected rejected = new Rejected();
        for (int i = 0; i < events.size(); i++) {
            long timestamp = events.get(i).timestamp();
            if (timestamp < expired) {
                rejected.expiredEnd = i + 1;
            } else if (timestamp < tooOld) {
                rejected.tooOldEnd = i + 1;
            } else if (timestamp > now + FUTURE_MILLIS) {
                rejected.tooNewStart = rejected.tooNewStart == null ? i : rejected.tooNewStart;
            } else {
                items.add(LogEvent.item(timestamp, now, messages.get(i)));
                bytes += messages.get(i).length + EVENT_OVERHEAD;
                taken.add(events.get(i));
            }
        }
        if (!items.isEmpty()) {
            append(target.stream(), items);
            intake.offer(scope, target.stream(), taken, bytes, now);
        }
        return new PutLogEventsResponse()
                .nextSequenceToken(LogStreams.SEQUENCE_TOKEN)
                .rejectedLogEventsInfo(rejected.info());
    }

    private void append(StreamRow stream, List<Segments.Item> items) {
        try {
            logs.segments().append(stream.log(), items);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The messages in UTF-8, in a batch that keeps the limits. */
    private static List<byte[]> check(List<InputLogEvent> events) {
        if (events.isEmpty() || events.size() > BATCH_EVENTS) {
            throw LogsFaults.invalid("1 validation error detected: Value at 'logEvents' failed to satisfy constraint:"
                    + " Member must have length between 1 and " + BATCH_EVENTS);
        }
        List<byte[]> messages = new ArrayList<>(events.size());
        long bytes = 0;
        long last = Long.MIN_VALUE;
        for (InputLogEvent event : events) {
            if (event.timestamp() < last) {
                throw LogsFaults.invalid("Log events in a single PutLogEvents request must be in chronological order.");
            }
            last = event.timestamp();
            byte[] message = event.message().getBytes(StandardCharsets.UTF_8);
            messages.add(message);
            bytes += message.length + EVENT_OVERHEAD;
        }
        if (bytes > BATCH_BYTES) {
            throw LogsFaults.invalid("Upload too large: " + bytes + " bytes exceeds limit of " + BATCH_BYTES);
        }
        if (last - events.getFirst().timestamp() > DAY_MILLIS) {
            throw LogsFaults.invalid(
                    "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
        }
        return messages;
    }

    /** Where the events that were not taken stand; the ends are exclusive. */
    private static final class Rejected {
        @Nullable
        Integer expiredEnd;

        @Nullable
        Integer tooOldEnd;

        @Nullable
        Integer tooNewStart;

        @Nullable
        RejectedLogEventsInfo info() {
            if (expiredEnd == null && tooOldEnd == null && tooNewStart == null) {
                return null;
            }
            return new RejectedLogEventsInfo()
                    .expiredLogEventEndIndex(expiredEnd)
                    .tooOldLogEventEndIndex(tooOldEnd)
                    .tooNewLogEventStartIndex(tooNewStart);
        }
    }
}
