package dev.haneul.services.logs;

import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.LiveTailSessionLogEvent;
import dev.haneul.api.logs.LiveTailSessionMetadata;
import dev.haneul.api.logs.LiveTailSessionStart;
import dev.haneul.api.logs.LiveTailSessionUpdate;
import dev.haneul.api.logs.StartLiveTailRequest;
import dev.haneul.api.logs.StartLiveTailResponse;
import dev.haneul.api.logs.StartLiveTailResponseStream;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.services.logs.pattern.FilterPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Live tails: whoever listens is handed events as they are put. A session tells once a second what came, at most 500
 * events; more are sampled, and it says so. Sessions live in memory: a restart ends them, as a network failure would.
 */
final class LiveTails {
    private static final int EVENTS_PER_UPDATE = 500;
    private static final int SESSIONS = 100;
    private static final long UPDATE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LogsContext logs;
    private final CopyOnWriteArrayList<Session> sessions = new CopyOnWriteArrayList<>();

    LiveTails(LogsContext logs) {
        this.logs = logs;
    }

    StartLiveTailResponse start(StartLiveTailRequest in, Call call) {
        FilterPattern pattern = LogsContext.pattern(in.logEventFilterPattern());
        Scope scope = LogsContext.scope(call);
        Set<String> groups = new TreeSet<>();
        in.logGroupIdentifiers().forEach(each -> groups.add(LogsContext.groupOf(each, call)));
        logs.store().read(tx -> {
            groups.forEach(group -> LogsContext.group(tx, scope, group));
            return true;
        });
        if (sessions.size() >= SESSIONS) {
            throw LogsFaults.invalid("There are " + SESSIONS + " live tail sessions already.");
        }
        Session session = new Session(scope, groups, in, pattern, call.requestId());
        sessions.add(session);
        return new StartLiveTailResponse().responseStream(session);
    }

    /** Hands events that were just put to whoever listens. */
    void offer(Scope scope, StreamRow stream, List<InputLogEvent> events, long ingestedMillis) {
        for (Session session : sessions) {
            if (session.listensTo(scope, stream)) {
                events.forEach(event -> session.offer(scope, stream, event, ingestedMillis));
            }
        }
    }

    /** One listener. */
    private final class Session implements EventStream {
        private final Scope scope;
        private final Set<String> groups;
        private final StartLiveTailRequest asked;
        private final FilterPattern pattern;
        private final String requestId;
        private final ArrayBlockingQueue<LiveTailSessionLogEvent> waiting = new ArrayBlockingQueue<>(EVENTS_PER_UPDATE);
        private final AtomicBoolean sampled = new AtomicBoolean();
        private boolean started;
        private volatile boolean closed;

        Session(Scope scope, Set<String> groups, StartLiveTailRequest asked, FilterPattern pattern, String requestId) {
            this.scope = scope;
            this.groups = groups;
            this.asked = asked;
            this.pattern = pattern;
            this.requestId = requestId;
        }

        boolean listensTo(Scope other, StreamRow stream) {
            List<String> names = asked.logStreamNames();
            List<String> prefixes = asked.logStreamNamePrefixes();
            return scope.equals(other)
                    && groups.contains(stream.group())
                    && (names.isEmpty() || names.contains(stream.name()))
                    && (prefixes.isEmpty() || prefixes.stream().anyMatch(stream.name()::startsWith));
        }

        void offer(Scope from, StreamRow stream, InputLogEvent event, long ingestedMillis) {
            if (!pattern.matches(event.message())) {
                return;
            }
            boolean fits = waiting.offer(new LiveTailSessionLogEvent()
                    .logGroupIdentifier(from.account() + ":" + stream.group())
                    .logStreamName(stream.name())
                    .message(event.message())
                    .timestamp(event.timestamp())
                    .ingestionTime(ingestedMillis));
            if (!fits) {
                sampled.set(true);
            }
        }

        @Override
        public @Nullable Struct next() throws InterruptedException {
            if (closed) {
                return null;
            }
            if (!started) {
                started = true;
                return new StartLiveTailResponseStream()
                        .sessionStart(new LiveTailSessionStart()
                                .requestId(requestId)
                                .sessionId(UUID.randomUUID().toString())
                                .logGroupIdentifiers(asked.logGroupIdentifiers())
                                .logStreamNames(asked.logStreamNames())
                                .logStreamNamePrefixes(asked.logStreamNamePrefixes())
                                .logEventFilterPattern(asked.logEventFilterPattern()));
            }
            return new StartLiveTailResponseStream().sessionUpdate(update());
        }

        /** What comes within the next second; an update without events tells the client that the session lives. */
        private LiveTailSessionUpdate update() throws InterruptedException {
            List<LiveTailSessionLogEvent> events = new ArrayList<>();
            long until = System.nanoTime() + UPDATE_NANOS;
            while (!closed && events.size() < EVENTS_PER_UPDATE) {
                LiveTailSessionLogEvent event = waiting.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (event == null) {
                    break;
                }
                events.add(event);
            }
            return new LiveTailSessionUpdate()
                    .sessionMetadata(new LiveTailSessionMetadata().sampled(sampled.getAndSet(false)))
                    .sessionResults(events);
        }

        @Override
        public void close() {
            closed = true;
            sessions.remove(this);
        }
    }
}
