package dev.haneul.services.logs;

import dev.haneul.api.logs.GetLogEventsRequest;
import dev.haneul.api.logs.GetLogEventsResponse;
import dev.haneul.api.logs.OutputLogEvent;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.storage.Segments;
import dev.haneul.storage.Segments.Chunk;
import dev.haneul.storage.Segments.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * GetLogEvents: one stream, page by page in both directions. A token is a direction and a position; where a direction
 * has no more events, the answer tells the very token it was asked with, which is how clients know. A page is in order
 * of time.
 */
final class GetEvents {
    private static final int PAGE_EVENTS = 10_000;
    private static final int PAGE_BYTES = 1 << 20;
    private static final Pattern TOKEN = Pattern.compile("([fb])/0*([0-9]{1,19})");

    private final LogsContext logs;
    private final DataProtection protection;

    GetEvents(LogsContext logs, DataProtection protection) {
        this.logs = logs;
        this.protection = protection;
    }

    private record Source(StreamRow stream, long expiredBefore) {}

    /**
     * A page.
     *
     * @param start everything before this position is behind the page
     * @param end the position that follows the page
     */
    private record Page(List<Entry> entries, long start, long end) {}

    GetLogEventsResponse get(GetLogEventsRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String group = LogsContext.groupName(in.logGroupName(), in.logGroupIdentifier(), call);
        long now = logs.nowMillis();
        Source source = logs.store()
                .read(tx -> new Source(
                        LogsContext.stream(
                                tx, scope, LogsContext.group(tx, scope, group).name(), in.logStreamName()),
                        LogsContext.group(tx, scope, group).expiredBeforeMillis(now)));
        long from = Math.max(source.expiredBefore(), orElse(in.startTime(), Long.MIN_VALUE));
        long to = orElse(in.endTime(), Long.MAX_VALUE);
        int limit = in.limit() == null ? PAGE_EVENTS : Math.min(in.limit(), PAGE_EVENTS);
        Page page;
        try {
            page = page(in, source.stream().log(), from, to, limit);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Function<LogEvent, String> veil = protection.veil(scope, group, in.unmask(), call);
        List<OutputLogEvent> events = page.entries().stream()
                .map(LogEvent::of)
                .sorted(Comparator.comparingLong(LogEvent::timestampMillis))
                .map(event -> new OutputLogEvent()
                        .timestamp(event.timestampMillis())
                        .message(veil.apply(event))
                        .ingestionTime(event.ingestedMillis()))
                .toList();
        return new GetLogEventsResponse()
                .events(events)
                .nextForwardToken(token('f', page.end()))
                .nextBackwardToken(token('b', page.start()));
    }

    private Page page(GetLogEventsRequest in, String log, long from, long to, int limit) throws IOException {
        String token = in.nextToken();
        if (token == null) {
            return Boolean.TRUE.equals(in.startFromHead())
                    ? forward(log, 0, from, to, limit)
                    : backward(log, Long.MAX_VALUE, from, to, limit);
        }
        Matcher parts = TOKEN.matcher(token);
        if (!parts.matches()) {
            throw LogsFaults.badToken();
        }
        long position;
        try {
            position = Long.parseLong(parts.group(2));
        } catch (NumberFormatException _) {
            throw LogsFaults.badToken();
        }
        return parts.group(1).equals("f")
                ? forward(log, position, from, to, limit)
                : backward(log, position, from, to, limit);
    }

    /** The next events from a position on; where there are none, the page stays where it is. */
    private Page forward(String log, long position, long from, long to, int limit) throws IOException {
        Collected found = collect((at, want) -> logs.segments().forward(log, at, want), position, from, to, limit);
        List<Entry> entries = found.entries();
        return entries.isEmpty()
                ? new Page(entries, position, position)
                : new Page(entries, entries.getFirst().position(), found.next());
    }

    /** The events just before a position, oldest first. */
    private Page backward(String log, long before, long from, long to, int limit) throws IOException {
        long tail = before == Long.MAX_VALUE
                ? logs.segments().extent(log).map(Segments.Extent::end).orElse(0L)
                : before;
        Collected found = collect((at, want) -> logs.segments().backward(log, at, want), tail, from, to, limit);
        List<Entry> entries = found.entries();
        return entries.isEmpty()
                ? new Page(entries, tail, tail)
                : new Page(entries.reversed(), entries.getLast().position(), tail);
    }

    /** Reads on from a position, in one direction. */
    @FunctionalInterface
    private interface Reader {
        Chunk read(long at, Segments.Want want) throws IOException;
    }

    /** @param next where reading would go on */
    private record Collected(List<Entry> entries, long next) {}

    /** Reads chunk after chunk until the page is full or there is no more. */
    private static Collected collect(Reader reader, long position, long from, long to, int limit) throws IOException {
        List<Entry> found = new ArrayList<>();
        long at = position;
        int bytes = 0;
        boolean end = from >= to;
        while (!end && found.size() < limit && bytes < PAGE_BYTES) {
            Chunk chunk = reader.read(at, new Segments.Want(from, to, limit - found.size(), PAGE_BYTES - bytes));
            found.addAll(chunk.entries());
            bytes += chunk.entries().stream()
                    .mapToInt(entry -> entry.body().length)
                    .sum();
            at = chunk.next();
            end = chunk.end();
        }
        return new Collected(found, at);
    }

    private static String token(char direction, long position) {
        return direction + "/%056d".formatted(position);
    }

    private static long orElse(@Nullable Long value, long fallback) {
        return value == null ? fallback : value;
    }
}
