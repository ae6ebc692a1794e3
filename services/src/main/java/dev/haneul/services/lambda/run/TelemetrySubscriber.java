package dev.haneul.services.lambda.run;

import dev.haneul.delivery.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One subscription: events are gathered and sent in batches, as HTTP POSTs of a JSON array or as lines over TCP, to a
 * listener within the environment. What cannot be sent is sent again with the next batch; where far too much waits, the
 * oldest is dropped and told.
 */
final class TelemetrySubscriber {
    /** Buffers that cannot be sent grow to so many times their size. */
    private static final int MOST_BATCHES_HELD = 4;

    private static final int ANSWER_MILLIS = 10_000;

    /** Events of the Telemetry API that the Logs API does not have. */
    private static final Set<String> TELEMETRY_ONLY = Set.of(
            "platform.initStart", "platform.initRuntimeDone", "platform.initReport", "platform.telemetrySubscription");

    private static final Set<String> LOGS_ONLY = Set.of("platform.end", "platform.fault", "platform.logsSubscription");

    private final Subscription wanted;
    private final Telemetry.Way way;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> held = new ArrayDeque<>();
    private long heldBytes;
    private long firstNanos;
    private long droppedRecords;
    private long droppedBytes;
    private boolean paused;
    private boolean hurry;
    private boolean sending;
    private boolean closed;
    private volatile @Nullable SocketChannel tcp;

    TelemetrySubscriber(Subscription wanted, Telemetry.Way way) {
        this.wanted = wanted;
        this.way = way;
    }

    /** Sends from now on, on a thread of its own. */
    void start(String name) {
        Thread.ofVirtual().name("lambda-telemetry-" + name).start(this::run);
    }

    /** Takes an event where it is of a kind that is wanted. */
    void take(Telemetry.Event event) {
        if (!wanted.types().contains(event.kind())
                || (wanted.logs() ? TELEMETRY_ONLY : LOGS_ONLY).contains(event.type())) {
            return;
        }
        hold(rendered(event));
    }

    private byte[] rendered(Telemetry.Event event) {
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("time", event.time().truncatedTo(ChronoUnit.MILLIS).toString());
        body.put("type", event.type());
        body.put("record", event.record());
        return Json.write(body).getBytes(StandardCharsets.UTF_8);
    }

    private void hold(byte[] bytes) {
        lock.lock();
        try {
            if (held.isEmpty()) {
                firstNanos = System.nanoTime();
            }
            held.addLast(bytes);
            heldBytes += bytes.length;
            while (held.size() > wanted.maxItems() * MOST_BATCHES_HELD
                    || heldBytes > (long) wanted.maxBytes() * MOST_BATCHES_HELD) {
                byte[] lost = held.removeFirst();
                heldBytes -= lost.length;
                droppedBytes += lost.length;
                droppedRecords++;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void pause(boolean now) {
        lock.lock();
        try {
            paused = now;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void flush(long nanos) throws InterruptedException {
        lock.lock();
        try {
            hurry = true;
            changed.signalAll();
            long left = nanos;
            while ((!held.isEmpty() || sending) && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            hurry = false;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        closeQuietly(tcp);
    }

    private void run() {
        try {
            for (List<byte[]> batch = next(); batch != null; batch = next()) {
                boolean sent = false;
                try {
                    send(batch);
                    sent = true;
                } catch (IOException e) {
                    System.getLogger(TelemetrySubscriber.class.getName())
                            .log(System.Logger.Level.DEBUG, "an extension does not take its telemetry", e);
                } finally {
                    settle(batch, sent);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeQuietly(tcp);
        }
    }

    /** Waits for a batch that is due; null where the subscription is over. */
    private @Nullable List<byte[]> next() throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                if (closed) {
                    return null;
                }
                long waited = System.nanoTime() - firstNanos;
                long left = TimeUnit.MILLISECONDS.toNanos(wanted.timeoutMillis()) - waited;
                boolean full = held.size() >= wanted.maxItems() || heldBytes >= wanted.maxBytes();
                if (!paused && !held.isEmpty() && (full || hurry || left <= 0)) {
                    return batch();
                }
                if (held.isEmpty() || paused || left <= 0) {
                    changed.await();
                } else {
                    changed.awaitNanos(left);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private List<byte[]> batch() {
        List<byte[]> batch = new ArrayList<>();
        if (droppedRecords > 0) {
            Map<String, @Nullable Object> record = new LinkedHashMap<>();
            record.put("reason", "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.");
            record.put("droppedRecords", droppedRecords);
            record.put("droppedBytes", droppedBytes);
            batch.add(rendered(new Telemetry.Event(
                    Telemetry.Kind.PLATFORM, "platform.logsDropped", java.time.Instant.now(), record)));
            droppedRecords = 0;
            droppedBytes = 0;
        }
        long bytes = 0;
        while (!held.isEmpty() && batch.size() < wanted.maxItems() && bytes < wanted.maxBytes()) {
            byte[] one = held.removeFirst();
            heldBytes -= one.length;
            bytes += one.length;
            batch.add(one);
        }
        sending = true;
        return batch;
    }

    private void settle(List<byte[]> batch, boolean sent) {
        lock.lock();
        try {
            sending = false;
            if (!sent) {
                for (byte[] one : batch.reversed()) {
                    held.addFirst(one);
                    heldBytes += one.length;
                }
            }
            firstNanos = System.nanoTime(); // what was refused is tried again after a while
            if (!sent && hurry) {
                closed = true; // the environment ends, and nobody listens
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void send(List<byte[]> batch) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String path = wanted.path();
        if (path == null) {
            for (byte[] one : batch) {
                body.writeBytes(one);
                body.write('\n');
            }
            SocketChannel channel = tcp;
            if (channel == null) {
                channel = way.connect(wanted.port());
                tcp = channel;
            }
            try {
                write(channel, body.toByteArray());
            } catch (IOException e) {
                tcp = null;
                closeQuietly(channel);
                throw e;
            }
            return;
        }
        body.write('[');
        for (int i = 0; i < batch.size(); i++) {
            if (i > 0) {
                body.write(',');
            }
            body.writeBytes(batch.get(i));
        }
        body.write(']');
        post(path, body.toByteArray());
    }

    private void post(String path, byte[] body) throws IOException {
        String head = "POST " + path + " HTTP/1.1\r\nHost: sandbox.localdomain:" + wanted.port()
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                + "\r\nConnection: close\r\n\r\n";
        try (SocketChannel channel = way.connect(wanted.port())) {
            channel.socket().setSoTimeout(ANSWER_MILLIS);
            write(channel, head.getBytes(StandardCharsets.US_ASCII));
            write(channel, body);
            InputStream in = channel.socket().getInputStream();
            String status = new String(in.readNBytes("HTTP/1.1 200".length()), StandardCharsets.US_ASCII);
            if (!status.matches("HTTP/1\\.[01] 2\\d\\d")) {
                throw new IOException("answered with " + status);
            }
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }

    private static void closeQuietly(@Nullable SocketChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                System.getLogger(TelemetrySubscriber.class.getName())
                        .log(System.Logger.Level.DEBUG, "closing a connection to an extension", e);
            }
        }
    }
}
