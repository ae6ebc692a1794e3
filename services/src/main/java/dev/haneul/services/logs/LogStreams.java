package dev.haneul.services.logs;

import dev.haneul.api.logs.CreateLogStreamRequest;
import dev.haneul.api.logs.CreateLogStreamResponse;
import dev.haneul.api.logs.DeleteLogStreamRequest;
import dev.haneul.api.logs.DeleteLogStreamResponse;
import dev.haneul.api.logs.DescribeLogStreamsRequest;
import dev.haneul.api.logs.DescribeLogStreamsResponse;
import dev.haneul.api.logs.LogStream;
import dev.haneul.api.logs.OrderBy;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.storage.Segments;
import dev.haneul.storage.Segments.Entry;
import dev.haneul.storage.Segments.Extent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Streams: made, told, removed. What is told of their events is read from the events themselves. */
final class LogStreams {
    private static final int PAGE = 50;
    /** Streams take no sequence tokens any more; AWS still tells one. */
    static final String SEQUENCE_TOKEN = "49039859601379013791379013791379013791379013791379013791";

    private final LogsContext logs;

    LogStreams(LogsContext logs) {
        this.logs = logs;
    }

    CreateLogStreamResponse create(CreateLogStreamRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        StreamRow row =
                new StreamRow(in.logGroupName(), in.logStreamName(), LogsTables.newLog(scope), logs.nowMillis());
        logs.store().write(tx -> {
            LogsContext.group(tx, scope, row.group());
            if (tx.get(LogsTables.STREAMS, LogsTables.streamKey(scope, row.group(), row.name()))
                    .isPresent()) {
                throw LogsFaults.streamExists();
            }
            tx.put(LogsTables.STREAMS, LogsTables.streamKey(scope, row.group(), row.name()), row);
        });
        return new CreateLogStreamResponse();
    }

    DeleteLogStreamResponse delete(DeleteLogStreamRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        logs.store().write(tx -> {
            LogsContext.group(tx, scope, in.logGroupName());
            LogsContext.stream(tx, scope, in.logGroupName(), in.logStreamName());
            tx.delete(LogsTables.STREAMS, LogsTables.streamKey(scope, in.logGroupName(), in.logStreamName()));
        });
        return new DeleteLogStreamResponse();
    }

    /** A stream and where its events begin and end. */
    private record Known(StreamRow row, Optional<Extent> extent) {
        long newest() {
            return extent.map(Extent::newestMillis).orElse(Long.MIN_VALUE);
        }
    }

    DescribeLogStreamsResponse describe(DescribeLogStreamsRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String group = LogsContext.groupName(in.logGroupName(), in.logGroupIdentifier(), call);
        String prefix = in.logStreamNamePrefix() == null ? "" : in.logStreamNamePrefix();
        boolean byTime = OrderBy.LAST_EVENT_TIME.equals(in.orderBy());
        boolean descending = Boolean.TRUE.equals(in.descending());
        if (byTime && !prefix.isEmpty()) {
            throw LogsFaults.invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
        }
        int limit = in.limit() == null ? PAGE : Math.min(in.limit(), PAGE);
        String context = "logs streams " + scope + group + "|" + prefix + "|" + byTime + descending;
        List<StreamRow> rows = logs.store().read(tx -> {
            LogsContext.group(tx, scope, group);
            return LogsContext.streams(tx, scope, group, prefix);
        });
        Comparator<Known> order = byTime
                ? Comparator.comparingLong(Known::newest)
                        .thenComparing(known -> known.row().name())
                : Comparator.comparing(known -> known.row().name());
        List<Known> sorted = new ArrayList<>();
        rows.forEach(row -> sorted.add(known(row)));
        sorted.sort(descending ? order.reversed() : order);
        int start = in.nextToken() == null
                ? 0
                : past(sorted, logs.tokens().open(context, in.nextToken()).orElseThrow(LogsFaults::badToken));
        List<Known> page = sorted.subList(start, Math.min(sorted.size(), start + limit));
        boolean more = start + page.size() < sorted.size();
        return new DescribeLogStreamsResponse()
                .logStreams(page.stream().map(known -> view(known, scope)).toList())
                .nextToken(
                        more ? logs.tokens().seal(context, page.getLast().row().name()) : null);
    }

    /** The place behind the stream of this name; the beginning where it is gone by now. */
    private static int past(List<Known> sorted, String name) {
        for (int i = 0; i < sorted.size(); i++) {
            if (sorted.get(i).row().name().equals(name)) {
                return i + 1;
            }
        }
        return 0;
    }

    private Known known(StreamRow row) {
        try {
            return new Known(row, logs.segments().extent(row.log()).filter(extent -> extent.first() < extent.end()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LogStream view(Known known, Scope scope) {
        StreamRow row = known.row();
        LogStream out = new LogStream()
                .logStreamName(row.name())
                .creationTime(row.createdMillis())
                .arn(LogsTables.streamArn(scope, row))
                .uploadSequenceToken(SEQUENCE_TOKEN)
                .storedBytes(0L);
        known.extent()
                .ifPresent(extent -> out.firstEventTimestamp(extent.oldestMillis())
                        .lastEventTimestamp(extent.newestMillis())
                        .lastIngestionTime(lastIngestion(row)));
        return out;
    }

    private Long lastIngestion(StreamRow row) {
        try {
            List<Entry> last = logs.segments()
                    .backward(row.log(), Long.MAX_VALUE, Segments.Want.of(1, 1))
                    .entries();
            return last.isEmpty()
                    ? row.createdMillis()
                    : LogEvent.of(last.getFirst()).ingestedMillis();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
