package dev.haneul.services.ssm.session;

import dev.haneul.kernel.Ids;
import dev.haneul.kernel.plane.WebSocket;
import dev.haneul.kernel.store.json.JsonTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Both directions of a data channel, over one WebSocket after another: what is sent is kept and sent again until it is
 * acknowledged, what comes is brought into order.
 */
final class DataStream {
    /** Messages on their way at once; who sends more waits. */
    private static final int WINDOW = 256;
    /** Messages kept that came before their turn. */
    private static final int MOST_EARLY = 256;

    private static final long FIRST_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long MOST_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LEAST_VARIATION_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Ids ids;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition acknowledged = lock.newCondition();
    private final TreeMap<Long, Sent> unacknowledged = new TreeMap<>();
    private final Map<Long, AgentMessage> early = new HashMap<>();
    private @Nullable WebSocket socket;
    private boolean paused;
    private boolean closed;
    private long next;
    private long expected;
    private double roundTripNanos = FIRST_TIMEOUT_NANOS / 2.0;
    private double variationNanos;
    private long timeoutNanos = FIRST_TIMEOUT_NANOS;

    /** A message on its way. */
    private static final class Sent {
        final byte[] bytes;
        long atNanos;
        boolean again;

        Sent(byte[] bytes, long atNanos) {
            this.bytes = bytes;
            this.atNanos = atNanos;
        }
    }

    DataStream(Ids ids, InstantSource clock, LongSupplier nanos) {
        this.ids = ids;
        this.clock = clock;
        this.nanos = nanos;
    }

    /** Goes on over another socket; what was not acknowledged is sent over it soon. */
    void attach(WebSocket other) {
        lock.lock();
        try {
            socket = other;
            paused = false;
            unacknowledged.values().forEach(each -> each.atNanos = nanos.getAsLong() - MOST_TIMEOUT_NANOS);
        } finally {
            lock.unlock();
        }
    }

    /** The socket is gone; what is sent is kept for the next one. */
    void detach(WebSocket gone) {
        lock.lock();
        try {
            if (socket == gone) {
                socket = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whoever waits to send gives up. */
    void close() {
        lock.lock();
        try {
            closed = true;
            acknowledged.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sends stream data, after those before it have left room.
     *
     * @throws IOException where the channel was closed meanwhile
     */
    void send(int payloadType, byte[] payload) throws IOException, InterruptedException {
        lock.lock();
        try {
            while (!closed && unacknowledged.size() >= WINDOW) {
                acknowledged.await();
            }
            if (closed) {
                throw new IOException("the channel is closed");
            }
            byte[] bytes = new AgentMessage(
                            AgentMessage.OUTPUT_STREAM, next, next == 0 ? 1 : 0, id(), payloadType, payload)
                    .encode(clock.millis());
            unacknowledged.put(next++, new Sent(bytes, nanos.getAsLong()));
            if (!paused) {
                put(bytes);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends what is no stream data and is not acknowledged; does nothing where nobody is there. */
    void tell(String type, long sequence, Map<String, ?> payload) {
        byte[] bytes = new AgentMessage(type, sequence, 3, id(), AgentMessage.NONE, JsonTrees.write(payload))
                .encode(clock.millis());
        lock.lock();
        try {
            put(bytes);
        } finally {
            lock.unlock();
        }
    }

    /** What cannot be written is written again later. */
    private void put(byte[] bytes) {
        WebSocket now = socket;
        if (now != null) {
            try {
                now.send(new WebSocket.Binary(bytes));
            } catch (IOException gone) {
                socket = null;
            }
        }
    }

    private UUID id() {
        return UUID.fromString(ids.uuid());
    }

    /** Waits until all that was sent has arrived; false where that takes too long. */
    boolean drain(long millis) throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (!unacknowledged.isEmpty() && !closed) {
                if (left <= 0) {
                    return false;
                }
                left = acknowledged.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Sends the oldest message again where it should have been acknowledged by now. To be called often. */
    void tick() {
        lock.lock();
        try {
            Sent oldest = unacknowledged.isEmpty()
                    ? null
                    : unacknowledged.firstEntry().getValue();
            if (oldest != null && !paused && nanos.getAsLong() - oldest.atNanos > timeoutNanos) {
                oldest.atNanos = nanos.getAsLong();
                oldest.again = true;
                put(oldest.bytes);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes what came.
     *
     * @param sink takes the client's stream data, in order; where it cannot, they are not acknowledged and come again
     */
    void take(AgentMessage message, Predicate<AgentMessage> sink) throws IOException {
        switch (message.type()) {
            case AgentMessage.INPUT_STREAM -> {
                paused(false);
                input(message, sink);
            }
            case AgentMessage.ACKNOWLEDGE -> {
                paused(false);
                acknowledge(message);
            }
            case AgentMessage.PAUSE_PUBLICATION -> paused(true);
            case AgentMessage.START_PUBLICATION -> paused(false);
            default -> throw new IOException("Invalid message type received: " + message.type());
        }
    }

    private void paused(boolean now) {
        lock.lock();
        try {
            if (paused && !now) {
                unacknowledged.values().forEach(each -> each.atNanos = nanos.getAsLong() - MOST_TIMEOUT_NANOS);
            }
            paused = now;
        } finally {
            lock.unlock();
        }
    }

    private void input(AgentMessage message, Predicate<AgentMessage> sink) {
        List<AgentMessage> known = new ArrayList<>();
        if (message.sequence() < expected) {
            known.add(message); // its acknowledgement was lost
        } else if (message.sequence() > expected) {
            if (early.size() < MOST_EARLY) {
                early.put(message.sequence(), message);
                known.add(message);
            }
        } else if (sink.test(message)) {
            known.add(message);
            expected++;
            AgentMessage waiting = early.get(expected);
            while (waiting != null && sink.test(waiting)) {
                early.remove(expected);
                expected++;
                waiting = early.get(expected);
            }
        }
        known.forEach(this::confirm);
    }

    private void confirm(AgentMessage message) {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("AcknowledgedMessageType", message.type());
        content.put("AcknowledgedMessageId", message.id().toString());
        content.put("AcknowledgedMessageSequenceNumber", message.sequence());
        content.put("IsSequentialMessage", true);
        tell(AgentMessage.ACKNOWLEDGE, 0, content);
    }

    private void acknowledge(AgentMessage message) throws IOException {
        Object number = Payloads.object(message.payload()).get("AcknowledgedMessageSequenceNumber");
        if (!(number instanceof Long sequence)) {
            throw new IOException("An acknowledgement does not say of what.");
        }
        lock.lock();
        try {
            Sent sent = unacknowledged.remove(sequence);
            if (sent != null) {
                if (!sent.again) {
                    measure(nanos.getAsLong() - sent.atNanos);
                }
                acknowledged.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** As TCP does (RFC 6298), within bounds. */
    private void measure(long tripNanos) {
        variationNanos = 0.75 * variationNanos + 0.25 * Math.abs(roundTripNanos - tripNanos);
        roundTripNanos = 0.875 * roundTripNanos + 0.125 * tripNanos;
        timeoutNanos = (long)
                Math.min(MOST_TIMEOUT_NANOS, roundTripNanos + Math.max(LEAST_VARIATION_NANOS, 4 * variationNanos));
    }

    /** The last word: the channel closes. */
    void sayClosed(String session, String target, String output) {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("MessageType", AgentMessage.CHANNEL_CLOSED);
        content.put("MessageId", ids.uuid());
        content.put("DestinationId", target);
        content.put("SessionId", session);
        content.put("SchemaVersion", 1);
        content.put("CreatedDate", clock.instant().toString());
        content.put("Output", output);
        tell(AgentMessage.CHANNEL_CLOSED, 0, content);
        WebSocket last;
        lock.lock();
        try {
            last = socket;
            socket = null;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            last.close(WebSocket.NORMAL, "");
        }
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
