package dev.haneul.services.sqs;

import dev.haneul.services.sqs.LiveQueue.Stored;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was sent to a FIFO queue within the last five minutes, deleted or not. See "Exactly-once processing in Amazon
 * SQS". Both scopes' keys are remembered after a restart, for the log does not tell which was in force.
 */
final class Duplicates {
    private static final long INTERVAL_MILLIS = 300_000;
    private final Map<String, Sent> sent = new HashMap<>();
    private final ArrayDeque<Sent> byTime = new ArrayDeque<>();

    private record Sent(String key, long millis, long position, Stored stored) {}

    /** The key of a message: told apart in the whole queue, or in its group. */
    static String key(@Nullable String group, String deduplication) {
        return group == null ? deduplication : group + "\u0000" + deduplication;
    }

    synchronized @Nullable Stored find(String key, long now) {
        forget(now);
        Sent found = sent.get(key);
        return found == null ? null : found.stored;
    }

    synchronized void remember(String key, Stored stored, long now) {
        add(new Sent(key, now, stored.origin(), bodiless(stored)));
    }

    /** From the log. */
    synchronized void remember(Message message, long origin, long position, long now) {
        String deduplication = message.deduplication();
        if (deduplication == null || message.sentMillis() + INTERVAL_MILLIS < now) {
            return;
        }
        Stored stored = bodiless(new Stored(message, origin));
        add(new Sent(key(null, deduplication), message.sentMillis(), position, stored));
        add(new Sent(key(message.group(), deduplication), message.sentMillis(), position, stored));
    }

    private void add(Sent one) {
        if (sent.putIfAbsent(one.key, one) == null) {
            byTime.add(one);
        }
    }

    /** Only its id is asked for again. */
    private static Stored bodiless(Stored stored) {
        Message message = stored.message();
        return new Stored(
                new Message(message.id(), "", message.sentMillis(), 0, "", Map.of(), null, null, null, null, -1, 0, 0),
                stored.origin());
    }

    private void forget(long now) {
        while (!byTime.isEmpty() && byTime.element().millis + INTERVAL_MILLIS < now) {
            Sent old = byTime.remove();
            sent.remove(old.key, old);
        }
    }

    /** The log is needed from this position on, if not from an earlier one. */
    synchronized long floor(long end, long now) {
        forget(now);
        return byTime.stream().mapToLong(Sent::position).min().orElse(end);
    }
}
