package dev.haneul.services.sqs;

import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sqs.SqsTables.QueueRow;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The queues that were used since the start, each read from its log when it is first asked for. */
final class LiveQueues {
    private final Segments segments;
    private final Clock clock;
    private final Seal seal;
    private final Bodies bodies = new Bodies();
    private final Map<String, LiveQueue> live = new ConcurrentHashMap<>();

    LiveQueues(Segments segments, Clock clock, Seal seal) {
        this.seal = seal;
        this.segments = segments;
        this.clock = clock;
    }

    LiveQueue of(QueueRow queue) {
        return live.computeIfAbsent(queue.log(), log -> {
            try {
                return new LiveQueue(new QueueLog(log, segments, clock, seal), queue.fifo(), clock, bodies);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Ends a queue and removes its messages. */
    void remove(String log) {
        LiveQueue found = live.remove(log);
        if (found != null) {
            found.close();
        }
        try {
            segments.delete(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the queues of an account (of all accounts for null) and removes their messages. */
    void reset(@Nullable String account) {
        String prefix = SqsTables.logsOf(account);
        live.entrySet().removeIf(each -> {
            boolean theirs = each.getKey().startsWith(prefix);
            if (theirs) {
                each.getValue().close();
            }
            return theirs;
        });
        try {
            segments.deleteIf(name -> name.startsWith(prefix));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
