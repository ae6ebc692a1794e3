package dev.haneul.services.logs;

import dev.haneul.api.logs.FilterLogEventsRequest;
import dev.haneul.api.logs.FilterLogEventsResponse;
import dev.haneul.api.logs.FilteredLogEvent;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.services.logs.pattern.FilterPattern;
import dev.haneul.storage.Segments;
import dev.haneul.storage.Segments.Chunk;
import dev.haneul.storage.Segments.Entry;
import dev.haneul.storage.Segments.Extent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * FilterLogEvents: matching events of many streams, interleaved in order of time. A page is the smallest events past the
 * last one told, kept in a heap that holds one page and no more, so that events may lie in a stream in any order.
 */
final class FilterEvents {
    private static final int PAGE_EVENTS = 10_000;
    private static final int PAGE_BYTES = 1 << 20;
    private static final int CHUNK = 1000;
    private static final int STREAMS = 100;

    private final LogsContext logs;
    private final DataProtection protection;

    FilterEvents(LogsContext logs, DataProtection protection) {
        this.logs = logs;
        this.protection = protection;
    }

    /** A matching event. */
    private record Match(String stream, String log, LogEvent event) {
        static final Comparator<Match> ORDER = Comparator.comparingLong(
                        (Match match) -> match.event().timestampMillis())
                .thenComparing(Match::stream)
                .thenComparingLong(match -> match.event().position());

        /** Where the next page goes on: {@code time:position:stream}. */
        String mark() {
            return event.timestampMillis() + ":" + event.position() + ":" + stream;
        }

        static Match parse(String mark) {
            String[] parts = mark.split(":", 3);
            return new Match(parts[2], "", new LogEvent(Long.parseLong(parts[1]), Long.parseLong(parts[0]), 0, ""));
        }
    }

    private record Plan(List<StreamRow> streams, long fromMillis) {}

    FilterLogEventsResponse filter(FilterLogEventsRequest in, Call call) {
        FilterPattern pattern = LogsContext.pattern(in.filterPattern());
        Scope scope = LogsContext.scope(call);
        String group = LogsContext.groupName(in.logGroupName(), in.logGroupIdentifier(), call);
        String context = "logs filter " + scope + group + "|" + in.filterPattern() + "|" + in.startTime() + "|"
                + in.endTime() + "|" + in.logStreamNamePrefix() + in.logStreamNames();
        Match after = in.nextToken() == null
                ? null
                : Match.parse(logs.tokens().open(context, in.nextToken()).orElseThrow(LogsFaults::badToken));
        Plan plan = logs.store().read(tx -> plan(tx, in, scope, group));
        long from = after == null
                ? plan.fromMillis()
                : Math.max(plan.fromMillis(), after.event().timestampMillis());
        Long end = in.endTime();
        long to = end == null || end == Long.MAX_VALUE ? Long.MAX_VALUE : end + 1;
        int limit = in.limit() == null ? PAGE_EVENTS : Math.min(in.limit(), PAGE_EVENTS);
        Page page = new Page(limit, after);
        if (from < to) {
            for (StreamRow stream : plan.streams()) {
                scan(stream, pattern, from, to, page);
            }
        }
        Function<LogEvent, String> veil = protection.veil(scope, group, in.unmask(), call);
        List<Match> found = page.sorted();
        return new FilterLogEventsResponse()
                .events(found.stream().map(match -> view(match, veil)).toList())
                .searchedLogStreams(List.of())
                .nextToken(
                        page.cut ? logs.tokens().seal(context, found.getLast().mark()) : null);
    }

    private Plan plan(ReadTx tx, FilterLogEventsRequest in, Scope scope, String group) {
        long expired = LogsContext.group(tx, scope, group).expiredBeforeMillis(logs.nowMillis());
        Long start = in.startTime();
        long from = Math.max(expired, start == null ? Long.MIN_VALUE : start);
        String prefix = in.logStreamNamePrefix();
        if (in.logStreamNames().isEmpty()) {
            return new Plan(LogsContext.streams(tx, scope, group, prefix == null ? "" : prefix), from);
        }
        if (prefix != null) {
            throw LogsFaults.invalid("logStreamNames and logStreamNamePrefix cannot both be specified.");
        }
        if (in.logStreamNames().size() > STREAMS) {
            throw LogsFaults.invalid("At most " + STREAMS + " log streams can be specified.");
        }
        List<StreamRow> streams = new ArrayList<>();
        for (String name : in.logStreamNames()) {
            streams.add(LogsContext.stream(tx, scope, group, name));
        }
        return new Plan(streams, from);
    }

    private void scan(StreamRow stream, FilterPattern pattern, long from, long to, Page page) {
        try {
            Optional<Extent> extent = logs.segments().extent(stream.log());
            if (extent.isEmpty()
                    || extent.get().newestMillis() < from
                    || extent.get().oldestMillis() >= page.bound(to)) {
                return;
            }
            long at = 0;
            boolean end = false;
            while (!end) {
                Segments.Want want = new Segments.Want(from, page.bound(to), CHUNK, PAGE_BYTES);
                Chunk chunk = logs.segments().forward(stream.log(), at, want);
                for (Entry entry : chunk.entries()) {
                    LogEvent event = LogEvent.of(entry);
                    Match match = new Match(stream.name(), stream.log(), event);
                    if (page.wants(match) && pattern.matches(event.message())) {
                        page.add(match);
                    }
                }
                at = chunk.next();
                end = chunk.end() || from >= page.bound(to);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FilteredLogEvent view(Match match, Function<LogEvent, String> veil) {
        LogEvent event = match.event();
        return new FilteredLogEvent()
                .logStreamName(match.stream())
                .timestamp(event.timestampMillis())
                .message(veil.apply(event))
                .ingestionTime(event.ingestedMillis())
                .eventId(eventId(match));
    }

    /** 56 digits, the same each time the event is told and no other event's. */
    private static String eventId(Match match) {
        long stream = 0;
        for (char c : match.log().toCharArray()) {
            stream = stream * 31 + c;
        }
        long eighteenDigits = Math.floorMod(stream, 1_000_000_000_000_000_000L);
        return "%019d%018d%019d"
                .formatted(
                        Math.max(0, match.event().timestampMillis()),
                        eighteenDigits,
                        match.event().position());
    }

    /** The smallest matches past a mark, as many as fit on a page. */
    private static final class Page {
        private final PriorityQueue<Match> heap = new PriorityQueue<>(Match.ORDER.reversed());
        private final int limit;
        private final @Nullable Match after;
        private int bytes;
        /** Whether something was left out, so that there is a next page. */
        private boolean cut;

        Page(int limit, @Nullable Match after) {
            this.limit = limit;
            this.after = after;
        }

        boolean wants(Match match) {
            return after == null || Match.ORDER.compare(match, after) > 0;
        }

        void add(Match match) {
            heap.add(match);
            bytes += match.event().bytes();
            while (heap.size() > limit || (bytes > PAGE_BYTES && heap.size() > 1)) {
                Match largest = heap.remove();
                bytes -= largest.event().bytes();
                cut = true;
            }
        }

        /** Once the page is full, only earlier events can still get onto it. */
        long bound(long to) {
            Match largest = heap.peek();
            return !cut || largest == null ? to : Math.min(to, largest.event().timestampMillis() + 1);
        }

        List<Match> sorted() {
            List<Match> found = new ArrayList<>(heap);
            found.sort(Match.ORDER);
            return found;
        }
    }
}
